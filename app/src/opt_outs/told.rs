//! What came of telling of a broken glass, in words.

use service::break_glass::{Arrival, Told, ToldPerson};

use super::view::{ToldState, ToldView};
use crate::server_side::Names;

/// Persons first, then machines and chats.
pub(super) fn told(told: &Told, names: &Names) -> Vec<ToldView> {
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
