//! `spillway demo`.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::id::CorrelationId;
use secrecy::SecretString;
use service::clock::SystemClock;
use service::ids::RandomIds;
use service::notices::{Reach, Seal};
use service::time::Time;
use url::Url;

use super::{RunError, listen, require_site, site};
use crate::application::Application;
use crate::command::Demo;
use crate::config::OutgoingSettings;
use crate::database::Database;
use crate::deliver::{self, Courier};
use crate::demo::kept::{FILE, Kept};
use crate::demo::people::{GROUP_ROLES, PEOPLE};
use crate::demo::{organisation, seed};
use crate::demo_idp::{self, DemoClient, DemoIdp};
use crate::http::rate_limit::{Rate, RateLimits};
use crate::http::{Shell, TimeLimits, router};
use crate::mounts::mounts;
use crate::node::Node;
use crate::sign_in::{ProviderSettings, SessionLimits, SignIn};

/// How the demo is known to its own provider.
const CLIENT_ID: &str = "spillway-demo";

pub(super) async fn run(demo: &Demo) -> Result<(), RunError> {
    if std::env::var_os("DATABASE_URL").is_some() {
        return Err(RunError::DemoWithDatabase);
    }
    require_site(&demo.site_root)?;
    eprintln!(
        "spillway: starting the demo's database in {}",
        demo.data.display()
    );
    let database = Database::private(&demo.data).await?;
    let database = match kept(demo)? {
        Some(_) => database,
        None => database.empty_demo().await?,
    };
    let served = serve(demo, &database).await;
    let closed = database.close().await;
    served?;
    Ok(closed?)
}

async fn serve(demo: &Demo, database: &Database) -> Result<(), RunError> {
    database.stamp_demo().await?;
    let node = Node::new(
        database.pool.clone(),
        Time::of_database(Arc::new(SystemClock)),
        Arc::new(RandomIds),
    );
    let listener = listen(([127, 0, 0, 1], demo.port).into()).await?;
    let port = listener.local_addr().map_or(demo.port, |address| address.port());
    let public_url: Url = format!("http://127.0.0.1:{port}").parse()?;

    eprintln!("spillway: starting the demo's identity provider");
    let provider = start_provider(&node, demo, port).await?;
    let token = filled(&node, demo, &provider.issuer).await?;
    let reach = reach(&node, demo)?;
    let courier = Courier::new(None, &OutgoingSettings::default(), &public_url)?;
    let application = Application::start_reaching(&node, reach).await?;
    deliver::start(&node, &application.service, courier);
    crate::sequence::start(
        &node,
        &demo.data,
        &demo.data.join("signing.key"),
        &public_url,
        &application.readiness,
    )?;
    let rate_limits = RateLimits::new(Rate::MACHINE, Rate::SIGN_IN, [].into())?;
    let sign_in = SignIn::new(provider, &public_url, node.pool.clone(), node.clock.clone())?;
    let sign_in = Arc::new(sign_in);
    crate::sign_in::watch(&node, Arc::clone(&sign_in));
    let mounts = mounts(&application, &public_url);
    let shell = Shell {
        public_url,
        leptos: site(&demo.site_root),
        pool: node.pool.clone(),
        clock: node.clock.clone(),
        ids: node.ids.clone(),
        sign_in,
        session_limits: SessionLimits {
            idle: TimeDelta::minutes(30),
            absolute: TimeDelta::hours(12),
        },
        rate_limits: rate_limits.clone(),
        time_limits: TimeLimits::default(),
        loopback_only: true,
    };
    node.keep_house(rate_limits);
    node.serve(listener, router(shell, mounts));
    println!("SPILLWAY_URL=http://127.0.0.1:{port}\nSPILLWAY_TOKEN={token}");
    Ok(node.run_until_told().await?)
}

/// The demo sends no mail; endpoints can be registered.
fn reach(node: &Node, demo: &Demo) -> Result<Reach, RunError> {
    let key = demo.data.join("wrapping.key");
    Ok(Reach {
        mail: false,
        seal: Some(Seal::open_or_make(&key, node.ids.as_ref())?),
        tickets: false,
    })
}

fn kept(demo: &Demo) -> Result<Option<Kept>, RunError> {
    Kept::read(&demo.data).map_err(|source| RunError::File {
        path: demo.data.join(FILE),
        source,
    })
}

/// Fills the demo where that has not been done, and returns the token that it shows.
async fn filled(node: &Node, demo: &Demo, issuer: &str) -> Result<String, RunError> {
    let token = match kept(demo)? {
        Some(kept) if kept.issuer == issuer => return Ok(kept.token),
        Some(kept) => {
            link_again(node, issuer).await?;
            kept.token
        }
        None => {
            eprintln!("spillway: playing {} days of history", crate::demo::history::DAYS);
            let reach = reach(node, demo)?;
            seed::seed(node.pool.clone(), issuer, node.clock.now(), reach, |left| {
                if left % 10 == 0 {
                    eprintln!("spillway: {left} days to go");
                }
            })
            .await?
        }
    };
    let kept = Kept {
        token,
        issuer: issuer.to_owned(),
    };
    kept.write(&demo.data).map_err(|source| RunError::File {
        path: demo.data.join(FILE),
        source,
    })?;
    Ok(kept.token)
}

/// The provider has another address than the last time: its people's sign-ins are linked to it.
async fn link_again(node: &Node, issuer: &str) -> Result<(), RunError> {
    let file = organisation::directory(issuer).map_err(seed::SeedError::from)?;
    let store = store::Store::new(node.pool.clone());
    let snapshots = service::snapshot::Snapshots::start(store.clone(), node.time.clone()).await?;
    let service = service::Service::new(store, node.time.clone(), node.ids.clone(), snapshots);
    let correlation = CorrelationId::from_uuid(node.ids.next(node.clock.now()));
    Ok(service.import_directory(&file, correlation).await?)
}

/// The provider's port: one that follows from ours, so that people stay linked to it from start to start.
const fn provider_port(demo: &Demo, port: u16) -> u16 {
    match (demo.provider_port, port) {
        (0, ..=55_535) => port + 10_000,
        (0, _) => port - 10_000,
        (named, _) => named,
    }
}

/// The provider on its own port, and how we are known there. The secret lasts as long as both run.
async fn start_provider(node: &Node, demo: &Demo, port: u16) -> Result<ProviderSettings, RunError> {
    let listener = demo_idp::bind(([127, 0, 0, 1], provider_port(demo, port)).into()).await?;
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
        roles: GROUP_ROLES
            .into_iter()
            .map(|(group, role)| (group.to_owned(), role))
            .collect(),
        step_up_acr_values: vec![demo_idp::KEY.to_owned()],
        untyped_logout_tokens: false,
    })
}
