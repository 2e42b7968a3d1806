//! What happens in the history.

use domain::approval::Verdict;
use domain::comment::CommentKind;
use domain::post_review::Finding;
use domain::window::Instant;
use service::break_glass::BreakGlassInput;
use service::incidents::IncidentInput;
use service::opt_outs::{NarrowInput, OptOutInput};
use service::signals::SignalInput;

/// Ties the acts of one request or opt-out together.
pub(super) type Slot = u32;

/// A question at a gate, in the words of the wire.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// The client that asks, by name.
    pub(super) client: &'static str,
    /// Subject: type and id.
    pub(super) subject: (&'static str, &'static str),
    /// Resource: type and id.
    pub(super) resource: (&'static str, &'static str),
    /// Action.
    pub(super) action: &'static str,
    /// Context members, as strings.
    pub(super) context: Vec<(&'static str, String)>,
}

/// Somebody lends their votes.
#[derive(Debug, Clone)]
pub(super) struct Lending {
    /// Whose.
    pub(super) person: &'static str,
    /// To whom.
    pub(super) to: &'static str,
    /// What these groups are asked for.
    pub(super) groups: &'static [&'static str],
    /// Until when.
    pub(super) until: Instant,
    /// Why.
    pub(super) reason: &'static str,
}

/// What is talked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Topic {
    /// An access request.
    Request(Slot),
    /// An opt-out.
    OptOut(Slot),
}

/// One act.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// A decision.
    Ask(Question),
    /// A decision that should need a person, and the access request on it.
    Submit {
        /// Which request.
        slot: Slot,
        /// What is asked.
        question: Question,
        /// Why.
        reason: String,
        /// Where it is tracked.
        ticket: Option<String>,
    },
    /// A vote on an access request.
    VoteRequest {
        /// Which request.
        slot: Slot,
        /// Whose vote.
        person: &'static str,
        /// Yes or no.
        verdict: Verdict,
        /// Why.
        reason: &'static str,
    },
    /// The question of an access request again: with a grant, it is answered yes.
    AskAgain {
        /// Which request.
        slot: Slot,
    },
    /// Somebody asks for an opt-out.
    RequestOptOut {
        /// Which opt-out.
        slot: Slot,
        /// Who asks.
        person: &'static str,
        /// For what. Cases that ask for no details leave out those that it holds.
        input: Box<OptOutInput>,
        /// The opt-out that it renews.
        renews: Option<Slot>,
    },
    /// A vote on an opt-out.
    VoteOptOut {
        /// Which opt-out.
        slot: Slot,
        /// Whose vote.
        person: &'static str,
        /// Yes or no.
        verdict: Verdict,
        /// Why.
        reason: &'static str,
        /// What the approver takes away.
        narrow: NarrowInput,
    },
    /// Somebody lends their votes.
    Lend(Lending),
    /// An address for notices is registered.
    RegisterEndpoint,
    /// It answers that it is gone.
    EndpointIsGone,
    /// Somebody says something about a request or an opt-out.
    Comment {
        /// About which.
        on: Topic,
        /// Who.
        person: &'static str,
        /// What it is; an answer closes the last question.
        kind: CommentKind,
        /// Their words.
        text: &'static str,
    },
    /// Somebody breaks the glass.
    BreakGlass {
        /// Which opt-out.
        slot: Slot,
        /// Who.
        person: &'static str,
        /// On what.
        input: Box<BreakGlassInput>,
    },
    /// A monitoring tool signals.
    Signal {
        /// The source, by name.
        client: &'static str,
        /// What it says.
        input: Box<SignalInput>,
    },
    /// A tool tells of an incident.
    TellOfIncident {
        /// The tool, by name.
        client: &'static str,
        /// What it says.
        input: Box<IncidentInput>,
    },
    /// Somebody looks at it afterwards.
    ConcludeReview {
        /// Of which opt-out.
        slot: Slot,
        /// Who.
        person: &'static str,
        /// What they found.
        finding: Finding,
        /// Why.
        note: &'static str,
    },
    /// An opt-out is ended.
    RevokeOptOut {
        /// Which opt-out.
        slot: Slot,
        /// By whom.
        person: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// An opt-out is taken back before it is decided.
    WithdrawOptOut {
        /// Which opt-out.
        slot: Slot,
        /// By whom.
        person: &'static str,
    },
}
