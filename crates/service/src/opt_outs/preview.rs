//! What an opt-out would do, before it is sent.

use super::prepare::{OptOutInput, Prepared};
use crate::caller::PersonCaller;
use crate::notices::{Announced, announced};
use crate::{Service, ServiceError};
use domain::decision::Input;
use domain::name::RuleId;
use domain::opt_out::OptOut;
use domain::outcome::Outcome;
use domain::role::Permission;
use domain::window::Instant;
use policy::impact::{Recorded, impact};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How far back the preview looks.
const PREVIEW_DAYS: i64 = 30;
/// The most decisions that it tries.
const PREVIEW_DECISIONS: usize = 5_000;

/// One recorded decision that would have come out otherwise, or would not.
#[derive(Debug, Clone)]
pub struct ExampleChange {
    /// When it was decided.
    pub at: Instant,
    /// What was asked.
    pub input: Input,
}

/// The consequence, on the last 30 days of recorded decisions.
#[derive(Debug, Clone)]
pub struct OptOutPreview {
    /// The opt-out as it would be sent.
    pub prepared: Prepared,
    /// Who will be told that it is asked for.
    pub told: Announced,
    /// How many recorded decisions were tried.
    pub tried: usize,
    /// How many of them it would have covered.
    pub covered: usize,
    /// Outcome without it, outcome with it, how many, and up to three examples of those that the caller may see.
    pub changes: Vec<(Outcome, Outcome, usize, Vec<ExampleChange>)>,
    /// What would still hold covered decisions back, and how many.
    pub held_by: BTreeMap<RuleId, usize>,
    /// Whether there were more decisions than were tried.
    pub cut_off: bool,
}

impl Service {
    /// Judges an input and tries it on recorded decisions; writes nothing.
    pub async fn preview_opt_out(
        &self,
        caller: &PersonCaller,
        input: &OptOutInput,
    ) -> Result<OptOutPreview, ServiceError> {
        caller.authorise(Permission::Request)?;
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        let mut tx = self.begin().await?;
        let known = self.known(&mut tx, caller, &loaded, input, now).await?;
        let prepared = self.prepare_opt_out(&caller.person, &loaded, input, &known, now)?;
        let told = announced(&mut tx, &loaded, &prepared, now).await?;
        drop(tx);
        let coverage = &prepared.stored.opt_out.coverage;
        let since = now - chrono::TimeDelta::days(PREVIEW_DAYS);
        let (recorded, cut_off) = self.recent_inputs(coverage, since, PREVIEW_DECISIONS).await?;
        let snapshot = loaded.snapshot()?;
        // What nobody has approved takes out only what break-glass may: the preview would say that nothing changes.
        let approved = OptOut {
            approved_at: Some(now),
            ..prepared.stored.opt_out.clone()
        };
        let shown = |recorded: &Recorded| caller.sees_decisions_of(&recorded.input.principal);
        let found = impact(snapshot, &recorded, &Arc::new(approved), shown);
        let changes = found
            .changes
            .iter()
            .map(|(change, count)| {
                let examples = found
                    .examples
                    .get(change)
                    .into_iter()
                    .flatten()
                    .filter_map(|place| recorded.get(*place))
                    .map(|recorded| ExampleChange {
                        at: recorded.at,
                        input: recorded.input.clone(),
                    })
                    .collect();
                (change.before, change.after, *count, examples)
            })
            .collect();
        Ok(OptOutPreview {
            told,
            tried: found.tried,
            covered: found.covered,
            changes,
            held_by: found.held_by,
            cut_off,
            prepared,
        })
    }
}
