//! Which events are told, as what, and to whom: one line each. No I/O.

use domain::comment::CommentKind;
use domain::event::EventKind;
use domain::notice::NoticeKind;

/// A part of an item's stakeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Audience {
    /// Who asked; for a workload that nobody is known to have started, whoever answers for it.
    Requester,
    /// Whom it is for, or whom it covers.
    Beneficiaries,
    /// The owners of what it is about.
    Owners,
    /// Those who can vote in the stage that waits, and have not yet; those who are asked for a review.
    Deciders,
    /// Those who have approved it.
    Approvers,
    /// Those who are asked for a review once it is overdue.
    NextLevel,
    /// Who asked the question that is answered.
    Asker,
    /// Who had the role of an administrator at their last sign-in.
    Administrators,
    /// To whom votes are lent, and who lent them: whichever of the two did not do it.
    OtherSide,
    /// Those who would decide what a bypass takes past them, and those whom an emergency did not ask for itself.
    Skipped,
}

/// What is told of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) tells: NoticeKind,
    pub(crate) to: &'static [Audience],
}

/// What is told of an event; none where nobody is. Nobody is told of what they did themselves, whatever stands here.
pub(crate) const fn rule(event: EventKind) -> Option<Rule> {
    use Audience::{
        Administrators, Approvers, Beneficiaries, Deciders, OtherSide, Owners, Requester, Skipped,
    };
    use NoticeKind as Notice;
    let (tells, to): (NoticeKind, &[Audience]) = match event {
        EventKind::AccessRequestSubmitted => (Notice::Requested, &[Beneficiaries, Owners]),
        EventKind::AccessRequestStageReached => (Notice::StageReached, &[Deciders]),
        EventKind::AccessRequestEscalated | EventKind::OptOutEscalated => {
            (Notice::Escalated, &[Requester, Deciders])
        }
        EventKind::AccessRequestFellBack | EventKind::OptOutFellBack => {
            (Notice::FellBack, &[Requester, Owners, Deciders])
        }
        // Whoever asked can ask for less, or of somebody else; administrators see to it that somebody can decide.
        EventKind::AccessRequestNobodyLeft | EventKind::OptOutNobodyLeft => {
            (Notice::NobodyLeft, &[Requester, Administrators])
        }
        EventKind::AccessRequestApproved => (Notice::Approved, &[Requester, Beneficiaries]),
        EventKind::AccessRequestDenied => (Notice::Denied, &[Requester, Beneficiaries]),
        EventKind::AccessRequestWithdrawn => (Notice::Withdrawn, &[Deciders, Beneficiaries]),
        EventKind::AccessRequestExpired => (Notice::Lapsed, &[Requester, Beneficiaries, Deciders]),
        EventKind::AccessRequestVoided => (Notice::Voided, &[Requester, Beneficiaries, Deciders]),
        EventKind::GrantEnded => (Notice::Ended, &[Requester, Beneficiaries]),
        EventKind::GrantRevoked => (Notice::Revoked, &[Requester, Beneficiaries]),
        EventKind::OptOutRequested => (Notice::Requested, &[Beneficiaries, Owners]),
        EventKind::OptOutStageReached => (Notice::StageReached, &[Deciders]),
        EventKind::OptOutApproved => (Notice::Approved, &[Requester, Beneficiaries, Owners, Skipped]),
        EventKind::OptOutRejected => (Notice::Denied, &[Requester, Beneficiaries]),
        EventKind::OptOutWithdrawn => (Notice::Withdrawn, &[Deciders, Beneficiaries]),
        EventKind::OptOutLapsed => (Notice::Lapsed, &[Requester, Beneficiaries, Deciders]),
        EventKind::OptOutSuspended => (Notice::Suspended, &[Requester, Beneficiaries, Owners]),
        EventKind::OptOutAskedAgain => (Notice::StageReached, &[Deciders]),
        EventKind::OptOutRefusedAgain => (Notice::Denied, &[Requester, Beneficiaries]),
        EventKind::OptOutCutShort => (Notice::EndingSoon, &[Requester, Beneficiaries]),
        EventKind::OptOutRevoked => (Notice::Revoked, &[Requester, Beneficiaries, Owners]),
        EventKind::OptOutExpired | EventKind::OptOutExhausted => {
            (Notice::Ended, &[Requester, Beneficiaries, Owners])
        }
        EventKind::AccessRequestBrokeGlass | EventKind::OptOutBrokeGlass => {
            (Notice::BreakGlass, &[Beneficiaries, Owners, Skipped])
        }
        EventKind::PostReviewOwed => (Notice::ReviewOwed, &[Deciders]),
        EventKind::PostReviewConcluded => (Notice::ReviewConcluded, &[Requester, Beneficiaries, Owners]),
        EventKind::OptOutSignalled => (Notice::Signalled, &[Beneficiaries, Deciders]),
        EventKind::OptOutConfirmed => (Notice::Confirmed, &[Beneficiaries]),
        EventKind::OptOutCleared => (Notice::Revoked, &[Beneficiaries, Deciders]),
        // Everybody else hears of the renewal itself.
        EventKind::OptOutRenewed => (Notice::Renewed, &[Requester]),
        // Whoever can answer; and that somebody has, so that nobody looks into it for nothing.
        EventKind::OptOutFoundNeedless => (Notice::FoundNeedless, &[Requester, Owners]),
        EventKind::OptOutKept => (Notice::Kept, &[Requester, Owners]),
        EventKind::OptOutClosedEarly => (Notice::ClosedEarly, &[Requester, Beneficiaries, Owners]),
        // What kind of comment it is says more: `commented`.
        EventKind::AccessRequestCommented | EventKind::OptOutCommented => {
            (Notice::Commented, &[Requester, Deciders])
        }
        // What nobody decides: `aside` finds them.
        EventKind::DelegationMade => (Notice::Lent, &[OtherSide]),
        EventKind::DelegationEnded => (Notice::Revoked, &[OtherSide]),
        EventKind::EndpointDisabled => (Notice::EndpointGone, &[Administrators]),
        // One hand did it: everybody else who administers is told.
        EventKind::PolicyPublished => (Notice::PolicyPublished, &[Administrators]),
        EventKind::DirectoryChanged => (Notice::DirectoryChanged, &[Administrators]),
        EventKind::DirectoryRefused => (Notice::DirectoryRefused, &[Administrators]),
        EventKind::OptOutCoversLess => (
            Notice::CoversLess,
            &[Requester, Owners, Approvers, Administrators],
        ),
        EventKind::ClientRegistered => (Notice::ClientRegistered, &[Administrators]),
        EventKind::ClientWidened => (Notice::ClientWidened, &[Administrators]),
        EventKind::SignalsExceeded => (Notice::SignalsExceeded, &[Administrators]),
        // A vote that settles nothing, and what its holder gave back.
        EventKind::AccessRequestVoted | EventKind::OptOutVoted | EventKind::GrantRelinquished => return None,
        // The stage that it opens again tells those who decide.
        EventKind::AccessRequestVoteVoided | EventKind::OptOutVoteVoided => return None,
        // Evidence of what is known to be allowed: its place is the review.
        EventKind::EnforcementReported => return None,
        // No item of anybody's.
        EventKind::ClientNarrowed
        | EventKind::ClientTokenRotated
        | EventKind::ClientRevoked
        | EventKind::OutOfScopeAsked
        | EventKind::IncidentOpened
        | EventKind::IncidentResolved
        | EventKind::TicketLookedUp
        | EventKind::EndpointRegistered
        | EventKind::EndpointSecretRotated
        | EventKind::EndpointEnabled
        | EventKind::DeliveryResent
        | EventKind::NoticePreferencesChanged
        | EventKind::SignedIn
        | EventKind::SignInRefused
        | EventKind::SignedOut => return None,
    };
    Some(Rule { tells, to })
}

/// What is told of a comment: a question goes to whoever asked for the item, an answer to whoever asked it and to those who
/// decide with it.
pub(crate) const fn commented(kind: CommentKind) -> Rule {
    use Audience::{Asker, Deciders, Requester};
    let (tells, to): (NoticeKind, &[Audience]) = match kind {
        CommentKind::Remark => (NoticeKind::Commented, &[Requester, Deciders]),
        CommentKind::Question => (NoticeKind::Questioned, &[Requester]),
        CommentKind::Answer => (NoticeKind::Answered, &[Asker, Deciders]),
    };
    Rule { tells, to }
}

/// What follows from the clock, and to whom it is told.
pub(crate) const fn timed(tells: NoticeKind) -> &'static [Audience] {
    use Audience::{Beneficiaries, Deciders, NextLevel, Owners, Requester};
    match tells {
        NoticeKind::Reminder => &[Deciders],
        NoticeKind::ReviewOverdue => &[Requester, Deciders, NextLevel],
        NoticeKind::FirstUse => &[Requester, Owners],
        NoticeKind::MostUsed | NoticeKind::EndingSoon => &[Requester, Beneficiaries],
        // A suspended one that somebody wanted back; everything else that lapses has its event.
        NoticeKind::Lapsed => &[Requester, Beneficiaries, Deciders],
        NoticeKind::Requested
        | NoticeKind::StageReached
        | NoticeKind::Escalated
        | NoticeKind::FellBack
        | NoticeKind::NobodyLeft
        | NoticeKind::Approved
        | NoticeKind::Denied
        | NoticeKind::Withdrawn
        | NoticeKind::Voided
        | NoticeKind::Ended
        | NoticeKind::Revoked
        | NoticeKind::Suspended
        | NoticeKind::BreakGlass
        | NoticeKind::SecondPerson
        | NoticeKind::ReviewOwed
        | NoticeKind::ReviewConcluded
        | NoticeKind::Signalled
        | NoticeKind::Confirmed
        | NoticeKind::Questioned
        | NoticeKind::Answered
        | NoticeKind::Commented
        | NoticeKind::SignalsExceeded
        | NoticeKind::ClientRegistered
        | NoticeKind::ClientWidened
        | NoticeKind::PolicyPublished
        | NoticeKind::DirectoryChanged
        | NoticeKind::DirectoryRefused
        | NoticeKind::CoversLess
        | NoticeKind::Renewed
        | NoticeKind::FoundNeedless
        | NoticeKind::Kept
        | NoticeKind::ClosedEarly
        | NoticeKind::BudgetBurn
        | NoticeKind::Lent
        | NoticeKind::EndpointGone
        | NoticeKind::Undelivered
        | NoticeKind::PartitionMissing => &[],
    }
}
