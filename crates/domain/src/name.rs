//! Names and ids. Names are what people choose (rules, tiers, scenarios, groups, teams): short. Ids of principals and
//! resources come from other systems (ARNs, paths, URIs): long. Both are printable, without control characters.

use serde::{Deserialize, Serialize};

/// The longest name, in characters. Cedar ids, database columns and badges all cope with it.
pub const LONGEST: usize = 128;
/// The longest id of a principal or a resource, in characters (DESIGN.md section 1).
pub const LONGEST_ID: usize = 1_024;
/// The longest id in bytes: an entry of a Postgres B-tree index has at most 2,704, and a type or a group's name stands beside
/// the id.
pub const LONGEST_ID_BYTES: usize = 2_048;

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing, or only white space.
    #[error("a {what} is missing")]
    Empty {
        /// What was to be named.
        what: &'static str,
    },
    /// Longer than [`LONGEST`], or as an id longer than [`LONGEST_ID`].
    #[error("a {what} has at most {longest} characters")]
    TooLong {
        /// What was to be named.
        what: &'static str,
        /// How many it may have.
        longest: usize,
    },
    /// An id longer than [`LONGEST_ID_BYTES`].
    #[error("a {what} has at most {LONGEST_ID_BYTES} bytes")]
    TooManyBytes {
        /// What was to be named.
        what: &'static str,
    },
    /// A control or invisible character, or white space at an end.
    #[error("a {what} has no control or invisible characters and no white space at its ends")]
    Unprintable {
        /// What was to be named.
        what: &'static str,
    },
}

/// Checks a name; `what` is the word for it in a sentence.
pub(crate) fn check(what: &'static str, text: &str) -> Result<(), NameError> {
    check_up_to(LONGEST, what, text)
}

/// Checks an id of a principal or a resource; `what` is the word for it in a sentence.
pub(crate) fn check_id(what: &'static str, text: &str) -> Result<(), NameError> {
    check_up_to(LONGEST_ID, what, text)?;
    if text.len() > LONGEST_ID_BYTES {
        return Err(NameError::TooManyBytes { what });
    }
    Ok(())
}

fn check_up_to(longest: usize, what: &'static str, text: &str) -> Result<(), NameError> {
    if is_blank(text) {
        return Err(NameError::Empty { what });
    }
    if text.chars().count() > longest {
        return Err(NameError::TooLong { what, longest });
    }
    if text.trim() != text || text.chars().any(|c| c.is_control() || is_invisible(c)) {
        return Err(NameError::Unprintable { what });
    }
    Ok(())
}

/// Whether nobody would see anything.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

/// How many characters of a text somebody sees; white space at its ends is none of them.
pub fn visible_chars(text: &str) -> usize {
    text.trim().chars().filter(|c| !is_invisible(*c)).count()
}

/// Whether a text stands on one line and reads as it is written.
pub fn is_one_line(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() || is_invisible(c))
}

/// Characters that show nothing or turn the text around them: soft hyphen, zero-width and joining characters, marks of
/// direction, fillers, tags (from Unicode's `Default_Ignorable_Code_Point`). With them two names look alike on an
/// approver's screen, or one reads backwards.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

macro_rules! names {
    ($check:path: $($(#[$doc:meta])* $name:ident = $what:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the text. Errors: empty, too long, control or invisible characters.
            pub fn new(text: impl Into<String>) -> Result<Self, crate::name::NameError> {
                let text = text.into();
                $check($what, &text)?;
                Ok(Self(text))
            }

            /// The name itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::name::NameError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = crate::name::NameError;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }
    )+};
}

names! { check:
    /// A rule's `@id`.
    RuleId = "rule",
    /// A level of control.
    TierName = "tier",
    /// A catalogue entry: a legitimate case for an opt-out.
    ScenarioId = "scenario",
    /// A group of principals.
    GroupName = "group",
    /// A team that owns resources, persons and workloads.
    TeamName = "team",
    /// An incident's id at the tool that tells of it: `INC-4471`.
    IncidentId = "incident",
    /// What one wants to do with a resource: `read`, `deploy`, `admin`, `member`.
    Capability = "capability",
}

names! { check_id:
    /// A person's id in the directory (`alice.meyer`); the sign-in (`iss`, `sub`) is linked to it.
    PersonId = "person",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_printable_and_short() {
        assert!(RuleId::new("no-unattended-prod-deploy").is_ok());
        assert_eq!(RuleId::new("  "), Err(NameError::Empty { what: "rule" }));
        assert_eq!(
            TeamName::new("a\nb"),
            Err(NameError::Unprintable { what: "team" })
        );
        assert_eq!(
            TierName::new("x".repeat(129)),
            Err(NameError::TooLong {
                what: "tier",
                longest: 128
            })
        );
        assert!(TierName::new("é".repeat(128)).is_ok());
        assert_eq!(
            PersonId::new("\u{200b}"),
            Err(NameError::Empty { what: "person" })
        );
        assert_eq!(
            PersonId::new("alice\u{200b}"),
            Err(NameError::Unprintable { what: "person" })
        );
    }

    #[test]
    fn ids_have_room_for_what_other_systems_call_things() {
        let arn = format!("arn:aws:iam::123456789012:role/{}", "x".repeat(900));
        assert!(PersonId::new(arn).is_ok());
        assert!(PersonId::new("é".repeat(1_024)).is_ok());
        assert_eq!(
            PersonId::new("x".repeat(1_025)),
            Err(NameError::TooLong {
                what: "person",
                longest: 1_024
            })
        );
        assert_eq!(
            PersonId::new("日".repeat(1_024)),
            Err(NameError::TooManyBytes { what: "person" })
        );
        assert_eq!(
            PersonId::new("a\0"),
            Err(NameError::Unprintable { what: "person" })
        );
    }
}
