//! Matched rules in plain words.

use crate::demo::DEMO;
use crate::support::*;
use domain::opt_out::Direction;
use policy::explain;

#[test]
fn every_matched_rule_is_there_with_what_it_said() {
    let (policy, view) = &*DEMO;
    let scope = bypass_scope("service payments-prod", &["no-unattended-prod-deploy"]);
    let bypass = approved(opt_out(1, Direction::Bypass, scope), policy, view);
    let deploy = input("workload ci/payments", "deploy", "service payments-prod");
    let found = ask(&snapshot(policy, view, &[bypass], &[]), &deploy);
    let lines: Vec<String> = explain(policy, &found)
        .into_iter()
        .map(|line| {
            let out = if line.taken_out_by.is_empty() {
                ""
            } else {
                ", taken out"
            };
            format!("{} {}{out}: {}", line.rule, line.words, line.description.unwrap())
        })
        .collect();
    assert_eq!(
        lines,
        [
            "tier-critical puts it into tier critical: What the business stops without is critical.",
            "tier-high puts it into tier high: What holds confidential data is at least high.",
            "tier-standard puts it into tier standard: Whatever runs in production is at least standard.",
            "pipelines-deploy-their-own permits it: Pipelines may deploy what their own team owns.",
            "no-unattended-prod-deploy asks for a person, taken out: Deployments to critical resources need a person.",
            "automate-pipelines permits it without a person: What pipelines deploy is granted at once.",
        ]
    );
}
