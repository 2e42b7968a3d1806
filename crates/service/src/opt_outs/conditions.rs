//! What a bypass is asked to hang on: judged like its other fields.

use super::known::Known;
use super::prepare::OptOutInput;
use crate::snapshot::Loaded;
use crate::{FieldError, Service};
use domain::name::IncidentId;
use domain::opt_out::premise::{GRACE_SECS, attribute};
use domain::opt_out::{Bound, Conditions, Direction, Premise, PremiseError, Thing};
use domain::scenario::Scenario;

/// A premise as somebody writes it: what it is compared with later is read now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PremiseInput {
    /// An attribute has this value.
    Attribute {
        /// Of what.
        of: Thing,
        /// Which attribute.
        name: String,
        /// What it must say.
        is: String,
    },
    /// An attribute keeps the value that it has.
    DigestUnchanged {
        /// Of what.
        of: Thing,
        /// Which attribute.
        name: String,
    },
    /// An incident is open.
    IncidentOpen {
        /// Its id.
        incident: String,
    },
    /// A ticket is open.
    TicketOpen {
        /// Which; empty: the opt-out's own.
        ticket: String,
    },
}

/// The conditions, or what is wrong with them.
pub(super) fn conditions(
    service: &Service,
    loaded: &Loaded,
    input: &OptOutInput,
    scenario: &Scenario,
    known: &Known,
    errors: &mut Vec<FieldError>,
) -> Conditions {
    let bound = bound(input, scenario, known, errors);
    let premise =
        input
            .premise
            .as_ref()
            .and_then(|asked| match premise(service, loaded, input, asked, scenario) {
                Ok(premise) => Some(premise),
                Err(error) => {
                    errors.push(error);
                    None
                }
            });
    if let Some(premise) = &premise {
        errors.extend(judged(loaded, premise, input.direction, bound.as_ref(), known));
    }
    Conditions {
        premise,
        bound,
        ..Conditions::default()
    }
}

/// What ends with its incident, where its case says so. Of one that nobody has told of, the window's end is all there is.
fn bound(
    input: &OptOutInput,
    scenario: &Scenario,
    known: &Known,
    errors: &mut Vec<FieldError>,
) -> Option<Bound> {
    let rule = scenario.incident_bound?;
    if input.direction == Direction::ToManual {
        return None;
    }
    let incident = IncidentId::new(input.details.incident_id.as_deref()?.trim()).ok()?;
    if known.facts.incidents.get(&incident) == Some(&false) {
        errors.push(FieldError::new(
            "details/incident_id",
            "resolved",
            format!("Incident {incident} is resolved."),
        ));
    }
    Some(Bound {
        incident,
        grace_secs: rule.grace_secs,
        resolved_at: None,
    })
}

fn premise(
    service: &Service,
    loaded: &Loaded,
    input: &OptOutInput,
    asked: &PremiseInput,
    scenario: &Scenario,
) -> Result<Premise, FieldError> {
    let trimmed = |text: &str| text.trim().to_owned();
    Ok(match asked {
        PremiseInput::Attribute { of, name, is } => Premise::Attribute {
            of: of.clone(),
            name: trimmed(name),
            is: trimmed(is),
        },
        PremiseInput::DigestUnchanged { of, name } => Premise::DigestUnchanged {
            of: of.clone(),
            name: trimmed(name),
            was: attribute(loaded.directory(), of, name.trim()).ok_or_else(|| {
                FieldError::new(
                    "premise/name",
                    "unknown",
                    format!("The directory has no {} of {of}.", name.trim()),
                )
            })?,
        },
        PremiseInput::IncidentOpen { incident } => Premise::IncidentOpen {
            incident: IncidentId::new(incident.trim()).map_err(|_| {
                FieldError::new("premise/value", "missing", "Name the incident, such as INC-4471.")
            })?,
        },
        PremiseInput::TicketOpen { ticket } => {
            if !service.reach().tickets {
                return Err(FieldError::new(
                    "premise/kind",
                    "no_tickets",
                    "Spillway is not configured to look tickets up.",
                ));
            }
            let own = input.ticket.as_deref().unwrap_or_default();
            let named = if ticket.trim().is_empty() { own } else { ticket };
            Premise::TicketOpen {
                ticket: trimmed(named),
                grace_secs: scenario.premise_grace_secs.unwrap_or(GRACE_SECS),
            }
        }
    })
}

/// A premise that does not hold when it is asked for would only be found false by its approvers. A ticket has not been looked
/// up yet: its approvers wait for the first answer.
fn judged(
    loaded: &Loaded,
    premise: &Premise,
    direction: Direction,
    bound: Option<&Bound>,
    known: &Known,
) -> Option<FieldError> {
    match premise.check(direction) {
        Err(error @ PremiseError::ToManual) => {
            return Some(FieldError::new(
                "premise/kind",
                "not_for_to_manual",
                super::fields::sentence(&error),
            ));
        }
        Err(error @ PremiseError::Text) => {
            return Some(FieldError::new(
                "premise/value",
                "unreadable",
                super::fields::sentence(&error),
            ));
        }
        Ok(()) => {}
    }
    if let (Some(bound), Some(incident)) = (bound, premise.incident())
        && bound.incident != *incident
    {
        return Some(FieldError::new(
            "premise/value",
            "two_incidents",
            format!("It ends with incident {} already.", bound.incident),
        ));
    }
    if premise.ticket().is_some() {
        return None;
    }
    let reading = premise.read(loaded.directory(), &known.facts);
    (!premise.holds(&reading, known.at)).then(|| {
        let field = match premise {
            Premise::Attribute { .. } | Premise::DigestUnchanged { .. } => "premise/name",
            Premise::IncidentOpen { .. } | Premise::TicketOpen { .. } => "premise/value",
        };
        FieldError::new(
            field,
            "does_not_hold",
            format!("This does not hold now: {}.", reading.words()),
        )
    })
}
