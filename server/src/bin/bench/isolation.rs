//! What one client, or somebody who only opens connections, costs all others: their p99 with it ÷ without, taken in turn.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use server::connections::descriptors;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::Effort;
use super::changes::Operator;
use super::error::BenchError;
use super::http::Connection;
use super::load::Load;
use super::node::Node;
use super::place::Place;
use super::table::Bound::AtMost;
use super::table::{Row, median};
use super::world::World;

/// How many messages the greedy client has under way.
const PARALLEL: u32 = 60;
const EVALUATIONS: usize = 256;
/// How many connections say nothing.
const HALF_OPEN: u32 = 2_000;
/// What the others ask, over so many connections.
const PER_SECOND: u32 = 200;
const CONNECTIONS: u32 = 16;

/// Messages of one client: those that would be recorded as 16 MiB each, and the largest that are still taken.
pub(crate) async fn starvation(place: &Place, effort: Effort) -> Result<Vec<Row>, BenchError> {
    let world = World::new(place, "starvation").await?;
    let node = world.node("s").await?;
    let greedy = Operator::new(&world).await?.change().await?;
    let mut rows = Vec::new();
    for (goal, default_bytes) in [
        ("60 messages of 64 KiB × 256 beside: p99", 16_000),
        ("60 messages of the largest size beside: p99", 180),
    ] {
        let message = message(&greedy, default_bytes);
        let before = node.resident_mb()?;
        let flood = |address| {
            let message = message.clone();
            move || flood(address, &message)
        };
        let (row, most_mb) = beside(&world, &node, effort, goal, 3.0, flood).await?;
        rows.push(row);
        rows.push(Row {
            goal: "  growth of the server's memory",
            measured: format!("{most_mb:.0} MB at most"),
            reference: format!("{before:.0} MB before"),
            figure: most_mb - before,
            unit: "MB",
            must: Some(AtMost(256.0)),
            stretch: None,
        });
    }
    Ok(rows)
}

/// Connections that begin a request and never end it.
pub(crate) async fn connections(place: &Place, effort: Effort) -> Result<Vec<Row>, BenchError> {
    descriptors::raise();
    let world = World::new(place, "connections").await?;
    let node = world.node("c").await?;
    let goal = "2,000 half-open connections beside: p99";
    let (row, _) = beside(&world, &node, effort, goal, 2.0, |address| {
        move || half_open(address)
    })
    .await?;
    Ok(vec![row])
}

/// The others' p99 with a disturbance ÷ without, and the most memory that the node had.
pub(crate) async fn beside<D, F>(
    world: &World,
    node: &Node,
    effort: Effort,
    goal: &'static str,
    most: f64,
    disturbance: D,
) -> Result<(Row, f64), BenchError>
where
    D: Fn(SocketAddr) -> F,
    F: Fn() -> Disturbing + Send + 'static,
{
    let load = Load {
        address: node.address(),
        requests: world.requests()?,
        connections: CONNECTIONS,
        lasting: effort.lasting,
    };
    load.open(PER_SECOND).await?;
    let (mut rounds, mut refused, mut most_mb) = (Vec::new(), 0, 0.0_f64);
    for _ in 0..effort.rounds {
        let quiet = load.open(PER_SECOND).await?.quantile_ms(0.99);
        let disturber = Disturber::start(disturbance(node.address()));
        let disturbed = load.open(PER_SECOND).await;
        most_mb = most_mb.max(node.resident_mb()?);
        disturber.stop();
        let disturbed = disturbed?;
        refused += disturbed.refused;
        rounds.push((quiet, disturbed.quantile_ms(0.99)));
    }
    let row = Row {
        goal,
        measured: format!(
            "{:.1} ms at {PER_SECOND}/s, {refused} refused",
            median(rounds.iter().map(|round| round.1))
        ),
        reference: format!("{:.1} ms without", median(rounds.iter().map(|round| round.0))),
        figure: median(rounds.iter().map(|(quiet, disturbed)| disturbed / quiet)),
        unit: "×",
        must: Some(AtMost(most)),
        stretch: None,
    };
    Ok((row, most_mb))
}

pub(crate) type Disturbing = std::pin::Pin<Box<dyn Future<Output = ()>>>;

/// Disturbs on a thread of its own, so that what is measured does not wait for it in this process.
struct Disturber {
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<()>,
}

impl Disturber {
    fn start(disturb: impl Fn() -> Disturbing + Send + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
                return;
            };
            runtime.block_on(async {
                tokio::select! {
                    () = disturb() => {}
                    () = until(&stopped) => {}
                }
            });
        });
        Self { stop, thread }
    }

    fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        if self.thread.join().is_err() {
            eprintln!("bench: what disturbs has panicked");
        }
    }
}

async fn until(stopped: &AtomicBool) {
    while !stopped.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The same message over and over on many connections, whatever is answered.
fn flood(address: SocketAddr, message: &[u8]) -> Disturbing {
    let message: Arc<[u8]> = message.into();
    Box::pin(async move {
        let mut asking = JoinSet::new();
        for _ in 0..PARALLEL {
            let message = Arc::clone(&message);
            asking.spawn(async move {
                while let Ok(mut connection) = Connection::open(address).await {
                    while connection.ask(&message).await.is_ok() {}
                }
            });
        }
        while asking.join_next().await.is_some() {}
    })
}

/// Opens each anew as soon as the server closes it.
fn half_open(address: SocketAddr) -> Disturbing {
    Box::pin(async move {
        let mut open = JoinSet::new();
        for _ in 0..HALF_OPEN {
            open.spawn(async move {
                while let Ok(mut stream) = TcpStream::connect(address).await {
                    let _ = stream
                        .write_all(b"POST /access/v1/evaluation HTTP/1.1\r\nhost:")
                        .await;
                    let _ = stream.read(&mut [0]).await;
                }
            });
        }
        while open.join_next().await.is_some() {}
    })
}

/// One message of many evaluations, each of which takes the defaults.
fn message(token: &str, default_bytes: usize) -> Vec<u8> {
    let properties = serde_json::json!({ "p": "x".repeat(default_bytes) });
    let body = serde_json::json!({
        "subject": { "type": "workload", "id": "ci/payments", "properties": properties },
        "action": { "name": "deploy", "properties": properties },
        "resource": { "type": "service", "id": "payments-staging", "properties": properties },
        "context": properties,
        "evaluations": vec![serde_json::json!({}); EVALUATIONS],
    })
    .to_string();
    format!(
        "POST /access/v1/evaluations HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
