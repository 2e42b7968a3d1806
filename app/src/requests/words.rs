//! What requests and their stages are called, in plain functions. On the server alone.

use domain::{
    approval::{Approver, Deciders, Quorum},
    resource::{ROLE_CAPABILITY, ROLE_TYPE},
};

use crate::component::time::length;

/// "Deploy to payments-prod", "Read on ledger-db", "Hold the role incident-admin".
pub(crate) fn wish_title(capability: &str, resource_kind: &str, resource: &str) -> String {
    if resource_kind == ROLE_TYPE && capability == ROLE_CAPABILITY {
        return format!("Hold the role {resource}");
    }
    let link = if capability == "deploy" { "to" } else { "on" };
    format!("{} {link} {resource}", capitalised(capability))
}

/// With a capital first letter.
pub(crate) fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// A stage as a step: "Payments owners, 1 of 3" where it asks members of one group, else its name and what it demands.
/// `deciders` is how many can decide in it now.
pub(crate) fn stage_label(
    name: &str,
    quorum: &Quorum,
    deciders: Deciders,
    title: impl Fn(&Approver) -> String,
) -> String {
    match quorum {
        Quorum::AtLeast { n, of } => match of.as_slice() {
            [one @ Approver::Group(_)] if deciders.able == deciders.named => {
                format!("{}, {n} of {}", title(one), deciders.able)
            }
            [one @ Approver::Group(_)] => format!("{n} of {}: {}", title(one), deciders.sentence()),
            [one] => title(one),
            several => format!("{name}, {n} of {}", listed(several.iter().map(title), "or")),
        },
        Quorum::All { .. } | Quorum::Any { .. } => format!("{name}: {}", demand(quorum, &title)),
    }
}

/// Whom a quorum asks, without numbers: "Payments owners", "Security and Platform owners".
pub(crate) fn asked(quorum: &Quorum, title: &impl Fn(&Approver) -> String) -> String {
    match quorum {
        Quorum::AtLeast { of, .. } => listed(of.iter().map(title), "or"),
        Quorum::All { all } => listed(all.iter().map(|part| asked(part, title)), "and"),
        Quorum::Any { any } => listed(any.iter().map(|part| asked(part, title)), "or"),
    }
}

/// What a quorum demands: "1 of Payments owners", "1 of On call, and either 1 of Security or 1 of Platform owners". A part that
/// has parts itself begins with a word of its own, so that `and` and `or` are not read across it.
pub(crate) fn demand(quorum: &Quorum, title: &impl Fn(&Approver) -> String) -> String {
    let parts = |parts: &[Quorum], word: &str| {
        let inner = parts.iter().map(|part| match part {
            Quorum::AtLeast { .. } => demand(part, title),
            Quorum::All { .. } => format!("both {}", demand(part, title)),
            Quorum::Any { .. } => format!("either {}", demand(part, title)),
        });
        let nested = parts.iter().any(|part| !matches!(part, Quorum::AtLeast { .. }));
        match nested {
            true => inner.collect::<Vec<_>>().join(&format!(", {word} ")),
            false => listed(inner, word),
        }
    };
    match quorum {
        Quorum::AtLeast { n, of } => format!("{n} of {}", listed(of.iter().map(title), "or")),
        Quorum::All { all } => parts(all, "and"),
        Quorum::Any { any } => parts(any, "or"),
    }
}

/// What a stage demands, and how many noes settle it where one does not: "2 of Security; 2 noes settle it".
#[cfg(feature = "ssr")]
pub(crate) fn stage_demand(
    stage: &service::approvals::StageProgress,
    names: &crate::server_side::Names,
) -> String {
    let said = demand(&stage.quorum, &|approver| names.approver(approver));
    match stage.denials {
        1 => said,
        noes => format!("{said}; {noes} noes settle it"),
    }
}

/// "a", "a and b", "a, b and c".
pub(crate) fn listed(items: impl Iterator<Item = String>, word: &str) -> String {
    let items: Vec<String> = items.collect();
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} {word} {last}", before.join(", ")),
    }
}

/// What would have been without the rules and opt-outs that asked for a person.
pub(crate) fn counterfactual(rules: usize, opt_outs: usize, automatic: bool) -> &'static str {
    match (rules + opt_outs, automatic) {
        (0, _) => "No rule lets this be granted without a person.",
        (1, true) => "Without it this would be automatic.",
        (_, true) => "Without them this would be automatic.",
        (1, false) => "Without it a person would decide all the same: no rule grants this automatically.",
        (_, false) => "Without them a person would decide all the same: no rule grants this automatically.",
    }
}

/// "41 in 90 days · 39 approved · median 9 min".
pub(crate) fn precedents(settled: i64, approved: i64, median_secs: Option<i64>, days: i64) -> Option<String> {
    (settled > 0).then(|| {
        let median = median_secs
            .map(|secs| format!(" · median {}", length(secs)))
            .unwrap_or_default();
        format!("{settled} in {days} days · {approved} approved{median}")
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use domain::name::GroupName;

    use super::*;

    #[test]
    fn and_is_not_read_across_or() {
        let of = |name: &str| Quorum::AtLeast {
            n: 1,
            of: vec![group(name)],
        };
        let title = |approver: &Approver| approver.to_string();
        let any = Quorum::Any {
            any: vec![of("security"), of("platform")],
        };
        let all = Quorum::All {
            all: vec![of("on-call"), any.clone()],
        };
        assert_eq!(demand(&any, &title), "1 of security or 1 of platform");
        assert_eq!(
            demand(&all, &title),
            "1 of on-call, and either 1 of security or 1 of platform"
        );
    }

    fn all(of: usize) -> Deciders {
        Deciders {
            named: of,
            able: of,
            never_signed_in: 0,
        }
    }

    fn group(name: &str) -> Approver {
        Approver::Group(GroupName::new(name).unwrap())
    }

    fn title(approver: &Approver) -> String {
        capitalised(&approver.to_string().replace('-', " "))
    }

    #[test]
    fn a_wish_reads_as_a_sentence_begins() {
        assert_eq!(
            wish_title("deploy", "service", "payments-prod"),
            "Deploy to payments-prod"
        );
        assert_eq!(wish_title("read", "database", "ledger-db"), "Read on ledger-db");
        assert_eq!(
            wish_title("member", "role", "incident-admin"),
            "Hold the role incident-admin"
        );
        assert_eq!(wish_title("", "service", "x"), " on x");
    }

    #[test]
    fn a_stage_says_whom_it_asks_and_how_many_there_are() {
        let one = Quorum::AtLeast {
            n: 1,
            of: vec![group("payments-owners")],
        };
        let security = Quorum::AtLeast {
            n: 2,
            of: vec![group("security"), group("platform-owners")],
        };
        assert_eq!(
            stage_label("Owners", &one, all(3), title),
            "Payments owners, 1 of 3"
        );
        let few = Deciders {
            named: 15,
            able: 5,
            never_signed_in: 9,
        };
        assert_eq!(
            stage_label("Owners", &one, few, title),
            "1 of Payments owners: 15 named, 5 can decide now, 9 have never signed in"
        );
        assert_eq!(
            stage_label("Two", &security, all(9), title),
            "Two, 2 of Security or Platform owners"
        );
        let both = Quorum::All {
            all: vec![one, security],
        };
        assert_eq!(
            stage_label("Owners and two", &both, all(9), title),
            "Owners and two: 1 of Payments owners and 2 of Security or Platform owners"
        );
        assert_eq!(
            asked(&both, &title),
            "Payments owners and Security or Platform owners"
        );
    }

    #[test]
    fn precedents_are_silent_where_there_are_none() {
        assert_eq!(precedents(0, 0, None, 90), None);
        assert_eq!(
            precedents(41, 39, Some(555), 90).as_deref(),
            Some("41 in 90 days · 39 approved · median 9 min")
        );
    }

    #[test]
    fn the_counterfactual_agrees_in_number() {
        assert_eq!(counterfactual(1, 0, true), "Without it this would be automatic.");
        assert_eq!(
            counterfactual(1, 1, true),
            "Without them this would be automatic."
        );
        assert!(counterfactual(0, 0, false).starts_with("No rule"));
    }
}
