//! The digest of what was shown changes with everything that is shown, and with nothing else.

use crate::generate::{at, person, plan, principal, resource};
use crate::opt_out::opt_out;
use domain::access_request::{AccessRequest, AccessRequestState, Wish};
use domain::approval::{Exclusion, Exclusions, Plan, Verdict};
use domain::break_glass::{BreakGlass, SignInStrength};
use domain::digest::Digest;
use domain::id::{AccessRequestId, ClientId, DecisionId, OptOutId};
use domain::name::{Capability, RuleId, TierName};
use domain::opt_out::{
    Bound, Cause, DataClassification, Direction, Lineage, OptOut, OptOutState, PinnedRule, Premise,
};
use domain::scope::{Coverage, PrincipalSelector, ResourceSelector, Scope};
use domain::shown::{Entry, Field, Shown};
use domain::window::Window;
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const SECOND: i64 = 1_000_000;

pub(crate) fn request() -> AccessRequest {
    AccessRequest {
        id: AccessRequestId::from_uuid(Uuid::from_u128(1)),
        version: 1,
        state: AccessRequestState::InReview { stage: 0 },
        client: ClientId::from_uuid(Uuid::from_u128(2)),
        decision: DecisionId::from_uuid(Uuid::from_u128(3)),
        principal: principal(0),
        resource: resource(0),
        capability: Capability::new("deploy").unwrap(),
        tuple_digest: Digest::of(b"tuple"),
        wish: Wish {
            reason: "The release.".to_owned(),
            ticket: None,
            initiator: None,
            client_says: BTreeMap::new(),
            context: BTreeMap::new(),
            rules: vec![RuleId::new("no-deploys").unwrap()],
        },
        tier: TierName::new("critical").unwrap(),
        tier_rank: 4,
        policy_digest: Digest::of(b"submitted"),
        plan: Plan { stages: Vec::new() },
        excluded: Exclusions::default(),
        grant_secs: 3_600,
        wanted_from: None,
        wanted_until: None,
        requested_at: at(0),
        expires_at: at(100),
        decided_at: None,
        break_glass: None,
    }
}

fn of_request(request: &AccessRequest) -> Shown {
    Shown::of_access_request(request, Digest::of(b"policy"))
}

/// What is shown of an opt-out, with all that goes into it.
#[derive(Clone)]
struct Sight {
    opt_out: OptOut,
    plan: Plan,
    excluded: Exclusions,
    covers: Coverage,
    scheduled: bool,
    policy: Digest,
}

impl Sight {
    fn usual() -> Self {
        Self {
            opt_out: OptOut {
                window: Window::new(at(0), at(7_200 * SECOND)).unwrap(),
                ..opt_out(Direction::Bypass, OptOutState::InReview { stage: 0 })
            },
            plan: Plan { stages: Vec::new() },
            excluded: Exclusions::default(),
            covers: Coverage::default(),
            scheduled: false,
            policy: Digest::of(b"policy"),
        }
    }

    fn shown(&self) -> Shown {
        let deciding = (&self.plan, &self.excluded);
        Shown::of_opt_out(&self.opt_out, deciding, &self.covers, self.scheduled, self.policy)
    }
}

/// The fields that differ, each of which must change the digest.
fn changed(before: &Shown, now: &Shown) -> Vec<Field> {
    let fields: Vec<Field> = now.differences(before).iter().map(|one| one.field).collect();
    assert_eq!(
        before.digest().unwrap() == now.digest().unwrap(),
        fields.is_empty(),
        "{fields:?}"
    );
    fields
}

#[test]
fn everything_that_is_shown_of_a_request_changes_the_digest() {
    type Change = fn(&mut AccessRequest);
    let cases: [(Change, Field); 16] = [
        (
            |one| one.id = AccessRequestId::from_uuid(Uuid::from_u128(9)),
            Field::Item,
        ),
        (|one| one.principal = principal(1), Field::Principals),
        (|one| one.resource = resource(1), Field::Resources),
        (
            |one| one.capability = Capability::new("read").unwrap(),
            Field::Capabilities,
        ),
        (|one| one.tuple_digest = Digest::of(b"another"), Field::Binding),
        (|one| one.wish.reason.push('!'), Field::Reason),
        (|one| one.wish.ticket = Some("PAY-1".to_owned()), Field::Ticket),
        (|one| one.wish.initiator = Some(person(1)), Field::Initiator),
        (
            |one| drop(one.wish.client_says.insert("tool".to_owned(), json!({ "v": 1 }))),
            Field::ClientSays,
        ),
        (
            |one| drop(one.wish.context.insert("commit".to_owned(), json!("abc"))),
            Field::Context,
        ),
        (
            |one| one.wish.rules.push(RuleId::new("freeze").unwrap()),
            Field::Rules,
        ),
        (|one| one.tier = TierName::new("high").unwrap(), Field::Tier),
        (
            |one| one.excluded.add(person(2), Exclusion::Subject),
            Field::Excluded,
        ),
        (|one| one.grant_secs -= 1, Field::Length),
        (|one| one.wanted_from = Some(at(5)), Field::Window),
        (|one| one.wanted_until = Some(at(90)), Field::Window),
    ];
    let before = of_request(&request());
    for (change, field) in cases {
        let mut changed_one = request();
        change(&mut changed_one);
        assert_eq!(changed(&before, &of_request(&changed_one)), [field]);
    }
    let other_policy = Shown::of_access_request(&request(), Digest::of(b"later"));
    assert_eq!(changed(&before, &other_policy), [Field::Policy]);
    // Where it stands, and when it was written, is not what one decides on.
    let mut later = request();
    later.version = 7;
    later.state = AccessRequestState::InReview { stage: 1 };
    later.expires_at = at(200);
    assert_eq!(changed(&before, &of_request(&later)), []);
}

#[test]
fn everything_that_is_shown_of_an_opt_out_changes_the_digest() {
    type Change = fn(&mut Sight);
    let cases: Vec<(Change, Field)> = vec![
        (
            |one| one.opt_out.id = OptOutId::from_uuid(Uuid::from_u128(9)),
            Field::Item,
        ),
        (
            |one| one.opt_out.direction = Direction::ToManual,
            Field::Direction,
        ),
        (
            |one| one.opt_out.scenario = "other-case".parse().unwrap(),
            Field::Scenario,
        ),
        (|one| one.opt_out.title.push('!'), Field::Title),
        (|one| one.opt_out.reason.push('!'), Field::Reason),
        (|one| one.opt_out.ticket = Some("PAY-1".to_owned()), Field::Ticket),
        (
            |one| one.opt_out.requested_by = person(3).into(),
            Field::Requester,
        ),
        (
            |one| one.opt_out.details.data_classification = Some(DataClassification::Internal),
            Field::Details,
        ),
        (
            |one| one.opt_out.details.incident_id = Some("INC-1".to_owned()),
            Field::Details,
        ),
        (
            |one| one.opt_out.details.compensating_control = Some("Two look on".to_owned()),
            Field::Details,
        ),
        (
            |one| {
                one.opt_out.break_glass = Some(BreakGlass {
                    incident: "INC-2".to_owned(),
                    team: "payments".parse().unwrap(),
                    sign_in: SignInStrength::Fresh,
                });
            },
            Field::BreakGlass,
        ),
        (
            |one| one.opt_out.scope.principals = Some([PrincipalSelector::Id(principal(0))].into()),
            Field::Principals,
        ),
        (
            |one| one.opt_out.scope.resources = Some([ResourceSelector::Type("service".to_owned())].into()),
            Field::Resources,
        ),
        (
            |one| one.opt_out.scope.capabilities = Some([Capability::new("read").unwrap()].into()),
            Field::Capabilities,
        ),
        (
            |one| one.covers.principals = Some([principal(1)].into()),
            Field::CoveredPrincipals,
        ),
        (
            |one| one.covers.resources = Some(BTreeSet::new()),
            Field::CoveredResources,
        ),
        (
            |one| {
                one.opt_out.pinned.push(PinnedRule {
                    id: RuleId::new("freeze").unwrap(),
                    body_digest: Digest::of(b"text"),
                });
            },
            Field::Rules,
        ),
        (
            |one| one.opt_out.teams.extend(["payments".parse().unwrap()]),
            Field::Teams,
        ),
        (
            |one| one.opt_out.tier = TierName::new("critical").unwrap(),
            Field::Tier,
        ),
        (|one| one.opt_out.max_uses = Some(3), Field::MaxUses),
        (
            |one| {
                let json = r#"{"days":["sat"],"from":"22:00","until":"06:00","zone":"Europe/Berlin"}"#;
                one.opt_out.recurrence = Some(serde_json::from_str(json).unwrap());
            },
            Field::Hours,
        ),
        (
            |one| {
                one.opt_out.conditions.premise = Some(Premise::IncidentOpen {
                    incident: "INC-1".parse().unwrap(),
                });
            },
            Field::Conditions,
        ),
        (
            |one| {
                one.opt_out.conditions.bound = Some(Bound {
                    incident: "INC-1".parse().unwrap(),
                    grace_secs: 60,
                    resolved_at: None,
                });
            },
            Field::Conditions,
        ),
        (
            |one| one.opt_out.causes.push(Cause::Renewal { generation: 2 }),
            Field::Causes,
        ),
        (
            |one| {
                one.opt_out.lineage = Some(Lineage {
                    parent: OptOutId::from_uuid(Uuid::from_u128(5)),
                    generation: 1,
                    first_started_at: at(0),
                    must_end_by: None,
                });
            },
            Field::Lineage,
        ),
        (
            |one| one.opt_out.window = Window::new(at(0), at(7_199 * SECOND)).unwrap(),
            Field::Length,
        ),
        (|one| one.scheduled = true, Field::Window),
        (
            |one| one.excluded.add(person(2), Exclusion::Beneficiary),
            Field::Excluded,
        ),
        (|one| one.policy = Digest::of(b"later"), Field::Policy),
    ];
    let usual = Sight::usual();
    for (change, field) in cases {
        let mut changed_one = usual.clone();
        change(&mut changed_one);
        assert_eq!(changed(&usual.shown(), &changed_one.shown()), [field]);
    }
    let mut later = usual.clone();
    later.opt_out.revision = 4;
    later.opt_out.state = OptOutState::InReview { stage: 1 };
    later.opt_out.window = Window::new(at(SECOND), at(7_201 * SECOND)).unwrap();
    assert_eq!(
        changed(&usual.shown(), &later.shown()),
        [],
        "its window moves to its approval"
    );
    later.scheduled = true;
    let mut moved = later.clone();
    moved.opt_out.window = usual.opt_out.window;
    assert_eq!(
        changed(&later.shown(), &moved.shown()),
        [Field::Window],
        "a chosen start does not"
    );
}

/// Another text of a rule is another thing to agree to.
#[test]
fn a_changed_rule_is_part_of_it() {
    let none = Sight::usual().shown();
    let with = |text: &str| none.clone().with_changed_rules(vec![text.to_owned()]);
    assert_eq!(changed(&none, &none.clone().with_changed_rules(Vec::new())), []);
    assert_eq!(changed(&none, &with("one (a)")), [Field::ChangedRules]);
    assert_eq!(changed(&with("one (a)"), &with("one (b)")), [Field::ChangedRules]);
}

#[test]
fn the_vote_is_part_of_it() {
    let shown = of_request(&request());
    let yes = shown.clone().deciding(Verdict::Approve, None, None, None);
    let scope = Scope::default();
    for (other, field) in [
        (
            shown.clone().deciding(Verdict::Deny, None, None, None),
            Field::Verdict,
        ),
        (
            shown.clone().deciding(Verdict::Approve, Some(60), None, None),
            Field::NarrowedLength,
        ),
        (
            shown.clone().deciding(Verdict::Approve, None, Some(&scope), None),
            Field::NarrowedScope,
        ),
        (
            shown.clone().deciding(Verdict::Approve, None, None, Some(1)),
            Field::NarrowedUses,
        ),
    ] {
        assert_eq!(changed(&yes, &other), [field]);
    }
}

#[test]
fn a_group_and_a_person_of_one_name_are_two() {
    let stage = |of: serde_json::Value| {
        let plan: Plan =
            serde_json::from_value(json!([{ "name": "One", "quorum": { "n": 1, "of": [of] } }])).unwrap();
        of_request(&AccessRequest { plan, ..request() })
    };
    let (group, one) = (
        stage(json!({ "group": "ops" })),
        stage(json!({ "person": "ops" })),
    );
    assert_eq!(changed(&group, &one), [Field::Stages]);
}

#[test]
fn what_is_long_is_carried_as_its_digest_and_still_told_apart() {
    let long = |last: char| {
        let mut long = request();
        long.wish.reason = format!("{}{last}", "x".repeat(3_000));
        of_request(&long)
    };
    let (one, other) = (long('a'), long('b'));
    assert!(one.to_text().len() < 4_000);
    assert!(
        one.entries()
            .any(|(field, entry)| field == Field::Reason && matches!(entry, Entry::Long(_)))
    );
    assert_eq!(changed(&one, &other), [Field::Reason]);
}

#[test]
fn only_what_a_page_shows_is_read_back() {
    for text in [
        "",
        "[]",
        "{\"reason\":1}",
        "{\"unheard_of\":{\"lines\":[]}}",
        "{\"reason\":{\"lines\":[1]}}",
        "{\"reason\":{\"long\":\"xyz\"}}",
    ] {
        assert!(Shown::from_text(text).is_err(), "{text}");
    }
    let huge = format!("{{\"reason\":{{\"lines\":[\"{}\"]}}}}", "x".repeat(30_000));
    assert!(Shown::from_text(&huge).is_err());
}

proptest! {
    /// Two plans are shown alike only if they are the same.
    #[test]
    fn plans_that_differ_are_shown_differently(one in plan(), other in plan()) {
        let [before, now] = [one.clone(), other.clone()].map(|plan| of_request(&AccessRequest { plan, ..request() }));
        prop_assert_eq!(one == other, before.digest().unwrap() == now.digest().unwrap());
        prop_assert_eq!(one == other, now.differences(&before).is_empty());
    }

    /// A form carries it along without a loss, whatever people and clients have written.
    #[test]
    fn it_is_read_back_as_it_was(reason in "\\PC{0,700}", name in "\\PC{0,20}", value in any::<i64>()) {
        let mut odd = request();
        odd.wish.reason = reason;
        odd.wish.context.insert(name, json!(value));
        let shown = of_request(&odd).deciding(Verdict::Deny, None, None, None);
        let read = Shown::from_text(&shown.to_text()).unwrap();
        prop_assert_eq!(read.digest().unwrap(), shown.digest().unwrap());
        // Whole numbers that canonical JSON would round are told apart.
        odd.wish.context.values_mut().for_each(|context| *context = json!(value ^ 1));
        let other = of_request(&odd).deciding(Verdict::Deny, None, None, None);
        prop_assert_ne!(other.digest().unwrap(), shown.digest().unwrap());
    }
}
