//! What may be wrong with a configuration.

use std::path::PathBuf;

/// What is wrong, where, and how to mend it. Never holds a value: one of them may be a secret in the wrong place.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that was named is not there.
    #[error("there is no configuration file at {}; name another with --config or SPILLWAY_CONFIG", .0.display())]
    NoFile(PathBuf),
    /// A key that must be there is not.
    #[error("`{key}` is missing: {mend} (or set {})", variable(key))]
    Missing {
        /// The key.
        key: &'static str,
        /// How to mend it.
        mend: &'static str,
    },
    /// A key has a value that will not do.
    #[error("`{key}` will not do: {mend}")]
    Invalid {
        /// The key.
        key: String,
        /// How to mend it.
        mend: String,
    },
    /// A file that a key names cannot be read.
    #[error("`{key}` names a file that cannot be read: {}", path.display())]
    Unreadable {
        /// The key.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl ConfigError {
    /// What figment says of a value's type or of an unknown key, with the key in front.
    pub(super) fn unreadable(error: figment::Error) -> Self {
        use figment::error::Kind;
        let mut key = error.path.join(".");
        let mend = match &error.kind {
            // The path ends with the unknown key already.
            Kind::UnknownField(_, known) => format!("there is no such key; there are {}", known.join(", ")),
            Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) => {
                format!("it must be {expected}")
            }
            Kind::MissingField(name) => {
                key = if key.is_empty() {
                    name.to_string()
                } else {
                    format!("{key}.{name}")
                };
                "it is missing".to_owned()
            }
            Kind::Message(text) => text.clone(),
            other => other.to_string(),
        };
        if key.is_empty() {
            "the file".clone_into(&mut key);
        }
        Self::Invalid { key, mend }
    }
}

/// The variable that sets a key.
fn variable(key: &str) -> String {
    format!("SPILLWAY_{}", key.replace('.', "__").to_ascii_uppercase())
}
