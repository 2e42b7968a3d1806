//! Who was told of a broken glass, and what of it has not arrived.

use crate::{Service, ServiceError};
use domain::name::PersonId;
use domain::notice::{EndpointKind, NoticeKind};
use std::collections::BTreeMap;
pub use store::deliveries::Arrival;
use store::deliveries::Receiver;

/// What came of telling one person. The pages tell everybody; mail reaches those whose address is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldPerson {
    /// Whether they have read it on the pages.
    pub read: bool,
    /// Where their mail stands; none: no mail goes to them.
    pub mail: Option<Arrival>,
}

/// What came of telling everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// The persons.
    pub persons: BTreeMap<PersonId, ToldPerson>,
    /// The machines and chats, each by its name.
    pub endpoints: Vec<(String, EndpointKind, Arrival)>,
}

impl Service {
    /// Who was told of a glass that was broken for this: an opt-out's id, or a request's, in the outer form.
    pub(crate) async fn told_of_break_glass(&self, item: &str) -> Result<Told, ServiceError> {
        let pool = self.store().pool();
        let readers = store::notices::readers_of(pool, item, NoticeKind::BreakGlass).await?;
        let mut told = Told {
            persons: readers
                .into_iter()
                .map(|(person, read)| (person, ToldPerson { read, mail: None }))
                .collect(),
            endpoints: Vec::new(),
        };
        for (receiver, arrival) in store::deliveries::of_break_glass(pool, item).await? {
            match receiver {
                Receiver::Mail(person) => {
                    if let Some(told) = told.persons.get_mut(&person) {
                        told.mail = Some(arrival);
                    }
                }
                Receiver::Endpoint(name, kind) => told.endpoints.push((name, kind, arrival)),
            }
        }
        Ok(told)
    }
}
