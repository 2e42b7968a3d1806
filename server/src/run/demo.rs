//! `spillway demo`.

use std::sync::Arc;

use chrono::TimeDelta;
use secrecy::SecretString;
use service::clock::SystemClock;
use service::ids::RandomIds;
use url::Url;

use super::{RunError, listen, site};
use crate::command::Demo;
use crate::database::Database;
use crate::demo::people::{GROUP_ROLES, PEOPLE};
use crate::demo_idp::{self, DemoClient, DemoIdp};
use crate::http::rate_limit::{Rate, RateLimits};
use crate::http::{Shell, router};
use crate::mounts::mounts;
use crate::node::Node;
use crate::sign_in::{ProviderSettings, RoleMap, SessionLimits, SignIn};

/// How the demo is known to its own provider.
const CLIENT_ID: &str = "spillway-demo";

pub(super) async fn run(demo: &Demo) -> Result<(), RunError> {
    if std::env::var_os("DATABASE_URL").is_some() {
        return Err(RunError::DemoWithDatabase);
    }
    eprintln!(
        "spillway: starting the demo's database in {}",
        demo.data.display()
    );
    let database = Database::private(&demo.data).await?;
    let served = serve(demo, &database).await;
    let closed = database.close().await;
    served?;
    Ok(closed?)
}

async fn serve(demo: &Demo, database: &Database) -> Result<(), RunError> {
    store::installation::stamp_demo(&database.pool).await?;
    let node = Node::new(database.pool.clone(), Arc::new(SystemClock), Arc::new(RandomIds));
    let listener = listen(([127, 0, 0, 1], demo.port).into()).await?;
    let port = listener.local_addr().map_or(demo.port, |address| address.port());
    let public_url: Url = format!("http://127.0.0.1:{port}").parse()?;

    eprintln!("spillway: starting the demo's identity provider");
    let provider = start_provider(&node, demo, port).await?;
    let rate_limits = RateLimits::new(Rate::MACHINE, Rate::SIGN_IN, [].into())?;
    let sign_in = SignIn::new(provider, &public_url, node.pool.clone(), node.clock.clone())?;
    let shell = Shell {
        public_url,
        leptos: site(&demo.site_root),
        pool: node.pool.clone(),
        clock: node.clock.clone(),
        ids: node.ids.clone(),
        sign_in: Arc::new(sign_in),
        session_limits: SessionLimits {
            idle: TimeDelta::minutes(30),
            absolute: TimeDelta::hours(12),
        },
        rate_limits: rate_limits.clone(),
        loopback_only: true,
    };
    node.keep_house(rate_limits);
    node.serve(listener, router(shell, mounts()));
    println!("SPILLWAY_URL=http://127.0.0.1:{port}");
    node.run_until_told().await;
    Ok(())
}

/// The provider on its own port, and how we are known there. The secret lasts as long as both run.
async fn start_provider(node: &Node, demo: &Demo, port: u16) -> Result<ProviderSettings, RunError> {
    let listener = demo_idp::bind(([127, 0, 0, 1], demo.provider_port).into()).await?;
    let provider_port = listener
        .local_addr()
        .map_or(demo.provider_port, |address| address.port());
    let issuer = format!("http://127.0.0.1:{provider_port}");
    let secret = hex::encode(node.ids.secret());
    let client = DemoClient {
        id: CLIENT_ID.to_owned(),
        secret: secret.clone(),
        redirect_uri: format!("http://127.0.0.1:{port}/sign-in/callback"),
        post_logout_redirect_uri: format!("http://127.0.0.1:{port}/signed-out"),
    };
    let provider = DemoIdp::new(issuer.clone(), client, PEOPLE.to_vec(), node.clock.clone())?;
    node.serve(listener, provider.router(&site(&demo.site_root)));
    Ok(ProviderSettings {
        issuer,
        name: "the demo’s people".to_owned(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(SecretString::from(secret)),
        scopes: vec!["profile".to_owned(), "groups".to_owned()],
        groups_claim: "groups".to_owned(),
        roles: RoleMap(
            GROUP_ROLES
                .into_iter()
                .map(|(group, role)| (group.to_owned(), role))
                .collect(),
        ),
    })
}
