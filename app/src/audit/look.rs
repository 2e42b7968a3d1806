//! How each kind of event looks in a timeline.

use domain::event::EventKind;

use crate::component::{badge::Tone, icon::Shape};

/// Icon and colour of an event.
pub(crate) fn look(kind: EventKind) -> (Shape, Tone) {
    use EventKind as K;
    match kind {
        K::PolicyPublished => (Shape::Layers, Tone::Neutral),
        K::DirectoryChanged => (Shape::Users, Tone::Neutral),
        K::DirectoryRefused => (Shape::Users, Tone::Danger),
        K::ClientRegistered => (Shape::Plus, Tone::Neutral),
        K::ClientWidened => (Shape::Triangle, Tone::Strict),
        K::ClientNarrowed => (Shape::Minus, Tone::Neutral),
        K::ClientTokenRotated => (Shape::Refresh, Tone::Neutral),
        K::ClientRevoked => (Shape::Ban, Tone::Danger),
        K::AccessRequestSubmitted | K::OptOutRequested => (Shape::Send, Tone::Neutral),
        K::AccessRequestStageReached | K::OptOutStageReached => (Shape::Hourglass, Tone::Strict),
        K::AccessRequestEscalated | K::OptOutEscalated => (Shape::Users, Tone::Strict),
        K::AccessRequestNobodyLeft | K::OptOutNobodyLeft => (Shape::CircleAlert, Tone::Danger),
        K::AccessRequestFellBack | K::OptOutFellBack => (Shape::CircleAlert, Tone::Danger),
        K::DelegationMade => (Shape::Users, Tone::Neutral),
        K::DelegationEnded => (Shape::Undo, Tone::Neutral),
        K::AccessRequestVoted | K::OptOutVoted => (Shape::UserCheck, Tone::Neutral),
        K::AccessRequestVoteVoided | K::OptOutVoteVoided => (Shape::Ban, Tone::Strict),
        K::AccessRequestCommented | K::OptOutCommented => (Shape::Message, Tone::Neutral),
        K::AccessRequestApproved | K::OptOutApproved => (Shape::Check, Tone::Settled),
        K::AccessRequestDenied | K::OptOutRejected => (Shape::CircleCross, Tone::Danger),
        K::AccessRequestWithdrawn | K::OptOutWithdrawn | K::GrantRelinquished => (Shape::Undo, Tone::Neutral),
        K::AccessRequestExpired | K::OptOutLapsed | K::OptOutExpired | K::GrantEnded => {
            (Shape::Expired, Tone::Neutral)
        }
        K::AccessRequestVoided | K::GrantRevoked | K::OptOutRevoked => (Shape::Ban, Tone::Danger),
        K::OptOutRenewed => (Shape::Refresh, Tone::Settled),
        K::OptOutFoundNeedless => (Shape::Info, Tone::Lax),
        K::OptOutKept => (Shape::UserCheck, Tone::Neutral),
        K::OptOutClosedEarly => (Shape::Minus, Tone::Neutral),
        K::OptOutAskedAgain => (Shape::Hourglass, Tone::Strict),
        K::OptOutRefusedAgain => (Shape::CircleCross, Tone::Danger),
        K::OptOutCutShort => (Shape::Expired, Tone::Neutral),
        K::OptOutCoversLess => (Shape::Minus, Tone::Danger),
        K::IncidentOpened => (Shape::Triangle, Tone::Danger),
        K::IncidentResolved => (Shape::Check, Tone::Settled),
        K::TicketLookedUp => (Shape::Info, Tone::Neutral),
        K::OptOutSuspended => (Shape::Pause, Tone::Lax),
        K::OptOutExhausted => (Shape::Minus, Tone::Neutral),
        K::AccessRequestBrokeGlass | K::OptOutBrokeGlass => (Shape::Triangle, Tone::Danger),
        K::PostReviewOwed => (Shape::Hourglass, Tone::Strict),
        K::PostReviewConcluded => (Shape::UserCheck, Tone::Settled),
        K::OptOutSignalled => (Shape::Zap, Tone::Strict),
        K::OptOutCleared => (Shape::Undo, Tone::Neutral),
        K::OptOutConfirmed => (Shape::UserCheck, Tone::Settled),
        K::SignalsExceeded | K::OutOfScopeAsked => (Shape::CircleAlert, Tone::Danger),
        K::EnforcementReported => (Shape::Workload, Tone::Neutral),
        K::EndpointRegistered => (Shape::Plus, Tone::Neutral),
        K::EndpointSecretRotated => (Shape::Key, Tone::Neutral),
        K::EndpointDisabled => (Shape::Ban, Tone::Danger),
        K::EndpointEnabled => (Shape::Play, Tone::Settled),
        K::DeliveryResent => (Shape::Send, Tone::Neutral),
        K::NoticePreferencesChanged => (Shape::Bell, Tone::Neutral),
        K::SignedIn => (Shape::Key, Tone::Neutral),
        K::SignInRefused => (Shape::Ban, Tone::Neutral),
        K::SignedOut => (Shape::SignOut, Tone::Neutral),
    }
}
