//! What an opt-out came to, for its end.

use super::outbox::display_name;
use super::subject::Subject;
use crate::ServiceError;
use crate::command::EventDraft;
use crate::snapshot::Loaded;
use domain::approval::{Verdict, Vote};
use domain::event::EventKind;
use domain::opt_out::Direction;
use store::Tx;

/// How often it was used, what it changed and who approved it; none of what does not end by this event.
pub(super) async fn of(
    tx: &mut Tx,
    loaded: &Loaded,
    subject: &Subject,
    event: &EventDraft,
) -> Result<Option<String>, ServiceError> {
    let Subject::OptOut(stored, votes) = subject else {
        return Ok(None);
    };
    if event.kind == EventKind::OptOutCoversLess {
        let text = event.body.get("text").and_then(|text| text.as_str());
        return Ok(text.map(str::to_owned));
    }
    let ends = matches!(
        event.kind,
        EventKind::OptOutExpired
            | EventKind::OptOutExhausted
            | EventKind::OptOutRevoked
            | EventKind::OptOutCleared
            | EventKind::OptOutClosedEarly
    );
    if !ends {
        return Ok(None);
    }
    let opt_out = &stored.opt_out;
    let (uses, changed) = store::opt_outs::use_counts(tx.conn(), opt_out.id).await?;
    let did = match opt_out.direction {
        Direction::Bypass => "let through",
        Direction::ToManual => "sent to a person",
    };
    let mut said = match (uses, changed) {
        (0, _) => "It was never used.".to_owned(),
        (1, 0) => "It was used once, and changed no outcome.".to_owned(),
        (1, _) => format!("It was used once, and {did} what would not have been."),
        (uses, 0) => format!("It was used {uses} times, and changed no outcome."),
        (uses, changed) => {
            format!("It was used {uses} times, and {did} {changed} of them that would not have been.")
        }
    };
    // Before its approvers once more, those who have voted by now have not put it back.
    if opt_out.conditions.suspension.is_none() {
        said.push_str(&approvers(loaded, votes));
    }
    Ok(Some(said))
}

fn approvers(loaded: &Loaded, votes: &[Vote]) -> String {
    let names: Vec<String> = votes
        .iter()
        .filter(|vote| vote.verdict == Verdict::Approve)
        .map(|vote| display_name(loaded.directory(), &vote.person))
        .collect();
    match names.split_last() {
        None => String::new(),
        Some((one, [])) => format!(" Approved by {one}."),
        Some((last, rest)) => format!(" Approved by {} and {last}.", rest.join(", ")),
    }
}
