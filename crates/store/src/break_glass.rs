//! Break-glass: whose hours on which resource.

use crate::error::inconsistent;
use crate::{StoreError, Tx};
use domain::break_glass::BreakGlass;
use domain::name::{PersonId, TeamName};
use domain::post_review::Reviewed;
use domain::resource::ResourceRef;
use domain::window::{Instant, Window};
use sqlx::PgExecutor;
use std::collections::{BTreeMap, BTreeSet};

/// One time that the glass was broken.
#[derive(Debug, Clone)]
pub struct Spell<'a> {
    /// The bypass, or the access.
    pub of: Reviewed,
    /// Who broke it.
    pub person: &'a PersonId,
    /// The incident, the team, the sign-in.
    pub broken: &'a BreakGlass,
    /// All that it reaches.
    pub resources: &'a BTreeSet<ResourceRef>,
    /// From when, until when.
    pub window: Window,
}

fn columns(resources: &BTreeSet<ResourceRef>) -> (Vec<String>, Vec<String>) {
    resources
        .iter()
        .map(|resource| (resource.kind.clone(), resource.id.clone()))
        .unzip()
}

/// Waits until no other transaction counts hours. What is read after it is what they have committed, since each statement
/// sees what was committed before it.
pub async fn count_alone(tx: &mut Tx) -> Result<(), StoreError> {
    sqlx::query!(r#"SELECT count_break_glass()::text AS "done""#)
        .fetch_one(tx.conn())
        .await?;
    Ok(())
}

/// The windows of a team on each of these resources that reach beyond `since`.
pub async fn spells(
    db: impl PgExecutor<'_>,
    team: &TeamName,
    resources: &BTreeSet<ResourceRef>,
    since: Instant,
) -> Result<BTreeMap<ResourceRef, Vec<Window>>, StoreError> {
    let (kinds, ids) = columns(resources);
    let rows = sqlx::query!(
        r#"SELECT s.broken_id AS "broken_id!", s.resource_type, s.resource_id, s.starts_at, s.ends_at
         FROM break_glass_spells s
         JOIN unnest($2::text[], $3::text[]) AS r (kind, id) ON s.resource_type = r.kind AND s.resource_id = r.id
         WHERE s.team = $1 AND s.ends_at > $4 AND s.ends_at > s.starts_at"#,
        team.as_str(),
        &kinds,
        &ids,
        since
    )
    .fetch_all(db)
    .await?;
    let mut spells: BTreeMap<ResourceRef, Vec<Window>> = BTreeMap::new();
    for row in rows {
        let id = row.broken_id;
        let resource = ResourceRef::new(row.resource_type, row.resource_id).map_err(inconsistent(
            "break_glass_spells",
            "resource_id",
            id,
        ))?;
        let window = Window::new(row.starts_at, row.ends_at).map_err(inconsistent(
            "break_glass_spells",
            "ends_at",
            id,
        ))?;
        spells.entry(resource).or_default().push(window);
    }
    Ok(spells)
}

/// Counts one.
pub async fn insert(tx: &mut Tx, spell: &Spell<'_>) -> Result<(), StoreError> {
    let (kinds, ids) = columns(spell.resources);
    let (opt_out, request) = match spell.of {
        Reviewed::OptOut(id) => (Some(id.uuid()), None),
        Reviewed::AccessRequest(id) => (None, Some(id.uuid())),
    };
    sqlx::query!(
        "INSERT INTO break_glass_spells (opt_out_id, access_request_id, person_id, team, resource_type, resource_id, incident,
             sign_in, starts_at, ends_at)
         SELECT $1, $10, $2, $3, r.kind, r.id, $6, $7, $8, $9 FROM unnest($4::text[], $5::text[]) AS r (kind, id)",
        opt_out,
        spell.person.as_str(),
        spell.broken.team.as_str(),
        &kinds,
        &ids,
        spell.broken.incident,
        spell.broken.sign_in.as_str(),
        spell.window.starts_at(),
        spell.window.ends_at(),
        request,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Gives back what is left of one that was ended early.
pub async fn end(tx: &mut Tx, of: Reviewed, now: Instant) -> Result<(), StoreError> {
    let id = match of {
        Reviewed::OptOut(id) => id.uuid(),
        Reviewed::AccessRequest(id) => id.uuid(),
    };
    sqlx::query!(
        "UPDATE break_glass_spells SET ends_at = LEAST(ends_at, GREATEST($2, starts_at)) WHERE broken_id = $1",
        id,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
