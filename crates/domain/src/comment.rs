//! Comments: what people say to each other about an item before it is decided, or while it stands. A comment changes no
//! state and stops no clock. One may be a question to whoever asked for the item, which their answer closes.

use crate::id::CommentId;
use crate::name::{PersonId, visible_chars};
use crate::window::Instant;
use serde::{Deserialize, Serialize};

/// The longest comment, in characters.
pub const LONGEST_COMMENT: usize = 2_000;
/// The most comments on one item: what needs more is talked over somewhere else, and a page stays one page.
pub const MOST_COMMENTS: usize = 200;

/// What a comment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommentKind {
    /// Said to everybody.
    Remark,
    /// Asks whoever asked for the item.
    Question,
    /// Closes a question.
    Answer,
}

impl CommentKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Remark, Self::Question, Self::Answer];

    /// The word in the database and the ledger.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Remark => "remark",
            Self::Question => "question",
            Self::Answer => "answer",
        }
    }
}

/// A word that is no kind of comment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of comment")]
pub struct CommentKindError(pub String);

impl std::str::FromStr for CommentKind {
    type Err = CommentKindError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| CommentKindError(text.to_owned()))
    }
}

/// What somebody said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// Who.
    pub author: PersonId,
    /// What it is.
    pub kind: CommentKind,
    /// The question that it answers.
    pub answers: Option<CommentId>,
    /// Their words: plain text, never markup.
    pub text: String,
    /// When.
    pub at: Instant,
}

/// What somebody means to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saying {
    /// A remark.
    Remark,
    /// A question to whoever asked for the item.
    Question,
    /// The answer to a question.
    Answer(CommentId),
}

/// Why a comment is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommentError {
    /// Nothing that can be read.
    #[error("Write something.")]
    Empty,
    /// Longer than [`LONGEST_COMMENT`].
    #[error("A comment has at most {LONGEST_COMMENT} characters.")]
    TooLong,
    /// There are [`MOST_COMMENTS`] already.
    #[error("There are {MOST_COMMENTS} comments already. Talk it over, and say here what came of it.")]
    TooMany,
    /// Whoever asked for the item is the one who answers.
    #[error("You asked for this yourself, so questions about it come to you.")]
    OwnItem,
    /// Nobody has asked for it: a source signalled.
    #[error("No person asked for this, so nobody could answer.")]
    NobodyToAsk,
    /// Only whoever asked for the item answers.
    #[error("Only who asked for this answers questions about it.")]
    NotAsked,
    /// It is no question about this item, or it is answered.
    #[error("That question is not open any more.")]
    NotOpen,
}

/// The questions that wait for their answers, oldest first.
pub fn open_questions(said: &[Comment]) -> impl Iterator<Item = &Comment> {
    said.iter().filter(|comment| {
        comment.kind == CommentKind::Question && !said.iter().any(|other| other.answers == Some(comment.id))
    })
}

/// Judges what somebody means to say about an item. `said` is what was said of it so far, `asked_for_it` whether the author
/// did, and `can_be_asked` whether somebody did. Returns the kind, the question that it closes and the text as it is kept.
pub fn say(
    said: &[Comment],
    saying: Saying,
    text: &str,
    asked_for_it: bool,
    can_be_asked: bool,
) -> Result<(CommentKind, Option<CommentId>, String), CommentError> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if visible_chars(&text) == 0 {
        return Err(CommentError::Empty);
    }
    if text.chars().count() > LONGEST_COMMENT {
        return Err(CommentError::TooLong);
    }
    if said.len() >= MOST_COMMENTS {
        return Err(CommentError::TooMany);
    }
    match saying {
        Saying::Remark => Ok((CommentKind::Remark, None, text)),
        Saying::Question if asked_for_it => Err(CommentError::OwnItem),
        Saying::Question if !can_be_asked => Err(CommentError::NobodyToAsk),
        Saying::Question => Ok((CommentKind::Question, None, text)),
        Saying::Answer(_) if !asked_for_it => Err(CommentError::NotAsked),
        Saying::Answer(question) => {
            if open_questions(said).any(|open| open.id == question) {
                Ok((CommentKind::Answer, Some(question), text))
            } else {
                Err(CommentError::NotOpen)
            }
        }
    }
}
