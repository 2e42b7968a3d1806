//! What `PolicyVersion::load` refuses: one broken spot at a time, in the demo's policy.

use crate::demo;
use policy::{PolicyVersion, Problem};
use std::collections::BTreeMap;

type Files = BTreeMap<String, String>;

fn problems(files: &Files) -> Vec<Problem> {
    match PolicyVersion::load(files) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.problems().to_vec(),
    }
}

/// Loads the demo's policy with one more rule.
fn with_rule(text: &str) -> Vec<Problem> {
    let mut files = demo::files();
    files.insert("rules/more.cedar".to_owned(), text.to_owned());
    problems(&files)
}

pub(crate) fn replaced(file: &str, from: &str, to: &str) -> Vec<Problem> {
    let mut files = demo::files();
    let text = files.get_mut(file).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    *text = text.replacen(from, to, 1);
    problems(&files)
}

#[track_caller]
pub(crate) fn assert_says(found: &[Problem], file: &str, words: &str) {
    assert!(
        found
            .iter()
            .any(|problem| problem.file == file && problem.message.contains(words)),
        "nothing about {words:?} in {file}: {found:#?}"
    );
}

#[test]
fn the_demo_policy_is_sound_and_its_rules_are_described() {
    let policy = PolicyVersion::load(&demo::files()).unwrap();
    assert_eq!(policy.strictest().name.as_str(), "critical");
    assert_eq!(policy.tiers().len(), 4);
    assert!((4..=8).contains(&policy.scenarios().len()));
    assert!(policy.rules().is_sorted_by(|one, two| one.id < two.id));
    for rule in policy.rules() {
        assert!(
            rule.cedar.contains(&format!("@id(\"{}\")", rule.id)),
            "{}",
            rule.cedar
        );
        assert!(policy.rule_texts().honour(&rule.id, &rule.body_digest));
        assert_eq!(policy.rule(&rule.id), Some(rule));
    }
}

#[test]
fn the_digest_names_the_text() {
    let files = demo::files();
    let one = PolicyVersion::load(&files).unwrap().digest();
    assert_eq!(PolicyVersion::load(&files).unwrap().digest(), one);
    let mut other = files.clone();
    other.get_mut("rules/access.cedar").unwrap().push('\n');
    let other = PolicyVersion::load(&other).unwrap();
    assert_ne!(other.digest(), one);
    assert_eq!(
        other.rule_texts(),
        PolicyVersion::load(&files).unwrap().rule_texts(),
        "a line beside a rule changes no rule"
    );
    let mut tested = files;
    tested.insert("tests/deploy.toml".to_owned(), "cases = []".to_owned());
    assert_ne!(PolicyVersion::load(&tested).unwrap().digest(), one);
}

#[test]
fn files_are_the_known_ones() {
    let mut files = demo::files();
    files.remove("tiers.toml");
    files.insert("rules/deep/x.cedar".to_owned(), String::new());
    files.insert("notes.md".to_owned(), String::new());
    let found = problems(&files);
    assert_says(&found, "tiers.toml", "missing");
    assert_says(&found, "rules/deep/x.cedar", "no such file");
    assert_says(&found, "notes.md", "no such file");
}

#[test]
fn tiers_are_ranked_and_somebody_decides() {
    assert_says(
        &replaced("tiers.toml", "rank = 20", "rank = 30"),
        "tiers.toml",
        "rank 30",
    );
    assert_says(
        &replaced("tiers.toml", "name = \"low\"", "name = \"high\""),
        "tiers.toml",
        "twice",
    );
    assert_says(
        &replaced("tiers.toml", "n = 1,", "n = 0,"),
        "tiers.toml",
        "asks for nobody",
    );
    assert_says(
        &replaced("tiers.toml", "default_secs = 28_800", "default_secs = 0"),
        "tiers.toml",
        "positive",
    );
    assert_says(
        &replaced("tiers.toml", "step_up", "step_upp"),
        "tiers.toml",
        "step_upp",
    );
    assert_says(
        &replaced(
            "tiers.toml",
            "step_up = true",
            "step_up = true\nbulk_approve = true",
        ),
        "tiers.toml",
        "exclude each other",
    );
    assert_says(
        &replaced("tiers.toml", "rank = 10", "rank = -1"),
        "tiers.toml",
        "line 5",
    );
}

#[test]
fn scenarios_name_rules_that_can_be_bypassed() {
    let found = replaced(
        "scenarios.toml",
        "\"change-freeze\", \"admin",
        "\"no-bulk-export\", \"admin",
    );
    assert_says(&found, "scenarios.toml", "not marked");
    let found = replaced(
        "scenarios.toml",
        "\"change-freeze\", \"admin",
        "\"nothing\", \"admin",
    );
    assert_says(&found, "scenarios.toml", "does not exist");
    let found = replaced(
        "scenarios.toml",
        "id = \"legal-hold\"",
        "id = \"incident-response\"",
    );
    assert_says(&found, "scenarios.toml", "twice");
    let of_tiers = "category = \"waiver\"\ntiers = [\"critical\", \"severe\"]";
    let found = replaced("scenarios.toml", "category = \"waiver\"", of_tiers);
    assert_says(&found, "scenarios.toml", "the tier severe, which does not exist");
    let found = replaced("scenarios.toml", "longest_secs = 86_400", "longest_secs = 1");
    assert_says(&found, "scenarios.toml", "incident-response");
}

#[test]
fn scenarios_ask_for_what_they_can_judge() {
    let says = |from: &str, to: &str, words: &str| {
        assert_says(&replaced("scenarios.toml", from, to), "scenarios.toml", words);
    };
    says(
        "cumulative_secs = 259_200",
        "cumulative_secs = 3_600",
        "`cumulative_secs` must be at least",
    );
    says(
        "required = [\"incident_id\"]",
        "required = [\"incident_id\", \"incident_id\"]",
        "twice",
    );
    says("required = [\"incident_id\"]", "required = [\"mood\"]", "mood");
    says(
        "required = [\"incident_id\"]",
        "required = [\"compensating_control\"]",
        "a waiver accepts the risk",
    );
    says(
        "reason_kind = \"flagged_principal\"",
        "reason_kind = \"flagged_principal\"\nrequired = [\"compensating_control\"]",
        "only a bypass",
    );
    says(
        "further_stages = [{ name = \"Security, for the hold\", quorum = { n = 1,",
        "further_stages = [{ name = \"Security, for the hold\", quorum = { n = 0,",
        "asks for nobody",
    );
}

#[test]
fn a_ticket_form_is_sound_small_and_says_so() {
    let says = |pattern: &str, message: &str, words: &str| {
        let found = replaced(
            "scenarios.toml",
            "{ pattern = \"CHG-[0-9]{4,}\", message = \"Name the change, such as CHG-9031.\" }",
            &format!("{{ pattern = '{pattern}', message = \"{message}\" }}"),
        );
        assert_says(&found, "scenarios.toml", words);
    };
    let name_it = "Name the change.";
    says("CHG-[0-9", name_it, "unclosed character class");
    says("A)|(?:B", name_it, "unopened group");
    says("(?=CHG)", name_it, "look-around");
    says(&"x".repeat(201), name_it, "at most 200 characters");
    says("(?:[A-Z]{1,900}){1,900}", name_it, "size limit");
    says("(?:CHG-[0-9]+)?", name_it, "matches no ticket at all");
    says("CHG-[0-9]+", " ", "its `message`");
    says("CHG-[0-9]+", &"x".repeat(201), "its `message`");
}

#[test]
fn a_ticket_fits_as_a_whole_or_not() {
    let policy = PolicyVersion::load(&demo::files()).unwrap();
    let fits = |scenario: &str, ticket: &str| policy.ticket_fits(&scenario.parse().unwrap(), ticket);
    assert!(fits("change-freeze-exception", "CHG-9031"));
    for other in [
        "CHG-903",
        "see CHG-9031",
        "CHG-9031, CHG-9032",
        "chg-9031",
        "",
        "CHG-9031\n",
    ] {
        assert!(!fits("change-freeze-exception", other), "{other:?}");
    }
    assert!(fits("false-positive", "anything at all"), "which wants no form");
}

#[test]
fn what_is_hardly_meant_is_said_and_loads() {
    let mut files = demo::files();
    let lints = |files: &Files| PolicyVersion::load(files).unwrap().lints().to_vec();
    let before = lints(&files).len();
    let scenarios = files.get_mut("scenarios.toml").unwrap();
    *scenarios = scenarios.replacen("required = [\"compensating_control\"]", "required = []", 1);
    let tiers = files.get_mut("tiers.toml").unwrap();
    *tiers = tiers.replacen(
        "description = \"Staging",
        "budget = 3\ndescription = \"Staging",
        1,
    );
    let found = lints(&files);
    assert_says(&found, "scenarios.toml", "operational-window");
    assert_says(&found, "tiers.toml", "tier low");
    assert_eq!(found.len(), before + 2);
}

#[test]
fn the_schema_brings_what_evaluation_sends() {
    let file = "schema.cedarschema";
    assert_says(
        &replaced(file, "action grant, automate", "action grant, mechanise"),
        file,
        "action automate",
    );
    assert_says(
        &replaced(file, "ticket?: String", "ticket: String"),
        file,
        "optional",
    );
    assert_says(
        &replaced(file, "hour_utc: Long", "hour_utc: String"),
        file,
        "hour_utc: Long",
    );
    let other = "asserted: { ticket?: Long } }";
    assert_says(
        &replaced(file, "asserted: Asserted }", other),
        file,
        "the same `asserted`",
    );
    assert_says(&replaced(file, "entity Team;", ""), file, "Team");
    assert_says(
        &replaced(file, "entity Group in [Group];", "entity Group in [Group"),
        file,
        "unexpected token",
    );
}

#[test]
fn rules_are_named_described_and_known() {
    let grant = "(principal, action == Action::\"grant\", resource is Service);";
    assert_says(
        &with_rule(&format!("@description(\"x\") permit {grant}")),
        "rules/more.cedar",
        "@id",
    );
    assert_says(
        &with_rule(&format!("@id(\"a b\") @description(\"x\") permit {grant}")),
        "rules/more.cedar",
        "@id",
    );
    assert_says(
        &with_rule(&format!("@id(\"(request)\") @description(\"x\") permit {grant}")),
        "rules/more.cedar",
        "@id",
    );
    assert_says(
        &with_rule(&format!("@id(\"x\") permit {grant}")),
        "rules/more.cedar",
        "@description",
    );
    assert_says(
        &with_rule(&format!(
            "@id(\"x\") @description(\"x\") @exemptable(\"bypass\") forbid {grant}"
        )),
        "rules/more.cedar",
        "`@exemptable` is not known",
    );
    assert_says(
        &with_rule(&format!(
            "@id(\"no-bulk-export\") @description(\"x\") permit {grant}"
        )),
        "rules/more.cedar",
        "has this `@id` too",
    );
}

#[test]
fn only_forbids_of_grant_and_automate_are_exemptible() {
    let head = "@id(\"x\") @description(\"x\") @exemptible(\"bypass\")";
    for rule in [
        "permit (principal, action == Action::\"grant\", resource is Service);",
        "forbid (principal, action, resource is Service);",
        "forbid (principal, action in [Action::\"automate\", Action::\"classify\"], resource is Service);",
    ] {
        assert_says(
            &with_rule(&format!("{head} {rule}")),
            "rules/more.cedar",
            "may be `@exemptible`",
        );
    }
    let both =
        "forbid (principal, action in [Action::\"automate\", Action::\"grant\"], resource is Service);";
    assert_eq!(with_rule(&format!("{head} {both}")), []);
    assert_says(
        &with_rule(&format!(
            "@id(\"x\") @description(\"x\") @exemptible(\"always\") {both}"
        )),
        "rules/more.cedar",
        "use bypass, break_glass or break_glass_only",
    );
}

#[test]
fn what_carries_over_names_texts_of_what_one_can_be_exempted_from() {
    let rule = "forbid (principal, action == Action::\"automate\", resource is Service);";
    let digest = "3fa9".repeat(16);
    let with = |exemptible: &str, carried: &str| {
        with_rule(&format!(
            "@id(\"x\") @description(\"x\") {exemptible} @carries_over(\"{carried}\") {rule}"
        ))
    };
    let bypass = "@exemptible(\"bypass\")";
    assert_eq!(with(bypass, &format!("{digest} {}", "0".repeat(64))), []);
    for (exemptible, carried, says) in [
        ("", digest.as_str(), "carries nothing over"),
        (bypass, " ", "names no earlier text"),
        (bypass, "3fa9", "is no digest"),
        (bypass, &digest.to_uppercase(), "is no digest"),
    ] {
        assert_says(&with(exemptible, carried), "rules/more.cedar", says);
    }
}

#[test]
fn classify_is_permits_with_a_tier() {
    let scope = "(principal, action == Action::\"classify\", resource is Service);";
    let head = "@id(\"x\") @description(\"x\")";
    assert_says(
        &with_rule(&format!("{head} permit {scope}")),
        "rules/more.cedar",
        "needs a `@tier`",
    );
    assert_says(
        &with_rule(&format!("{head} @tier(\"top\") permit {scope}")),
        "rules/more.cedar",
        "names no tier",
    );
    assert_says(
        &with_rule(&format!("{head} @tier(\"low\") forbid {scope}")),
        "rules/more.cedar",
        "is a `permit`",
    );
    assert_says(
        &with_rule(&format!(
            "{head} @tier(\"low\") permit (principal, action, resource is Service);"
        )),
        "rules/more.cedar",
        "no other action",
    );
    let grant = "permit (principal, action == Action::\"grant\", resource is Service);";
    assert_says(
        &with_rule(&format!("{head} @tier(\"low\") {grant}")),
        "rules/more.cedar",
        "classify alone",
    );
}

#[test]
fn a_permit_that_trusts_clients_says_so() {
    let rule = |trust: &str, effect: &str, condition: &str| {
        with_rule(&format!(
            "@id(\"x\") @description(\"x\") {trust} {effect} \
             (principal, action == Action::\"grant\", resource is Service) when {{ {condition} }};"
        ))
    };
    for condition in [
        "context.asserted has ticket",
        "context.asserted has ticket && context.asserted.ticket like \"CHG-*\"",
        "context[\"asserted\"] has rows",
        "[context].contains(context)",
        "(if context.hour_utc > 3 then context else context).asserted has rows",
    ] {
        assert_says(
            &rule("", "permit", condition),
            "rules/more.cedar",
            "@trusts_asserted",
        );
        assert_eq!(rule("@trusts_asserted", "permit", condition), []);
        assert_eq!(rule("", "forbid", condition), []);
    }
    assert_eq!(rule("", "permit", "context.capability == \"asserted\""), []);
}

#[test]
fn cedar_validates_strictly() {
    let rule = |condition: &str| {
        with_rule(&format!(
            "@id(\"x\") @description(\"x\") permit \
             (principal, action == Action::\"grant\", resource is Service) when {{ {condition} }};"
        ))
    };
    for condition in [
        "resource.colour == \"red\"",
        "principal.employment == \"staff\"",
        "context.hour_utc == \"ten\"",
    ] {
        let found = rule(condition);
        assert!(
            found
                .iter()
                .any(|problem| problem.rule.as_deref() == Some("x") && problem.file == "rules/more.cedar"),
            "{condition}: {found:#?}"
        );
    }
    assert_says(&rule("context.hour_utc >"), "rules/more.cedar", "unexpected");
    let template = "@id(\"t\") @description(\"x\") permit (principal == ?principal, action, resource);";
    assert_says(&with_rule(template), "rules/more.cedar", "templates");
}

#[test]
fn size_and_depth_are_bounded() {
    let rule = |condition: &str| {
        with_rule(&format!(
            "@id(\"x\") @description(\"x\") forbid \
             (principal, action == Action::\"grant\", resource is Service) when {{ {condition} }};"
        ))
    };
    let long = format!("context.capability == \"{}\"", "x".repeat(16 * 1024));
    assert_says(&rule(&long), "rules/more.cedar", "bytes");
    for depth in [17, 2_000, 200_000] {
        let deep = format!(
            "{}(context.hour_utc > 3){}",
            "!(".repeat(depth),
            ")".repeat(depth)
        );
        assert_says(&rule(&deep), "rules/more.cedar", "line 1: a rule");
    }
    let ifs = format!("{}true", "if true then true else ".repeat(20));
    assert_says(&rule(&ifs), "rules/more.cedar", "nests");
    let or = |count| {
        let terms: Vec<_> = (0..count)
            .map(|hour| format!("context.hour_utc < {hour}"))
            .collect();
        terms.join(" || ")
    };
    assert_says(&rule(&or(100)), "rules/more.cedar", "operators");
    assert_eq!(rule(&or(45)), []);
    let quoted = format!(
        "context.capability == \"{}\\\"; // {}\"",
        "(".repeat(40),
        "||".repeat(300)
    );
    assert_eq!(rule(&quoted), [], "what is quoted does not nest");
    let nested = format!("{}context.hour_utc > 3{}", "(".repeat(14), ")".repeat(14));
    assert_eq!(rule(&nested), []);
}

#[test]
fn everything_is_reported_at_once_in_order() {
    let mut files = demo::files();
    files.insert(
        "rules/zebra.cedar".to_owned(),
        "permit (principal, action, resource);".to_owned(),
    );
    files.insert("rules/ant.cedar".to_owned(), "nonsense".to_owned());
    let text = files.get_mut("scenarios.toml").unwrap();
    *text = text.replacen("\"change-freeze\"", "\"nothing\"", 1);
    let found = problems(&files);
    assert!(found.is_sorted(), "{found:#?}");
    assert_says(&found, "rules/ant.cedar", "");
    assert_says(&found, "rules/zebra.cedar", "@id");
    assert_says(&found, "scenarios.toml", "nothing");
}

#[test]
fn a_rule_without_a_scope_is_allowed_but_pointed_at() {
    let policy = PolicyVersion::load(&demo::files()).unwrap();
    let pointed_at: Vec<&str> = policy
        .lints()
        .iter()
        .filter(|lint| lint.message.contains("names neither"))
        .filter_map(|lint| lint.rule.as_deref())
        .collect();
    assert!(pointed_at.contains(&"tier-critical"), "{pointed_at:?}");
    assert!(!pointed_at.contains(&"no-bulk-export"), "{pointed_at:?}");
}
