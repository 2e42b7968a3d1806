//! Sign-ins under way in one browser.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tower_sessions::Session;

use super::ATTEMPT_LIMIT;
use super::step_up::UnderWay;
use crate::http::origin::ReturnTo;

/// Where they lie in the session.
pub(super) const KEY: &str = "pending";

/// Several tabs may sign in at once; more than this is no person.
const MOST: usize = 5;

/// One sign-in under way. None of it is of use to anybody without the provider's code, and it ends with the attempt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Attempt {
    pub state: String,
    pub nonce: String,
    pub pkce_verifier: String,
    pub return_to: ReturnTo,
    pub started_at: DateTime<Utc>,
    /// A step-up: the provider was asked to make the person prove anew who they are.
    pub fresh: bool,
    /// The vote that it is for.
    #[serde(default)]
    pub step_up: Option<UnderWay>,
}

/// Remembers an attempt, and forgets the oldest ones.
pub(super) async fn remember(
    session: &Session,
    attempt: Attempt,
) -> Result<(), tower_sessions::session::Error> {
    let mut attempts: Vec<Attempt> = session.get(KEY).await?.unwrap_or_default();
    let now = attempt.started_at;
    attempts.retain(|old| now - old.started_at < ATTEMPT_LIMIT);
    attempts.push(attempt);
    let surplus = attempts.len().saturating_sub(MOST);
    session.insert(KEY, attempts.split_off(surplus)).await
}

/// Takes the attempt that a state belongs to. It can be taken once, and not after its time.
pub(super) async fn take(
    session: &Session,
    state: &str,
    now: DateTime<Utc>,
) -> Result<Option<Attempt>, tower_sessions::session::Error> {
    let mut attempts: Vec<Attempt> = session.get(KEY).await?.unwrap_or_default();
    let Some(place) = attempts.iter().position(|attempt| attempt.state == state) else {
        return Ok(None);
    };
    let attempt = attempts.swap_remove(place);
    session.insert(KEY, attempts).await?;
    Ok((now - attempt.started_at < ATTEMPT_LIMIT).then_some(attempt))
}
