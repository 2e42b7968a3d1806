//! `spillway serve`.

use std::sync::Arc;

use service::clock::SystemClock;
use service::ids::RandomIds;
use service::notices::{Reach, Seal};
use service::time::Time;

use super::{RunError, listen, make_folder, require_site, site};
use crate::application::Application;
use crate::command::Configured;
use crate::config::{self, Settings};
use crate::database::Database;
use crate::deliver::{self, Courier};
use crate::http::rate_limit::RateLimits;
use crate::http::{Shell, TimeLimits, router};
use crate::mounts::mounts;
use crate::node::Node;
use crate::sign_in::SignIn;
use crate::tickets::TicketSource;

pub(super) async fn run(configured: &Configured) -> Result<(), RunError> {
    let settings = config::load(configured.config.as_deref())?;
    if let Err(error) = require_site(&settings.site_root) {
        // Machines are served all the same: a gateway's decisions need no page.
        tracing::error!(error = &error as &dyn std::error::Error, "pages will fail");
    }
    make_folder(&settings.data)?;
    let database = match &settings.database_url {
        Some(url) => Database::named(url).await?,
        None => Database::private(&settings.data).await?,
    };
    let database = database.refuse_demo().await?;
    let served = serve(&settings, &database).await;
    let closed = database.close().await;
    served?;
    Ok(closed?)
}

async fn serve(settings: &Settings, database: &Database) -> Result<(), RunError> {
    let mut node = Node::new(
        database.pool.clone(),
        Time::of_database(Arc::new(SystemClock)),
        Arc::new(RandomIds),
    );
    node.connections = settings.connections.clone();
    let rate_limits = RateLimits::new(
        settings.machine_rate,
        settings.sign_in_rate,
        settings.trusted_proxies.clone(),
    )?;
    let sign_in = SignIn::new(
        settings.sign_in.clone(),
        &settings.public_url,
        node.pool.clone(),
        node.clock.clone(),
    )?;
    let sign_in = Arc::new(sign_in);
    crate::sign_in::watch(&node, Arc::clone(&sign_in));
    let shell = Shell {
        public_url: settings.public_url.clone(),
        leptos: site(&settings.site_root),
        pool: node.pool.clone(),
        clock: node.clock.clone(),
        ids: node.ids.clone(),
        sign_in,
        session_limits: settings.session_limits,
        rate_limits: rate_limits.clone(),
        time_limits: TimeLimits::default(),
        loopback_only: false,
    };
    let reach = Reach {
        mail: settings.mail.is_some(),
        seal: Some(Seal::open_or_make(&settings.keys.wrapping, node.ids.as_ref())?),
        tickets: settings.tickets.is_some(),
    };
    let courier = Courier::new(settings.mail.as_ref(), &settings.outgoing, &settings.public_url)?;
    let tickets = settings
        .tickets
        .clone()
        .map(|tickets| TicketSource::new(tickets, settings.outgoing.allow.clone()))
        .transpose()?;
    let application = Application::start_reaching(&node, reach).await?;
    deliver::start(&node, &application.service, courier);
    if let Some(source) = tickets {
        crate::tickets::start(&node, &application.service, source);
    }
    crate::sequence::start(
        &node,
        &settings.data,
        &settings.keys.signing,
        &settings.public_url,
        &application.readiness,
    )?;
    let mounts = mounts(&application, &settings.public_url);
    let listener = listen(settings.listen).await?;
    node.keep_house(rate_limits);
    node.serve(listener, router(shell, mounts));
    tracing::info!(url = %settings.public_url, listen = %settings.listen, "serving");
    Ok(node.run_until_told().await?)
}
