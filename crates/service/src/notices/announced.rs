//! Who would be told that an opt-out is asked for: the audiences of its notices, before it is sent.

use super::mapping::{Audience, rule};
use super::subject::Subject;
use crate::ServiceError;
use crate::approvals::fell_back;
use crate::opt_outs::Prepared;
use crate::snapshot::Loaded;
use domain::event::EventKind;
use domain::name::PersonId;
use domain::opt_out::OptOutState;
use domain::window::Instant;
use std::collections::BTreeSet;
use store::Tx;
use store::opt_outs::Stored;

/// Who would be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announced {
    /// Those who decide first or in their place, whom it covers, and the owners. Never who asks.
    pub persons: BTreeSet<PersonId>,
    /// The tier's channel, where something listens to it.
    pub channel: Option<String>,
}

/// Who would be told of this, were it sent now.
pub(crate) async fn announced(
    tx: &mut Tx,
    loaded: &Loaded,
    prepared: &Prepared,
    now: Instant,
) -> Result<Announced, ServiceError> {
    let mut stored: Stored = prepared.stored.clone();
    stored.opt_out.state = OptOutState::InReview { stage: 0 };
    let tier = stored.opt_out.tier.clone();
    let subject = Subject::OptOut(Box::new(stored), Vec::new());
    let mut events = vec![EventKind::OptOutRequested, EventKind::OptOutStageReached];
    if prepared.joined.iter().any(fell_back) {
        events.push(EventKind::OptOutFellBack);
    }
    let audiences: BTreeSet<Audience> = events
        .into_iter()
        .filter_map(rule)
        .flat_map(|rule| rule.to.iter().copied())
        .collect();
    let mut persons: BTreeSet<PersonId> = audiences
        .iter()
        .flat_map(|audience| subject.persons(*audience, loaded))
        .collect();
    if audiences.contains(&Audience::Deciders) {
        persons.extend(subject.deputies(tx, loaded, now).await?);
    }
    for person in subject.requester(loaded.directory()) {
        persons.remove(&person);
    }
    let channel = loaded.policy()?.tier(&tier).and_then(|tier| tier.channel.clone());
    let channel = match channel {
        Some(channel) => {
            let endpoints = store::endpoints::in_use(tx.conn()).await?;
            endpoints
                .iter()
                .any(|(_, _, wanted)| wanted.as_ref().is_none_or(|wanted| *wanted == channel))
                .then_some(channel)
        }
        None => None,
    };
    Ok(Announced { persons, channel })
}
