//! What may go wrong between the rules and Postgres.

/// An error of the store. Lower layers know no status codes; `service` says what it means.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Postgres is gone, busy or read-only: later the same may work.
    #[error("the database did not answer")]
    Database(#[source] sqlx::Error),
    /// A text of the input holds what Postgres cannot store. Sent again, it is refused again.
    #[error("a text cannot be stored")]
    Unstorable(#[source] sqlx::Error),
    /// Postgres refused the statement, or its answer is not what was asked for: a defect, which no waiting cures.
    #[error("the database refused the statement")]
    Refused(#[source] sqlx::Error),
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
        match (constraint, meaning(&error)) {
            (Some(constraint), _) => Self::Constraint {
                constraint,
                source: error,
            },
            (None, Meaning::Away) => Self::Database(error),
            (None, Meaning::Unstorable) => Self::Unstorable(error),
            (None, Meaning::Defect) => Self::Refused(error),
        }
    }
}

/// What the caller can do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Come back later.
    Away,
    /// Send another text.
    Unstorable,
    /// Nothing.
    Defect,
}

fn meaning(error: &sqlx::Error) -> Meaning {
    match error {
        sqlx::Error::Database(refusal) => refusal.code().map_or(Meaning::Away, |code| of_sqlstate(&code)),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => Meaning::Away,
        // The others are about rows and arguments. The enum is open, so a kind that is new counts as a defect too.
        _ => Meaning::Defect,
    }
}

/// PostgreSQL's documentation, appendix A "PostgreSQL Error Codes".
fn of_sqlstate(code: &str) -> Meaning {
    match code {
        // character_not_in_repertoire, untranslatable_character: a NUL in a text, `\u0000` in a JSON.
        "22021" | "22P05" => Meaning::Unstorable,
        // read_only_sql_transaction, idle_in_transaction_session_timeout, transaction_timeout, lock_not_available,
        // invalid_catalog_name.
        "25006" | "25P03" | "25P04" | "55P03" | "3D000" => Meaning::Away,
        // Connections; authentication; resources; operator intervention, a statement's time-out among it; rollbacks; the
        // system around Postgres.
        _ => match code.get(..2) {
            Some("08" | "28" | "40" | "53" | "57" | "58") => Meaning::Away,
            _ => Meaning::Defect,
        },
    }
}

impl StoreError {
    /// Whether the database or this session of it takes no writes (`read_only_sql_transaction`).
    pub fn is_read_only(&self) -> bool {
        self.has_code("25006")
    }

    /// Whether a lock was not to be had within `lock_timeout` (`lock_not_available`). The connection is fit for further use.
    pub fn is_lock_timeout(&self) -> bool {
        self.has_code("55P03")
    }

    fn has_code(&self, sqlstate: &str) -> bool {
        let Self::Database(source) = self else {
            return false;
        };
        source
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .is_some_and(|code| code == sqlstate)
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
    serde_json::to_value(value)
        .map(crate::any_json::storable)
        .map_err(|source| StoreError::Unwritable {
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
    serde_json::from_value(crate::any_json::original(value)).map_err(inconsistent(table, column, id))
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

#[cfg(test)]
mod tests {
    use super::{Meaning, of_sqlstate};

    #[test]
    fn only_what_may_pass_is_away() {
        for (code, expected) in [
            ("08006", Meaning::Away),
            ("25006", Meaning::Away),
            ("40001", Meaning::Away),
            ("40P01", Meaning::Away),
            ("53100", Meaning::Away),
            ("53300", Meaning::Away),
            ("55P03", Meaning::Away),
            ("57014", Meaning::Away),
            ("57P01", Meaning::Away),
            ("57P03", Meaning::Away),
            ("58030", Meaning::Away),
            ("22021", Meaning::Unstorable),
            ("22P05", Meaning::Unstorable),
            ("22001", Meaning::Defect),
            ("22003", Meaning::Defect),
            ("23505", Meaning::Defect),
            ("42501", Meaning::Defect),
            ("42P01", Meaning::Defect),
            ("55000", Meaning::Defect),
            ("XX000", Meaning::Defect),
            ("", Meaning::Defect),
        ] {
            assert_eq!(of_sqlstate(code), expected, "{code}");
        }
    }
}
