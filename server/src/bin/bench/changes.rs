//! P5: what changes costs those who only ask, and how soon another node answers by it.
//!
//! The change is the cheapest command that raises the generation: registering a client. This process is the node that
//! commits it, with the very code of the server; the other node is a server. A client that was just registered is
//! recognised, and its question decided, under the new generation alone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::client::{ResourcePattern, SubjectPattern};
use domain::id::CorrelationId;
use service::Service;
use service::clock::{Clock as _, SystemClock};
use service::directory::ClientFile;
use service::ids::{Ids as _, RandomIds};
use service::snapshot::Snapshots;
use service::time::Time;
use sqlx::postgres::PgPoolOptions;
use store::Store;

use super::Effort;
use super::error::BenchError;
use super::http::Connection;
use super::load::Load;
use super::place::Place;
use super::table::Bound::AtMost;
use super::table::{Row, median};
use super::world::{World, request};

const CONNECTIONS: u32 = 128;
const PER_SECOND: u32 = 1_000;
const BETWEEN_CHANGES: Duration = Duration::from_millis(100);
/// How many changes are followed to the other node.
const FOLLOWED: usize = 40;

pub(crate) async fn measure(place: &Place, effort: Effort) -> Result<Vec<Row>, BenchError> {
    let world = World::new(place, "changes").await?;
    let node = world.node("b").await?;
    let operator = Operator::new(&world).await?;
    let load = Load {
        address: node.address(),
        requests: world.requests()?,
        connections: CONNECTIONS,
        lasting: effort.lasting,
    };
    load.open(PER_SECOND).await?;
    let mut delays = Vec::with_capacity(FOLLOWED);
    for _ in 0..FOLLOWED {
        delays.push(operator.follow(node.address()).await?.as_secs_f64() * 1e3);
    }
    let (mut rounds, mut refused) = (Vec::new(), 0);
    for _ in 0..effort.rounds {
        let quiet = load.open(PER_SECOND).await?.quantile_ms(0.99);
        let changing = tokio::select! {
            counted = load.open(PER_SECOND) => counted?,
            error = operator.keep_changing() => return Err(error),
        };
        refused += changing.refused;
        rounds.push((quiet, changing.quantile_ms(0.99)));
    }
    let slowest = delays.iter().copied().fold(0.0, f64::max);
    Ok(vec![
        Row {
            goal: "P5 decision p99 with ten changes a second",
            measured: format!(
                "{:.1} ms at 1,000/s, {refused} refused",
                median(rounds.iter().map(|round| round.1))
            ),
            reference: format!("{:.1} ms without", median(rounds.iter().map(|round| round.0))),
            figure: median(rounds.iter().map(|(quiet, changing)| changing / quiet)),
            unit: "×",
            must: Some(AtMost(2.0)),
            stretch: Some(AtMost(1.2)),
        },
        Row {
            goal: "P5 commit to first decision on another node",
            measured: format!("slowest of {FOLLOWED}: {slowest:.1} ms"),
            reference: "absolute".to_owned(),
            figure: median(delays),
            unit: "ms",
            must: None,
            stretch: None,
        },
    ])
}

/// Who changes things.
pub(crate) struct Operator {
    service: Service,
}

impl Operator {
    pub(crate) async fn new(world: &World) -> Result<Self, BenchError> {
        let pool = PgPoolOptions::new()
            .max_connections(2)
            .connect(world.serving())
            .await?;
        let store = Store::new(pool);
        let time = Time::exact(Arc::new(SystemClock));
        let snapshots = Snapshots::start(store.clone(), time.clone()).await?;
        Ok(Self {
            service: Service::new(store, time, Arc::new(RandomIds), snapshots),
        })
    }

    /// One change. Answers the token of the new client.
    pub(crate) async fn change(&self) -> Result<String, BenchError> {
        let now = SystemClock.now();
        let file = ClientFile {
            name: format!("bench-{}", RandomIds.next(now)),
            subjects: vec![SubjectPattern {
                kind: None,
                id: "*".to_owned(),
            }],
            resources: vec![ResourcePattern {
                kind: None,
                id: "*".to_owned(),
            }],
            trusted_keys: std::collections::BTreeSet::new(),
            signals: None,
            incidents: None,
        };
        let correlation = CorrelationId::from_uuid(RandomIds.next(now));
        let (_, token) = self.service.register_client(&file, correlation).await?;
        Ok(token)
    }

    /// Changes things until it is dropped.
    async fn keep_changing(&self) -> BenchError {
        let mut next = tokio::time::interval(BETWEEN_CHANGES);
        loop {
            next.tick().await;
            if let Err(error) = self.change().await {
                return error;
            }
        }
    }

    /// How long after a commit here the node there first decides by it.
    async fn follow(&self, address: std::net::SocketAddr) -> Result<Duration, BenchError> {
        let lost = || BenchError::io("the other node does not answer");
        let mut connection = Connection::open(address).await.map_err(lost())?;
        let token = self.change().await?;
        let committed = Instant::now();
        let request = request(&token, "ci/payments", "payments-staging");
        loop {
            let answer = connection.ask(&request).await.map_err(lost())?;
            match answer.status {
                200 => return Ok(committed.elapsed()),
                401 if committed.elapsed() < Duration::from_secs(10) => {}
                status => {
                    return Err(BenchError::Answer {
                        status,
                        body: String::from_utf8_lossy(answer.body).into_owned(),
                    });
                }
            }
        }
    }
}
