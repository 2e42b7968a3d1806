//! The posted form, read. `way` says which: `access` has `decision`, `rule` has `resource` (`service payments-prod`),
//! `principal` (`person alice.meyer`), `capability` and `rules` (repeated); both have `confirmation`, `reason`, `incident` and
//! `length_secs`.

use domain::{
    name::{Capability, RuleId},
    principal::PrincipalRef,
    resource::ResourceRef,
};
use service::break_glass::{BreakGlassInput, EmergencyInput};

use super::view::Way;
use crate::form::{FieldError, Submission};

/// What was typed, by its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// To be out of a rule.
    Bypass(BreakGlassInput),
    /// To get what was refused.
    Access(EmergencyInput),
}

/// Reads the form. Errors name every field that cannot be read; what the fields say, the use case judges.
pub fn read_form(form: &Submission) -> Result<Typed, Vec<FieldError>> {
    match Way::of(form.value("way").unwrap_or_default()) {
        Way::Rule => read_bypass(form).map(Typed::Bypass),
        Way::Access => read_access(form).map(Typed::Access),
    }
}

fn read_access(form: &Submission) -> Result<EmergencyInput, Vec<FieldError>> {
    let mut errors = Vec::new();
    let decision = text(form, "decision").parse().ok();
    if decision.is_none() {
        errors.push(FieldError::at("/decision", "missing", "Choose what was refused."));
    }
    let length_secs = length_secs(form, &mut errors);
    match (decision, length_secs) {
        (Some(decision), Ok(length_secs)) => Ok(EmergencyInput {
            decision,
            confirmation: text(form, "confirmation"),
            reason: text(form, "reason"),
            incident: text(form, "incident"),
            length_secs,
        }),
        _ => Err(errors),
    }
}

fn length_secs(form: &Submission, errors: &mut Vec<FieldError>) -> Result<Option<i64>, ()> {
    let read = match text(form, "length_secs") {
        empty if empty.is_empty() => Ok(None),
        typed => typed.parse::<i64>().map(Some),
    };
    read.map_err(|_| errors.push(FieldError::at("/length_secs", "unreadable", "Choose how long.")))
}

fn read_bypass(form: &Submission) -> Result<BreakGlassInput, Vec<FieldError>> {
    let mut errors = Vec::new();
    let resource = spelled(&text(form, "resource")).and_then(|(kind, id)| ResourceRef::new(kind, id).ok());
    if resource.is_none() {
        errors.push(FieldError::at(
            "/resource",
            "unreadable",
            "Write the type and the name, as in service payments-prod.",
        ));
    }
    let principal = spelled(&text(form, "principal"))
        .and_then(|(kind, id)| PrincipalRef::new(kind.parse().ok()?, id).ok());
    if principal.is_none() {
        errors.push(FieldError::at("/principal", "unreadable", "Choose for whom."));
    }
    let capability = match text(form, "capability") {
        empty if empty.is_empty() => Ok(None),
        typed => Capability::new(typed).map(Some),
    };
    if capability.is_err() {
        errors.push(FieldError::at(
            "/capability",
            "unreadable",
            "Write what to do in one word, as in deploy.",
        ));
    }
    let length_secs = length_secs(form, &mut errors);
    let rules: Result<_, _> = form.values_of("rules").map(RuleId::new).collect();
    if rules.is_err() {
        errors.push(FieldError::at(
            "/rules",
            "unknown",
            "Choose from the rules below.",
        ));
    }
    match (resource, principal, capability, length_secs, rules) {
        (Some(resource), Some(principal), Ok(capability), Ok(length_secs), Ok(rules)) => {
            Ok(BreakGlassInput {
                resource,
                confirmation: text(form, "confirmation"),
                principal,
                capability,
                rules,
                reason: text(form, "reason"),
                incident: text(form, "incident"),
                length_secs,
            })
        }
        _ => Err(errors),
    }
}

/// Browsers send CR LF for a line break.
fn text(form: &Submission, name: &str) -> String {
    form.value(name)
        .unwrap_or_default()
        .replace("\r\n", "\n")
        .trim()
        .to_owned()
}

fn spelled(text: &str) -> Option<(&str, &str)> {
    text.split_once(' ').map(|(kind, id)| (kind, id.trim()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    fn form(fields: &[(&str, &str)]) -> Submission {
        Submission {
            values: fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            errors: vec![],
            intent: "break".to_owned(),
        }
    }

    #[test]
    fn a_form_that_is_filled_in_is_read() {
        let input = read_bypass(&form(&[
            ("resource", "service payments-prod"),
            ("confirmation", " payments-prod "),
            ("principal", "workload ci/payments"),
            ("rules", "a"),
            ("rules", "b"),
            ("reason", "one\r\ntwo"),
            ("incident", "INC-1"),
            ("length_secs", "900"),
        ]))
        .unwrap();
        assert_eq!(input.resource.to_string(), "service payments-prod");
        assert_eq!(
            (input.confirmation.as_str(), input.rules.len()),
            ("payments-prod", 2)
        );
        assert_eq!((input.capability, input.length_secs), (None, Some(900)));
        assert_eq!(input.reason, "one\ntwo");
    }

    #[test]
    fn the_way_says_how_a_form_is_read_and_the_narrower_is_the_default() {
        let id = "dec_01kjyq1780e00800000000001r".to_owned();
        for way in [&[][..], &[("way", "access")], &[("way", "unheard-of")]] {
            let mut fields = way.to_vec();
            fields.extend([("decision", id.as_str()), ("confirmation", " payments-prod ")]);
            let read = read_form(&form(&fields));
            assert!(
                matches!(&read, Ok(Typed::Access(input)) if input.confirmation == "payments-prod"),
                "{way:?}: {read:?}"
            );
        }
        let errors = read_form(&form(&[("decision", "x"), ("length_secs", "long")])).unwrap_err();
        let named: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(named, ["decision", "length_secs"]);
        assert_eq!(read_form(&form(&[("way", "rule")])).unwrap_err().len(), 2);
    }

    #[test]
    fn every_field_that_cannot_be_read_is_named_at_once() {
        let broken = [
            ("resource", "payments-prod"),
            ("principal", "everybody"),
            ("capability", "de\u{7}ploy"),
            ("length_secs", "long"),
            ("rules", ""),
        ];
        let errors = read_bypass(&form(&broken)).unwrap_err();
        let named: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        for (field, _) in broken {
            assert!(named.contains(&field), "{field} is not in {named:?}");
        }
        assert_eq!(read_bypass(&form(&[])).unwrap_err().len(), 2);
    }
}
