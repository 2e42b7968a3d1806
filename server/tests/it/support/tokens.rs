use serde_json::{Value, json};
use server::demo_idp::SigningKey;
use service::clock::Clock;

use super::app::{CLIENT_ID, TestApp};

/// The claims of a logout token that must be obeyed, for a subject.
pub fn good_logout_token(app: &TestApp, sub: &str) -> Value {
    let now = app.clock.now().timestamp();
    json!({
        "iss": app.idp.issuer(),
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + 120,
        "jti": "one-of-a-kind",
        "sub": sub,
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    })
}

/// A key that is not the provider's.
pub fn second_provider() -> SigningKey {
    SigningKey::generate().unwrap()
}
