//! What an administrator types to register an endpoint, and what of it will not do.

use crate::FieldError;
use domain::name::is_one_line;
use domain::notice::EndpointKind;
use url::Url;

/// The longest name or channel, in characters.
const LONGEST: usize = 80;
/// The longest address, in bytes.
const LONGEST_ADDRESS: usize = 2_000;

/// What an administrator types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointInput {
    /// What is there.
    pub kind: EndpointKind,
    /// What it is called in lists.
    pub name: String,
    /// Only news of tiers with this channel; empty: all.
    pub channel: String,
    /// Where it is.
    pub address: String,
}

/// Its name, channel and address. Whether the address may be called is the sender's to say, with every attempt.
pub(super) fn checked(input: &EndpointInput) -> Result<(String, Option<String>, Url), Vec<FieldError>> {
    let mut errors = Vec::new();
    let name = input.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST || !is_one_line(name) {
        errors.push(FieldError::new(
            "name",
            "name",
            format!("Say in at most {LONGEST} characters what it is."),
        ));
    }
    let channel = input.channel.trim();
    if channel.chars().count() > LONGEST || !is_one_line(channel) {
        errors.push(FieldError::new(
            "channel",
            "channel",
            format!("A channel has at most {LONGEST} characters on one line."),
        ));
    }
    let url = Url::parse(input.address.trim())
        .ok()
        .filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
        .filter(|url| {
            url.username().is_empty() && url.password().is_none() && url.as_str().len() <= LONGEST_ADDRESS
        });
    if url.is_none() {
        errors.push(FieldError::new(
            "address",
            "address",
            "Write a whole address, such as https://hooks.example.com/spillway, without a user name in it.",
        ));
    }
    match (url, errors.is_empty()) {
        (Some(url), true) => Ok((
            name.to_owned(),
            Some(channel.to_owned()).filter(|text| !text.is_empty()),
            url,
        )),
        _ => Err(errors),
    }
}
