//! The order in which events are read.

use std::cmp::Reverse;

use domain::event::EventKind;
use service::audit::Event;

/// Newest first. Events of one command share an instant and their ids within it are random, so a stage could stand before
/// what it is a stage of: they follow each other as the command did them.
pub(crate) fn newest_first(events: &[Event]) -> Vec<&Event> {
    let mut sorted: Vec<&Event> = events.iter().collect();
    sorted.sort_by_key(|event| Reverse((event.at, place(event.kind), event.id)));
    sorted
}

/// The place of an event among those of one command: what was asked, then what was said to it, then what follows.
const fn place(kind: EventKind) -> u8 {
    match kind {
        EventKind::AccessRequestSubmitted | EventKind::OptOutRequested => 0,
        EventKind::AccessRequestVoted | EventKind::OptOutVoted => 1,
        EventKind::AccessRequestVoteVoided | EventKind::OptOutVoteVoided => 2,
        EventKind::PolicyPublished
        | EventKind::DirectoryChanged
        | EventKind::DirectoryRefused
        | EventKind::ClientRegistered
        | EventKind::ClientWidened
        | EventKind::ClientNarrowed
        | EventKind::ClientTokenRotated
        | EventKind::ClientRevoked
        | EventKind::AccessRequestStageReached
        | EventKind::AccessRequestEscalated
        | EventKind::AccessRequestFellBack
        | EventKind::AccessRequestNobodyLeft
        | EventKind::OptOutNobodyLeft
        | EventKind::OptOutEscalated
        | EventKind::OptOutFellBack
        | EventKind::DelegationMade
        | EventKind::DelegationEnded
        | EventKind::AccessRequestCommented
        | EventKind::OptOutCommented
        | EventKind::AccessRequestApproved
        | EventKind::AccessRequestDenied
        | EventKind::AccessRequestWithdrawn
        | EventKind::AccessRequestExpired
        | EventKind::AccessRequestVoided
        | EventKind::GrantRevoked
        | EventKind::GrantRelinquished
        | EventKind::GrantEnded
        | EventKind::OptOutStageReached
        | EventKind::OptOutApproved
        | EventKind::OptOutRejected
        | EventKind::OptOutWithdrawn
        | EventKind::OptOutLapsed
        | EventKind::OptOutSuspended
        | EventKind::OptOutAskedAgain
        | EventKind::OptOutRefusedAgain
        | EventKind::OptOutCutShort
        | EventKind::OptOutCoversLess
        | EventKind::IncidentOpened
        | EventKind::IncidentResolved
        | EventKind::TicketLookedUp
        | EventKind::OptOutRevoked
        | EventKind::OptOutExpired
        | EventKind::OptOutExhausted
        | EventKind::AccessRequestBrokeGlass
        | EventKind::OptOutBrokeGlass
        | EventKind::PostReviewOwed
        | EventKind::PostReviewConcluded
        | EventKind::OptOutSignalled
        | EventKind::OptOutCleared
        | EventKind::OptOutConfirmed
        | EventKind::SignalsExceeded
        | EventKind::OutOfScopeAsked
        | EventKind::EnforcementReported
        | EventKind::OptOutRenewed
        | EventKind::OptOutFoundNeedless
        | EventKind::OptOutKept
        | EventKind::OptOutClosedEarly
        | EventKind::EndpointRegistered
        | EventKind::EndpointSecretRotated
        | EventKind::EndpointDisabled
        | EventKind::EndpointEnabled
        | EventKind::DeliveryResent
        | EventKind::NoticePreferencesChanged
        | EventKind::SignedIn
        | EventKind::SignInRefused
        | EventKind::SignedOut => 2,
    }
}
