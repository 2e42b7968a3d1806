//! The cases for an opt-out.

use domain::{
    opt_out::length_in_words,
    scenario::{Category, ReasonKind},
};
use leptos::prelude::*;

use super::view::CaseView;
use crate::component::{
    badge::DirectionBadge,
    panel::Panel,
    table::{Column, Table},
};

/// The catalogue.
#[component]
pub(super) fn Cases(cases: Vec<CaseView>) -> impl IntoView {
    let rows = cases.into_iter().map(row).collect_view();
    let columns = vec![
        Column::new("Case"),
        Column::new("Direction"),
        Column::new("Rules that a bypass may name"),
        Column::right("Length"),
    ];
    view! {
        <section id="scenarios" class="scroll-mt-16">
            <Panel
                title="Cases for an opt-out"
                aside=view! { <p class="note">"Every opt-out names one."</p> }.into_any()
                flush=true
            >
                <Table caption="Cases" columns>
                    {rows}
                </Table>
            </Panel>
        </section>
    }
    .into_any()
}

fn row(case: CaseView) -> impl IntoView {
    let directions = case
        .directions
        .iter()
        .map(|direction| view! { <DirectionBadge direction=*direction/> " " })
        .collect_view();
    let rules = if case.rules.is_empty() {
        view! { <span class="note">"any that can be bypassed"</span> }.into_any()
    } else {
        case.rules
            .iter()
            .map(|rule| {
                view! {
                    <a class="id link link-hover block py-1" href=format!("#rule-{rule}") rel="external">
                        {rule.clone()}
                    </a>
                }
            })
            .collect_view()
            .into_any()
    };
    let mut terms = vec![
        reason(case.reason_kind).to_owned(),
        category(case.category).to_owned(),
    ];
    if case.ticket_required {
        terms.push("a ticket is needed".to_owned());
    }
    terms.extend(
        case.required
            .iter()
            .map(|detail| format!("{} is asked for", detail.words().to_lowercase())),
    );
    let ticket = case.ticket_form.map(|(pattern, message)| {
        view! {
            <p class="note">
                {message} " Pattern: " <code class="font-mono">{pattern}</code>
            </p>
        }
    });
    let stages = (!case.further_stages.is_empty()).then(|| {
        let stages: Vec<String> = case
            .further_stages
            .iter()
            .map(|(name, demand)| format!("{name}: {demand}"))
            .collect();
        view! { <p class="note">{format!("Stages after the tier’s: {}", stages.join(", then "))}</p> }
    });
    let renewals =
        renewals(case.most_renewals, case.cumulative_secs).map(|words| view! { <p class="note">{words}</p> });
    let tiers = (!case.tiers.is_empty()).then(|| {
        let word = if case.tiers.len() == 1 {
            "tier"
        } else {
            "the tiers"
        };
        view! { <p class="note">{format!("For {word} {} alone", case.tiers.join(", "))}</p> }
    });
    let incident = case.incident_grace_secs.map(|secs| {
        view! { <p class="note">{format!("A bypass ends {} after its incident is resolved", length_in_words(secs))}</p> }
    });
    let premise = case.premise_grace_secs.map(|secs| {
        view! { <p class="note">{format!("The last answer about its ticket counts for {}", length_in_words(secs))}</p> }
    });
    let (default, longest) = case.length_secs;
    let uses = case
        .max_uses
        .map(|most| view! { <p class="note">{format!("{most} uses at most")}</p> });
    view! {
        <tr id=format!("scenario-{}", case.id)>
            <td class="max-w-md">
                <p class="font-medium">{case.name}</p>
                <p class="note">{case.guidance}</p>
                <p class="note">{terms.join(" · ")}</p>
                {ticket}
                {tiers}
                {incident}
                {premise}
                {stages}
            </td>
            <td>{directions}</td>
            <td>{rules}</td>
            <td class="text-right">
                {format!("up to {}", length_in_words(longest))}
                <p class="note">{format!("else {}", length_in_words(default))}</p>
                {uses}
                {renewals}
            </td>
        </tr>
    }
}

/// "2 renewals, 14 days in all".
fn renewals(most: Option<u32>, age_secs: Option<i64>) -> Option<String> {
    let times = most.map(|most| match most {
        0 => "never renewed".to_owned(),
        1 => "1 renewal".to_owned(),
        most => format!("{most} renewals"),
    });
    let age = age_secs
        .filter(|_| most != Some(0))
        .map(|secs| format!("{} in all", length_in_words(secs)));
    let parts: Vec<String> = times.into_iter().chain(age).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

const fn reason(kind: ReasonKind) -> &'static str {
    match kind {
        ReasonKind::Incident => "incident",
        ReasonKind::LegalOrCompliance => "law or compliance",
        ReasonKind::TechnicalLimitation => "technical limitation",
        ReasonKind::BusinessDeadline => "business deadline",
        ReasonKind::FalsePositive => "false positive",
        ReasonKind::OperationalRequirement => "operations",
        ReasonKind::FlaggedPrincipal => "flagged principal",
        ReasonKind::AuditHold => "audit hold",
    }
}

const fn category(category: Category) -> &'static str {
    match category {
        Category::Waiver => "the risk is accepted",
        Category::Mitigated => "something else takes the risk",
    }
}

#[cfg(test)]
mod tests {
    use super::renewals;

    #[test]
    fn renewals_are_said_in_a_line() {
        assert_eq!(
            renewals(Some(2), Some(1_209_600)).as_deref(),
            Some("2 renewals, 14 days in all")
        );
        assert_eq!(renewals(Some(0), Some(86_400)).as_deref(), Some("never renewed"));
        assert_eq!(renewals(None, None), None);
    }
}
