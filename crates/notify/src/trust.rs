//! Whom TLS believes: Mozilla's roots, which are built in, and beside them the roots of the machine's trust store, where an
//! organisation puts its own certificate authority. `SSL_CERT_FILE` and `SSL_CERT_DIR` name another store.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

/// The roots of the machine's trust store. A certificate that cannot be used is left out: one bad file of a distribution must
/// not cut all connections. The store is read each time, so read it when a client is made.
pub(crate) fn machine_roots() -> Vec<CertificateDer<'static>> {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(
            error = error as &dyn std::error::Error,
            "a part of the machine's trust store cannot be read"
        );
    }
    let mut usable = RootCertStore::empty();
    let mut roots = found.certs;
    roots.retain(|root| usable.add(root.clone()).is_ok());
    roots
}

/// Adds the machine's roots to a client for HTTP.
pub fn with_machine_roots(client: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    machine_roots()
        .iter()
        .filter_map(|root| reqwest::Certificate::from_der(root).ok())
        .fold(client, reqwest::ClientBuilder::add_root_certificate)
}
