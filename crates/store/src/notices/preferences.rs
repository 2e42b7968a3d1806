//! What people have set, and where their mail goes.

use crate::error::inconsistent;
use crate::{StoreError, Tx};
use domain::name::PersonId;
use domain::notice::{MailChoice, NoticePreferences, QuietHours};
use domain::window::Instant;
use sqlx::PgExecutor;
use std::collections::BTreeMap;

const TABLE: &str = "notice_preferences";

/// What these persons have set; who has set nothing is absent.
pub async fn preferences_of(
    db: impl PgExecutor<'_>,
    persons: &[String],
) -> Result<BTreeMap<PersonId, NoticePreferences>, StoreError> {
    sqlx::query!(
        "SELECT person_id, mail, digest_minute, quiet_from, quiet_until, zone FROM notice_preferences
         WHERE person_id = ANY($1)",
        persons
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| {
        let id = row.person_id.clone();
        let person = PersonId::new(row.person_id).map_err(inconsistent(TABLE, "person_id", &id))?;
        let minute = |column, value: i16| u16::try_from(value).map_err(inconsistent(TABLE, column, &id));
        let quiet = match (row.quiet_from, row.quiet_until) {
            (Some(from), Some(until)) => {
                let hours = QuietHours::new(minute("quiet_from", from)?, minute("quiet_until", until)?);
                Some(hours.map_err(inconsistent(TABLE, "quiet_from", &id))?)
            }
            (None, _) | (_, None) => None,
        };
        let preferences = NoticePreferences {
            mail: row
                .mail
                .parse::<MailChoice>()
                .map_err(inconsistent(TABLE, "mail", &id))?,
            digest_minute: minute("digest_minute", row.digest_minute)?,
            quiet,
            zone: row.zone,
        };
        Ok((person, preferences))
    })
    .collect()
}

/// Stores what a person has set.
pub async fn save_preferences(
    tx: &mut Tx,
    person: &PersonId,
    preferences: &NoticePreferences,
    now: Instant,
) -> Result<(), StoreError> {
    // All below 1440.
    let minute = |minute: u16| i16::try_from(minute).unwrap_or(i16::MAX);
    sqlx::query!(
        "INSERT INTO notice_preferences (person_id, mail, digest_minute, quiet_from, quiet_until, zone, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (person_id) DO UPDATE SET mail = excluded.mail, digest_minute = excluded.digest_minute,
             quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until, zone = excluded.zone,
             changed_at = excluded.changed_at",
        person.as_str(),
        preferences.mail.as_str(),
        minute(preferences.digest_minute),
        preferences.quiet.map(|quiet| minute(quiet.from())),
        preferences.quiet.map(|quiet| minute(quiet.until())),
        preferences.zone,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Where the identity provider said that these persons get mail.
pub async fn addresses_of(
    db: impl PgExecutor<'_>,
    persons: &[String],
) -> Result<BTreeMap<String, String>, StoreError> {
    Ok(sqlx::query!(
        "SELECT person_id, address FROM mail_addresses WHERE person_id = ANY($1)",
        persons
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| (row.person_id, row.address))
    .collect())
}

/// Notes where the identity provider says that a person gets mail.
pub async fn note_address(
    db: impl PgExecutor<'_>,
    person: &PersonId,
    address: &str,
    now: Instant,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO mail_addresses (person_id, address, seen_at) VALUES ($1, $2, $3)
         ON CONFLICT (person_id) DO UPDATE SET address = excluded.address, seen_at = excluded.seen_at",
        person.as_str(),
        address,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}
