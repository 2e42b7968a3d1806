//! That nobody can decide an item is said, once.

use crate::ServiceError;
use crate::command::EventDraft;
use domain::approval::PlanError;
use domain::window::Instant;
use store::Tx;
use store::votes::Item;

/// The event that says it, where it was not said before: to whoever asked, and to the administrators.
pub(crate) async fn say_once(
    tx: &mut Tx,
    item: Item,
    why: Option<PlanError>,
    event: impl FnOnce(serde_json::Value) -> EventDraft,
    now: Instant,
) -> Result<Option<EventDraft>, ServiceError> {
    let Some(why) = why else { return Ok(None) };
    tracing::error!(item = %item.id(), why = %why, "nobody is left who could decide it");
    if !store::undecidable::note(tx, item, now).await? {
        return Ok(None);
    }
    let stage = match &why {
        PlanError::Impossible(stage) | PlanError::TooLarge(stage) => Some(stage),
        PlanError::NoStage
        | PlanError::Nobody(_)
        | PlanError::NoDenial(_)
        | PlanError::Escalation(_)
        | PlanError::AskedToo(_) => None,
    };
    let body = serde_json::json!({ "name": stage, "why": why.to_string() });
    Ok(Some(event(body)))
}
