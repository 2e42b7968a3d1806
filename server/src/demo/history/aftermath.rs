//! What comes after a decision: the gate says what it really did, access is given back or taken, a signal is confirmed and
//! cleared, votes that were lent are taken back.

use chrono::TimeDelta;
use domain::approval::{DelegationState, Verdict};
use domain::enforcement::Done;
use domain::id::CorrelationId;
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::signal::Risk;
use domain::window::Instant;
use service::enforcements::EnforcementInput;
use service::signals::{Received, SignalInput};

use super::acts::{Act, Lending, Question, Slot};
use super::players::Players;
use super::stage::{HistoryError, Stage};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Slots beyond those of the other stories.
const GIVEN_BACK: Slot = 9_301;
const TAKEN: Slot = 9_302;
const WITHDRAWN: Slot = 9_303;
const SIGNALLED: Slot = 9_304;

/// One act.
#[derive(Debug, Clone)]
pub(super) enum After {
    /// A decision, and what the gate did.
    Report {
        /// What is asked.
        question: Question,
        /// What was done.
        done: Done,
        /// What the gate adds.
        note: &'static str,
    },
    /// The grant of a request is ended: given back by its holder, taken by anybody else.
    EndGrant {
        /// Of which request.
        slot: Slot,
        /// By whom.
        person: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// A request is taken back.
    Withdraw {
        /// Which.
        slot: Slot,
        /// By whom.
        person: &'static str,
    },
    /// The monitoring tool signals.
    Signal {
        /// Which opt-out it opens.
        slot: Slot,
        /// What it says.
        input: Box<SignalInput>,
    },
    /// Somebody agrees with a signal.
    Confirm {
        /// Which opt-out.
        slot: Slot,
        /// Who.
        person: &'static str,
    },
    /// Somebody takes back the votes that they have lent.
    TakeBack {
        /// Whose.
        person: &'static str,
    },
}

pub(super) fn write(until: Instant, script: &mut Vec<(Instant, Act)>) {
    let mut at = |secs_before: i64, act: Act| script.push((until - TimeDelta::seconds(secs_before), act));
    reports(&mut at);
    grants(&mut at);
    signal(until, &mut at);
    at(
        31 * DAY,
        Act::Lend(Lending {
            person: "bob.okafor",
            to: "mara.silva",
            groups: &["payments-owners"],
            until: until - TimeDelta::days(17),
            reason: "Two weeks of parental leave.",
        }),
    );
    at(27 * DAY, Act::After(After::TakeBack { person: "bob.okafor" }));
}

/// In the emergency of three weeks ago the console lost its connection once; in the roll-backs before that all went as
/// answered.
fn reports(at: &mut impl FnMut(i64, Act)) {
    let admin = |done, note| {
        Act::After(After::Report {
            question: Question {
                client: "console",
                subject: ("person", "jonas.weber"),
                resource: ("service", "payments-prod"),
                action: "admin",
                context: Vec::new(),
            },
            done,
            note,
        })
    };
    let begun = 24 * DAY + 2 * HOUR;
    at(begun - 26 * 60, admin(Done::Enforced, "Certificate replaced."));
    at(
        begun - 33 * 60,
        admin(Done::Denied, "The console had lost its connection."),
    );
    let deploy = Question {
        client: "ci-gateway",
        subject: ("workload", "ci/payments"),
        resource: ("service", "payments-prod"),
        action: "deploy",
        context: vec![("initiator", "jonas.weber".to_owned())],
    };
    let done = After::Report {
        question: deploy,
        done: Done::Enforced,
        note: "",
    };
    at(26 * DAY - 20 * 60, Act::After(done));
}

/// One grant is given back, one is taken, and one request is taken back before anybody decides.
fn grants(at: &mut impl FnMut(i64, Act)) {
    let vote = |slot| Act::VoteRequest {
        slot,
        person: "noor.aziz",
        verdict: Verdict::Approve,
        reason: "For the reconciliation only.",
    };
    at(12 * DAY, read(GIVEN_BACK, "alice.meyer"));
    at(12 * DAY - 900, vote(GIVEN_BACK));
    at(12 * DAY - 960, Act::AskAgain { slot: GIVEN_BACK });
    let ends = |slot, person, reason| Act::After(After::EndGrant { slot, person, reason });
    at(
        12 * DAY - 1_800,
        ends(GIVEN_BACK, "alice.meyer", "Found it at once."),
    );
    at(11 * DAY, read(TAKEN, "hanna.lindt"));
    at(11 * DAY - 900, vote(TAKEN));
    at(
        11 * DAY - 1_500,
        ends(TAKEN, "noor.aziz", "The migration starts earlier than planned."),
    );
    at(10 * DAY, read(WITHDRAWN, "alice.meyer"));
    let person = "alice.meyer";
    at(
        10 * DAY - 600,
        Act::After(After::Withdraw {
            slot: WITHDRAWN,
            person,
        }),
    );
}

fn read(slot: Slot, reader: &'static str) -> Act {
    Act::Submit {
        slot,
        question: Question {
            client: "psql-gateway",
            subject: ("person", reader),
            resource: ("database", "ledger-db"),
            action: "read",
            context: Vec::new(),
        },
        reason: "Two postings of last week do not add up; an hour is enough.".to_owned(),
        ticket: None,
    }
}

/// The endpoint monitor takes Tom out, Security agrees, and the monitor takes it back.
fn signal(until: Instant, at: &mut impl FnMut(i64, Act)) {
    let said = |risk, id: &'static str, reason: &'static str| {
        let principal = PrincipalRef::new(PrincipalKind::Person, "tom.becker").ok()?;
        Some(Act::After(After::Signal {
            slot: SIGNALLED,
            input: Box::new(SignalInput {
                risk,
                principal,
                source_id: id.to_owned(),
                reason: reason.to_owned(),
                expires_at: (risk == Risk::High).then(|| until - TimeDelta::days(18)),
            }),
        }))
    };
    let acts = [
        (
            19 * DAY,
            said(Risk::High, "EM-76204", "Malware found in a download folder."),
        ),
        (
            19 * DAY - 2 * HOUR,
            Some(Act::After(After::Confirm {
                slot: SIGNALLED,
                person: "omar.haddad",
            })),
        ),
        (
            19 * DAY - 9 * HOUR,
            said(Risk::Low, "EM-76204-2", "Scanned again, clean."),
        ),
    ];
    for (secs_before, act) in acts {
        if let Some(act) = act {
            at(secs_before, act);
        }
    }
}

impl Stage<'_> {
    pub(super) async fn play_after(
        &mut self,
        after: After,
        correlation: CorrelationId,
    ) -> Result<(), HistoryError> {
        match after {
            After::Report { question, done, note } => {
                let decision = self.ask(&question, None, correlation).await?;
                let gate = self.players.client(question.client, correlation)?;
                let input = EnforcementInput {
                    decision: decision.id,
                    done,
                    done_at: None,
                    note: note.to_owned(),
                };
                self.service.report_enforcement(&gate, &input).await?;
            }
            After::EndGrant { slot, person, reason } => {
                let caller = Players::person(person, correlation)?;
                // Where policy granted it at once there is nothing to end.
                if let Some((id, _)) = self.requests.get(&slot) {
                    let grant = self.service.access_request(&caller, *id).await?.grant;
                    let grant = grant.ok_or(HistoryError::Player("grant of that story"))?;
                    self.service.end_grant(&caller, grant.id, reason).await?;
                }
            }
            After::Withdraw { slot, person } => {
                let caller = Players::person(person, correlation)?;
                if let Some((id, _)) = self.requests.get(&slot) {
                    self.service.withdraw_access_request(&caller, *id).await?;
                }
            }
            After::Signal { slot, input } => {
                let source = self.players.client("endpoint-monitor", correlation)?;
                if let Received::Opened(opened) = self.service.signal(&source, &input).await? {
                    self.opt_outs.insert(slot, opened.id);
                }
            }
            After::Confirm { slot, person } => {
                let id = self.opt_out(slot)?;
                let caller = Players::person(person, correlation)?;
                self.service.confirm_signal(&caller, id).await?;
            }
            After::TakeBack { person } => {
                let caller = Players::person(person, correlation)?;
                let lent = self.service.delegations(&caller).await?.all;
                for one in lent.iter().filter(|one| one.state == DelegationState::Active) {
                    if one.delegation.from == caller.person {
                        self.service.end_delegation(&caller, one.delegation.id).await?;
                    }
                }
            }
        }
        Ok(())
    }
}
