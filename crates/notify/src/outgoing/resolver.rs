//! Resolves names for the guarded client, to addresses that it may connect to and to no others.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::is_public;
use super::{AddressError, Allow};

#[derive(Debug)]
pub(super) struct Guarded {
    allow: Arc<Allow>,
}

impl Guarded {
    pub(super) const fn new(allow: Arc<Allow>) -> Self {
        Self { allow }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let allow = Arc::clone(&self.allow);
        Box::pin(async move {
            let host = name.as_str().to_owned();
            // Port nought is the client's word for "the one of the address".
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let may = |address: &SocketAddr| {
                allow.has_name(&host) || allow.has_address(address.ip()) || is_public(address.ip())
            };
            // One that may not be called refuses the name: whoever mixes both kinds is looking for a gap.
            if found.iter().all(may) {
                Ok(Box::new(found.into_iter()) as Addrs)
            } else {
                Err(AddressError::Private.into())
            }
        })
    }
}
