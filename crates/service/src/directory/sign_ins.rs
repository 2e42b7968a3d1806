//! Whose sign-ins an import changes.

use super::DirectoryFile;
use crate::ServiceError;
use domain::name::PersonId;
use domain::window::Instant;
use std::collections::BTreeMap;
use store::Tx;

/// What a file says of sign-ins otherwise than the list does.
#[derive(Debug)]
pub(crate) struct SignIns<'a> {
    /// Issuer, subject and person of those that are not listed yet, each once.
    pub(crate) new: Vec<(&'a str, &'a str, PersonId)>,
    /// Whose the file no longer lists, once for each sign-in.
    pub(crate) gone: Vec<PersonId>,
    /// A sign-in that belongs to somebody else, and who was to get it.
    taken: Option<(String, PersonId)>,
}

impl<'a> SignIns<'a> {
    /// Compares the file with the list.
    pub(crate) async fn of(tx: &mut Tx, file: &'a DirectoryFile) -> Result<Self, ServiceError> {
        let listed = store::sessions::linked(tx.conn()).await?;
        let mut named: BTreeMap<(&str, &str), PersonId> = BTreeMap::new();
        let mut taken = None;
        for (iss, sub, person) in file.sign_ins() {
            let has = listed
                .get(&(iss.to_owned(), sub.to_owned()))
                .or_else(|| named.get(&(iss, sub)));
            if taken.is_none() && has.is_some_and(|other| *other != person) {
                taken = Some((sub.to_owned(), person.clone()));
            }
            named.insert((iss, sub), person);
        }
        let gone = listed
            .iter()
            .filter(|((iss, sub), _)| !named.contains_key(&(iss.as_str(), sub.as_str())))
            .map(|(_, person)| person.clone())
            .collect();
        let new = named
            .into_iter()
            .filter(|((iss, sub), _)| !listed.contains_key(&((*iss).to_owned(), (*sub).to_owned())))
            .map(|((iss, sub), person)| (iss, sub, person))
            .collect();
        Ok(Self { new, gone, taken })
    }

    /// Whether anything is different.
    pub(crate) fn differ(&self) -> bool {
        !self.new.is_empty() || !self.gone.is_empty() || self.taken.is_some()
    }

    /// Links those that are new. Errors where one belongs to somebody else, gone or not.
    pub(crate) async fn link(&self, tx: &mut Tx, now: Instant) -> Result<(), ServiceError> {
        let new: Vec<(&str, &str, &PersonId)> = self
            .new
            .iter()
            .map(|(iss, sub, person)| (*iss, *sub, person))
            .collect();
        let taken = match &self.taken {
            Some(taken) => Some(taken.clone()),
            None => store::sessions::link(tx.conn(), &new, now).await?,
        };
        match taken {
            None => Ok(()),
            Some((sub, person)) => Err(ServiceError::field(
                "directory",
                "sign_in_taken",
                format!("The sign-in {sub} belongs to somebody else than {person}."),
            )),
        }
    }
}
