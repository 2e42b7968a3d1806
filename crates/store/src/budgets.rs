//! What bypasses are charged to.

use crate::error::inconsistent;
use crate::{StoreError, Tx};
use domain::budget::{Burn, Charge, Charges, PERIOD_DAYS};
use domain::id::OptOutId;
use domain::name::{TeamName, TierName};
use domain::opt_out::OptOut;
use domain::window::Instant;
use sqlx::PgExecutor;

const TABLE: &str = "budget_charges";

/// Lets nobody else count until the transaction ends. Without it, two submissions at once would both count before either
/// charges, and both have the last place. Taken before any row is locked; nothing that holds a row waits for it.
pub async fn hold(tx: &mut Tx) -> Result<(), StoreError> {
    sqlx::query!("SELECT pg_advisory_xact_lock(7311520)")
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// All charges that may count at `now`. A pending bypass whose time to be decided is over was released by that, whether or
/// not a worker has written it.
pub async fn charges(db: impl PgExecutor<'_>, now: Instant) -> Result<Charges, StoreError> {
    let since = now - chrono::TimeDelta::days(PERIOD_DAYS);
    sqlx::query!(
        r#"SELECT c.opt_out_id, c.team, c.tier, c.charged_at,
               coalesce(c.released_at, CASE WHEN o.state IN ('requested', 'in_review') AND o.lapses_at <= $2
                                            THEN o.lapses_at END) AS "released_at?"
           FROM budget_charges c JOIN opt_outs o ON o.id = c.opt_out_id
           WHERE c.charged_at > $1 AND c.charged_at <= $2
           ORDER BY c.charged_at, c.opt_out_id"#,
        since,
        now
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|row| {
        let id = OptOutId::from_uuid(row.opt_out_id);
        Ok(Charge {
            opt_out: id,
            team: TeamName::new(row.team).map_err(inconsistent(TABLE, "team", id))?,
            tier: TierName::new(row.tier).map_err(inconsistent(TABLE, "tier", id))?,
            charged_at: row.charged_at,
            released_at: row.released_at,
        })
    })
    .collect::<Result<_, StoreError>>()
    .map(Charges::new)
}

/// Charges a bypass to its teams, at its tier.
pub async fn charge(tx: &mut Tx, opt_out: &OptOut) -> Result<(), StoreError> {
    let teams: Vec<String> = opt_out.teams.iter().map(ToString::to_string).collect();
    sqlx::query!(
        "INSERT INTO budget_charges (opt_out_id, team, tier, charged_at)
         SELECT $1, unnest($2::text[]), $3, $4",
        opt_out.id.uuid(),
        &teams,
        opt_out.tier.as_str(),
        opt_out.requested_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Releases what a bypass is charged to: nobody got it. One that was charged to nobody releases nothing.
pub async fn release(tx: &mut Tx, id: OptOutId, at: Instant) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE budget_charges SET released_at = greatest(charged_at, $2)
         WHERE opt_out_id = $1 AND released_at IS NULL",
        id.uuid(),
        at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

const fn burn_word(burn: Burn) -> Option<&'static str> {
    match burn {
        Burn::Calm => None,
        Burn::Slow => Some("slow"),
        Burn::Fast => Some("fast"),
    }
}

/// The accounts that burn, as they were last told of.
pub async fn burns(db: impl PgExecutor<'_>) -> Result<Vec<(TeamName, TierName, Burn)>, StoreError> {
    const TABLE: &str = "budget_burns";
    sqlx::query!("SELECT team, tier, burn FROM budget_burns ORDER BY team, tier")
        .fetch_all(db)
        .await?
        .into_iter()
        .map(|row| {
            let burn = match row.burn.as_str() {
                "slow" => Burn::Slow,
                "fast" => Burn::Fast,
                other => {
                    return Err(inconsistent(TABLE, "burn", &row.team)(format!(
                        "unknown burn {other}"
                    )));
                }
            };
            let id = row.team.clone();
            Ok((
                TeamName::new(row.team).map_err(inconsistent(TABLE, "team", &id))?,
                TierName::new(row.tier).map_err(inconsistent(TABLE, "tier", &id))?,
                burn,
            ))
        })
        .collect()
}

/// Notes how fast an account burns; whether that is to be told: it was calm, or burns faster than was told. Once it is calm
/// the row goes, and the next time is a new one. Of several nodes at once, one is told so.
pub async fn note_burn(
    tx: &mut Tx,
    team: &TeamName,
    tier: &TierName,
    burn: Burn,
    now: Instant,
) -> Result<bool, StoreError> {
    let rows = match burn_word(burn) {
        None => {
            sqlx::query!(
                "DELETE FROM budget_burns WHERE team = $1 AND tier = $2",
                team.as_str(),
                tier.as_str()
            )
            .execute(tx.conn())
            .await?;
            0
        }
        Some(word) => sqlx::query!(
            "INSERT INTO budget_burns (team, tier, burn, told_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (team, tier) DO UPDATE SET burn = excluded.burn, told_at = excluded.told_at
                 WHERE budget_burns.burn = 'slow' AND excluded.burn = 'fast'",
            team.as_str(),
            tier.as_str(),
            word,
            now
        )
        .execute(tx.conn())
        .await?
        .rows_affected(),
    };
    Ok(rows > 0)
}
