//! How many requests may wait for a decision.

use super::SubmitError;
use domain::access_request::AccessRequest;
use domain::window::Instant;
use store::Tx;

/// The most requests that may wait for a decision of one client.
const MOST_OPEN_OF_CLIENT: i64 = 1_000;
/// The most for one principal, or started by one person.
const MOST_OPEN_OF_REQUESTER: i64 = 100;

/// Whoever sends many requests must not fill the inboxes of those who decide.
pub(super) async fn refuse_too_many(
    tx: &mut Tx,
    request: &AccessRequest,
    now: Instant,
) -> Result<(), SubmitError> {
    let initiator = request.wish.initiator.as_ref();
    let open =
        store::access_requests::count_open(tx, request.client, &request.principal, initiator, now).await?;
    let too_many = |whose: &str, most: i64| {
        Err(SubmitError::TooManyOpen(format!(
            "{most} requests {whose} already wait for a decision. Wait until some are decided, or cancel some."
        )))
    };
    if open.of_requester >= MOST_OPEN_OF_REQUESTER {
        too_many("of this requester", MOST_OPEN_OF_REQUESTER)
    } else if open.of_client >= MOST_OPEN_OF_CLIENT {
        too_many("of this client", MOST_OPEN_OF_CLIENT)
    } else {
        Ok(())
    }
}
