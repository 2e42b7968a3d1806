//! Votes as a page sends them: bound to what it shows, with a fresh sign-in behind them where the tier asks for one.

use super::World;
use domain::access_request::AccessRequest;
use domain::digest::Digest;
use domain::id::{AccessRequestId, OptOutId, StepUpId};
use domain::opt_out::OptOut;
use domain::step_up::{VotedOn, Vouched};
use service::approvals::{BeforeVote, VoteInput};
use service::caller::PersonCaller;
use service::step_ups::ProveError;
use service::{Service, ServiceError};

/// The strength that the provider of these tests vouches for.
pub const ACR: &str = "urn:test:key";

/// What the provider says of somebody who has just signed in.
pub fn vouched(service: &Service, caller: &PersonCaller) -> Vouched {
    Vouched {
        person: caller.person.clone(),
        auth_time: Some(service.now()),
        acr: Some(ACR.to_owned()),
    }
}

/// Signs in afresh for a vote.
pub async fn step_up(
    service: &Service,
    caller: &PersonCaller,
    item: VotedOn,
    input: &VoteInput,
    shown: Digest,
) -> Result<StepUpId, ProveError> {
    let id = service.begin_step_up(caller, item, input.verdict, shown).await?;
    service.prove_step_up(id, vouched(service, caller), &[]).await?;
    Ok(id)
}

/// The vote of somebody who has looked and, where asked, signed in afresh. Whoever is shown nothing sends it as it is.
async fn looked(
    service: &Service,
    caller: &PersonCaller,
    item: VotedOn,
    before: Option<BeforeVote>,
    input: VoteInput,
) -> VoteInput {
    let Some(before) = before else { return input };
    let shown = before.digest(&input).unwrap();
    let step_up = match before.step_up {
        true => Some(step_up(service, caller, item, &input, shown).await.unwrap()),
        false => None,
    };
    input.on_what_was_shown(Some(shown)).signed_in_afresh(step_up)
}

/// A vote on a request, after a look.
pub async fn on_request(
    service: &Service,
    caller: &PersonCaller,
    id: AccessRequestId,
    input: VoteInput,
) -> VoteInput {
    let detail = service.access_request(caller, id).await.ok();
    let before = detail.and_then(|detail| detail.before_vote);
    looked(service, caller, VotedOn::AccessRequest(id), before, input).await
}

/// A vote on an opt-out, after a look.
pub async fn on_opt_out(
    service: &Service,
    caller: &PersonCaller,
    id: OptOutId,
    input: VoteInput,
) -> VoteInput {
    let detail = service.opt_out(caller, id).await.ok();
    let before = detail.and_then(|detail| detail.before_vote);
    looked(service, caller, VotedOn::OptOut(id), before, input).await
}

impl World {
    pub async fn votes_on_request(
        &self,
        caller: &PersonCaller,
        id: AccessRequestId,
        input: VoteInput,
    ) -> Result<AccessRequest, ServiceError> {
        let input = on_request(&self.service, caller, id, input).await;
        self.service.vote_on_access_request(caller, id, input).await
    }

    pub async fn votes_on_opt_out(
        &self,
        caller: &PersonCaller,
        id: OptOutId,
        input: VoteInput,
    ) -> Result<OptOut, ServiceError> {
        let input = on_opt_out(&self.service, caller, id, input).await;
        self.service.vote_on_opt_out(caller, id, input).await
    }
}
