//! What configuration allows besides the internet.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

/// Networks and host names that may be called although they lie inside, and over http too.
#[derive(Debug, Clone, Default)]
pub struct Allow {
    networks: Vec<IpNet>,
    names: BTreeSet<String>,
}

/// Neither a network, nor an address, nor a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a network such as 10.2.0.0/16, nor an address, nor a host name")]
pub struct AllowError(pub String);

impl Allow {
    /// From entries such as `10.2.0.0/16`, `::1` and `hooks.internal.example`.
    pub fn new<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, AllowError> {
        let mut allow = Self::default();
        for entry in entries {
            let entry = entry.trim();
            if let Ok(network) = IpNet::from_str(entry) {
                allow.networks.push(network);
            } else if let Ok(address) = IpAddr::from_str(entry) {
                allow.networks.push(address.into());
            } else {
                match url::Host::parse(entry) {
                    Ok(url::Host::Domain(name)) if !name.contains('*') => allow.names.insert(name),
                    Ok(_) | Err(_) => return Err(AllowError(entry.to_owned())),
                };
            }
        }
        Ok(allow)
    }

    pub(super) fn has_address(&self, address: IpAddr) -> bool {
        let plain = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&plain))
    }

    pub(super) fn has_name(&self, name: &str) -> bool {
        self.names
            .contains(&name.trim_end_matches('.').to_ascii_lowercase())
    }
}
