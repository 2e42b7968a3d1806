//! Somebody breaks the glass to be out of a rule.

use super::bypass_shape::{BreakGlassInput, Shape, shape};
use super::ground::{BreakGlassTerms, Hours, by_second_person, lapses_at, strength, terms};
use super::in_force::opt_out_in_force;
use crate::caller::PersonCaller;
use crate::command::{Effect as OnDecisions, finish_as_judged, judged};
use crate::opt_outs::{event, joined_event, request_body};
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use chrono::TimeDelta;
use domain::break_glass::{BreakGlass, Effect, LONGEST_SECS, SignInProof, SignInStrength};
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
    /// The same form, sent twice, is answered by what the first one made, while that stands. Errors with `sign_in_again` where
    /// the person has to prove anew who they are; nothing is written then.
    pub async fn break_glass(
        &self,
        caller: &PersonCaller,
        input: &BreakGlassInput,
        proof: SignInProof,
    ) -> Result<OptOut, ServiceError> {
        judged(|| self.break_glass_now(caller, input, &proof)).await
    }

    async fn break_glass_now(
        &self,
        caller: &PersonCaller,
        input: &BreakGlassInput,
        proof: &SignInProof,
    ) -> Result<OptOut, ServiceError> {
        let authorised = caller.authorise(Permission::BreakGlass)?;
        let mut tx = self.begin().await?;
        store::break_glass::count_alone(&mut tx).await?;
        // Only now, since it may have waited for another emergency.
        let now = self.now();
        let loaded = self.snapshots().current_within(&mut tx).await?;
        let id = OptOutId::from_uuid(self.ids().next(now));
        if let Some(made) = self.opt_out_made_before(&mut tx, caller, id, now).await? {
            tx.rollback().await?;
            return Ok(made);
        }
        let shape = shape(&caller.person, &loaded, input, now)?;
        let hours = Hours::of(&mut tx, &shape.ground, now).await?;
        let terms = terms(&shape.ground, &loaded, &hours, input.length_secs, now)?;
        let sign_in = strength(proof, now)?;
        let mut stored = self.broken(&caller.person, &loaded, &shape, &terms, sign_in, now)?;
        stored.opt_out.id = id;
        let (events, effect) = match terms.effect {
            Effect::AtOnce => {
                stored.opt_out.state = stored
                    .opt_out
                    .state
                    .on(OptOutEvent::BrokeGlass)
                    .map_err(ServiceError::internal)?;
                store::opt_outs::insert(&mut tx, &stored).await?;
                let events = opt_out_in_force(self, &mut tx, &loaded, &stored, now).await?;
                (events, OnDecisions::OnDecisions)
            }
            Effect::SecondPerson => {
                let (plan, joined) = by_second_person(&shape.ground, &loaded, now)?;
                stored.plan = plan;
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
        finish_as_judged(self, tx, authorised, events, effect, &loaded, now).await?;
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
        let ground = &shape.ground;
        let incident = &ground.texts.incident;
        let lapses_at = lapses_at(&ground.tier, now)?;
        Ok(Stored {
            opt_out: OptOut {
                id: OptOutId::from_uuid(self.ids().next(now)),
                revision: 1,
                direction: Direction::Bypass,
                scenario: ScenarioId::new(SCENARIO).map_err(ServiceError::internal)?,
                title: format!("Break-glass, {incident}"),
                reason: ground.texts.reason.clone(),
                ticket: Some(incident.clone()),
                details: Details::default(),
                requested_by: who.clone().into(),
                break_glass: Some(BreakGlass {
                    incident: incident.clone(),
                    team: ground.team.clone(),
                    sign_in,
                }),
                scope: shape.scope.clone(),
                coverage: shape.coverage.clone(),
                tier: ground.tier.name.clone(),
                tier_rank: ground.tier.rank,
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
            plan: ground.plan.clone(),
            excluded: ground.excluded.clone(),
            policy_digest: loaded.policy()?.digest(),
            longest_secs: LONGEST_SECS,
            scheduled: false,
            uses: 0,
        })
    }
}
