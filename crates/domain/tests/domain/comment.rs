//! Comments: who may say what to whom, and what closes a question.

use chrono::{DateTime, Utc};
use domain::comment::{
    Comment, CommentError, CommentKind, LONGEST_COMMENT, MOST_COMMENTS, Saying, open_questions, say,
};
use domain::id::CommentId;
use uuid::Uuid;

fn comment(id: u128, kind: CommentKind, answers: Option<u128>) -> Comment {
    Comment {
        id: CommentId::from_uuid(Uuid::from_u128(id)),
        author: "noor.aziz".parse().unwrap(),
        kind,
        answers: answers.map(|id| CommentId::from_uuid(Uuid::from_u128(id))),
        text: "Which ledger?".to_owned(),
        at: DateTime::<Utc>::UNIX_EPOCH,
    }
}

fn answer(id: u128) -> Saying {
    Saying::Answer(CommentId::from_uuid(Uuid::from_u128(id)))
}

#[test]
fn who_may_say_what() {
    let said = [comment(1, CommentKind::Question, None)];
    let (ok, error) = (|kind| Ok(kind), |error| Err::<CommentKind, _>(error));
    for (saying, asked_for_it, can_be_asked, expected) in [
        (Saying::Remark, true, true, ok(CommentKind::Remark)),
        (Saying::Remark, false, false, ok(CommentKind::Remark)),
        (Saying::Question, false, true, ok(CommentKind::Question)),
        (Saying::Question, true, true, error(CommentError::OwnItem)),
        (Saying::Question, false, false, error(CommentError::NobodyToAsk)),
        (answer(1), true, true, ok(CommentKind::Answer)),
        (answer(1), false, true, error(CommentError::NotAsked)),
        (answer(2), true, true, error(CommentError::NotOpen)),
    ] {
        let found = say(
            &said,
            saying,
            "It is the one of 2025.",
            asked_for_it,
            can_be_asked,
        );
        assert_eq!(
            found.map(|(kind, ..)| kind),
            expected,
            "{saying:?} {asked_for_it} {can_be_asked}"
        );
    }
}

#[test]
fn an_answer_closes_its_question_and_no_other() {
    let mut said = vec![
        comment(1, CommentKind::Question, None),
        comment(2, CommentKind::Question, None),
        comment(3, CommentKind::Remark, None),
    ];
    let open = |said: &[Comment]| {
        open_questions(said)
            .map(|one| one.id.uuid().as_u128())
            .collect::<Vec<_>>()
    };
    assert_eq!(open(&said), [1, 2]);
    said.push(comment(4, CommentKind::Answer, Some(1)));
    assert_eq!(open(&said), [2]);
    assert_eq!(
        say(&said, answer(1), "Again", true, true),
        Err(CommentError::NotOpen)
    );
    assert_eq!(
        say(&said, answer(3), "A remark", true, true),
        Err(CommentError::NotOpen)
    );
}

#[test]
fn a_text_is_kept_as_it_reads_and_within_limits() {
    let remark = |text: &str| say(&[], Saying::Remark, text, false, true).map(|(_, _, text)| text);
    assert_eq!(
        remark(" See <b>CHG</b>\r\nand [this](https://evil.example) "),
        Ok("See <b>CHG</b>\nand [this](https://evil.example)".to_owned())
    );
    for nothing in ["", " \r\n", "\u{200b}\u{200e}"] {
        assert_eq!(remark(nothing), Err(CommentError::Empty), "{nothing:?}");
    }
    assert!(remark(&"ä".repeat(LONGEST_COMMENT)).is_ok());
    assert_eq!(
        remark(&"ä".repeat(LONGEST_COMMENT + 1)),
        Err(CommentError::TooLong)
    );
    let many: Vec<Comment> = (0..MOST_COMMENTS)
        .map(|id| comment(id as u128, CommentKind::Remark, None))
        .collect();
    assert!(say(&many[1..], Saying::Remark, "One more", false, true).is_ok());
    assert_eq!(
        say(&many, Saying::Remark, "One more", false, true),
        Err(CommentError::TooMany)
    );
}
