//! What came of telling of a broken glass, in words.

use domain::{
    break_glass::{BreakGlass, SignInStrength},
    name::PersonId,
    post_review::PostReview,
    window::Instant,
};
use service::break_glass::{Arrival, Told, ToldPerson};

use super::view::{BrokenView, ReviewLinkView, ToldState, ToldView};
use crate::server_side::Names;

/// A broken glass as pages show it.
pub(crate) fn broken<'a>(
    broken: &BreakGlass,
    at_once: bool,
    skipped: impl IntoIterator<Item = &'a PersonId>,
    told_of: &Told,
    names: &Names,
) -> BrokenView {
    BrokenView {
        incident: broken.incident.clone(),
        weak_sign_in: broken.sign_in == SignInStrength::Session,
        at_once,
        skipped: skipped.into_iter().map(|person| names.person(person)).collect(),
        told: told(told_of, names),
    }
}

/// Its review, to be opened.
pub(crate) fn review_link(review: &PostReview, now: Instant) -> ReviewLinkView {
    ReviewLinkView {
        id: review.id.to_string(),
        state: review.state(),
        overdue: review.is_overdue(now),
        due_at: review.due_at,
    }
}

/// Persons first, then machines and chats.
fn told(told: &Told, names: &Names) -> Vec<ToldView> {
    let persons = told.persons.iter().map(|(person, told)| {
        let (how, state) = person_in_words(told);
        ToldView {
            who: names.person(person),
            how,
            state,
        }
    });
    let endpoints = told.endpoints.iter().map(|(name, kind, arrival)| ToldView {
        who: name.clone(),
        how: format!("{} {}", kind.as_str(), in_words(*arrival)),
        state: state(*arrival),
    });
    persons.chain(endpoints).collect()
}

/// Who has read it on the pages knows, whatever became of the mail.
fn person_in_words(told: &ToldPerson) -> (String, ToldState) {
    match (told.read, told.mail) {
        (true, _) => ("has read it".to_owned(), ToldState::Told),
        (false, Some(arrival)) => (format!("mail {}", in_words(arrival)), state(arrival)),
        (false, None) => (
            "on the pages alone: no mail goes to them".to_owned(),
            ToldState::UnderWay,
        ),
    }
}

const fn in_words(arrival: Arrival) -> &'static str {
    match arrival {
        Arrival::UnderWay => "under way",
        Arrival::TriedAgain => "not delivered, tried again",
        Arrival::Delivered => "delivered",
        Arrival::GivenUp => "not delivered, given up",
    }
}

const fn state(arrival: Arrival) -> ToldState {
    match arrival {
        Arrival::UnderWay => ToldState::UnderWay,
        Arrival::TriedAgain | Arrival::GivenUp => ToldState::NotDelivered,
        Arrival::Delivered => ToldState::Told,
    }
}
