//! Somebody breaks the glass to get what was refused.

use super::access_shape::{EmergencyInput, Wanted, wanted};
use super::ground::{BreakGlassTerms, Hours, by_second_person, lapses_at, strength, terms};
use super::in_force::grant_in_force;
use crate::access_requests::{event, grant_of, joined_event, submitted_body};
use crate::approvals::next_to_join;
use crate::caller::PersonCaller;
use crate::command::{Effect as OnDecisions, finish_as_judged, judged};
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::access_request::{AccessRequest, AccessRequestEvent, AccessRequestState, Wish};
use domain::break_glass::{BreakGlass, Effect, SignInProof, SignInStrength};
use domain::event::EventKind;
use domain::grant::GrantState;
use domain::id::AccessRequestId;
use domain::name::PersonId;
use domain::role::Permission;
use domain::rule::Question;
use domain::window::Instant;
use store::Tx;
use store::votes::Item;

impl Service {
    /// Breaks the glass: access to just what was refused, in force on every node from the commit on. Where the team's hours
    /// on the resource are spent it waits for one vote of a second person instead. An ordinary request for the same refusal
    /// stays as it is.
    ///
    /// The same form, sent twice, is answered by what the first one made, while that stands. Errors with `sign_in_again` where
    /// the person has to prove anew who they are; nothing is written then.
    pub async fn break_glass_for_access(
        &self,
        caller: &PersonCaller,
        input: &EmergencyInput,
        proof: SignInProof,
    ) -> Result<AccessRequest, ServiceError> {
        judged(|| self.break_glass_for_access_now(caller, input, &proof)).await
    }

    async fn break_glass_for_access_now(
        &self,
        caller: &PersonCaller,
        input: &EmergencyInput,
        proof: &SignInProof,
    ) -> Result<AccessRequest, ServiceError> {
        let authorised = caller.authorise(Permission::BreakGlass)?;
        // Before the transaction, which waits for other emergencies with a connection in hand.
        let refusal = self.decision_record(input.decision).await?;
        let mut tx = self.begin().await?;
        store::break_glass::count_alone(&mut tx).await?;
        let now = self.now();
        let loaded = self.snapshots().current_within(&mut tx).await?;
        let id = AccessRequestId::from_uuid(self.ids().next(now));
        if let Some(made) = self.access_made_before(&mut tx, caller, id, now).await? {
            tx.rollback().await?;
            return Ok(made);
        }
        let wanted = wanted(&caller.person, &loaded, refusal, input, now)?;
        let hours = Hours::of(&mut tx, &wanted.ground, now).await?;
        let terms = terms(&wanted.ground, &loaded, &hours, input.length_secs, now)?;
        let sign_in = strength(proof, now)?;
        let mut request = self.emergency(&caller.person, &loaded, &wanted, &terms, sign_in, now)?;
        request.id = id;
        let (events, effect) = match terms.effect {
            Effect::AtOnce => {
                request.state = request
                    .state
                    .on(AccessRequestEvent::BrokeGlass)
                    .map_err(ServiceError::internal)?;
                request.decided_at = Some(now);
                let grant = grant_of(self, &request, &wanted.evaluation.tuple_digest, now)?;
                store::access_requests::insert(&mut tx, &request).await?;
                store::grants::insert(&mut tx, &grant).await?;
                let made = (&request, &grant);
                let events = grant_in_force(self, &mut tx, &loaded, made, &request.plan, now).await?;
                (events, OnDecisions::OnDecisions)
            }
            Effect::SecondPerson => {
                let (plan, joined) = by_second_person(&wanted.ground, &loaded, now)?;
                request.plan = plan;
                let submitted = event(
                    EventKind::AccessRequestSubmitted,
                    &request,
                    submitted_body(&request),
                );
                request.state = request
                    .state
                    .on(AccessRequestEvent::StageReached(0))
                    .map_err(ServiceError::internal)?;
                let name = request.plan.stages.first().map(|stage| &stage.name);
                let body = serde_json::json!({ "stage": 0, "name": name });
                let reached = event(EventKind::AccessRequestStageReached, &request, body);
                store::access_requests::insert(&mut tx, &request).await?;
                let waits = next_to_join(&request.plan, now, &[]).map(|(_, at)| at);
                store::escalations::set(&mut tx, Item::AccessRequest(request.id.uuid()), waits).await?;
                let mut events = vec![submitted];
                events.extend(joined.iter().map(|joined| joined_event(&request, joined)));
                events.push(reached);
                (events, OnDecisions::None)
            }
        };
        finish_as_judged(self, tx, authorised, events, effect, &loaded, now).await?;
        Ok(request)
    }

    /// What the caller's form has made before, unless that is over by now; else it is noted that it makes this.
    async fn access_made_before(
        &self,
        tx: &mut Tx,
        caller: &PersonCaller,
        makes: AccessRequestId,
        now: Instant,
    ) -> Result<Option<AccessRequest>, ServiceError> {
        let Some(made) = self.made_before(tx, caller, makes.uuid(), now).await? else {
            return Ok(None);
        };
        let made = AccessRequestId::from_uuid(made);
        let request = store::access_requests::find(tx.conn(), made).await?;
        let stands = match request.as_ref().map(|request| request.state_at(now)) {
            Some(AccessRequestState::Approved) => {
                let grant = store::grants::of_request(tx.conn(), made).await?;
                grant.is_some_and(|grant| {
                    matches!(grant.state(now), GrantState::Scheduled | GrantState::Active)
                })
            }
            Some(state) => !state.is_terminal(),
            None => false,
        };
        if stands {
            return Ok(request);
        }
        self.makes_anew(tx, caller, makes.uuid(), now).await?;
        Ok(None)
    }

    fn emergency(
        &self,
        who: &PersonId,
        loaded: &Loaded,
        wanted: &Wanted,
        judged: &BreakGlassTerms,
        sign_in: SignInStrength,
        now: Instant,
    ) -> Result<AccessRequest, ServiceError> {
        let (ground, input) = (&wanted.ground, &wanted.refusal.input);
        let rules = wanted.evaluation.matches.get(&Question::Automate);
        let context = input.asserted.iter().chain(&input.evidence);
        Ok(AccessRequest {
            id: AccessRequestId::from_uuid(self.ids().next(now)),
            version: 1,
            state: AccessRequestState::Submitted,
            client: wanted.client,
            decision: wanted.refusal.id,
            principal: input.principal.clone(),
            resource: input.resource.clone(),
            capability: input.capability.clone(),
            tuple_digest: wanted.evaluation.tuple_digest,
            wish: Wish {
                reason: ground.texts.reason.clone(),
                ticket: Some(ground.texts.incident.clone()),
                // Whoever breaks it for a workload answers for what it does with it.
                initiator: input.principal.person().is_none().then(|| who.clone()),
                client_says: Default::default(),
                context: context.map(|(key, value)| (key.clone(), value.clone())).collect(),
                rules: rules.map(|found| found.forbids.clone()).unwrap_or_default(),
            },
            tier: ground.tier.name.clone(),
            tier_rank: ground.tier.rank,
            policy_digest: loaded.policy()?.digest(),
            plan: ground.plan.clone(),
            excluded: ground.excluded.clone(),
            grant_secs: judged.length_secs,
            wanted_from: None,
            wanted_until: None,
            requested_at: now,
            expires_at: lapses_at(&ground.tier, now)?,
            decided_at: None,
            break_glass: Some(BreakGlass {
                incident: ground.texts.incident.clone(),
                team: ground.team.clone(),
                sign_in,
            }),
        })
    }
}
