//! Clients who remember every decision that they were told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::id::DecisionId;
use serde::Deserialize;
use sqlx::{Connection as _, PgConnection};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::error::BenchError;
use crate::http::Connection;

const WITNESSES: usize = 32;

/// They ask until they are dismissed, and come back after whatever goes wrong.
pub(super) struct Witnesses {
    tasks: JoinSet<Result<Vec<Uuid>, BenchError>>,
    dismissed: CancellationToken,
}

#[derive(Deserialize)]
struct Told {
    context: Context,
}

#[derive(Deserialize)]
struct Context {
    evaluation_id: DecisionId,
}

impl Witnesses {
    pub(super) fn call(address: SocketAddr, requests: &Arc<[Vec<u8>]>) -> Self {
        let (mut tasks, dismissed) = (JoinSet::new(), CancellationToken::new());
        for number in 0..WITNESSES {
            let (requests, dismissed) = (Arc::clone(requests), dismissed.clone());
            tasks.spawn(async move {
                let mut told = Vec::new();
                while !dismissed.is_cancelled() {
                    if !ask(address, &requests, number, &dismissed, &mut told).await? {
                        tokio::time::sleep(Duration::from_millis(10)).await;
                    }
                }
                Ok(told)
            });
        }
        Self { tasks, dismissed }
    }

    /// What they were told.
    pub(super) async fn dismiss(mut self) -> Result<Vec<Uuid>, BenchError> {
        self.dismissed.cancel();
        let mut told = Vec::new();
        while let Some(one) = self.tasks.join_next().await {
            told.extend(one??);
        }
        match told.is_empty() {
            true => Err(BenchError::Wrong(
                "nothing was decided before the kill".to_owned(),
            )),
            false => Ok(told),
        }
    }
}

/// Asks on one connection until it breaks or the server says that it cannot, and answers false then.
async fn ask(
    address: SocketAddr,
    requests: &[Vec<u8>],
    offset: usize,
    dismissed: &CancellationToken,
    told: &mut Vec<Uuid>,
) -> Result<bool, BenchError> {
    let Ok(mut connection) = Connection::open(address).await else {
        return Ok(false);
    };
    for request in requests.iter().cycle().skip(offset) {
        if dismissed.is_cancelled() {
            break;
        }
        match connection.ask(request).await {
            Ok(answer) if answer.status == 200 => {
                let said: Told = serde_json::from_slice(answer.body)
                    .map_err(|error| BenchError::Wrong(format!("an answer cannot be read: {error}")))?;
                told.push(said.context.evaluation_id.uuid());
            }
            Ok(answer) if answer.status == 503 => return Ok(false),
            Ok(answer) => {
                return Err(BenchError::Answer {
                    status: answer.status,
                    body: String::from_utf8_lossy(answer.body).into_owned(),
                });
            }
            Err(_) => return Ok(false),
        }
    }
    Ok(true)
}

/// How many of these decisions are not stored.
pub(super) async fn missing(database: &str, answered: &[Uuid]) -> Result<usize, BenchError> {
    let mut conn = PgConnection::connect(database).await?;
    #[expect(
        clippy::disallowed_methods,
        reason = "looks from outside at what is stored, whatever the product's own queries say"
    )]
    let missing: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM unnest($1::uuid[]) AS told (id)
         WHERE NOT EXISTS (SELECT FROM decisions WHERE decisions.id = told.id)",
    )
    .bind(answered)
    .fetch_one(&mut conn)
    .await?;
    conn.close().await?;
    Ok(usize::try_from(missing).unwrap_or(usize::MAX))
}
