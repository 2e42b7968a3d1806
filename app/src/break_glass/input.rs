//! The posted form, read. Fields: `resource` (`service payments-prod`), `confirmation`, `principal` (`person alice.meyer`),
//! `capability`, `rules` (repeated), `reason`, `incident`, `length_secs`.

use domain::{
    name::{Capability, RuleId},
    principal::PrincipalRef,
    resource::ResourceRef,
};
use service::break_glass::BreakGlassInput;

use crate::form::{FieldError, Submission};

/// Reads the form. Errors name every field that cannot be read; what the fields say, the use case judges.
pub fn read_input(form: &Submission) -> Result<BreakGlassInput, Vec<FieldError>> {
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
    let length_secs = match text(form, "length_secs") {
        empty if empty.is_empty() => Ok(None),
        typed => typed.parse::<i64>().map(Some),
    };
    if length_secs.is_err() {
        errors.push(FieldError::at("/length_secs", "unreadable", "Choose how long."));
    }
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
        let input = read_input(&form(&[
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
    fn every_field_that_cannot_be_read_is_named_at_once() {
        let broken = [
            ("resource", "payments-prod"),
            ("principal", "everybody"),
            ("capability", "de\u{7}ploy"),
            ("length_secs", "long"),
            ("rules", ""),
        ];
        let errors = read_input(&form(&broken)).unwrap_err();
        let named: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        for (field, _) in broken {
            assert!(named.contains(&field), "{field} is not in {named:?}");
        }
        assert_eq!(read_input(&form(&[])).unwrap_err().len(), 2);
    }
}
