//! A program that was told of everything, and was switched off without a word: the endpoint is gone, and what was on its way
//! waits among what has not arrived.

use chrono::TimeDelta;
use domain::id::{CorrelationId, EndpointId};
use domain::notice::EndpointKind;
use domain::window::Instant;
use service::Service;
use service::caller::PersonCaller;
use service::notices::{Attempted, EndpointInput, Room};

use super::acts::Act;
use super::stage::HistoryError;

pub(super) fn write(until: Instant, script: &mut Vec<(Instant, Act)>) {
    // Around a request that is always made: see `absences`.
    let asked = until - TimeDelta::hours(9 * 24);
    script.push((asked - TimeDelta::hours(1), Act::RegisterEndpoint));
    script.push((asked + TimeDelta::minutes(10), Act::EndpointIsGone));
}

/// Petra registers it.
pub(super) async fn register(service: &Service, petra: &PersonCaller) -> Result<EndpointId, HistoryError> {
    let input = EndpointInput {
        kind: EndpointKind::Webhook,
        name: "Deployment board".to_owned(),
        channel: String::new(),
        address: "https://board.example.com/hooks/spillway".to_owned(),
    };
    Ok(service.register_endpoint(petra, &input).await?)
}

/// All that is on its way to it is answered with 410.
pub(super) async fn is_gone(service: &Service) -> Result<(), HistoryError> {
    let room = Room {
        most: 1_000,
        per_lane: 1_000,
    };
    for delivery in service.claim_deliveries(room).await? {
        service
            .settle_delivery(delivery.id, delivery.attempt, Attempted::Gone)
            .await?;
    }
    Ok(())
}

/// Petra, who administers the installation.
pub(super) fn petra(correlation: CorrelationId) -> Result<PersonCaller, HistoryError> {
    super::players::Players::person("petra.lindqvist", correlation)
}
