//! What the policy page asks the server for. A public endpoint: the use case authorises the caller.

use leptos::{prelude::*, server_fn::codec::Json};

use super::view::PolicyView;
use crate::error::AppError;

/// The policy version in force.
#[server(input = Json)]
pub(super) async fn get_policy() -> Result<PolicyView, AppError> {
    let (service, caller) = crate::server_side::acting()?;
    let (policy, published_at) = service.policy_in_force(&caller).await?;
    let budgets = service.budgets(&caller).await?;
    super::words::policy(&service, &caller, &policy, published_at, budgets)
}
