//! The load generator. A closed loop asks again as soon as it is answered and shows what can be done; an open loop asks
//! when it was meant to, answered or not, and shows what somebody waits: its latencies count from the intended start, so
//! that a server which stalls does not stop the clock.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use super::error::BenchError;
use super::http::Connection;

/// The longest latency that is told from longer ones, in microseconds.
const LONGEST: u64 = 60_000_000;
/// An open loop that falls behind ends after this many times its length.
const MOST_BEHIND: u32 = 3;

/// What is asked, where, over how many connections and for how long.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) requests: Arc<[Vec<u8>]>,
    pub(crate) connections: u32,
    pub(crate) lasting: Duration,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Counted {
    /// In microseconds.
    latencies: Histogram<u64>,
    /// How many were told to come back: nothing was decided.
    pub(crate) refused: u64,
    /// From the first request to the last answer.
    took: Duration,
}

impl Counted {
    /// Answers a second.
    pub(crate) fn per_second(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let count = self.latencies.len() as f64;
        count / self.took.as_secs_f64()
    }

    /// The latency that this share of requests stays below, in milliseconds.
    pub(crate) fn quantile_ms(&self, share: f64) -> f64 {
        Duration::from_micros(self.latencies.value_at_quantile(share)).as_secs_f64() * 1e3
    }
}

/// When a connection asks.
#[derive(Debug, Clone, Copy)]
enum Pace {
    AtOnce,
    /// At `first` and every so often from then on.
    Every {
        first: Instant,
        interval: Duration,
    },
}

impl Load {
    /// Every connection asks as soon as it is answered.
    pub(crate) async fn closed(&self) -> Result<Counted, BenchError> {
        self.run(|_, _| Pace::AtOnce).await
    }

    /// That many requests a second over all connections, evenly.
    pub(crate) async fn open(&self, per_second: u32) -> Result<Counted, BenchError> {
        let between = Duration::from_secs(1) / per_second;
        let interval = between * self.connections;
        self.run(|start, number| Pace::Every {
            first: start + between * number,
            interval,
        })
        .await
    }

    async fn run(&self, pace: impl Fn(Instant, u32) -> Pace) -> Result<Counted, BenchError> {
        let mut connections = Vec::new();
        for _ in 0..self.connections {
            let opened = Connection::open(self.address).await;
            connections.push(opened.map_err(BenchError::io("the server takes no connection"))?);
        }
        let (start, mut tasks) = (Instant::now(), JoinSet::new());
        for (number, connection) in (0..).zip(connections) {
            let requests = Arc::clone(&self.requests);
            let part = Part {
                pace: pace(start, number),
                start,
                lasting: self.lasting,
                offset: number as usize,
            };
            tasks.spawn(part.ask(connection, requests));
        }
        let (mut latencies, mut refused) = (Histogram::new_with_max(LONGEST, 3)?, 0);
        while let Some(part) = tasks.join_next().await {
            let (of_part, refused_part) = part??;
            latencies += of_part;
            refused += refused_part;
        }
        Ok(Counted {
            latencies,
            refused,
            took: start.elapsed(),
        })
    }
}

/// What one connection does.
struct Part {
    pace: Pace,
    start: Instant,
    lasting: Duration,
    /// The first request, so that not all ask for the same at once.
    offset: usize,
}

impl Part {
    async fn ask(
        self,
        mut connection: Connection,
        requests: Arc<[Vec<u8>]>,
    ) -> Result<(Histogram<u64>, u64), BenchError> {
        let (mut latencies, mut refused) = (Histogram::<u64>::new_with_max(LONGEST, 3)?, 0);
        let mut intended = match self.pace {
            Pace::AtOnce => self.start,
            Pace::Every { first, .. } => first,
        };
        for request in requests.iter().cycle().skip(self.offset) {
            match self.pace {
                Pace::AtOnce => intended = Instant::now(),
                Pace::Every { .. } => tokio::time::sleep_until(intended.into()).await,
            }
            let is_over = intended.duration_since(self.start) >= self.lasting
                || self.start.elapsed() >= self.lasting * MOST_BEHIND;
            if is_over {
                break;
            }
            let answer = connection
                .ask(request)
                .await
                .map_err(BenchError::io("an answer did not come"))?;
            match answer.status {
                200 => {
                    let micros = u64::try_from(intended.elapsed().as_micros()).unwrap_or(u64::MAX);
                    latencies.saturating_record(micros.max(1));
                }
                503 => refused += 1,
                status => {
                    return Err(BenchError::Answer {
                        status,
                        body: String::from_utf8_lossy(answer.body).into_owned(),
                    });
                }
            }
            if let Pace::Every { interval, .. } = self.pace {
                intended += interval;
            }
        }
        Ok((latencies, refused))
    }
}
