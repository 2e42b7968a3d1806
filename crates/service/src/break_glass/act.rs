//! Somebody breaks the glass.

use super::in_force::comes_into_force;
use super::prepare::{BreakGlassInput, BreakGlassTerms, Hours, Shape, second_person, shape, terms};
use crate::approvals::{Asked, electorate, join};
use crate::caller::PersonCaller;
use crate::command::{Effect as OnDecisions, finish};
use crate::opt_outs::{event, joined_event, request_body};
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use chrono::TimeDelta;
use domain::break_glass::{
    ALLOWANCE_DAYS, BreakGlass, Effect, LONGEST_SECS, SignInError, SignInProof, SignInStrength,
};
use domain::event::EventKind;
use domain::id::OptOutId;
use domain::name::{PersonId, ScenarioId};
use domain::opt_out::{Conditions, Details, Direction, Need, OptOut, OptOutEvent, OptOutState};
use domain::role::Permission;
use domain::window::{Instant, Window};
use store::opt_outs::Stored;

/// What every break-glass names as its case: no catalogue entry, since nobody chooses it.
const SCENARIO: &str = "break-glass";

impl Service {
    /// Breaks the glass: a bypass that is in force on every node from the commit on. Where the team's hours on the
    /// resource are spent it waits for one vote of a second person instead.
    ///
    /// Errors with `sign_in_again` where the person has to prove anew who they are; nothing is written then.
    pub async fn break_glass(
        &self,
        caller: &PersonCaller,
        input: &BreakGlassInput,
        proof: SignInProof,
    ) -> Result<OptOut, ServiceError> {
        let authorised = caller.authorise(Permission::BreakGlass)?;
        let loaded = self.snapshots().current_for_commands().await?;
        let mut tx = self.store().begin().await?;
        store::break_glass::count_alone(&mut tx).await?;
        // Only now, since it may have waited for another emergency.
        let now = self.now();
        let shape = shape(&caller.person, &loaded, input, now)?;
        let since = now - TimeDelta::days(ALLOWANCE_DAYS);
        let hours = Hours {
            spells: store::break_glass::spells(tx.conn(), &shape.team, &shape.resources, since).await?,
            overdue: store::post_reviews::overdue_of_team(tx.conn(), &shape.team, now).await?,
        };
        let judged = terms(&shape, &loaded, &hours, input.length_secs, now)?;
        let sign_in = proof.strength(now).map_err(|error| ServiceError::Forbidden {
            code: match error {
                SignInError::NotFresh => "sign_in_again",
                SignInError::SessionTooOld => "session_too_old",
            },
            why: error.to_string(),
        })?;
        let mut stored = self.broken(&caller.person, &loaded, &shape, &judged, sign_in, now)?;
        let (events, effect) = match judged.effect {
            Effect::AtOnce => {
                stored.opt_out.state = stored
                    .opt_out
                    .state
                    .on(OptOutEvent::BrokeGlass)
                    .map_err(ServiceError::internal)?;
                store::opt_outs::insert(&mut tx, &stored).await?;
                let events = comes_into_force(self, &mut tx, &loaded, &stored, now).await?;
                (events, OnDecisions::OnDecisions)
            }
            Effect::SecondPerson => {
                stored.plan = second_person(&shape.plan);
                let asked = Asked {
                    excluded: &stored.excluded,
                    votes: &[],
                    requested_at: now,
                    fallback: &shape.fallback,
                };
                let joined = join(loaded.directory(), &mut stored.plan, asked, now);
                stored
                    .plan
                    .feasible(
                        &[],
                        &electorate(loaded.directory(), &stored.plan, &stored.excluded),
                    )
                    .map_err(|error| ServiceError::Conflict {
                        code: "nobody_left_to_decide",
                        why: format!("The hours are spent, and there is no second person: {error}."),
                    })?;
                let requested = event(EventKind::OptOutRequested, &stored, request_body(&stored));
                stored.opt_out.state = stored
                    .opt_out
                    .state
                    .on(OptOutEvent::StageReached(0))
                    .map_err(ServiceError::internal)?;
                let name = stored.plan.stages.first().map(|stage| stage.name.clone());
                let body = serde_json::json!({ "stage": 0, "name": name });
                let reached = event(EventKind::OptOutStageReached, &stored, body);
                store::opt_outs::insert(&mut tx, &stored).await?;
                let mut events = vec![requested];
                events.extend(joined.iter().map(|joined| joined_event(&stored, joined)));
                events.push(reached);
                (events, OnDecisions::None)
            }
        };
        finish(self, tx, authorised, events, effect, now).await?;
        Ok(stored.opt_out)
    }

    fn broken(
        &self,
        who: &PersonId,
        loaded: &Loaded,
        shape: &Shape,
        judged: &BreakGlassTerms,
        sign_in: SignInStrength,
        now: Instant,
    ) -> Result<Stored, ServiceError> {
        let window =
            Window::new(now, now + TimeDelta::seconds(judged.length_secs)).map_err(ServiceError::internal)?;
        // Whoever is to vote on an emergency has as long as for access; nobody votes on one that is in force.
        let lapses_at = TimeDelta::try_seconds(shape.tier.access_lapse_secs)
            .and_then(|lapse| now.checked_add_signed(lapse))
            .ok_or_else(|| ServiceError::internal("the tier's lapse is out of range"))?;
        Ok(Stored {
            opt_out: OptOut {
                id: OptOutId::from_uuid(self.ids().next(now)),
                revision: 1,
                direction: Direction::Bypass,
                scenario: ScenarioId::new(SCENARIO).map_err(ServiceError::internal)?,
                title: format!("Break-glass, {}", shape.incident),
                reason: shape.reason.clone(),
                ticket: Some(shape.incident.clone()),
                details: Details::default(),
                requested_by: who.clone().into(),
                break_glass: Some(BreakGlass {
                    incident: shape.incident.clone(),
                    team: shape.team.clone(),
                    sign_in,
                }),
                scope: shape.scope.clone(),
                coverage: shape.coverage.clone(),
                tier: shape.tier.name.clone(),
                tier_rank: shape.tier.rank,
                teams: shape.teams.clone(),
                pinned: shape.pinned.clone(),
                window,
                recurrence: None,
                zone: None,
                state: OptOutState::Requested,
                max_uses: None,
                requested_at: now,
                lapses_at,
                approved_at: None,
                lineage: None,
                causes: Vec::new(),
                need: Need::default(),
                conditions: Conditions::default(),
            },
            version: 1,
            plan: shape.plan.clone(),
            excluded: shape.excluded.clone(),
            policy_digest: loaded.policy()?.digest(),
            longest_secs: LONGEST_SECS,
            scheduled: false,
            uses: 0,
        })
    }
}
