//! Whether the identity provider is down, which lets emergencies go without a fresh sign-in.
//!
//! INVARIANT: only the server's own probes, on its own timer, say so; never the result of a request that a visitor caused. A
//! provider's edge answers a made-up code with whatever its sender can provoke.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::SignIn;
use super::exchange::{self, Code};
use super::outbound::{Answer, OutboundError};
use super::provider::discovery_address;
use crate::node::{Node, stopped_within};

/// How often the provider is probed while it answers.
const EVERY: Duration = Duration::from_secs(20);
/// How soon after a probe that failed.
const AGAIN: Duration = Duration::from_secs(5);
/// How long one probe may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// How many probes in a row have to fail.
const FAILURES: u32 = 2;
/// How long what a probe found counts: where probing has stopped, nothing is known.
const COUNTS_FOR: TimeDelta = TimeDelta::minutes(2);

/// A code that no provider has given out. It may be seen in the provider's log, so it says what it is for.
const MADE_UP_CODE: &str = "spillway-probe-of-availability";
/// A verifier of the length that RFC 7636 section 4.1 asks for.
const MADE_UP_VERIFIER: &str = "spillway-probe-of-availability-spillway-probe";

/// What the latest probes found.
#[derive(Debug, Default)]
pub(super) struct Health(Mutex<Probes>);

#[derive(Debug, Default, Clone, Copy)]
struct Probes {
    failed_in_a_row: u32,
    last_at: Option<DateTime<Utc>>,
}

impl Health {
    /// Whether the provider is down. Before the first probe, and long after the last one, it counts as answering.
    pub(super) fn is_down(&self, now: DateTime<Utc>) -> bool {
        let probes = *self.lock();
        let recent = probes.last_at.is_some_and(|at| (now - at).abs() <= COUNTS_FOR);
        recent && probes.failed_in_a_row >= FAILURES
    }

    /// Takes down what a probe found. One that was answered is enough for the provider to be up again.
    fn note(&self, answered: bool, now: DateTime<Utc>) {
        let mut probes = self.lock();
        let down_before = probes.failed_in_a_row >= FAILURES;
        probes.failed_in_a_row = if answered {
            0
        } else {
            probes.failed_in_a_row.saturating_add(1)
        };
        probes.last_at = Some(now);
        match (down_before, probes.failed_in_a_row >= FAILURES) {
            (false, true) => tracing::error!(
                "the identity provider is down; emergencies go without a fresh sign-in until it answers"
            ),
            (true, false) => tracing::info!("the identity provider answers again"),
            (true, true) | (false, false) => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, Probes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SignIn {
    /// Probes the provider once: its discovery document, and its token endpoint with a made-up code. Returns whether it
    /// answered; the timer of [`watch`] calls this.
    pub async fn probe(&self) -> bool {
        let asked = tokio::time::timeout(PATIENCE, self.ask_provider());
        let answered = match asked.await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(
                    error = &*error as &dyn std::error::Error,
                    "a probe of the identity provider failed"
                );
                false
            }
            Err(_) => {
                tracing::warn!("a probe of the identity provider took too long");
                false
            }
        };
        self.health.note(answered, self.clock.now());
        answered
    }

    async fn ask_provider(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let address = discovery_address(&self.settings.issuer)?;
        is_answer(self.outbound.get(address, None).await)?;
        // Where its addresses are not known yet they are read now. What cannot be read was answered all the same.
        let provider = match self.provider.known() {
            Some(known) => Some(known),
            None => self.provider.current(&self.outbound, self.clock.now()).await.ok(),
        };
        if let Some(provider) = provider {
            let code = Code {
                code: MADE_UP_CODE,
                verifier: MADE_UP_VERIFIER,
            };
            let redirect = self.redirect_uri();
            let asked = exchange::ask(
                &self.outbound,
                &provider.document,
                &self.settings,
                &redirect,
                &code,
            );
            is_answer(asked.await)?;
        }
        Ok(())
    }
}

/// Every status below 500 is an answer, and so is one that is too large to read.
fn is_answer(asked: Result<Answer, OutboundError>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    match asked {
        Ok(answer) if answer.status.is_server_error() => Err(exchange::status(&answer)),
        Ok(_) | Err(OutboundError::TooLarge) => Ok(()),
        Err(error @ OutboundError::Http(_)) => Err(Box::new(error)),
    }
}

/// Probes the provider until the node stops.
pub fn watch(node: &Node, sign_in: std::sync::Arc<SignIn>) {
    let stop = node.stop.clone();
    node.tasks.spawn(async move {
        let mut wait = Duration::ZERO;
        while !stopped_within(&stop, wait).await {
            wait = if sign_in.probe().await { EVERY } else { AGAIN };
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_507_200 + secs, 0).unwrap_or_default()
    }

    #[test]
    fn the_provider_is_down_after_two_failed_probes_in_a_row_and_up_after_a_good_one() {
        let health = Health::default();
        assert!(!health.is_down(at(0)), "nothing is known yet");
        for (secs, answered, down) in [
            (0, false, false),
            (5, true, false),
            (10, false, false),
            (15, false, true),
            (20, false, true),
            (25, true, false),
            (30, false, false),
            (35, false, true),
        ] {
            health.note(answered, at(secs));
            assert_eq!(health.is_down(at(secs)), down, "after {secs} seconds");
        }
        assert!(health.is_down(at(155)));
        assert!(!health.is_down(at(156)), "nobody has probed for too long");
    }
}
