//! What a person has set.

use super::outbox::listed_address;
use super::times::zone;
use crate::caller::PersonCaller;
use crate::command::{Effect, EventDraft, finish};
use crate::{FieldError, Service, ServiceError};
use domain::event::EventKind;
use domain::name::PersonId;
use domain::notice::{MailChoice, NoticePreferences, QuietHours};
use domain::role::Permission;
use std::collections::BTreeSet;

/// What a person types.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PreferencesInput {
    /// `each`, `daily` or `off`.
    pub mail: String,
    /// When the daily mail comes: `08:00`.
    pub digest_at: String,
    /// When quiet hours begin and end; both empty: there are none.
    pub quiet_from: String,
    /// See `quiet_from`.
    pub quiet_until: String,
    /// IANA name.
    pub zone: String,
}

/// What the settings page shows.
#[derive(Debug, Clone)]
pub struct NoticeSettings {
    /// What is set.
    pub preferences: NoticePreferences,
    /// Where mail goes; none where no address is known.
    pub address: Option<String>,
    /// Whether there is a mail server at all.
    pub mail: bool,
    /// Whether the caller looks after endpoints.
    pub may_administer: bool,
}

impl Service {
    /// What the caller has set.
    pub async fn notice_settings(&self, caller: &PersonCaller) -> Result<NoticeSettings, ServiceError> {
        caller.authorise(Permission::ReadOwn)?;
        let pool = self.store().pool();
        let person = [caller.person.to_string()];
        let preferences = store::notices::preferences_of(pool, &person)
            .await?
            .remove(&caller.person)
            .unwrap_or_default();
        Ok(NoticeSettings {
            preferences,
            address: self.mail_address(&caller.person).await?,
            mail: self.reach().mail,
            may_administer: caller.may(Permission::Administer),
        })
    }

    /// Sets how the caller is told. Errors name every field that is wrong.
    pub async fn set_notice_preferences(
        &self,
        caller: &PersonCaller,
        input: &PreferencesInput,
    ) -> Result<NoticePreferences, ServiceError> {
        let authorised = caller.authorise(Permission::ReadOwn)?;
        let preferences = read(input).map_err(ServiceError::Invalid)?;
        let now = self.now();
        let mut tx = self.begin().await?;
        store::notices::save_preferences(&mut tx, &caller.person, &preferences, now).await?;
        let changed = EventDraft {
            kind: EventKind::NoticePreferencesChanged,
            object_kind: "person",
            object_id: caller.person.to_string(),
            refs: BTreeSet::new(),
            policy_digest: None,
            body: serde_json::json!({ "preferences": preferences }),
        };
        finish(self, tx, authorised, vec![changed], Effect::None, now).await?;
        Ok(preferences)
    }

    /// Notes where the identity provider says that a person gets mail. What is no address is passed over: nobody is kept
    /// from signing in by it.
    pub async fn note_mail_address(&self, person: &PersonId, address: &str) -> Result<(), ServiceError> {
        let address = address.trim();
        let fits = (3..=254).contains(&address.len())
            && address.contains('@')
            && address
                .chars()
                .all(|letter| !letter.is_whitespace() && !letter.is_control());
        if fits {
            store::notices::note_address(self.store().pool(), person, address, self.checked_now()?).await?;
        }
        Ok(())
    }

    /// Where a person gets mail: what the directory says, else what the identity provider said last.
    pub(super) async fn mail_address(&self, person: &PersonId) -> Result<Option<String>, ServiceError> {
        let loaded = self.snapshots().current();
        if let Some(listed) = listed_address(loaded.directory(), person) {
            return Ok(Some(listed.to_owned()));
        }
        let persons = [person.to_string()];
        let mut noted = store::notices::addresses_of(self.store().pool(), &persons).await?;
        Ok(noted.remove(person.as_str()))
    }
}

fn read(input: &PreferencesInput) -> Result<NoticePreferences, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut note = |field: &str, code, error: &dyn std::fmt::Display| {
        errors.push(FieldError::new(field, code, sentence(&error.to_string())));
    };
    let mail = input.mail.parse::<MailChoice>();
    if let Err(error) = &mail {
        note("mail", "unknown", error);
    }
    let digest_minute = QuietHours::minute(&input.digest_at);
    if let Err(error) = &digest_minute {
        note("digest_at", "not_a_time", error);
    }
    let quiet = match (input.quiet_from.trim(), input.quiet_until.trim()) {
        ("", "") => None,
        (from, until) => {
            let (from, until) = (QuietHours::minute(from), QuietHours::minute(until));
            if let Err(error) = &from {
                note("quiet_from", "not_a_time", error);
            }
            if let Err(error) = &until {
                note("quiet_until", "not_a_time", error);
            }
            match (from, until) {
                (Ok(from), Ok(until)) => match QuietHours::new(from, until) {
                    Ok(hours) => Some(hours),
                    Err(error) => {
                        note("quiet_until", "empty", &error);
                        None
                    }
                },
                (Err(_), _) | (_, Err(_)) => None,
            }
        }
    };
    let name = input.zone.trim();
    if zone(name).is_none() {
        note(
            "zone",
            "unknown",
            &"choose a zone by its name, such as Europe/Berlin",
        );
    }
    match (mail, digest_minute, errors.is_empty()) {
        (Ok(mail), Ok(digest_minute), true) => {
            let preferences = NoticePreferences {
                mail,
                digest_minute,
                quiet,
                zone: name.to_owned(),
            };
            match preferences.check() {
                Ok(()) => Ok(preferences),
                Err(error) => Err(vec![FieldError::new(
                    "digest_at",
                    "in_quiet_hours",
                    sentence(&error.to_string()),
                )]),
            }
        }
        _ => Err(errors),
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}
