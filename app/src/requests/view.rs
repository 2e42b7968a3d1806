//! What the pages of access requests show.

use domain::{access_request::AccessRequestState, grant::GrantState, window::Instant};
use serde::{Deserialize, Serialize};

use crate::{
    approvals::{BeforeVoteView, deciders::DecidersView, joining::JoiningView},
    comments::view::CommentsView,
    component::badge::TierView,
    opt_outs::view::{BrokenView, ReviewLinkView},
};

/// Which requests a list shows, as its address says it. Texts are the reader's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestFilter {
    /// `mine` or `all`; empty means as much as the reader may see.
    pub show: String,
    /// A state's word; empty means any.
    pub state: String,
    /// The principal's id; empty means anybody.
    pub principal: String,
    /// The resource's id; empty means anything.
    pub resource: String,
    /// Only requests before this one; empty for the newest.
    pub before: String,
}

/// A page of requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestList {
    /// Newest first.
    pub rows: Vec<RequestRowView>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// Whether the list is of the reader's own alone.
    pub mine: bool,
    /// Whether the reader may see other people's.
    pub may_see_all: bool,
    /// The present.
    pub now: Instant,
}

/// A request in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRowView {
    /// Its id.
    pub id: String,
    /// "Deploy to payments-prod".
    pub title: String,
    /// Who wants it.
    pub who: String,
    /// Its tier.
    pub tier: TierView,
    /// Where it stands.
    pub stand: Stand,
    /// Who decides, or decided and what they said.
    pub decided_by: String,
    /// When it ends.
    pub ends: Ends,
    /// Whether somebody breaks the glass for it.
    pub emergency: bool,
}

/// Where a request stands: once it gave a grant, what counts is the grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stand {
    /// There is no grant.
    Request {
        /// The request's state.
        state: AccessRequestState,
        /// How many stages it has.
        stages: u32,
    },
    /// There is one.
    Grant(GrantState),
}

/// The end of what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ends {
    /// It has no beginning yet: so long, in seconds, once it is approved.
    After(i64),
    /// It ends or ended then.
    At(Instant),
    /// It never began.
    Never,
}

/// One request with everything that helps to decide on it, or to follow it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestView {
    /// Its id.
    pub id: String,
    /// "Deploy to payments-prod".
    pub title: String,
    /// Its state.
    pub state: AccessRequestState,
    /// Its tier.
    pub tier: TierView,
    /// Until when it can be decided.
    pub expires_at: Instant,
    /// When it was filed.
    pub requested_at: Instant,
    /// Who has to say yes.
    pub stages: Vec<StageView>,
    /// What is asked for.
    pub wish: WishView,
    /// Why a person decides. None where the record of the decision is gone.
    pub why: Option<WhyView>,
    /// Settled requests for the same.
    pub similar: Vec<SimilarView>,
    /// "41 in 90 days · 39 approved · median 9 min"; none where there were none.
    pub precedents: Option<String>,
    /// What was said about it.
    pub comments: CommentsView,
    /// The grant that it gave.
    pub grant: Option<GrantView>,
    /// What happened, newest first.
    pub story: Vec<StoryView>,
    /// How many more noes settle it.
    pub noes_left: u32,
    /// What the reader decides on, where they may vote.
    pub before_vote: Option<BeforeVoteView>,
    /// What the reader may do about it.
    pub reader: ReaderView,
    /// The glass that was broken for it.
    pub emergency: Option<EmergencyView>,
    /// The decision that it is bound to.
    pub decision_id: String,
    /// The present.
    pub now: Instant,
}

/// A glass that was broken for a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyView {
    /// Who broke it, by name.
    pub by: String,
    /// How.
    pub broken: BrokenView,
    /// The review that is owed for it, or was concluded.
    pub review: Option<ReviewLinkView>,
}

impl RequestView {
    /// Whether it took effect without anybody's vote.
    pub fn at_once(&self) -> bool {
        self.emergency
            .as_ref()
            .is_some_and(|emergency| emergency.broken.at_once)
    }
}

/// What somebody wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WishView {
    /// `person`, `workload` or `agent`.
    pub kind: String,
    /// Who, as people call them.
    pub who: String,
    /// Who started the workload.
    pub initiator: Option<String>,
    /// Which client asks.
    pub client: Option<String>,
    /// To do what.
    pub capability: String,
    /// `service`, `database`, `role`.
    pub resource_kind: String,
    /// On what.
    pub resource: String,
    /// The team that owns it.
    pub owners: Option<String>,
    /// How long, from the approval, in seconds.
    pub grant_secs: i64,
    /// From when it is wanted, where that was said.
    pub wanted_from: Option<Instant>,
    /// Until when it is wanted, where that was said.
    pub wanted_until: Option<Instant>,
    /// The page's present.
    pub now: Instant,
    /// How long it was asked for, in seconds, where approvers have shortened it.
    pub asked_secs: Option<i64>,
    /// What the grant is bound to: each key with what was sent.
    pub bound: Vec<(String, String)>,
    /// What else the client said, for people to weigh.
    pub evidence: Vec<(String, String)>,
    /// Why, in the requester's words.
    pub reason: String,
    /// Where it is tracked.
    pub ticket: Option<String>,
    /// Whether somebody breaks the glass for it; the initiator is who.
    pub emergency: bool,
}

/// One stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageView {
    /// "Payments owners, 1 of 3".
    pub label: String,
    /// Where it stands.
    pub progress: StageProgressView,
    /// Who can decide in it now, and who must not.
    pub deciders: DecidersView,
    /// Who voted in it.
    pub votes: Vec<VoteView>,
    /// Who else is asked in it, or will be.
    pub joining: Vec<JoiningView>,
}

/// Where a stage stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StageProgressView {
    /// Filled.
    Done,
    /// Waits for votes.
    Open,
    /// Comes later, or never.
    Later,
    /// Somebody said no in it.
    Denied,
}

/// One vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoteView {
    /// Whose.
    pub person: String,
    /// Yes or no.
    pub approves: bool,
    /// Why; may be empty.
    pub reason: String,
    /// When.
    pub at: Instant,
    /// Whether it is the reader's own.
    pub own: bool,
    /// In whose place it was cast.
    pub place_of: Option<String>,
}

/// Why a person decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyView {
    /// The rules that asked for one: id and what each says in plain words.
    pub rules: Vec<(String, Option<String>)>,
    /// Opt-outs that took it out of the automation, by id.
    pub opt_outs: Vec<String>,
    /// What it would have been without them, as a sentence.
    pub counterfactual: String,
}

/// A settled request for the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimilarView {
    /// Its id.
    pub id: String,
    /// Who wanted it and why.
    pub what: String,
    /// How it went.
    pub state: AccessRequestState,
    /// Who said what.
    pub decided_by: String,
    /// When it was settled.
    pub at: Instant,
}

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantView {
    /// Its id.
    pub id: String,
    /// Its state.
    pub state: GrantState,
    /// From when.
    pub starts_at: Instant,
    /// Until when, by itself.
    pub ends_at: Instant,
    /// When it ended before that.
    pub ended_at: Option<Instant>,
}

/// One line of what happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryView {
    /// When.
    pub at: Instant,
    /// What kind of turn it was.
    pub turn: Turn,
    /// Who did it.
    pub actor: String,
    /// What they did, following the actor's name: "approved stage 1".
    pub sentence: String,
    /// What they said; may be empty.
    pub said: String,
}

/// The turns of a request's story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Turn {
    /// It was filed.
    Asked,
    /// Somebody said something.
    Said,
    /// It came before somebody.
    Passed,
    /// Somebody said yes.
    SaidYes,
    /// Somebody said no.
    SaidNo,
    /// It was granted.
    Granted,
    /// Somebody took it, and nobody was asked.
    Broken,
    /// Someone whose it was took it or gave it back.
    TakenBack,
    /// Its time was over.
    Over,
    /// Somebody else, or policy, ended it.
    Ended,
}

/// What the reader may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReaderView {
    /// Why the reader may not vote now; none where they may.
    pub why_no_vote: Option<String>,
    /// In whose place the reader votes.
    pub votes_for: Option<String>,
    /// Whether they may take it back.
    pub may_withdraw: bool,
    /// How they may end the grant.
    pub may_end: Option<EndGrant>,
    /// Whether they may open the decision's record.
    pub may_audit: bool,
    /// Whether they could break the glass for it.
    pub may_break_glass: bool,
}

impl ReaderView {
    /// Whether the reader may vote now. The vote itself is judged again.
    pub const fn may_vote(&self) -> bool {
        self.why_no_vote.is_none()
    }
}

/// How somebody may end a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndGrant {
    /// It is theirs.
    GiveBack,
    /// It is somebody else's.
    TakeBack,
}
