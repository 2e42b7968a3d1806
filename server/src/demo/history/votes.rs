//! People who look before they vote, and sign in afresh where they are asked to.

use domain::step_up::{VotedOn, Vouched};
use service::Service;
use service::approvals::{BeforeVote, VoteInput};
use service::caller::PersonCaller;

use super::stage::HistoryError;
use crate::demo_idp;

/// Binds a vote to what its page shows, with a fresh sign-in behind it where the tier asks for one.
pub(super) async fn looked(
    service: &Service,
    caller: &PersonCaller,
    item: VotedOn,
    before: Option<BeforeVote>,
    input: VoteInput,
) -> Result<VoteInput, HistoryError> {
    // Whoever may not vote is refused by the vote itself.
    let Some(before) = before else { return Ok(input) };
    let shown = before.digest(&input)?;
    let input = input.on_what_was_shown(Some(shown));
    if !before.step_up {
        return Ok(input);
    }
    let id = service.begin_step_up(caller, item, input.verdict, shown).await?;
    let vouched = Vouched {
        person: caller.person.clone(),
        auth_time: Some(service.now()),
        acr: Some(demo_idp::KEY.to_owned()),
    };
    service
        .prove_step_up(id, vouched, &[demo_idp::KEY.to_owned()])
        .await?;
    Ok(input.signed_in_afresh(Some(id)))
}
