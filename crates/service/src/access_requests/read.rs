//! Looking at access requests.

use crate::approvals::{
    ActsAs, BeforeVote, StageProgress, Standpoint, answers_for, as_of, asks_step_up, memberships, owns,
    progress, standpoint,
};
use crate::break_glass::{Told, is_one_s_own, skipped};
use crate::caller::{ClientCaller, PersonCaller};
use crate::comments::Discussion;
use crate::notices::subject::Subject;
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::access_request::{AccessRequest, AccessRequestState};
use domain::approval::{Vote, Votes};
use domain::grant::Grant;
use domain::id::AccessRequestId;
use domain::name::PersonId;
use domain::outcome::Outcome;
use domain::post_review::{PostReview, Reviewed};
use domain::role::Permission;
use domain::shown::Shown;
use domain::window::Instant;
use std::collections::BTreeSet;
use store::access_requests::Filter;
use store::events::Event;
use store::votes::Item;

/// One request with everything that its page shows.
#[derive(Debug, Clone)]
pub struct AccessRequestDetail {
    /// The request.
    pub request: AccessRequest,
    /// Its state now.
    pub state: AccessRequestState,
    /// Its stages.
    pub stages: Vec<StageProgress>,
    /// The grant that it gave.
    pub grant: Option<Grant>,
    /// What happened, oldest first.
    pub events: Vec<Event>,
    /// Settled requests for the same, newest first.
    pub similar: Vec<AccessRequest>,
    /// What was said about it.
    pub discussion: Discussion,
    /// What was done past those who would have decided, where the glass was broken.
    pub emergency: Option<Emergency>,
    /// Whether the viewer could break the glass for it while it waits.
    pub may_break_glass: bool,
    /// Whether the viewer may vote, and why not.
    pub standpoint: Standpoint,
    /// In whose place the viewer would vote.
    pub votes_for: Option<PersonId>,
    /// What the viewer is shown before their vote counts, where they may vote.
    pub before_vote: Option<BeforeVote>,
    /// Whether the viewer may take it back.
    pub may_withdraw: bool,
    /// Whether the viewer may end the grant.
    pub may_end_grant: bool,
    /// The client's name.
    pub client_name: Option<String>,
    /// When this was read.
    pub now: Instant,
}

/// What goes with a broken glass.
#[derive(Debug, Clone)]
pub struct Emergency {
    /// Who would have decided, or decides with one vote.
    pub skipped: BTreeSet<PersonId>,
    /// Who was told, and what of it has not arrived.
    pub told: Told,
    /// What is owed afterwards; nothing yet where it waits for a second person.
    pub review: Option<PostReview>,
}

/// A page of requests.
#[derive(Debug, Clone)]
pub struct AccessRequestList {
    /// Newest first.
    pub requests: Vec<AccessRequest>,
    /// Where the next page begins, if there is one.
    pub next: Option<AccessRequestId>,
    /// When this was read.
    pub now: Instant,
}

/// Whether a request is this person's: it is for them, or they started it.
pub(super) fn is_own(request: &AccessRequest, person: &PersonId) -> bool {
    request.principal.person().as_ref() == Some(person) || request.wish.initiator.as_ref() == Some(person)
}

impl Service {
    /// Whether a person may see a request: it is theirs, or of a workload that nobody started and that they answer for; it is
    /// for what they own; their roles let them see all; or they are asked to decide it. Nobody is notified of what they may not
    /// see.
    pub(crate) fn sees(&self, caller: &PersonCaller, loaded: &Loaded, request: &AccessRequest) -> bool {
        let answers = request.wish.initiator.is_none()
            && request.principal.person().is_none()
            && answers_for(loaded.directory(), &request.principal, &caller.person);
        let resource = loaded.directory().resources.get(&request.resource);
        let owns = owns(
            loaded.directory(),
            resource.map(|found| &found.team),
            &caller.person,
        );
        let own = is_own(request, &caller.person) || answers || owns;
        let concerned = caller.may(Permission::ReadOwn) && own;
        concerned || caller.may(Permission::ReadAll) || {
            let can = memberships(loaded.directory(), &caller.person);
            caller.may(Permission::Vote)
                && request
                    .plan
                    .stages
                    .iter()
                    .any(|stage| stage.asks().iter().any(|approver| can.contains(approver)))
        }
    }

    /// One request. What the caller may not see does not exist.
    pub async fn access_request(
        &self,
        caller: &PersonCaller,
        id: AccessRequestId,
    ) -> Result<AccessRequestDetail, ServiceError> {
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        let pool = self.store().pool();
        let mut request = store::access_requests::find(pool, id)
            .await?
            .filter(|request| self.sees(caller, &loaded, request))
            .ok_or(ServiceError::NotFound { what: "request" })?;
        let votes = store::votes::of(pool, Item::AccessRequest(id.uuid())).await?;
        let void = store::votes::void_of(pool, Item::AccessRequest(id.uuid())).await?;
        request.plan = as_of(&request.plan, request.requested_at, &votes, now);
        let grant = store::grants::of_request(pool, id).await?;
        let mut events = store::events::about(pool, &id.to_string()).await?;
        if let Some(grant) = &grant {
            events.extend(store::events::about(pool, &grant.id.to_string()).await?);
            events.sort_by_key(|event| event.id);
        }
        let directory = loaded.directory();
        let state = request.state_at(now);
        let (standpoint, votes_for) = if state.is_terminal() {
            let why = format!("This request is {}.", state.as_str().replace('_', " "));
            (Standpoint::MayNot(why), None)
        } else if caller.may(Permission::Vote) {
            let delegations = store::delegations::active_to(pool, &caller.person, now).await?;
            let voter = ActsAs::new(loaded.electors(), &caller.person, delegations, now).voter(&request.tier);
            let cast = Votes {
                counted: &votes,
                void: &void,
            };
            standpoint(&request.plan, &request.excluded, cast, voter, now)
        } else {
            let why = "Your roles do not let you decide on requests.".to_owned();
            (Standpoint::MayNot(why), None)
        };
        let before_vote = match standpoint {
            Standpoint::MayVote => self.before_vote(&loaded, &request, &votes, now).await?,
            Standpoint::MayNot(_) => None,
        };
        let own = is_own(&request, &caller.person);
        // Precedents are other people's requests: each is shown to whom it would be shown by itself.
        let mut similar = store::access_requests::similar(pool, &request, 5).await?;
        similar.retain(|other| self.sees(caller, &loaded, other));
        let subject = Subject::AccessRequest(Box::new(request.clone()), Vec::new());
        let discussion = self
            .discussion(caller, &loaded, &subject, state.is_terminal())
            .await?;
        let emergency = match &request.break_glass {
            Some(_) => Some(self.emergency_of(&loaded, &request, &votes).await?),
            None => None,
        };
        Ok(AccessRequestDetail {
            discussion,
            emergency,
            may_break_glass: caller.may(Permission::BreakGlass)
                && !state.is_terminal()
                && request.break_glass.is_none()
                && is_one_s_own(directory, &request.principal, &caller.person),
            state,
            stages: progress(
                loaded.electors(),
                &request.plan,
                &request.excluded,
                &votes,
                request.requested_at,
            ),
            votes_for,
            may_withdraw: own && !state.is_terminal(),
            may_end_grant: grant
                .as_ref()
                .is_some_and(|grant| !grant.state(now).is_terminal())
                && (own || caller.may(Permission::Revoke)),
            similar,
            client_name: loaded
                .clients()
                .find(|client| client.id == request.client)
                .map(|client| client.name.clone()),
            grant,
            events,
            standpoint,
            before_vote,
            request,
            now,
        })
    }

    async fn emergency_of(
        &self,
        loaded: &Loaded,
        request: &AccessRequest,
        votes: &[Vote],
    ) -> Result<Emergency, ServiceError> {
        let review =
            store::post_reviews::of(self.store().pool(), Reviewed::AccessRequest(request.id)).await?;
        Ok(Emergency {
            skipped: skipped(loaded, &request.plan, &request.excluded, votes),
            told: self.told_of_break_glass(&request.id.to_string()).await?,
            review: review.map(|stored| stored.review),
        })
    }

    /// What a vote on this would be about: the request as the vote itself would judge it.
    async fn before_vote(
        &self,
        loaded: &Loaded,
        request: &AccessRequest,
        votes: &[Vote],
        now: Instant,
    ) -> Result<Option<BeforeVote>, ServiceError> {
        let Some(original) = self.decision_record(request.decision).await? else {
            return Ok(None);
        };
        let mut judged = request.clone();
        let (evaluation, _) = super::judge::judge(loaded, &mut judged, original.input, now)?;
        if evaluation.effective != Outcome::Deny {
            super::judge::joined(loaded, &mut judged, votes, now);
        }
        Ok(Some(BeforeVote {
            shown: Shown::of_access_request(&judged, loaded.policy()?.digest()),
            step_up: asks_step_up(loaded, &judged.tier)?,
        }))
    }

    /// A page of requests: all that the caller may see, or only their own.
    pub async fn access_requests(
        &self,
        caller: &PersonCaller,
        mut filter: Filter,
        mine: bool,
        limit: usize,
    ) -> Result<AccessRequestList, ServiceError> {
        caller.authorise(Permission::ReadOwn)?;
        let limit = limit.clamp(1, 200);
        if mine || !caller.may(Permission::ReadAll) {
            filter.person = Some(caller.person.clone());
        }
        let one_more = i64::try_from(limit).unwrap_or(200) + 1;
        let mut requests = store::access_requests::list(self.store().pool(), &filter, one_more).await?;
        let more = requests.len() > limit;
        requests.truncate(limit);
        Ok(AccessRequestList {
            next: requests.last().filter(|_| more).map(|request| request.id),
            requests,
            now: self.now(),
        })
    }

    /// A request as its client sees it, with the grant that it gave and where its plan stands.
    pub async fn access_request_task(
        &self,
        caller: &ClientCaller,
        id: AccessRequestId,
    ) -> Result<(AccessRequest, Option<Grant>), ServiceError> {
        // A revocation is in force from its commit on: this node may not have heard of it when the token was recognised.
        caller.held(&*self.snapshots().current_for_commands().await?)?;
        let pool = self.store().pool();
        let request = store::access_requests::find(pool, id)
            .await?
            .filter(|request| request.client == caller.client.id)
            .ok_or(ServiceError::NotFound { what: "task" })?;
        let grant = store::grants::of_request(pool, id).await?;
        Ok((request, grant))
    }
}
