//! What a vote is bound to, on the page that asks to confirm it: all that it is about, what has changed since the reader
//! saw it, and the fresh sign-in that it may take.

use domain::{
    approval::Verdict,
    shown::{Difference, Shown},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    component::{
        badge::Tone,
        facts::{Fact, Facts},
        notice::Notice,
        table::{Column, Table},
    },
    form::Submission,
    opt_outs::kept_scope,
};

/// The hidden field with what the page showed.
pub const SHOWN: &str = "shown";
/// The field that a page comes back with once its reader has signed in afresh for the vote. It only chooses a sentence.
pub const SIGNED_IN_AFRESH: &str = "signed_in_afresh";

/// What a reader who may vote decides on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeforeVoteView {
    /// All of it, without the vote.
    pub shown: Shown,
    /// Whether the vote takes a fresh sign-in.
    pub step_up: bool,
}

#[cfg(feature = "ssr")]
impl From<service::approvals::BeforeVote> for BeforeVoteView {
    fn from(before: service::approvals::BeforeVote) -> Self {
        Self {
            shown: before.shown,
            step_up: before.step_up,
        }
    }
}

/// The part of the confirmation's form that binds the vote.
#[component]
pub(crate) fn Bound(
    /// What the reader decides on; nothing where the record that it is judged by is gone.
    before: Option<BeforeVoteView>,
    /// What was posted: the narrowing, and what was shown before.
    submission: Submission,
    /// Yes or no.
    verdict: Verdict,
) -> impl IntoView {
    before.map(|before| {
        let shown = with_vote(before.shown, &submission, verdict);
        let seen = submission
            .value(SHOWN)
            .and_then(|text| Shown::from_text(text).ok());
        let changed = seen.map(|seen| shown.differences(&seen)).unwrap_or_default();
        let afresh = submission.value(SIGNED_IN_AFRESH).is_some() && changed.is_empty();
        let step_up = before.step_up.then(|| view! { <StepUpNotice afresh/> });
        let facts = shown
            .entries()
            // That there is no ticket, and no narrowing, is bound too; a list of what is not there helps nobody.
            .filter(|(_, entry)| !entry.is_empty())
            .map(|(field, entry)| {
                let words = entry.words();
                view! {
                    <Fact name=field.label()>
                        <span class="wrap-anywhere">{words}</span>
                    </Fact>
                }
            })
            .collect_view();
        view! {
            <input type="hidden" name=SHOWN value=shown.to_text()/>
            <Changed changed/>
            {step_up}
            <details class="text-sm">
                <summary class="note cursor-pointer">"What your vote is bound to"</summary>
                <div class="mt-2">
                    <Facts>{facts}</Facts>
                </div>
            </details>
        }
    })
}

/// What is shown with the vote that the form is about to send.
fn with_vote(shown: Shown, submission: &Submission, verdict: Verdict) -> Shown {
    let number = |name| submission.value(name).map(str::trim);
    let (length_secs, scope, max_uses) = match verdict {
        Verdict::Approve => (
            number("shorten_to").and_then(|secs| secs.parse().ok()),
            // What cannot be read is refused before there is anything to confirm.
            kept_scope(submission).ok().flatten(),
            number("max_uses").and_then(|uses| uses.parse().ok()),
        ),
        Verdict::Deny => (None, None, None),
    };
    shown.deciding(verdict, length_secs, scope.as_ref(), max_uses)
}

#[component]
fn StepUpNotice(
    /// Whether the reader has just come back from it.
    afresh: bool,
) -> impl IntoView {
    if afresh {
        view! {
            <Notice tone=Tone::Settled announce=true>
                "You have signed in afresh for this vote. Confirm it within 5 minutes."
            </Notice>
        }
        .into_any()
    } else {
        view! {
            <Notice tone=Tone::Strict>
                "This vote takes a fresh sign-in of its own: your identity provider asks who you are, and you come back here. Nothing is recorded before that."
            </Notice>
        }
        .into_any()
    }
}

#[component]
fn Changed(changed: Vec<Difference>) -> impl IntoView {
    (!changed.is_empty()).then(|| {
        let rows = changed
            .into_iter()
            .map(|one| {
                view! {
                    <tr>
                        <th scope="row" class="font-medium">
                            {one.field.label()}
                        </th>
                        <td class="wrap-anywhere">{one.before}</td>
                        <td class="wrap-anywhere">{one.now}</td>
                    </tr>
                }
            })
            .collect_view();
        let columns = vec![Column::new("What"), Column::new("Before"), Column::new("Now")];
        view! {
            <div>
                <h3 class="font-semibold">"Changed since you looked"</h3>
                <Table caption="What has changed since it was shown to you" columns>
                    {rows}
                </Table>
            </div>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(values: &[(&str, &str)]) -> Submission {
        Submission {
            values: values
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            ..Submission::default()
        }
    }

    #[test]
    fn a_denial_takes_nothing_away_whatever_was_typed() -> Result<(), domain::shown::NotShown> {
        let shown = Shown::from_text("{}")?;
        let typed = posted(&[("shorten_to", " 3600 "), ("max_uses", "2")]);
        let yes = with_vote(shown.clone(), &typed, Verdict::Approve);
        assert_eq!(
            yes,
            shown
                .clone()
                .deciding(Verdict::Approve, Some(3_600), None, Some(2))
        );
        let no = with_vote(shown.clone(), &typed, Verdict::Deny);
        assert_eq!(no, shown.clone().deciding(Verdict::Deny, None, None, None));
        let as_asked = with_vote(shown.clone(), &posted(&[("shorten_to", "")]), Verdict::Approve);
        assert_eq!(as_asked, shown.deciding(Verdict::Approve, None, None, None));
        Ok(())
    }
}
