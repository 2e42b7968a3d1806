//! The people of the demo: one list for its identity provider and for its directory.

use std::collections::BTreeSet;

use domain::id::CorrelationId;
use domain::name::PersonId;
use domain::role::Role;
use service::caller::PersonCaller;

/// Somebody to sign in as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoPerson {
    /// The id at the provider, and in the directory too: `alice.meyer`.
    pub sub: &'static str,
    /// The name as people write it.
    pub name: &'static str,
    /// The mail address. Nothing is decided by it.
    pub email: &'static str,
    /// The provider's groups. Those of [`GROUP_ROLES`] give roles; the directory may know the others.
    pub groups: &'static [&'static str],
    /// What the person does, for the list to click.
    pub title: &'static str,
}

/// Which role follows from which group of the demo's provider.
pub const GROUP_ROLES: [(&str, Role); 6] = [
    ("spillway-requesters", Role::Requester),
    ("spillway-approvers", Role::Approver),
    ("spillway-auditors", Role::Auditor),
    ("spillway-administrators", Role::Administrator),
    ("spillway-policy-authors", Role::PolicyAuthor),
    ("spillway-responders", Role::Responder),
];

/// Somebody of the directory as they sign in. Those who are not in the list to click ask and decide.
pub fn caller(person: PersonId, correlation: CorrelationId) -> PersonCaller {
    let listed = PEOPLE.iter().find(|one| one.sub == person.as_str());
    let roles = match listed {
        Some(listed) => GROUP_ROLES
            .into_iter()
            .filter(|(group, _)| listed.groups.contains(group))
            .map(|(_, role)| role)
            .collect(),
        None => BTreeSet::from([Role::Requester, Role::Approver]),
    };
    PersonCaller {
        person,
        roles,
        groups_read_at: None,
        correlation,
        once: None,
    }
}

/// Everybody, in the order of the list to click.
pub const PEOPLE: [DemoPerson; 10] = [
    DemoPerson {
        sub: "alice.meyer",
        name: "Alice Meyer",
        email: "alice.meyer@demo.example",
        groups: &["spillway-requesters", "data-engineers"],
        title: "Requester · data engineer",
    },
    DemoPerson {
        sub: "jonas.weber",
        name: "Jonas Weber",
        email: "jonas.weber@demo.example",
        groups: &["spillway-requesters", "spillway-responders", "payments-engineers"],
        title: "Requester · payments engineer, on call",
    },
    DemoPerson {
        sub: "bob.okafor",
        name: "Bob Okafor",
        email: "bob.okafor@demo.example",
        groups: &["spillway-requesters", "spillway-approvers", "payments-owners"],
        title: "Approver · owner of payments",
    },
    DemoPerson {
        sub: "ines.marchetti",
        name: "Ines Marchetti",
        email: "ines.marchetti@demo.example",
        groups: &[
            "spillway-requesters",
            "spillway-approvers",
            "security",
            "data-owners",
        ],
        title: "Approver · security and data",
    },
    DemoPerson {
        sub: "omar.haddad",
        name: "Omar Haddad",
        email: "omar.haddad@demo.example",
        groups: &["spillway-requesters", "spillway-approvers", "security"],
        title: "Second approver · security",
    },
    DemoPerson {
        sub: "dana.roth",
        name: "Dana Roth",
        email: "dana.roth@demo.example",
        groups: &[
            "spillway-requesters",
            "spillway-approvers",
            "spillway-responders",
            "platform-owners",
        ],
        title: "Approver · owner of the platform, on call",
    },
    DemoPerson {
        sub: "aya.tanaka",
        name: "Aya Tanaka",
        email: "aya.tanaka@demo.example",
        groups: &["spillway-auditors"],
        title: "Auditor",
    },
    DemoPerson {
        sub: "petra.lindqvist",
        name: "Petra Lindqvist",
        email: "petra.lindqvist@demo.example",
        groups: &["spillway-administrators", "spillway-requesters"],
        title: "Administrator",
    },
    DemoPerson {
        sub: "samir.haidari",
        name: "Samir Haidari",
        email: "samir.haidari@demo.example",
        groups: &["spillway-policy-authors", "spillway-requesters"],
        title: "Policy author",
    },
    DemoPerson {
        sub: "lena.fischer",
        name: "Lena Fischer",
        email: "lena.fischer@demo.example",
        groups: &["spillway-requesters", "web-engineers"],
        title: "Requester · web engineer",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_person_has_a_role_and_an_id_of_their_own() {
        let roles: std::collections::BTreeMap<_, _> = GROUP_ROLES.into_iter().collect();
        let subs: BTreeSet<_> = PEOPLE.iter().map(|person| person.sub).collect();
        assert_eq!(subs.len(), PEOPLE.len());
        for person in PEOPLE {
            assert!(
                person.groups.iter().any(|group| roles.contains_key(group)),
                "{}",
                person.sub
            );
        }
        let given: BTreeSet<_> = PEOPLE
            .iter()
            .flat_map(|person| person.groups)
            .filter_map(|group| roles.get(group))
            .collect();
        assert_eq!(given.len(), Role::ALL.len());
    }
}
