//! What may go wrong between the rules and Postgres.

/// An error of the store. Lower layers know no status codes; `service` says what it means.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Postgres is gone, busy or refused the statement.
    #[error("the database did not answer")]
    Database(#[source] sqlx::Error),
    /// A named constraint refused the statement.
    #[error("constraint {constraint} refused")]
    Constraint {
        /// Its name, as in the migration.
        constraint: String,
        /// What Postgres said.
        #[source]
        source: sqlx::Error,
    },
    /// A row was changed by somebody else since it was read.
    #[error("{table} {id} was changed meanwhile")]
    Stale {
        /// The table.
        table: &'static str,
        /// The row.
        id: String,
    },
    /// A row does not mean what it should: a bug or tampering, never a default.
    #[error("inconsistent row in {table}.{column}: {id}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row.
        id: String,
        /// Why it could not be read.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A value has no JSON form.
    #[error("a value of {table}.{column} could not be written")]
    Unwritable {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let constraint = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::constraint)
            .map(str::to_owned);
        match constraint {
            Some(constraint) => Self::Constraint {
                constraint,
                source: error,
            },
            None => Self::Database(error),
        }
    }
}

/// Postgres: `lock_not_available`, after `lock_timeout`.
const LOCK_NOT_AVAILABLE: &str = "55P03";

impl StoreError {
    /// Whether a lock was not to be had within `lock_timeout`. The connection is fit for further use.
    pub fn is_lock_timeout(&self) -> bool {
        let Self::Database(source) = self else {
            return false;
        };
        source
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .is_some_and(|code| code == LOCK_NOT_AVAILABLE)
    }

    /// Whether this named constraint refused.
    pub fn is_constraint(&self, name: &str) -> bool {
        matches!(self, Self::Constraint { constraint, .. } if constraint == name)
    }
}

/// Makes an [`StoreError::Inconsistent`] of whatever went wrong with a column.
pub(crate) fn inconsistent<E>(
    table: &'static str,
    column: &'static str,
    id: impl ToString,
) -> impl FnOnce(E) -> StoreError
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let id = id.to_string();
    move |source| StoreError::Inconsistent {
        table,
        column,
        id,
        source: source.into(),
    }
}

/// Writes a value as JSON for a column.
pub(crate) fn to_json(
    table: &'static str,
    column: &'static str,
    value: &impl serde::Serialize,
) -> Result<serde_json::Value, StoreError> {
    serde_json::to_value(value).map_err(|source| StoreError::Unwritable {
        table,
        column,
        source,
    })
}

/// Reads a value from a JSON column.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(
    table: &'static str,
    column: &'static str,
    id: impl ToString,
    value: serde_json::Value,
) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(inconsistent(table, column, id))
}

/// Reads a digest column.
pub(crate) fn digest(
    table: &'static str,
    column: &'static str,
    id: impl ToString,
    bytes: &[u8],
) -> Result<domain::digest::Digest, StoreError> {
    <[u8; 32]>::try_from(bytes)
        .map(domain::digest::Digest::from_bytes)
        .map_err(inconsistent(table, column, id))
}

/// Checks that an update hit the one row that was read.
pub(crate) fn exactly_one(table: &'static str, id: impl ToString, rows: u64) -> Result<(), StoreError> {
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::Stale {
            table,
            id: id.to_string(),
        })
    }
}
