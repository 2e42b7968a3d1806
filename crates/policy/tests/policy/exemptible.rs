//! Which rules can be taken out by what.

use crate::demo;
use crate::load::{assert_says, replaced};
use crate::opt_outs::deploy;
use crate::support::*;
use domain::opt_out::{Direction, OptOut};
use domain::outcome::Outcome::{Automate, Review};
use policy::{DirectoryView, PolicyVersion};
use std::sync::Arc;

#[test]
fn only_break_glass_takes_out_a_rule_that_is_marked_for_it_alone() {
    let mut files = demo::files();
    let rules = files.get_mut("rules/automation.cedar").unwrap();
    let rule = "no-unattended-prod-deploy";
    let from = rules.find(&format!("@id(\"{rule}\")")).unwrap();
    let marked = rules[from..].replacen("@exemptible(\"bypass\")", "@exemptible(\"break_glass_only\")", 1);
    rules.replace_range(from.., &marked);
    let scenarios = files.get_mut("scenarios.toml").unwrap();
    *scenarios = scenarios
        .replace(&format!("\"{rule}\", "), "")
        .replace(&format!("\"{rule}\""), "");
    let policy = Arc::new(PolicyVersion::load(&files).unwrap());
    let view = Arc::new(DirectoryView::new(&policy, Arc::new(demo::directory())).unwrap());
    let scope = bypass_scope("service payments-prod", &[rule]);
    let approved = approved(opt_out(1, Direction::Bypass, scope), &policy, &view);
    let broken_glass = OptOut {
        break_glass: Some(crate::support::break_glass()),
        ..approved.clone()
    };
    let not_yet_approved = OptOut {
        approved_at: None,
        ..broken_glass.clone()
    };
    let outcome = |opt_out: &OptOut| {
        let held = snapshot(&policy, &view, std::slice::from_ref(opt_out), &[]);
        ask(&held, &deploy()).effective
    };
    assert_eq!(outcome(&approved), Review);
    assert_eq!(outcome(&broken_glass), Automate);
    assert_eq!(outcome(&not_yet_approved), Automate);
}

#[test]
fn a_scenario_cannot_name_a_rule_for_break_glass_alone() {
    let marked = replaced(
        "rules/automation.cedar",
        "@exemptible(\"break_glass\")",
        "@exemptible(\"break_glass_only\")",
    );
    assert_says(
        &marked,
        "scenarios.toml",
        "the rule admin-needs-a-person, which only break-glass may take out",
    );
}

#[test]
fn a_rule_whose_removal_opens_nothing_is_pointed_at() {
    let pointed_at = |more: &str| {
        let mut files = demo::files();
        // The demo permits something on everything.
        let automation = files.get_mut("rules/automation.cedar").unwrap();
        *automation = automation.replace(", resource)", ", resource is Cluster)");
        files.insert("rules/more.cedar".to_owned(), more.to_owned());
        let policy = PolicyVersion::load(&files).unwrap();
        policy
            .lints()
            .iter()
            .filter(|lint| lint.file == "rules/more.cedar" && lint.message.contains("opens nothing"))
            .filter_map(|lint| lint.rule.clone())
            .collect::<Vec<_>>()
    };
    let rule = |effect: &str, id: &str, scope: &str| {
        let exemptible = if effect == "forbid" {
            "@exemptible(\"bypass\")"
        } else {
            ""
        };
        format!("@id(\"{id}\") @description(\"x\") {exemptible} {effect} ({scope});")
    };
    let of_roles = "principal is Agent, action == Action::\"automate\", resource is Role";
    let of_databases = "principal is Agent, action == Action::\"automate\", resource is Database";
    assert_eq!(pointed_at(&rule("forbid", "lone", of_roles)), ["lone"]);
    let opened = [
        rule("forbid", "lone", of_roles),
        rule("permit", "opens", of_roles),
    ]
    .concat();
    assert_eq!(pointed_at(&opened), Vec::<String>::new());
    let beside = [
        rule("forbid", "lone", of_roles),
        rule("permit", "beside", of_databases),
    ]
    .concat();
    assert_eq!(pointed_at(&beside), ["lone"]);
}
