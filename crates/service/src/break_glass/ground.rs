//! What the two ways of breaking the glass have in common, judged before anything is written: who breaks it on what, how long
//! it may be, who is skipped, who looks at it afterwards.

use crate::approvals::{Asked, Joined, join};
use crate::post_reviews::Levels;
use crate::snapshot::Loaded;
use crate::{FieldError, ServiceError};
use chrono::TimeDelta;
use domain::approval::{Approver, Exclusions, LONGEST_REASON, Plan, Quorum, Stage, Vote};
use domain::break_glass::{
    ALLOWANCE_DAYS, Effect, REASON_MIN_CHARS, SignInError, SignInProof, SignInStrength, Terms,
};
use domain::id::PostReviewId;
use domain::name::{PersonId, TeamName, is_one_line, visible_chars};
use domain::principal::PrincipalRef;
use domain::resource::ResourceRef;
use domain::tier::Tier;
use domain::window::{Instant, Window};
use std::collections::{BTreeMap, BTreeSet};
use store::Tx;

/// The longest incident id, in characters.
const LONGEST_INCIDENT: usize = 64;

/// What a break-glass would be.
#[derive(Debug, Clone)]
pub struct BreakGlassTerms {
    /// How long it lasts, in seconds.
    pub length_secs: i64,
    /// Whether a second person has to vote first.
    pub effect: Effect,
    /// The longest, and what is left at once.
    pub terms: Terms,
    /// The post-review that makes it shorter.
    pub overdue: Option<PostReviewId>,
    /// The strictest tier that it covers.
    pub tier: Tier,
    /// Who would have decided, and is told.
    pub skipped: BTreeSet<PersonId>,
    /// Who looks at it afterwards.
    pub reviewers: BTreeSet<Approver>,
}

/// What it stands on.
pub(super) struct Ground {
    /// All that it reaches.
    pub(super) resources: BTreeSet<ResourceRef>,
    pub(super) tier: Tier,
    /// The team of who breaks it: its hours are counted.
    pub(super) team: TeamName,
    /// What the tier asks for, and is skipped.
    pub(super) plan: Plan,
    /// Whom the tier asks where too few are left.
    pub(super) fallback: Vec<Approver>,
    pub(super) excluded: Exclusions,
    pub(super) levels: Levels,
    pub(super) texts: Texts,
}

/// What somebody typed.
#[derive(Debug, Clone)]
pub(super) struct Texts {
    pub(super) incident: String,
    pub(super) reason: String,
}

/// What a team has used, and what it owes.
pub(super) struct Hours {
    spells: BTreeMap<ResourceRef, Vec<Window>>,
    overdue: Option<PostReviewId>,
}

impl Hours {
    pub(super) async fn of(tx: &mut store::Tx, ground: &Ground, now: Instant) -> Result<Self, ServiceError> {
        let since = now - TimeDelta::days(ALLOWANCE_DAYS);
        Ok(Self {
            spells: store::break_glass::spells(tx.conn(), &ground.team, &ground.resources, since).await?,
            overdue: store::post_reviews::overdue_of_team(tx.conn(), &ground.team, now).await?,
        })
    }
}

/// The team of somebody whom the directory knows.
pub(super) fn team_of(who: &PersonId, loaded: &Loaded) -> Result<TeamName, ServiceError> {
    let me = PrincipalRef::from(who.clone());
    match loaded.directory().principals.get(&me) {
        Some(person) => Ok(person.team.clone()),
        None => Err(ServiceError::Forbidden {
            code: "unknown_person",
            why: "The directory does not know you any more.".to_owned(),
        }),
    }
}

/// Nobody breaks the glass on the wrong one by a slip: its name is typed.
pub(super) fn confirmed(resource: &ResourceRef, typed: &str, errors: &mut Vec<FieldError>) {
    if typed.trim() != resource.id {
        errors.push(FieldError::new(
            "confirmation",
            "not_confirmed",
            format!("Type its name to confirm: {}", resource.id),
        ));
    }
}

pub(super) fn texts(reason: &str, incident: &str, errors: &mut Vec<FieldError>) -> Texts {
    let (reason, incident) = (reason.trim(), incident.trim());
    if visible_chars(reason) < REASON_MIN_CHARS {
        errors.push(FieldError::new(
            "reason",
            "reason_too_short",
            format!("Say in at least {REASON_MIN_CHARS} characters what is wrong."),
        ));
    }
    if reason.chars().count() > LONGEST_REASON {
        errors.push(FieldError::new(
            "reason",
            "reason_too_long",
            format!("At most {LONGEST_REASON} characters."),
        ));
    }
    if visible_chars(incident) == 0 {
        errors.push(FieldError::new(
            "incident",
            "incident_missing",
            "Name the incident: its id in your tracker.",
        ));
    }
    if !is_one_line(incident) || incident.chars().count() > LONGEST_INCIDENT {
        errors.push(FieldError::new(
            "incident",
            "incident_unreadable",
            format!("An incident’s id stands on one line and has at most {LONGEST_INCIDENT} characters."),
        ));
    }
    Texts {
        incident: incident.to_owned(),
        reason: reason.to_owned(),
    }
}

/// How sure Spillway is of who it is; `sign_in_again` where they can be asked anew.
pub(super) fn strength(proof: &SignInProof, now: Instant) -> Result<SignInStrength, ServiceError> {
    proof.strength(now).map_err(|error| ServiceError::Forbidden {
        code: match error {
            SignInError::NotFresh => crate::approvals::SIGN_IN_AGAIN,
            SignInError::SessionTooOld => "session_too_old",
        },
        why: error.to_string(),
    })
}

/// How long it may be, and whether a second person votes first: by the resource of which the team has used the most.
pub(super) fn terms(
    ground: &Ground,
    loaded: &Loaded,
    hours: &Hours,
    asked_secs: Option<i64>,
    now: Instant,
) -> Result<BreakGlassTerms, ServiceError> {
    let overdue = hours.overdue.is_some();
    let terms = hours
        .spells
        .values()
        .map(|spells| Terms::at(spells, overdue, now))
        .min_by_key(|terms| terms.left_secs)
        .unwrap_or_else(|| Terms::at(&[], overdue, now));
    let (length_secs, effect) = terms
        .judge(asked_secs)
        .map_err(|error| ServiceError::field("length_secs", "length", error.to_string()))?;
    Ok(BreakGlassTerms {
        length_secs,
        effect,
        terms,
        overdue: hours.overdue,
        tier: ground.tier.clone(),
        skipped: skipped(loaded, &ground.plan, &ground.excluded, &[]),
        reviewers: ground.levels.first.clone(),
    })
}

/// Until when a second person may vote: as long as for access. Nobody votes on what is in force.
pub(super) fn lapses_at(tier: &Tier, now: Instant) -> Result<Instant, ServiceError> {
    TimeDelta::try_seconds(tier.access_lapse_secs)
        .and_then(|lapse| now.checked_add_signed(lapse))
        .ok_or_else(|| ServiceError::internal("the tier's lapse is out of range"))
}

/// One vote of anybody whom a plan asks at all.
pub(crate) fn second_person(plan: &Plan) -> Plan {
    let of: BTreeSet<Approver> = plan.stages.iter().flat_map(Stage::asks).collect();
    Plan {
        stages: vec![Stage::new(
            "A second person",
            Quorum::AtLeast {
                n: 1,
                of: of.into_iter().collect(),
            },
        )],
    }
}

/// One vote of a second person; of the fallback, where nobody else is left. Says who has joined; errors where there is no
/// second person at all.
pub(super) fn by_second_person(
    ground: &Ground,
    loaded: &Loaded,
    now: Instant,
) -> Result<(Plan, Vec<Joined>), ServiceError> {
    let mut plan = second_person(&ground.plan);
    let asked = Asked {
        excluded: &ground.excluded,
        votes: &[],
        requested_at: now,
        fallback: &ground.fallback,
    };
    let joined = join(loaded.electors(), &mut plan, asked, now);
    loaded
        .electors()
        .feasible(&plan, &[], &ground.excluded)
        .map_err(|nobody| nobody.conflict("The hours are spent, and there is no second person"))?;
    Ok((plan, joined))
}

/// Who would have decided it and was not asked: of one that took a second person, all but those who voted.
pub(crate) fn skipped(
    loaded: &Loaded,
    plan: &Plan,
    excluded: &Exclusions,
    votes: &[Vote],
) -> BTreeSet<PersonId> {
    loaded
        .electors()
        .of_plan(plan, excluded)
        .into_iter()
        .map(|(person, _)| person)
        .filter(|person| !votes.iter().any(|vote| vote.person == *person))
        .collect()
}

/// The longest that an emergency of a team may last now, in seconds.
pub(super) async fn longest_secs(tx: &mut Tx, team: &TeamName, now: Instant) -> Result<i64, ServiceError> {
    let overdue = store::post_reviews::overdue_of_team(tx.conn(), team, now).await?;
    Ok(Terms::at(&[], overdue.is_some(), now).longest_secs)
}
