//! What kind of installation a database is.

use sqlx::{Executor as _, PgConnection, PgExecutor};

use crate::StoreError;

/// Whether it is a demo's, whose people need no password and whose history is made up.
pub async fn is_demo(executor: impl PgExecutor<'_>) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!("SELECT demo FROM installation")
        .fetch_one(executor)
        .await?)
}

/// Stamps it as a demo's, for good: nothing takes the stamp off. Answers false, and stamps nothing, where it is somebody's
/// real installation: not a demo, with a policy in force.
pub async fn stamp_demo(executor: impl PgExecutor<'_>) -> Result<bool, StoreError> {
    let rows = sqlx::query!(
        "UPDATE installation SET demo = true
         WHERE demo OR NOT EXISTS (SELECT FROM policy_versions WHERE state = 'published')"
    )
    .execute(executor)
    .await?
    .rows_affected();
    Ok(rows == 1)
}

/// Empties a demo's database, tables and all, as its owner; the migrations have to run again. Refuses any other.
pub async fn empty_demo(owner: &mut PgConnection) -> Result<bool, StoreError> {
    if !is_demo(&mut *owner).await? {
        return Ok(false);
    }
    owner
        .execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        .await?;
    Ok(true)
}
