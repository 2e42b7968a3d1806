//! The closed list of events. A name never changes its meaning and is never used again for another.

use serde::{Deserialize, Serialize};

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// One kind of event, `aggregate.verb`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum EventKind { $($(#[$doc])* $name),+ }

        impl EventKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The name in the ledger.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

events! {
    /// A policy version was stored and put in force.
    PolicyPublished = "policy.published",
    /// Principals, groups, teams or resources changed.
    DirectoryChanged = "directory.changed",
    /// A directory was refused: the one before stays in force, without those whom it no longer lists.
    DirectoryRefused = "directory.refused",
    /// A client was registered.
    ClientRegistered = "client.registered",
    /// A client may do more than before.
    ClientWidened = "client.widened",
    /// A client may do less than before, and nothing more.
    ClientNarrowed = "client.narrowed",
    /// A client got a new token.
    ClientTokenRotated = "client.token_rotated",
    /// A client's credentials were taken away.
    ClientRevoked = "client.revoked",
    /// A source of signals went beyond its limits: what it sends opens nothing.
    SignalsExceeded = "client.signals_exceeded",
    /// A client asked about subjects or resources that are not in its scope.
    OutOfScopeAsked = "client.out_of_scope_asked",
    /// A client asked for access on a requestable denial.
    AccessRequestSubmitted = "access_request.submitted",
    /// A stage is filled and the next one opens.
    AccessRequestStageReached = "access_request.stage_reached",
    /// Nobody voted for long: further persons are asked too.
    AccessRequestEscalated = "access_request.escalated",
    /// Too few are left to decide: the tier's fallback is asked too.
    AccessRequestFellBack = "access_request.fell_back",
    /// Too few are left to decide, and the fallback is not enough: nobody can decide it.
    AccessRequestNobodyLeft = "access_request.nobody_left",
    /// Somebody voted.
    AccessRequestVoted = "access_request.voted",
    /// A vote counts no longer: of somebody who must not decide any more, or who has left.
    AccessRequestVoteVoided = "access_request.vote_voided",
    /// Somebody said something about it, asked its requester, or answered.
    AccessRequestCommented = "access_request.commented",
    /// The last stage is filled: there is a grant.
    AccessRequestApproved = "access_request.approved",
    /// Somebody said no.
    AccessRequestDenied = "access_request.denied",
    /// Who asked took it back.
    AccessRequestWithdrawn = "access_request.withdrawn",
    /// Nobody decided in time.
    AccessRequestExpired = "access_request.expired",
    /// Policy no longer allows it.
    AccessRequestVoided = "access_request.voided",
    /// Somebody broke the glass: there is a grant without the approval that its tier asks for.
    AccessRequestBrokeGlass = "access_request.broke_glass",
    /// A grant was taken back.
    GrantRevoked = "grant.revoked",
    /// A grant was given back.
    GrantRelinquished = "grant.relinquished",
    /// A grant's time is over.
    GrantEnded = "grant.ended",
    /// Somebody asked for an opt-out.
    OptOutRequested = "opt_out.requested",
    /// A stage is filled and the next one opens.
    OptOutStageReached = "opt_out.stage_reached",
    /// Nobody voted for long: further persons are asked too.
    OptOutEscalated = "opt_out.escalated",
    /// Too few are left to decide: the tier's fallback is asked too.
    OptOutFellBack = "opt_out.fell_back",
    /// Too few are left to decide, and the fallback is not enough: nobody can decide it.
    OptOutNobodyLeft = "opt_out.nobody_left",
    /// Somebody voted.
    OptOutVoted = "opt_out.voted",
    /// A vote counts no longer: of somebody who must not decide any more, or who has left.
    OptOutVoteVoided = "opt_out.vote_voided",
    /// Somebody said something about it, asked its requester, or answered.
    OptOutCommented = "opt_out.commented",
    /// The last stage is filled.
    OptOutApproved = "opt_out.approved",
    /// Somebody said no.
    OptOutRejected = "opt_out.rejected",
    /// Who asked took it back.
    OptOutWithdrawn = "opt_out.withdrawn",
    /// Nobody decided in time.
    OptOutLapsed = "opt_out.lapsed",
    /// A pinned rule changed, or its premise does not hold any more.
    OptOutSuspended = "opt_out.suspended",
    /// Somebody wants a suspended one back.
    OptOutAskedAgain = "opt_out.asked_again",
    /// Its approvers do not want it back.
    OptOutRefusedAgain = "opt_out.refused_again",
    /// Its incident was resolved: it ends earlier.
    OptOutCutShort = "opt_out.cut_short",
    /// What it covered is gone from the directory, or has moved: it covers less.
    OptOutCoversLess = "opt_out.covers_less",
    /// Somebody ended it.
    OptOutRevoked = "opt_out.revoked",
    /// Its time is over.
    OptOutExpired = "opt_out.expired",
    /// Its uses are spent.
    OptOutExhausted = "opt_out.exhausted",
    /// Somebody broke the glass: a bypass is in force without the approval that its tier asks for.
    OptOutBrokeGlass = "opt_out.broke_glass",
    /// A source of signals took a principal out of the automation.
    OptOutSignalled = "opt_out.signalled",
    /// The same source put the principal back.
    OptOutCleared = "opt_out.cleared",
    /// A person agrees with a signal.
    OptOutConfirmed = "opt_out.confirmed",
    /// A renewal of it was approved.
    OptOutRenewed = "opt_out.renewed",
    /// It has changed no outcome for long: who asked for it is asked whether it can go.
    OptOutFoundNeedless = "opt_out.found_needless",
    /// Somebody said why it is still needed, or it changed an outcome again.
    OptOutKept = "opt_out.kept",
    /// It was ended because it is not needed.
    OptOutClosedEarly = "opt_out.closed_early",
    /// Somebody has to look at it afterwards.
    PostReviewOwed = "post_review.owed",
    /// Somebody has looked at it.
    PostReviewConcluded = "post_review.concluded",
    /// A client said what it has really done.
    EnforcementReported = "enforcement.reported",
    /// Somebody lent their votes to another for a while.
    DelegationMade = "delegation.made",
    /// A delegation was ended before its time.
    DelegationEnded = "delegation.ended",
    /// A client told of an incident, or that it burns again.
    IncidentOpened = "incident.opened",
    /// A client told that it is over.
    IncidentResolved = "incident.resolved",
    /// What a ticket's system says of it has changed, or was heard again.
    TicketLookedUp = "ticket.looked_up",
    /// An address for notices was registered.
    EndpointRegistered = "endpoint.registered",
    /// A webhook got a new secret.
    EndpointSecretRotated = "endpoint.secret_rotated",
    /// An address for notices is used no more.
    EndpointDisabled = "endpoint.disabled",
    /// An address for notices is in use again.
    EndpointEnabled = "endpoint.enabled",
    /// Somebody had a delivery that had failed sent once more.
    DeliveryResent = "delivery.resent",
    /// Somebody changed how they are told.
    NoticePreferencesChanged = "notice_preferences.changed",
    /// A person signed in.
    SignedIn = "session.signed_in",
    /// A person signed in at the identity provider and was not let in: no role allows them anything.
    SignInRefused = "session.refused",
    /// A session was ended by its owner or the identity provider.
    SignedOut = "session.signed_out",
}

/// A name that is no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no event")]
pub struct EventKindError(pub String);

impl std::str::FromStr for EventKind {
    type Err = EventKindError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| EventKindError(text.to_owned()))
    }
}

impl TryFrom<String> for EventKind {
    type Error = EventKindError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<EventKind> for String {
    fn from(kind: EventKind) -> String {
        kind.as_str().to_owned()
    }
}
