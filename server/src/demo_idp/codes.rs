//! Codes and access tokens, in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// RFC 6749 section 4.1.2 allows ten minutes at most; the browser comes back at once.
const CODE_LIFE: TimeDelta = TimeDelta::minutes(1);

/// Userinfo is asked right after the exchange.
pub(super) const TOKEN_LIFE: TimeDelta = TimeDelta::minutes(5);

/// What a code stands for.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub sub: String,
    pub nonce: Option<String>,
    pub challenge: String,
    pub auth_time: DateTime<Utc>,
    pub acr: &'static str,
}

#[derive(Debug, Default)]
struct Tables {
    codes: HashMap<String, Grant>,
    tokens: HashMap<String, (String, DateTime<Utc>)>,
}

/// All that was given out.
#[derive(Debug, Default)]
pub(super) struct Codes(Mutex<Tables>);

impl Codes {
    pub(super) fn issue(&self, grant: Grant) -> String {
        let code = random();
        let mut tables = self.tables();
        let now = grant.auth_time;
        tables.codes.retain(|_, old| now - old.auth_time < CODE_LIFE);
        tables.tokens.retain(|_, (_, at)| now - *at < TOKEN_LIFE);
        tables.codes.insert(code.clone(), grant);
        code
    }

    /// Takes a code: a second try finds nothing.
    pub(super) fn take(&self, code: &str, now: DateTime<Utc>) -> Option<Grant> {
        self.tables()
            .codes
            .remove(code)
            .filter(|grant| now - grant.auth_time < CODE_LIFE)
    }

    pub(super) fn issue_token(&self, sub: &str, now: DateTime<Utc>) -> String {
        let token = random();
        self.tables().tokens.insert(token.clone(), (sub.to_owned(), now));
        token
    }

    pub(super) fn subject_of(&self, token: &str, now: DateTime<Utc>) -> Option<String> {
        self.tables()
            .tokens
            .get(token)
            .filter(|(_, at)| now - *at < TOKEN_LIFE)
            .map(|(sub, _)| sub.clone())
    }

    /// A panic while the lock was held leaves whole entries: each change is one insertion or removal.
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 256 bits.
pub(super) fn random() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}
