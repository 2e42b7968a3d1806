//! Tools that tell of incidents, and what they tell.

use super::{World, correlation};
use domain::incident::IncidentState;
use service::ServiceError;
use service::caller::ClientCaller;
use service::directory::ClientFile;
use service::incidents::{IncidentInput, Told};
use std::sync::Arc;

/// A tool that may tell of incidents whose ids begin with `INC-`.
pub async fn tool(world: &World, name: &str) -> ClientCaller {
    tool_of(world, name, "INC-").await.unwrap()
}

/// A tool that may tell of incidents with another prefix.
pub async fn tool_of(world: &World, name: &str, prefix: &str) -> Result<ClientCaller, ServiceError> {
    let mut file: ClientFile = world.directory.clients[0].clone();
    file.name = name.to_owned();
    file.incidents = Some(prefix.to_owned().try_into().unwrap());
    let (id, _) = world.service.register_client(&file, correlation()).await?;
    Ok(ClientCaller {
        client: Arc::clone(world.service.snapshots().current().client_by_id(id).unwrap()),
        token: None,
        correlation: correlation(),
    })
}

/// Of INC-4471.
pub async fn tells(world: &World, who: &ClientCaller, state: IncidentState) -> Result<Told, ServiceError> {
    let input = IncidentInput {
        id: "INC-4471".to_owned(),
        state,
        title: "Card payments fail".to_owned(),
    };
    world.service.tell_of_incident(who, &input).await
}
