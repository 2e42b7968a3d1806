//! The posted premise, read: `premise.kind`, `premise.of` (`service payments-prod`), `premise.name`, `premise.value`.

use domain::{
    opt_out::Thing,
    principal::{PrincipalKind, PrincipalRef},
    resource::ResourceRef,
};
use service::opt_outs::PremiseInput;

use crate::form::{FieldError, Submission};

/// Reads it; none where no condition is chosen.
pub(super) fn read(form: &Submission) -> Result<Option<PremiseInput>, FieldError> {
    let value = |name: &str| form.value(name).unwrap_or_default().trim().to_owned();
    Ok(match value("premise.kind").as_str() {
        "" => None,
        "attribute" => Some(PremiseInput::Attribute {
            of: thing(&value("premise.of"))?,
            name: value("premise.name"),
            is: value("premise.value"),
        }),
        "digest_unchanged" => Some(PremiseInput::DigestUnchanged {
            of: thing(&value("premise.of"))?,
            name: value("premise.name"),
        }),
        "incident_open" => Some(PremiseInput::IncidentOpen {
            incident: value("premise.value"),
        }),
        "ticket_open" => Some(PremiseInput::TicketOpen {
            ticket: value("premise.value"),
        }),
        _ => {
            return Err(FieldError::at(
                "/premise/kind",
                "unknown",
                "Choose one of these conditions.",
            ));
        }
    })
}

/// `workload ci/payments` is a principal, `service payments-prod` a resource.
fn thing(text: &str) -> Result<Thing, FieldError> {
    let unread = || {
        FieldError::at(
            "/premise/of",
            "unreadable",
            "Write a kind and a name, as in service payments-prod or workload ci/payments.",
        )
    };
    let (kind, id) = text.split_once(' ').ok_or_else(unread)?;
    let id = id.trim();
    match kind.parse::<PrincipalKind>() {
        Ok(kind) => PrincipalRef::new(kind, id)
            .map(Thing::Principal)
            .map_err(|_| unread()),
        Err(_) => ResourceRef::new(kind, id)
            .map(Thing::Resource)
            .map_err(|_| unread()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    fn posted(values: &[(&str, &str)]) -> Result<Option<PremiseInput>, FieldError> {
        read(&Submission {
            values: values
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            errors: vec![],
            intent: "send".to_owned(),
        })
    }

    #[test]
    fn a_premise_is_read_by_its_kind() {
        assert_eq!(posted(&[("premise.value", "left over")]).unwrap(), None);
        let asked = posted(&[
            ("premise.kind", "attribute"),
            ("premise.of", "workload ci/payments"),
            ("premise.name", " protected_branch "),
            ("premise.value", "true"),
        ]);
        let of = Thing::Principal(PrincipalRef::new(PrincipalKind::Workload, "ci/payments").unwrap());
        let (name, is) = ("protected_branch".to_owned(), "true".to_owned());
        assert_eq!(asked.unwrap(), Some(PremiseInput::Attribute { of, name, is }));
        for broken in ["", "payments-prod", "service "] {
            let refused = posted(&[("premise.kind", "digest_unchanged"), ("premise.of", broken)]);
            assert_eq!(refused.unwrap_err().field, "premise.of", "{broken}");
        }
        assert_eq!(
            posted(&[("premise.kind", "weather")]).unwrap_err().field,
            "premise.kind"
        );
    }
}
