//! P12: what a crash loses. The server, or PostgreSQL, is killed at a random moment under load and started again; then
//! every decision that was answered has to be there, and the ledger has to be intact.

mod witnesses;

use std::time::Duration;

use rand::Rng as _;
use rustix::process::{Pid, Signal, kill_process};

use super::error::BenchError;
use super::node::Node;
use super::place::Place;
use super::table::Bound::AtMost;
use super::table::Row;
use super::world::World;
use witnesses::Witnesses;

const NODE: &str = "a";

pub(crate) async fn measure(
    place: &Place,
    kills: usize,
    postgres_kills: usize,
) -> Result<Vec<Row>, BenchError> {
    let mut world = Killing {
        world: World::new(place, "kills").await?,
        answered: 0,
        missing: 0,
        torn: 0,
    };
    let mut node = world.world.node(NODE).await?;
    for _ in 0..kills {
        let witnesses = world.witnesses(&node)?;
        at_random().await;
        node.kill().await?;
        let answered = witnesses.dismiss().await?;
        node = world.world.node(NODE).await?;
        world.check(answered).await?;
    }
    let server = world.row("P12 kill -9 of the server", kills);
    (world.answered, world.missing, world.torn) = (0, 0, 0);
    for _ in 0..postgres_kills {
        let witnesses = world.witnesses(&node)?;
        at_random().await;
        let postmaster = Pid::from_raw(place.postmaster()?)
            .ok_or_else(|| BenchError::Wrong("PostgreSQL has no number".to_owned()))?;
        kill_process(postmaster, Signal::KILL)
            .map_err(|source| BenchError::io("PostgreSQL cannot be killed")(source.into()))?;
        place.start_postgres().await?;
        node.ready().await?;
        let answered = witnesses.dismiss().await?;
        world.check(answered).await?;
    }
    Ok(vec![
        server,
        world.row("P12 kill -9 of PostgreSQL", postgres_kills),
    ])
}

/// Long enough for hundreds of decisions, and never the same.
async fn at_random() {
    let wait = rand::rng().random_range(200..1_500);
    tokio::time::sleep(Duration::from_millis(wait)).await;
}

struct Killing {
    world: World,
    answered: usize,
    missing: usize,
    /// How often the ledger was not intact.
    torn: usize,
}

impl Killing {
    fn witnesses(&self, node: &Node) -> Result<Witnesses, BenchError> {
        Ok(Witnesses::call(node.address(), &self.world.requests()?))
    }

    async fn check(&mut self, answered: Vec<uuid::Uuid>) -> Result<(), BenchError> {
        self.answered += answered.len();
        self.missing += witnesses::missing(self.world.database(), &answered).await?;
        if let Err(error) = self.world.verify(NODE).await {
            eprintln!("bench: {error}");
            self.torn += 1;
        }
        Ok(())
    }

    fn row(&self, goal: &'static str, rounds: usize) -> Row {
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let figure = (self.missing + self.torn) as f64;
        Row {
            goal,
            measured: format!(
                "{} missing, {} ledgers torn in {rounds} rounds",
                self.missing, self.torn
            ),
            reference: format!("{} answered", self.answered),
            figure,
            unit: "lost",
            must: Some(AtMost(0.0)),
            stretch: Some(AtMost(0.0)),
        }
    }
}
