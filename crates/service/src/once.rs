//! A form that comes twice makes one thing: whoever presses a button twice means it once.

use crate::caller::PersonCaller;
use crate::{Service, ServiceError};
use chrono::TimeDelta;
use domain::digest::Digest;
use domain::window::Instant;
use store::Tx;
use uuid::Uuid;

/// The field with the random key of the page that a form stands on.
pub const KEY: &str = "once";
/// How long it is known what a form has made.
const KEPT: TimeDelta = TimeDelta::days(1);

/// What a sent form is known by: a digest of all that it holds. Gone back to, changed and sent again, it is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Once(Digest);

impl Once {
    /// Of a form's fields. None where it carries no key: then each is a form of its own.
    pub fn of(fields: &[(String, String)]) -> Option<Self> {
        let keyed = fields
            .iter()
            .any(|(name, value)| name == KEY && !value.is_empty());
        let mut sorted: Vec<_> = fields.iter().collect();
        sorted.sort();
        let whole = serde_json::to_vec(&sorted).ok()?;
        keyed.then(|| Self(Digest::of(&whole)))
    }
}

impl Service {
    /// A key for a page with a form.
    pub fn form_key(&self) -> String {
        self.ids().next(self.now()).to_string()
    }

    /// What the caller's form made when it was sent before; else it is noted that it makes this, with the rest of the
    /// transaction.
    pub(crate) async fn made_before(
        &self,
        tx: &mut Tx,
        caller: &PersonCaller,
        makes: Uuid,
        now: Instant,
    ) -> Result<Option<Uuid>, ServiceError> {
        match &caller.once {
            None => Ok(None),
            Some(Once(form)) => Ok(store::sent_forms::note(tx, &caller.person, form, makes, now).await?),
        }
    }

    /// Notes that the caller's form makes this, since what it made before is over: an emergency that burns again is no form
    /// sent twice.
    pub(crate) async fn makes_anew(
        &self,
        tx: &mut Tx,
        caller: &PersonCaller,
        makes: Uuid,
        now: Instant,
    ) -> Result<(), ServiceError> {
        if let Some(Once(form)) = &caller.once {
            store::sent_forms::note_anew(tx, &caller.person, form, makes, now).await?;
        }
        Ok(())
    }

    /// Forgets forms that were sent a day ago; how many.
    pub async fn forget_old_forms(&self) -> Result<u64, ServiceError> {
        Ok(store::sent_forms::delete_older(self.store().pool(), self.checked_now()? - KEPT).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_form_is_all_that_it_holds() {
        let sent = Once::of(&fields(&[("once", "k1"), ("title", "Freeze")]));
        assert!(sent.is_some());
        assert_eq!(Once::of(&fields(&[("title", "Freeze"), ("once", "k1")])), sent);
        assert_ne!(
            Once::of(&fields(&[("once", "k1"), ("title", "Thaw")])),
            sent,
            "changed"
        );
        assert_ne!(
            Once::of(&fields(&[("once", "k2"), ("title", "Freeze")])),
            sent,
            "another page"
        );
        for keyless in [
            fields(&[("title", "Freeze")]),
            fields(&[("once", ""), ("title", "Freeze")]),
        ] {
            assert_eq!(Once::of(&keyless), None);
        }
    }
}
