//! A preview as the panel shows it.

use service::{
    Service,
    approvals::StageProgress,
    caller::PersonCaller,
    opt_outs::{OptOutPreview, ScopeForecast},
};

use crate::{
    approvals::{deciders::deciders, joining::joining},
    budgets,
    error::AppError,
    opt_outs::{
        conditions,
        view::{ChangeView, Consequence, ExampleView, ScopeSoFarView, StageForecast},
        words::{causes, hours, schedule},
    },
    requests::words::stage_demand,
    server_side::{Names, Tiers},
};

/// What would happen.
pub(super) fn consequence(
    service: &Service,
    caller: &PersonCaller,
    found: OptOutPreview,
) -> Result<Consequence, AppError> {
    let tiers = Tiers::of(service, caller)?;
    let names = Names::of(service);
    let prepared = found.prepared;
    let opt_out = &prepared.stored.opt_out;
    let mut told: Vec<String> = found
        .told
        .persons
        .iter()
        .map(|person| names.person(person))
        .collect();
    told.sort();
    let causes = causes(&opt_out.causes, &names);
    Ok(Consequence {
        budgets: prepared
            .accounts
            .iter()
            .map(|account| budgets::budget(account, &names, &tiers))
            .collect(),
        causes,
        generation: opt_out.lineage.map(|lineage| lineage.generation),
        direction: opt_out.direction,
        tier: tiers.view(&opt_out.tier, opt_out.tier_rank),
        tried: found.tried,
        covered: found.covered,
        cut_off: found.cut_off,
        changes: found
            .changes
            .into_iter()
            .map(|(before, after, count, examples)| ChangeView {
                before,
                after,
                count,
                examples: examples
                    .into_iter()
                    .map(|example| ExampleView {
                        at: example.at,
                        words: format!(
                            "{} {} {}",
                            names.principal(&example.input.principal),
                            example.input.capability,
                            example.input.resource.id
                        ),
                    })
                    .collect(),
            })
            .collect(),
        held_by: found
            .held_by
            .into_iter()
            .map(|(rule, count)| (rule.to_string(), count))
            .collect(),
        principals: prepared.principals,
        resources: prepared.resources,
        stages: stages(prepared.stages, &names),
        lapses_at: opt_out.lapses_at,
        told,
        channel: found.told.channel,
        starts_at: prepared.stored.scheduled.then(|| opt_out.window.starts_at()),
        schedule: schedule(opt_out),
        hours: hours(opt_out, service.now()),
        length_secs: opt_out.window.length_secs(),
        longest_secs: prepared.limits.longest_secs,
        latest_end: prepared.latest_end,
        max_uses: opt_out.max_uses,
        premise: conditions::premise(&opt_out.conditions, prepared.premise.as_ref()),
        ends_with: conditions::ends_with(&opt_out.conditions),
        now: service.now(),
    })
}

/// What a scope comes to so far.
pub(super) fn so_far(
    service: &Service,
    caller: &PersonCaller,
    found: ScopeForecast,
) -> Result<ScopeSoFarView, AppError> {
    let names = Names::of(service);
    Ok(ScopeSoFarView {
        tier: Tiers::of(service, caller)?.view(&found.tier, found.tier_rank),
        principals: found.principals,
        resources: found.resources,
        stages: stages(found.stages, &names),
        now: service.now(),
    })
}

fn stages(stages: Vec<StageProgress>, names: &Names) -> Vec<StageForecast> {
    stages
        .into_iter()
        .map(|stage| StageForecast {
            joining: joining(&stage, names),
            demand: stage_demand(&stage, names),
            deciders: deciders(&stage, names),
            name: stage.name,
        })
        .collect()
}
