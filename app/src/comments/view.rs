//! What the panel of comments shows.

use domain::{comment::CommentKind, window::Instant};
use serde::{Deserialize, Serialize};

use crate::component::field::Choice;

/// The comments on one item, and what the reader may add.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentsView {
    /// Oldest first.
    pub said: Vec<CommentView>,
    /// Whether the reader may say something.
    pub may_comment: bool,
    /// Open questions that the reader is the one to answer: id, and who asks what.
    pub to_answer: Vec<Choice>,
    /// Who would answer a question of the reader's, by name; none where nobody could.
    pub can_ask: Option<String>,
}

/// One comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentView {
    /// Its id.
    pub id: String,
    /// Who, by name; "You" for the reader.
    pub who: String,
    /// What it is.
    pub kind: CommentKind,
    /// Their words.
    pub text: String,
    /// When.
    pub at: Instant,
    /// Whether it is a question without an answer yet.
    pub is_open: bool,
    /// Whose question it answers, by name.
    pub answers: Option<String>,
}
