//! Monitoring tools, and what they say.

use super::asking::principal;
use super::{World, correlation};
use chrono::TimeDelta;
use domain::signal::{Risk, SignalRight};
use service::caller::ClientCaller;
use service::directory::ClientFile;
use service::signals::SignalInput;
use std::sync::Arc;

/// A monitor that may signal about persons, four an hour, for a day at most.
pub async fn monitor(world: &World, name: &str) -> ClientCaller {
    let mut file: ClientFile = world.directory.clients[0].clone();
    file.name = name.to_owned();
    file.signals = Some(SignalRight {
        subjects: vec![serde_json::from_str(r#"{ "kind": "person", "id": "*" }"#).unwrap()],
        per_hour: 4,
        longest_secs: 86_400,
    });
    let (id, _) = world.service.register_client(&file, correlation()).await.unwrap();
    ClientCaller {
        client: Arc::clone(world.service.snapshots().current().client_by_id(id).unwrap()),
        token: None,
        correlation: correlation(),
    }
}

pub fn signal(world: &World, risk: Risk, who: &str, id: &str) -> SignalInput {
    SignalInput {
        risk,
        principal: principal(who),
        source_id: id.to_owned(),
        reason: "Impossible travel: Berlin and Lima within an hour.".to_owned(),
        expires_at: Some(world.now() + TimeDelta::hours(4)),
    }
}
