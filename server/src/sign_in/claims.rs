//! Reading claims: those that security rests on strictly, all others leniently and each on its own.
//!
//! Providers send claims of other types than the specifications name (`"email_verified":"true"`, `"updated_at"` as a text).
//! INVARIANT: a claim that is not needed stops nobody, whatever its value is. So there is no struct with all standard claims:
//! what is not read here is not looked at.

use chrono::{DateTime, TimeDelta, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};

/// By how much the provider's clock may differ from ours.
pub(super) const SKEW: TimeDelta = TimeDelta::minutes(1);

/// The longest subject, in characters (OpenID Connect Core section 2).
const LONGEST_SUBJECT: usize = 255;
/// The longest text of any other claim that is read, in characters.
const LONGEST_TEXT: usize = 512;

/// Seconds since 1970 as a number, with or without a fraction (RFC 7519 section 2).
#[derive(Debug, Clone, Copy)]
pub(super) struct NumericDate(pub(super) DateTime<Utc>);

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Number::deserialize(deserializer)?;
        instant(&number)
            .map(Self)
            .ok_or_else(|| D::Error::custom("not an instant"))
    }
}

/// An instant of seconds; none for one that no calendar has.
fn instant(number: &Number) -> Option<DateTime<Utc>> {
    match number.as_i64() {
        Some(seconds) => DateTime::from_timestamp(seconds, 0),
        None => DateTime::from_timestamp_micros((number.as_f64()? * 1e6) as i64),
    }
}

/// Whether a token says `nbf` and that is yet to come.
pub(super) fn is_too_early(nbf: Option<NumericDate>, now: DateTime<Utc>) -> bool {
    nbf.is_some_and(|NumericDate(at)| at > now + SKEW)
}

/// Whom a token is for: one text, or a list of them.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn names(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }

    /// Whether this client is among them.
    pub(super) fn has(&self, client: &str) -> bool {
        self.names().iter().any(|name| name == client)
    }

    /// Whether it is for this client and for nobody else: any other audience could pass the token on to us.
    pub(super) fn is_only(&self, client: &str) -> bool {
        self.has(client) && self.names().iter().all(|name| name == client)
    }
}

/// Somebody's id at the provider: 1 to 255 characters, none of them a control character, which no database column and no log
/// line takes as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject(pub(super) String);

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let fits = (1..=LONGEST_SUBJECT).contains(&text.chars().count());
        if fits && !text.contains(char::is_control) {
            Ok(Self(text))
        } else {
            Err(D::Error::custom("not a subject"))
        }
    }
}

/// Claims that are read one by one.
#[derive(Debug)]
pub(super) struct Claims(pub(super) Map<String, Value>);

impl Claims {
    /// A claim that is there: `null` says nothing.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text without control characters; absent where it is anything else, since it is stored and shown.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(readable).map(str::to_owned)
    }

    /// A list of texts, or the single text that some providers send instead. Everything else in the list is left out.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        match self.get(name) {
            Some(Value::Array(many)) => many.iter().filter_map(readable).map(str::to_owned).collect(),
            Some(one) => readable(one).map(str::to_owned).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// An instant: a number of seconds, the same as a text, or a time of RFC 3339.
    pub(super) fn instant(&self, name: &str) -> Option<DateTime<Utc>> {
        match self.get(name)? {
            Value::Number(number) => instant(number),
            Value::String(text) => match text.trim().parse::<Number>() {
                Ok(number) => instant(&number),
                Err(_) => DateTime::parse_from_rfc3339(text.trim())
                    .ok()
                    .map(|at| at.with_timezone(&Utc)),
            },
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// A yes or no, also as a text or as 1 and 0. None where the claim is absent; an error where it says neither.
    pub(super) fn yes_or_no(&self, name: &str) -> Option<Result<bool, NeitherYesNorNo>> {
        let value = self.get(name)?;
        let word = match value {
            Value::String(text) => text.trim().to_ascii_lowercase(),
            other => other.to_string(),
        };
        Some(match word.as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(NeitherYesNorNo),
        })
    }

    /// The mail address, unless the provider says that it has not verified it, or says something that we do not understand
    /// about that.
    pub(super) fn verified_email(&self) -> Option<String> {
        match self.yes_or_no("email_verified") {
            None | Some(Ok(true)) => self.text("email"),
            Some(Ok(false) | Err(NeitherYesNorNo)) => None,
        }
    }
}

/// A claim that should say yes or no says something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NeitherYesNorNo;

fn readable(value: &Value) -> Option<&str> {
    value
        .as_str()
        .filter(|text| !text.trim().is_empty() && !text.contains(char::is_control))
        .filter(|text| text.chars().count() <= LONGEST_TEXT)
}
