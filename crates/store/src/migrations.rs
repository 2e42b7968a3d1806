//! The migrations, embedded.

/// All migrations, in order.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
