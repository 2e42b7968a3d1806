//! What tickets look like: a scenario's regular expressions, compiled once at load. They run in linear time, and their size is
//! bounded, so that no ticket and no policy keeps the server busy.

use super::Problem;
use super::files::SCENARIOS;
use domain::name::{ScenarioId, is_one_line};
use domain::scenario::{Scenario, TicketForm};
use regex::{Regex, RegexBuilder};
use std::collections::HashMap;

/// The most characters of a pattern, and of its message.
const LONGEST: usize = 200;
/// The most bytes that a compiled pattern may take.
const LARGEST_BYTES: usize = 256 * 1024;

/// The compiled patterns, by scenario.
#[derive(Debug)]
pub(super) struct TicketForms(HashMap<ScenarioId, Regex>);

impl TicketForms {
    /// Compiles them all; what cannot be is a problem.
    pub(super) fn of(scenarios: &[Scenario], problems: &mut Vec<Problem>) -> Self {
        let mut compiled = HashMap::new();
        for scenario in scenarios {
            let Some(form) = &scenario.ticket_form else {
                continue;
            };
            match read(form) {
                Ok(pattern) => {
                    compiled.insert(scenario.id.clone(), pattern);
                }
                Err(why) => problems.push(Problem::new(
                    SCENARIOS,
                    None,
                    format!("scenario {}: `ticket_form`: {why}", scenario.id),
                )),
            }
        }
        Self(compiled)
    }

    /// Whether a ticket matches as a whole.
    pub(super) fn fit(&self, scenario: &ScenarioId, ticket: &str) -> bool {
        self.0
            .get(scenario)
            .is_none_or(|pattern| pattern.is_match(ticket))
    }
}

fn read(form: &TicketForm) -> Result<Regex, String> {
    let message = form.message.trim();
    if message.is_empty() || message.chars().count() > LONGEST || !is_one_line(message) {
        return Err(format!(
            "its `message` says on one line, in at most {LONGEST} characters, what a ticket looks like"
        ));
    }
    if form.pattern.chars().count() > LONGEST {
        return Err(format!("a `pattern` has at most {LONGEST} characters"));
    }
    // Compiled by itself first: else `a)|(b` would be sound once it stands in brackets.
    RegexBuilder::new(&form.pattern)
        .size_limit(LARGEST_BYTES)
        .build()
        .map_err(|error| error.to_string())?;
    let whole = RegexBuilder::new(&format!(r"\A(?:{})\z", form.pattern))
        .size_limit(LARGEST_BYTES)
        .build()
        .map_err(|error| error.to_string())?;
    if whole.is_match("") {
        return Err("its `pattern` matches no ticket at all: use `ticket_required`".to_owned());
    }
    Ok(whole)
}
