//! From what was said to what the panel shows. On the server alone.

use domain::comment::{Comment, open_questions};
use service::{caller::PersonCaller, comments::Discussion};

use super::view::{CommentView, CommentsView};
use crate::{component::field::Choice, server_side::Names};

/// How much of a question stands in a list of them, in characters.
const EXCERPT: usize = 60;

/// The comments on an item; `requester` is who asked for it, by name.
pub(crate) fn comments(
    discussion: &Discussion,
    caller: &PersonCaller,
    requester: String,
    names: &Names,
) -> CommentsView {
    let open: Vec<&Comment> = open_questions(&discussion.said).collect();
    let who = |comment: &Comment| {
        if comment.author == caller.person {
            "You".to_owned()
        } else {
            names.person(&comment.author)
        }
    };
    let is_over = !discussion.may_comment;
    CommentsView {
        said: discussion
            .said
            .iter()
            .map(|comment| CommentView {
                id: comment.id.to_string(),
                who: who(comment),
                kind: comment.kind,
                text: comment.text.clone(),
                at: comment.at,
                is_open: open.iter().any(|question| question.id == comment.id),
                answers: discussion
                    .said
                    .iter()
                    .find(|question| Some(question.id) == comment.answers)
                    .map(|question| names.person(&question.author)),
            })
            .collect(),
        may_comment: discussion.may_comment,
        to_answer: open
            .iter()
            .filter(|_| discussion.asked_for_it && !is_over)
            .map(|question| {
                Choice::new(
                    question.id.to_string(),
                    format!("{}: {}", names.person(&question.author), excerpt(&question.text)),
                )
            })
            .collect(),
        can_ask: (discussion.can_be_asked && !discussion.asked_for_it).then_some(requester),
    }
}

/// The beginning of a text, on one line.
pub(crate) fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= EXCERPT {
        return line;
    }
    let cut: String = line.chars().take(EXCERPT).collect();
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn an_excerpt_is_one_line_and_says_that_it_goes_on() {
        assert_eq!(excerpt(" Which\nledger? "), "Which ledger?");
        assert_eq!(excerpt(&"ä".repeat(60)), "ä".repeat(60));
        assert_eq!(excerpt(&"ä".repeat(61)), format!("{}…", "ä".repeat(60)));
    }
}
