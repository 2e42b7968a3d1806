//! What a bypass hangs on, in words.

use domain::opt_out::{Conditions, OptOut, Premise, SuspensionCause, length_in_words};
use service::{
    approvals::Standpoint,
    opt_outs::OptOutDetail,
    premises::{ChangedRule, PremiseNow},
};

use super::view::{AskedAgainView, ChangedRuleView, May, PremiseView, PresentRuleView, SuspensionView};
use crate::{requests::words::listed, server_side::Names};

/// A premise as it stands.
pub(super) fn premise(conditions: &Conditions, now: Option<&PremiseNow>) -> Option<PremiseView> {
    let (premise, now) = (conditions.premise.as_ref()?, now?);
    Some(PremiseView {
        sentence: premise.sentence(),
        holds: now.holds,
        read: now.reading.words(),
        failed: now.failed.clone(),
        at: now.at,
    })
}

/// When it ends beside its own end, as a sentence.
pub(super) fn ends_with(conditions: &Conditions) -> Option<String> {
    let bound = conditions.bound.as_ref()?;
    let after = match bound.grace_secs {
        0 => "At once when".to_owned(),
        secs => format!("{} after", length_in_words(secs)),
    };
    Some(match bound.resolved_at {
        Some(_) => format!(
            "Incident {} is resolved, so it ends {after} that.",
            bound.incident
        )
        .replace("At once when that", "at once"),
        None => format!(
            "{after} incident {} is resolved, at the latest at its own end.",
            bound.incident
        ),
    })
}

/// Why it is out of force, and who wants it back.
pub(super) fn suspension(found: &OptOutDetail, names: &Names) -> Option<SuspensionView> {
    let opt_out = &found.opt_out;
    let suspension = opt_out.conditions.suspension.as_ref()?;
    if found.state != domain::opt_out::OptOutState::Suspended {
        return None;
    }
    Some(SuspensionView {
        at: suspension.at,
        why: why(opt_out, &suspension.cause),
        rules: found.changed_rules.iter().map(changed).collect(),
        asked: suspension.asked.as_ref().map(|asked| AskedAgainView {
            by: names.person(&asked.by),
            at: asked.at,
            reason: asked.reason.clone(),
            open: found.now < opt_out.lapses_at,
        }),
        ask: match &found.may_ask_again {
            None => May::Moot,
            Some(Standpoint::MayVote) => May::Yes,
            Some(Standpoint::MayNot(why)) => May::No(why.clone()),
        },
    })
}

fn changed(rule: &ChangedRule) -> ChangedRuleView {
    ChangedRuleView {
        id: rule.was.id.to_string(),
        was: rule.was.body_digest.to_string(),
        is: rule.is.as_ref().map(|is| PresentRuleView {
            digest: is.body_digest.to_string(),
            words: is.description.clone(),
            cedar: is.cedar.clone(),
        }),
    }
}

fn why(opt_out: &OptOut, cause: &SuspensionCause) -> String {
    match cause {
        SuspensionCause::RuleChanged { rules } => format!(
            "{} changed since its approval.",
            listed(rules.iter().map(ToString::to_string), "and")
        ),
        SuspensionCause::PremiseFell { reading } => {
            let sentence = opt_out.conditions.premise.as_ref().map(Premise::sentence);
            format!(
                "{} It was found that {}.",
                sentence.unwrap_or_default(),
                reading.words()
            )
        }
    }
}
