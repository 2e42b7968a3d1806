//! Reading a directory file: all of its faults together, each with its place in the file.

use super::DirectoryFile;
use crate::FieldError;
use domain::directory::{Attributes, Directory, Entry, Group, Principal, Resource, Team};
use domain::id::PrincipalUid;
use domain::name::{GroupName, NameError, is_blank};
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::resource::ResourceRef;
use domain::text::{cleaned, is_clean, turns_direction};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The longest part of a wrong entry that an error shows, in characters.
const LONGEST_SHOWN: usize = 60;

impl DirectoryFile {
    /// The directory, with the random ids that its principals have already, or new ones.
    ///
    /// Errors with everything that is wrong. The field of each is its place in the file: `directory/principals/3`.
    pub fn directory(
        &self,
        known: impl Fn(&PrincipalRef) -> Option<PrincipalUid>,
        fresh: impl Fn() -> Uuid,
    ) -> Result<Directory, Vec<FieldError>> {
        let mut reading = Reading::default();
        reading.texts(self);
        let groups = reading.groups(self);
        let principals = reading.principals(self, known, fresh);
        let resources = reading.resources(self);
        let teams = self
            .teams
            .iter()
            .map(|(name, team)| {
                let team = Team {
                    title: team.title.clone(),
                    owners: team.owners.clone(),
                };
                (name.clone(), team)
            })
            .collect();
        match Directory::new(teams, groups, principals, resources) {
            Ok(directory) if reading.faults.is_empty() => Ok(directory),
            Ok(_) => Err(reading.faults),
            Err(errors) => {
                for error in errors.0 {
                    let place = reading.place(&error.entry);
                    reading.fault(place, error.to_string());
                }
                Err(reading.faults)
            }
        }
    }
}

/// What was found so far.
#[derive(Debug, Default)]
struct Reading {
    faults: Vec<FieldError>,
    /// The places of entries of lists.
    principals: BTreeMap<PrincipalRef, usize>,
    resources: BTreeMap<ResourceRef, usize>,
}

impl Reading {
    fn fault(&mut self, place: impl std::fmt::Display, message: String) {
        let field = format!("directory/{place}");
        self.faults.push(FieldError::new(field, "inconsistent", message));
    }

    /// The place of an entry in the file.
    fn place(&self, entry: &Entry) -> String {
        let listed = |list: &str, place: Option<&usize>| {
            place.map_or_else(|| list.to_owned(), |place| format!("{list}/{place}"))
        };
        match entry {
            Entry::Team(name) => format!("teams/{name}"),
            Entry::Group(name) => format!("groups/{name}"),
            Entry::Principal(name) => listed("principals", self.principals.get(name)),
            Entry::Resource(name) => listed("resources", self.resources.get(name)),
        }
    }

    /// A name, where it is one.
    fn named<T>(
        &mut self,
        place: impl std::fmt::Display,
        entry: &str,
        read: Result<T, NameError>,
    ) -> Option<T> {
        match read {
            Ok(name) => Some(name),
            Err(error) => {
                self.fault(place, format!("{entry} is not valid: {error}"));
                None
            }
        }
    }

    /// What people call things goes into text columns and onto pages as it is; attributes are JSON, which takes any text.
    fn texts(&mut self, file: &DirectoryFile) {
        for (name, team) in &file.teams {
            self.title(&format!("teams/{name}"), &format!("team {name}"), &team.title);
        }
        for (name, group) in &file.groups {
            self.title(&format!("groups/{name}"), &format!("group {name}"), &group.title);
        }
        for (number, one) in file.principals.iter().enumerate() {
            let (place, entry) = (
                format!("principals/{number}"),
                format!("{} {}", one.kind, start_of(&one.id)),
            );
            self.title(&place, &entry, &one.display_name);
            let sign_ins = one.sign_ins.iter().flat_map(|found| [&found.iss, &found.sub]);
            self.clean(&place, &entry, "sign-in", sign_ins);
        }
        for (number, one) in file.resources.iter().enumerate() {
            let (place, entry) = (
                format!("resources/{number}"),
                format!("{} {}", one.kind, start_of(&one.id)),
            );
            self.title(&place, &entry, &one.display_name);
            let labels = one.labels.iter().flat_map(|(key, value)| [key, value]);
            self.clean(&place, &entry, "label", labels);
        }
    }

    /// A name as people say it has something to read, and reads as it is written.
    fn title(&mut self, place: &str, entry: &str, title: &String) {
        self.clean(place, entry, "name", [title]);
        if is_blank(title) {
            self.fault(place, format!("the name of {} is empty", cleaned(entry)));
        } else if turns_direction(title) {
            let why = "has a character that turns the direction of the text around it";
            self.fault(place, format!("the name of {} {why}", cleaned(entry)));
        }
    }

    fn clean<'a>(
        &mut self,
        place: &str,
        entry: &str,
        what: &str,
        texts: impl IntoIterator<Item = &'a String>,
    ) {
        if texts.into_iter().any(|text| !is_clean(text)) {
            self.fault(
                place,
                format!("a {what} of {} has a control character", cleaned(entry)),
            );
        }
    }

    fn groups(&mut self, file: &DirectoryFile) -> BTreeMap<GroupName, Group> {
        let mut groups = BTreeMap::new();
        for (name, group) in &file.groups {
            let named = [
                (PrincipalKind::Person, &group.members),
                (PrincipalKind::Workload, &group.workloads),
                (PrincipalKind::Agent, &group.agents),
            ];
            let mut members = BTreeSet::new();
            for (kind, ids) in named {
                for id in ids {
                    let entry = format!("the {kind} {} of group {name}", start_of(id));
                    let read = PrincipalRef::new(kind, id.clone());
                    members.extend(self.named(format_args!("groups/{name}"), &entry, read));
                }
            }
            let group = Group {
                title: group.title.clone(),
                members,
                parents: group.parents.clone(),
            };
            groups.insert(name.clone(), group);
        }
        groups
    }

    fn principals(
        &mut self,
        file: &DirectoryFile,
        known: impl Fn(&PrincipalRef) -> Option<PrincipalUid>,
        fresh: impl Fn() -> Uuid,
    ) -> BTreeMap<PrincipalRef, Principal> {
        let mut principals = BTreeMap::new();
        for (number, one) in file.principals.iter().enumerate() {
            let place = format!("principals/{number}");
            let entry = format!("{} {}", one.kind, start_of(&one.id));
            let read = PrincipalRef::new(one.kind, one.id.clone());
            let Some(name) = self.named(&place, &entry, read) else {
                continue;
            };
            if one.kind != PrincipalKind::Person && !one.sign_ins.is_empty() {
                self.fault(&place, format!("{name} has a sign-in, but only persons sign in"));
            }
            self.numbers(&place, &name, &one.attributes);
            let principal = Principal {
                uid: known(&name).unwrap_or_else(|| PrincipalUid::from_uuid(fresh())),
                display_name: one.display_name.clone(),
                team: one.team.clone(),
                attributes: one.attributes.clone(),
            };
            if principals.insert(name.clone(), principal).is_some() {
                self.fault(&place, format!("{name} is listed twice"));
            }
            self.principals.insert(name, number);
        }
        principals
    }

    fn resources(&mut self, file: &DirectoryFile) -> BTreeMap<ResourceRef, Resource> {
        let mut resources = BTreeMap::new();
        for (number, one) in file.resources.iter().enumerate() {
            let place = format!("resources/{number}");
            let entry = format!("{} {}", start_of(&one.kind), start_of(&one.id));
            let read = ResourceRef::new(one.kind.clone(), one.id.clone());
            let Some(name) = self.named(&place, &entry, read) else {
                continue;
            };
            self.numbers(&place, &name, &one.attributes);
            let resource = Resource {
                display_name: one.display_name.clone(),
                team: one.team.clone(),
                labels: one.labels.clone(),
                attributes: one.attributes.clone(),
                parents: one.parents.clone(),
            };
            if resources.insert(name.clone(), resource).is_some() {
                self.fault(&place, format!("{name} is listed twice"));
            }
            self.resources.insert(name, number);
        }
        resources
    }

    /// Cedar has whole numbers only, and canonical JSON rounds beyond 2^53: such an attribute would be recorded as another
    /// than the one that decided.
    fn numbers(&mut self, place: &str, name: &impl std::fmt::Display, attributes: &Attributes) {
        fn exact(value: &serde_json::Value) -> bool {
            match value {
                serde_json::Value::Number(number) => number
                    .as_i64()
                    .is_some_and(|whole| whole.unsigned_abs() <= 1 << 53),
                serde_json::Value::Array(items) => items.iter().all(exact),
                serde_json::Value::Object(members) => members.values().all(exact),
                serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::String(_) => true,
            }
        }
        if !attributes.values().all(exact) {
            let why = "has an attribute with a number beyond 2^53 or with a fraction";
            self.fault(place, format!("{name} {why}"));
        }
    }
}

/// As much of a text as finds it in the file, in quotes and escaped.
fn start_of(text: &str) -> String {
    let start: String = text.chars().take(LONGEST_SHOWN).collect();
    let more = if start.len() < text.len() { "…" } else { "" };
    format!("{start:?}{more}")
}
