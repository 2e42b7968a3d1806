//! Giving a client a new token.

use super::{UNKNOWN, event, make_token};
use crate::caller::Administrator;
use crate::command::{Effect, finish};
use crate::{Service, ServiceError};
use chrono::TimeDelta;
use domain::digest::Digest;
use domain::event::EventKind;
use domain::id::ClientId;
use domain::window::Instant;

/// The longest time for which a token stays valid beside the new one.
pub const LONGEST_OVERLAP: TimeDelta = TimeDelta::days(30);

/// A token that was rotated.
#[derive(Debug)]
pub struct Rotated {
    /// The new token, which is shown this once.
    pub token: String,
    /// Every earlier token is valid before this instant; none: none of them is valid any more.
    pub former_ends_at: Option<Instant>,
}

impl Service {
    /// Gives a client a new token. Earlier ones stay valid for `overlap`, at most [`LONGEST_OVERLAP`]; with none they end
    /// with this command's commit, on every node.
    pub async fn rotate_client_token(
        &self,
        id: ClientId,
        overlap: TimeDelta,
        by: impl Into<Administrator<'_>>,
    ) -> Result<Rotated, ServiceError> {
        let authorised = by.into().authorise()?;
        if overlap < TimeDelta::zero() || overlap > LONGEST_OVERLAP {
            let days = LONGEST_OVERLAP.num_days();
            let message = format!("An earlier token stays valid for 0 s to {days} days.");
            return Err(ServiceError::field("overlap", "out_of_range", message));
        }
        let token = make_token(self);
        let mut tx = self.begin().await?;
        let client = store::clients::lock(&mut tx, id).await?.ok_or(UNKNOWN)?;
        let now = self.now();
        let former_ends_at = (overlap > TimeDelta::zero()).then(|| now + overlap);
        // Without an overlap a request that is under way is not answered any more either, whatever its node's clock says.
        let ends_at = former_ends_at.unwrap_or(Instant::UNIX_EPOCH);
        store::clients::rotate(&mut tx, id, &Digest::of(token.as_bytes()), ends_at, now).await?;
        let body = serde_json::json!({ "client": { "name": client.name }, "former_ends_at": former_ends_at });
        let rotated = event(EventKind::ClientTokenRotated, id, body);
        finish(self, tx, authorised, vec![rotated], Effect::OnDecisions, now).await?;
        Ok(Rotated {
            token,
            former_ends_at,
        })
    }
}
