//! One id type per entity, so that a request's id cannot be passed where a grant's belongs.
//!
//! The outer form is a prefix and 26 characters of Crockford's base 32 (lower case): `req_06e8g…`. Inside it is a
//! UUIDv7, made by the caller: this crate has neither clock nor randomness.

use serde::{Deserialize, Serialize, Serializer};
use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 26;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id of this kind is `{prefix}_` and 26 letters or digits")]
pub struct IdError {
    /// The prefix that the id must have, without the underscore.
    pub prefix: &'static str,
}

/// The characters of the outer form, written without a string in between: a decision's record has many ids.
struct Encoded([u8; LENGTH]);

impl Encoded {
    fn as_str(&self) -> &str {
        // All of them are from the alphabet, which is ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

fn encode(value: Uuid) -> Encoded {
    let mut bits = value.as_u128();
    let mut characters = [0u8; LENGTH];
    for character in characters.iter_mut().rev() {
        *character = ALPHABET.get((bits & 31) as usize).copied().unwrap_or_default();
        bits >>= 5;
    }
    Encoded(characters)
}

fn decode(text: &str) -> Option<Uuid> {
    if text.len() != LENGTH {
        return None;
    }
    let mut bits: u128 = 0;
    for (place, byte) in text.bytes().enumerate() {
        let value = ALPHABET.iter().position(|candidate| *candidate == byte)? as u128;
        // 26 * 5 = 130 bits: the first character carries only three.
        if place == 0 && value > 7 {
            return None;
        }
        bits = (bits << 5) | value;
    }
    Some(Uuid::from_u128(bits))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(Uuid);

        impl $name {
            /// The prefix of the outer form, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// Wraps a UUIDv7 that the caller made from its own clock and random source.
            pub const fn from_uuid(value: Uuid) -> Self {
                Self(value)
            }

            /// The UUID inside, as the database stores it.
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// The prefix and the last six characters: enough for a person to tell two apart, not a key.
            pub fn short(self) -> String {
                let whole = encode(self.0);
                let tail = whole.as_str().get(LENGTH - 6..).unwrap_or_default();
                format!("{}_{tail}", $prefix)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!($prefix, "_"))?;
                f.write_str(encode(self.0).as_str())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(decode)
                    .map(Self)
                    .ok_or(IdError { prefix: $prefix })
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )+};
}

ids! {
    /// A principal's random id: what a ledger leaf may say of somebody.
    PrincipalUid = "prn",
    /// A policy enforcement point with credentials.
    ClientId = "cli",
    /// One recorded evaluation.
    DecisionId = "dec",
    /// Somebody's wish that must be reviewed.
    AccessRequestId = "req",
    /// What an approved access request gives.
    GrantId = "grt",
    /// A governed exclusion.
    OptOutId = "opt",
    /// What is looked at once an emergency, or an opt-out that wants it, is over.
    PostReviewId = "rev",
    /// One person's vote on one item.
    VoteId = "vot",
    /// Somebody who decides in another's place.
    DelegationId = "dlg",
    /// One fresh sign-in, for one vote.
    StepUpId = "stp",
    /// What somebody said about an item.
    CommentId = "cmt",
    /// Several items that one person decided at once.
    BulkActId = "act",
    /// One recorded change of state.
    EventId = "evt",
    /// Something that a person was told.
    NoticeId = "ntc",
    /// One notice on its way to somebody, over one channel.
    DeliveryId = "dlv",
    /// A webhook, Slack or Teams address that notices go to.
    EndpointId = "end",
    /// One HTTP request or one run of a command, through logs, errors and ledger.
    CorrelationId = "cor",
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn outer_form_round_trips(bits in any::<u128>()) {
            let id = OptOutId::from_uuid(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse::<OptOutId>(), Ok(id));
        }

        #[test]
        fn any_other_text_is_refused_not_misread(text in "[a-z0-9_]{0,34}") {
            if let Ok(id) = text.parse::<GrantId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }

    #[test]
    fn a_prefix_of_another_kind_is_refused() {
        let id = GrantId::from_uuid(Uuid::from_u128(7)).to_string();
        assert_eq!(id.parse::<OptOutId>(), Err(IdError { prefix: "opt" }));
    }
}
