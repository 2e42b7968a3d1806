//! Opt-outs of every kind and end: used and expired, narrowed, rejected, withdrawn, revoked, lapsed, in force, scheduled,
//! waiting. It is long for being a list: one story after the other, and their order is the demo's calendar.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::approval::Verdict;
use domain::name::{Capability, GroupName, RuleId, ScenarioId};
use domain::opt_out::{DataClassification, Details, Direction, Recurrence};
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::resource::ResourceRef;
use domain::scope::{PrincipalSelector, ResourceSelector, Scope};
use domain::window::Instant;
use service::opt_outs::{NarrowInput, OptOutInput};

use super::acts::{Act, Question, Slot};

pub(super) const DAY: i64 = 86_400;
pub(super) const HOUR: i64 = 3_600;

/// One opt-out as the stories tell it.
pub(super) struct Told {
    pub(super) scenario: &'static str,
    pub(super) direction: Direction,
    pub(super) title: &'static str,
    pub(super) who: Option<&'static str>,
    pub(super) what: Option<&'static str>,
    pub(super) to_do: Option<&'static str>,
    pub(super) rule: Option<&'static str>,
    pub(super) reason: &'static str,
    pub(super) ticket: Option<&'static str>,
    pub(super) length: i64,
    pub(super) incident: Option<&'static str>,
}

pub(super) fn write(until: Instant, script: &mut Vec<(Instant, Act)>) {
    let mut story = Story {
        until,
        slot: 0,
        script,
    };
    settled(&mut story);
    super::lives::write(&mut story);
    standing(&mut story);
    super::hours::write(&mut story);
    waiting(&mut story);
}

/// Those that are over.
fn settled(story: &mut Story<'_>) {
    let hold = story.asks(58 * DAY, "ines.marchetti", Told {
        scenario: "legal-hold",
        direction: Direction::ToManual,
        title: "Hold on the warehouse for the Brandt case",
        who: None,
        what: Some("database warehouse"),
        to_do: Some("write"),
        rule: None,
        reason: "Counsel asks that nothing is written to the warehouse before the extract is taken and signed.",
        ticket: Some("LEG-118"),
        length: 6 * DAY,
        incident: None,
    });
    story.says(
        hold,
        58 * DAY - HOUR,
        "ravi.patel",
        Verdict::Approve,
        "Extract is planned for Thursday.",
    );
    story.says(
        hold,
        58 * DAY - 2 * HOUR,
        "omar.haddad",
        Verdict::Approve,
        "Seen with counsel.",
    );

    let earlier = story.asks(
        46 * DAY,
        "alice.meyer",
        audit("Ledger reads during the Q3 audit", 7 * DAY),
    );
    story.says(
        earlier,
        46 * DAY - 2 * HOUR,
        "ravi.patel",
        Verdict::Approve,
        "Queries are recorded.",
    );
    story.says(
        earlier,
        46 * DAY - 3 * HOUR,
        "omar.haddad",
        Verdict::Approve,
        "Replica only, queries are recorded.",
    );

    let freeze = story.asks(33 * DAY, "yuki.mori", Told {
        scenario: "change-freeze-exception",
        direction: Direction::Bypass,
        title: "Index rebuild before the campaign",
        who: Some("workload ci/search"),
        what: Some("service search-prod"),
        to_do: Some("deploy"),
        rule: Some("change-freeze"),
        reason: "The campaign starts on Monday 06:00 and the rebuilt index has to be live and warm by then.",
        ticket: Some("CHG-8801"),
        length: 3 * DAY,
        incident: None,
    });
    story.says(
        freeze,
        33 * DAY - HOUR,
        "ines.marchetti",
        Verdict::Approve,
        "Search is staffed over the weekend.",
    );

    let wrong = story.asks(27 * DAY, "lena.fischer", Told {
        scenario: "false-positive",
        direction: Direction::Bypass,
        title: "Contractor reviews on the edge gateway",
        who: Some("group contractors"),
        what: Some("service edge-gw"),
        to_do: None,
        rule: Some("contractors-need-review"),
        reason: "Every deployment of our contractors waits for a person although we pair on all of them anyway.",
        ticket: None,
        length: 7 * DAY,
        incident: None,
    });
    let no = "Pairing is not recorded anywhere. Ask the policy authors to change the rule instead.";
    story.says(wrong, 27 * DAY - 5 * HOUR, "sofia.rossi", Verdict::Deny, no);

    let flagged = story.asks(21 * DAY, "omar.haddad", Told {
        scenario: "flagged-principal",
        direction: Direction::ToManual,
        title: "Hold automation for h.lindt",
        who: Some("person hanna.lindt"),
        what: None,
        to_do: None,
        rule: None,
        reason: "The endpoint monitor reports an unknown remote session on this laptop; being looked into now.",
        ticket: Some("SEC-902"),
        length: 3 * DAY,
        incident: None,
    });
    story.says(
        flagged,
        21 * DAY - 600,
        "ravi.patel",
        Verdict::Approve,
        "Hanna knows.",
    );
    story.says(
        flagged,
        21 * DAY - 1_200,
        "sofia.rossi",
        Verdict::Approve,
        "Case opened.",
    );
    story.ends(
        flagged,
        20 * DAY,
        "sofia.rossi",
        "Laptop replaced, session was the vendor's support.",
    );

    let incident = story.asks(
        14 * DAY,
        "jonas.weber",
        Told {
            scenario: "incident-response",
            direction: Direction::Bypass,
            title: "Roll-back releases during INC-4471",
            who: Some("workload ci/payments"),
            what: Some("service payments-prod"),
            to_do: Some("deploy"),
            rule: Some("no-unattended-prod-deploy"),
            reason: "Card payments fail for one network; we need several small roll-backs within the hour.",
            ticket: None,
            length: 4 * HOUR,
            incident: Some("INC-4471"),
        },
    );
    let three = NarrowInput {
        max_uses: Some(3),
        ..NarrowInput::default()
    };
    story.narrows(
        incident,
        14 * DAY - 300,
        "bob.okafor",
        "I am in the call; three roll-backs are prepared.",
        three,
    );
    story.says(
        incident,
        14 * DAY - 420,
        "omar.haddad",
        Verdict::Approve,
        "Incident confirmed.",
    );
    for minutes in [20, 41, 63] {
        let deploy = Question {
            client: "ci-gateway",
            subject: ("workload", "ci/payments"),
            resource: ("service", "payments-prod"),
            action: "deploy",
            context: vec![("initiator", "jonas.weber".to_owned())],
        };
        story.at(14 * DAY - minutes * 60, Act::Ask(deploy));
    }

    let taken_back = story.asks(
        9 * DAY,
        "lena.fischer",
        Told {
            scenario: "operational-window",
            direction: Direction::ToManual,
            title: "Hands on the edge gateway",
            who: None,
            what: Some("service edge-gw"),
            to_do: None,
            rule: None,
            reason: "Certificates are exchanged by hand tonight and nothing else should move meanwhile.",
            ticket: None,
            length: 8 * HOUR,
            incident: None,
        },
    );
    story.at(
        9 * DAY - 4 * HOUR,
        Act::WithdrawOptOut {
            slot: taken_back,
            person: "lena.fischer",
        },
    );

    // Nobody decided this one in time.
    story.asks(
        8 * DAY,
        "hanna.lindt",
        audit("Ledger reads for the year-end rehearsal", 2 * DAY),
    );
}

/// Those in force, or about to be.
fn standing(story: &mut Story<'_>) {
    let running = story.asks(
        3 * DAY,
        "alice.meyer",
        audit("Ledger reads during the Q4 audit", 7 * DAY),
    );
    let shorter = NarrowInput {
        length_secs: Some(6 * DAY),
        ..NarrowInput::default()
    };
    story.narrows(
        running,
        3 * DAY - HOUR,
        "ravi.patel",
        "Six days cover the examination.",
        shorter,
    );
    story.says(
        running,
        3 * DAY - 2 * HOUR,
        "omar.haddad",
        Verdict::Approve,
        "Replica only, queries are recorded.",
    );

    let experiments = story.asks(6 * DAY, "ines.marchetti", Told {
        scenario: "flagged-principal",
        direction: Direction::ToManual,
        title: "Search experiments under review",
        who: Some("workload ci/search-experiments"),
        what: Some("team search"),
        to_do: None,
        rule: None,
        reason: "This pipeline runs from branches without review and pushed a debug build to staging twice.",
        ticket: Some("SEC-911"),
        length: 14 * DAY,
        incident: None,
    });
    story.says(
        experiments,
        6 * DAY - 900,
        "yuki.mori",
        Verdict::Approve,
        "Agreed until the branch rules are in.",
    );
    story.says(
        experiments,
        6 * DAY - 2_700,
        "omar.haddad",
        Verdict::Approve,
        "Case opened.",
    );

    let partitions = story.asks(
        DAY,
        "alice.meyer",
        Told {
            scenario: "operational-window",
            direction: Direction::ToManual,
            title: "Warehouse partitions by hand",
            who: None,
            what: Some("database warehouse"),
            to_do: Some("write"),
            rule: None,
            reason: "Old partitions are moved by hand; a person looks at everything that writes meanwhile.",
            ticket: Some("CHG-9040"),
            length: 2 * DAY,
            incident: None,
        },
    );
    story.says(
        partitions,
        DAY - 1_800,
        "noor.aziz",
        Verdict::Approve,
        "On the calendar.",
    );
}

/// Those that wait for a vote.
fn waiting(story: &mut Story<'_>) {
    let examiner = story.asks(
        5 * HOUR,
        "alice.meyer",
        Told {
            who: Some("person c.duarte"),
            ..audit("Ledger reads for a third examiner", 3 * DAY)
        },
    );
    super::comments::examiner(story, examiner);
    super::comments::alike(story);
    story.asks(40 * 60, "jonas.weber", Told {
        scenario: "incident-response",
        direction: Direction::Bypass,
        title: "Roll-back releases during INC-4502",
        who: Some("workload ci/payments"),
        what: Some("service payments-prod"),
        to_do: Some("deploy"),
        rule: Some("no-unattended-prod-deploy"),
        reason: "Settlement files are cut short since this morning; two roll-backs and one fix are prepared.",
        ticket: None,
        length: 4 * HOUR,
        incident: Some("INC-4502"),
    });
}

/// Auditors read the ledger without a ticket for each query.
pub(super) const fn audit(title: &'static str, length: i64) -> Told {
    Told {
        scenario: "audit-examination",
        direction: Direction::Bypass,
        title,
        who: Some("group auditors-external"),
        what: Some("label system=ledger"),
        to_do: Some("read"),
        rule: Some("read-needs-ticket"),
        reason: "Statutory audit. The examiners sample about 300 postings a day; a ticket each would stall them. \
                 Queries are recorded and limited to read replicas.",
        ticket: Some("AUD-2216"),
        length,
        incident: None,
    }
}

/// Writes acts a number of seconds before the end.
pub(super) struct Story<'a> {
    until: Instant,
    slot: Slot,
    script: &'a mut Vec<(Instant, Act)>,
}

impl Story<'_> {
    pub(super) fn at(&mut self, secs_before: i64, act: Act) {
        self.script
            .push((self.until - TimeDelta::seconds(secs_before), act));
    }

    pub(super) fn asks(&mut self, secs_before: i64, person: &'static str, told: Told) -> Slot {
        self.asks_again(secs_before, person, told, None)
    }

    /// Asks for one that applies in some hours of the week.
    pub(super) fn asks_in_hours(
        &mut self,
        secs_before: i64,
        person: &'static str,
        told: Told,
        hours: Recurrence,
    ) -> Slot {
        let slot = self.asks(secs_before, person, told);
        if let Some((_, Act::RequestOptOut { input, .. })) = self.script.last_mut() {
            input.recurrence = Some(hours);
        }
        slot
    }

    /// When the history ends.
    pub(super) const fn until(&self) -> Instant {
        self.until
    }

    /// Asks to renew the opt-out of another slot.
    pub(super) fn asks_again(
        &mut self,
        secs_before: i64,
        person: &'static str,
        told: Told,
        renews: Option<Slot>,
    ) -> Slot {
        self.slot += 1;
        let slot = self.slot;
        // A name that is none would be a slip of this file's; the story is left out, and the tests count the stories.
        if let Some(input) = input(&told) {
            self.at(
                secs_before,
                Act::RequestOptOut {
                    slot,
                    person,
                    input: Box::new(input),
                    renews,
                },
            );
        }
        slot
    }

    pub(super) fn says(
        &mut self,
        slot: Slot,
        secs_before: i64,
        person: &'static str,
        verdict: Verdict,
        reason: &'static str,
    ) {
        self.at(
            secs_before,
            Act::VoteOptOut {
                slot,
                person,
                verdict,
                reason,
                narrow: NarrowInput::default(),
            },
        );
    }

    fn narrows(
        &mut self,
        slot: Slot,
        secs_before: i64,
        person: &'static str,
        reason: &'static str,
        narrow: NarrowInput,
    ) {
        self.at(
            secs_before,
            Act::VoteOptOut {
                slot,
                person,
                verdict: Verdict::Approve,
                reason,
                narrow,
            },
        );
    }

    fn ends(&mut self, slot: Slot, secs_before: i64, person: &'static str, reason: &'static str) {
        self.at(secs_before, Act::RevokeOptOut { slot, person, reason });
    }
}

pub(super) fn input(told: &Told) -> Option<OptOutInput> {
    let one = |text: &'static str| text.split_once(' ');
    let principals = match told.who.and_then(one) {
        None => None,
        Some(("group", name)) => Some(PrincipalSelector::Group(GroupName::new(name).ok()?)),
        Some(("person", id)) => Some(PrincipalSelector::Id(
            PrincipalRef::new(PrincipalKind::Person, id).ok()?,
        )),
        Some((_, id)) => Some(PrincipalSelector::Id(
            PrincipalRef::new(PrincipalKind::Workload, id).ok()?,
        )),
    };
    let resources = match told.what.and_then(one) {
        None => None,
        Some(("team", name)) => Some(ResourceSelector::Team(name.parse().ok()?)),
        Some(("label", pair)) => {
            let (key, value) = pair.split_once('=')?;
            Some(ResourceSelector::Label {
                key: key.to_owned(),
                value: value.to_owned(),
            })
        }
        Some((kind, id)) => Some(ResourceSelector::Id(ResourceRef::new(kind, id).ok()?)),
    };
    let capability = match told.to_do {
        None => None,
        Some(name) => Some(Capability::new(name).ok()?),
    };
    let rules = match told.rule {
        None => BTreeSet::new(),
        Some(id) => BTreeSet::from([RuleId::new(id).ok()?]),
    };
    Some(OptOutInput {
        scenario: ScenarioId::new(told.scenario).ok()?,
        direction: told.direction,
        title: told.title.to_owned(),
        scope: Scope {
            principals: principals.map(|one| BTreeSet::from([one])),
            resources: resources.map(|one| BTreeSet::from([one])),
            capabilities: capability.map(|one| BTreeSet::from([one])),
            rules,
        },
        reason: told.reason.to_owned(),
        ticket: told.ticket.map(str::to_owned),
        starts_at: None,
        ends_at: None,
        length_secs: Some(told.length),
        recurrence: None,
        zone: None,
        max_uses: None,
        details: Details {
            compensating_control: Some("Read replicas only, and every query is recorded.".to_owned()),
            incident_id: told.incident.map(str::to_owned),
            data_classification: Some(DataClassification::Confidential),
        },
        renews: None,
        premise: None,
    })
}
