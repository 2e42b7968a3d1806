//! Directories of any size that change from day to day, for tests and benchmarks.
//!
//! How much changes in a day is what a real organisation's public data shows over a year: of 383 people 51 left, 70 came
//! and 5 changed their login; of 219 teams 24 went, 40 came and 70 changed their leads; of 499 resources 21 moved to
//! another team and 176 came.

use super::{DirectoryFile, GroupFile, PrincipalFile, ResourceFile, SignInFile, TeamFile};
use domain::name::{GroupName, TeamName};
use domain::principal::PrincipalKind;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The provider of everybody's sign-in.
pub const ISSUER: &str = "https://synthetic.example";

/// How much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Persons. A fifth as many workloads are there besides.
    pub people: usize,
    /// Groups. Half of them own a team each.
    pub groups: usize,
    /// Resources of the type `service`.
    pub resources: usize,
}

impl Size {
    /// What the goals for imports are stated for.
    pub const GOAL: Self = Self {
        people: 5_000,
        groups: 5_000,
        resources: 20_000,
    };
}

/// What happened in a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Day {
    /// Persons who left.
    pub left: Vec<String>,
    /// Persons who came.
    pub came: Vec<String>,
    /// Groups that have another name, from and to.
    pub renamed_groups: Vec<(GroupName, GroupName)>,
    /// Services that have another id, from and to.
    pub renamed_services: Vec<(String, String)>,
}

/// An organisation and its directory file.
#[derive(Debug)]
pub struct Organisation {
    random: StdRng,
    file: DirectoryFile,
    /// The number of the next thing of any kind: nothing is called as something before it.
    next: usize,
}

/// Changes in a year for one of a kind.
mod a_year {
    pub(super) const LEAVES: f64 = 51.0 / 383.0;
    pub(super) const COMES: f64 = 70.0 / 383.0;
    pub(super) const TEAM_GOES: f64 = 24.0 / 219.0;
    pub(super) const TEAM_COMES: f64 = 40.0 / 219.0;
    pub(super) const LEADS_CHANGE: f64 = 70.0 / 200.0;
    pub(super) const RESOURCE_MOVES: f64 = 21.0 / 499.0;
    pub(super) const RESOURCE_COMES: f64 = 176.0 / 499.0;
    /// Logins that change are the renames that were counted; groups and resources are taken to be as restless.
    pub(super) const RENAMED: f64 = 5.0 / 383.0;
}

impl Organisation {
    /// One of this size, the same for the same seed.
    pub fn new(size: Size, seed: u64) -> Self {
        let mut made = Self {
            random: StdRng::seed_from_u64(seed),
            file: DirectoryFile::default(),
            next: 0,
        };
        for _ in 0..size.groups / 2 {
            made.team_comes();
        }
        for number in made.file.groups.len()..size.groups {
            made.group_comes(&format!("group-{number}"), "A group");
        }
        for _ in 0..size.people {
            made.person_comes();
        }
        for _ in 0..size.people / 5 {
            made.workload_comes();
        }
        for _ in 0..size.resources {
            made.service_comes();
        }
        made
    }

    /// The directory as it stands.
    pub const fn file(&self) -> &DirectoryFile {
        &self.file
    }

    /// Another directory with this one beside it. What they both name is the other one's.
    #[must_use]
    pub fn beside(&self, other: &DirectoryFile) -> DirectoryFile {
        let mut both = self.file.clone();
        both.teams.extend(other.teams.clone());
        both.groups.extend(other.groups.clone());
        both.principals.extend(other.principals.iter().cloned());
        both.resources.extend(other.resources.iter().cloned());
        both.clients.extend(other.clients.iter().cloned());
        both
    }

    /// A day goes by.
    pub fn day(&mut self) -> Day {
        let mut day = Day::default();
        for _ in 0..self.times(self.people().len(), a_year::LEAVES) {
            day.left.extend(self.person_leaves());
        }
        for _ in 0..self.times(self.people().len(), a_year::COMES) {
            day.came.extend(self.person_comes());
        }
        for _ in 0..self.times(self.file.teams.len(), a_year::TEAM_COMES) {
            self.team_comes();
        }
        for _ in 0..self.times(self.file.teams.len(), a_year::TEAM_GOES) {
            self.team_goes();
        }
        for _ in 0..self.times(self.file.groups.len(), a_year::LEADS_CHANGE) {
            self.leads_change();
        }
        for _ in 0..self.times(self.file.resources.len(), a_year::RESOURCE_MOVES) {
            self.service_moves();
        }
        for _ in 0..self.times(self.file.resources.len(), a_year::RESOURCE_COMES) {
            self.service_comes();
        }
        for _ in 0..self.times(self.file.groups.len(), a_year::RENAMED) {
            day.renamed_groups.extend(self.group_is_renamed());
        }
        for _ in 0..self.times(self.file.resources.len(), a_year::RENAMED) {
            day.renamed_services.extend(self.service_is_renamed());
        }
        day
    }

    /// Gives a group another name, wherever it is named.
    pub fn rename_group(&mut self, from: &GroupName, to: &GroupName) {
        let Some(group) = self.file.groups.remove(from) else {
            return;
        };
        self.file.groups.insert(to.clone(), group);
        for team in self.file.teams.values_mut().filter(|team| team.owners == *from) {
            team.owners = to.clone();
        }
        for group in self.file.groups.values_mut() {
            if group.parents.remove(from) {
                group.parents.insert(to.clone());
            }
        }
    }

    /// Gives a service another id.
    pub fn rename_service(&mut self, from: &str, to: &str) {
        for service in self.file.resources.iter_mut().filter(|one| one.id == from) {
            to.clone_into(&mut service.id);
        }
    }

    /// How often something happens in a day that happens to one of `many` so often in a year: by chance where that is not a
    /// whole number.
    fn times(&mut self, many: usize, a_year: f64) -> usize {
        let expected = u32::try_from(many).map_or(0.0, f64::from) * a_year / 365.0;
        let mut times = 0;
        let mut left = expected;
        while left >= 1.0 {
            times += 1;
            left -= 1.0;
        }
        times + usize::from(self.random.random_bool(left))
    }

    fn number(&mut self) -> usize {
        self.next += 1;
        self.next
    }

    fn one_of<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        let place = self.random.random_range(0..of.len().max(1));
        of.get(place).cloned()
    }

    fn some_team(&mut self) -> Option<TeamName> {
        let place = self.random.random_range(0..self.file.teams.len().max(1));
        self.file.teams.keys().nth(place).cloned()
    }

    fn some_group(&mut self) -> Option<GroupName> {
        let place = self.random.random_range(0..self.file.groups.len().max(1));
        self.file.groups.keys().nth(place).cloned()
    }

    /// The places of persons among the principals.
    fn people(&self) -> Vec<usize> {
        let persons = self.file.principals.iter().enumerate();
        persons
            .filter(|(_, one)| one.kind == PrincipalKind::Person)
            .map(|(place, _)| place)
            .collect()
    }

    fn group_comes(&mut self, name: &str, title: &str) -> Option<GroupName> {
        let name = GroupName::new(name).ok()?;
        let parents: BTreeSet<GroupName> = if self.random.random_bool(0.2) {
            // Only what was there before can be above: no circle comes about.
            self.some_group().into_iter().collect()
        } else {
            BTreeSet::new()
        };
        let group = GroupFile {
            title: title.to_owned(),
            members: Vec::new(),
            workloads: Vec::new(),
            agents: Vec::new(),
            parents,
        };
        self.file.groups.insert(name.clone(), group);
        Some(name)
    }

    fn team_comes(&mut self) {
        let number = self.number();
        let owners = self.group_comes(&format!("team-{number}-owners"), "Owners of a team");
        let (Some(owners), Ok(name)) = (owners, TeamName::new(format!("team-{number}"))) else {
            return;
        };
        let people = self.people();
        if let Some(lead) = self.one_of(&people) {
            self.joins(lead, &owners);
        }
        let title = format!("Team {number}");
        self.file.teams.insert(name, TeamFile { title, owners });
    }

    /// A team and its owners' group go; what it had belongs to another one from then on.
    fn team_goes(&mut self) {
        let (Some(gone), true) = (self.some_team(), self.file.teams.len() > 1) else {
            return;
        };
        let Some(team) = self.file.teams.remove(&gone) else {
            return;
        };
        let Some(heir) = self.some_team() else { return };
        for one in self.file.principals.iter_mut().filter(|one| one.team == gone) {
            one.team = heir.clone();
        }
        for one in self.file.resources.iter_mut().filter(|one| one.team == gone) {
            one.team = heir.clone();
        }
        self.file.groups.remove(&team.owners);
        for group in self.file.groups.values_mut() {
            group.parents.remove(&team.owners);
        }
    }

    /// The principal at this place becomes a member.
    fn joins(&mut self, place: usize, group: &GroupName) {
        let Some(principal) = self.file.principals.get(place) else {
            return;
        };
        if let Some(group) = self.file.groups.get_mut(group) {
            let members = match principal.kind {
                PrincipalKind::Person => &mut group.members,
                PrincipalKind::Workload => &mut group.workloads,
                PrincipalKind::Agent => &mut group.agents,
            };
            if !members.contains(&principal.id) {
                members.push(principal.id.clone());
            }
        }
    }

    fn leads_change(&mut self) {
        let people = self.people();
        let (Some(group), Some(person)) = (self.some_group(), self.one_of(&people)) else {
            return;
        };
        if let Some(group) = self.file.groups.get_mut(&group)
            && !group.members.is_empty()
        {
            group.members.remove(0);
        }
        self.joins(person, &group);
    }

    fn person_comes(&mut self) -> Option<String> {
        let id = format!("person-{}", self.number());
        let team = self.some_team()?;
        self.file.principals.push(PrincipalFile {
            kind: PrincipalKind::Person,
            display_name: format!("Person {}", self.next),
            team,
            attributes: BTreeMap::from([("employment".to_owned(), json!("staff"))]),
            sign_ins: vec![SignInFile {
                iss: ISSUER.to_owned(),
                sub: id.clone(),
            }],
            id: id.clone(),
        });
        let place = self.file.principals.len().saturating_sub(1);
        for _ in 0..3 {
            if let Some(group) = self.some_group() {
                self.joins(place, &group);
            }
        }
        Some(id)
    }

    fn person_leaves(&mut self) -> Option<String> {
        let people = self.people();
        let gone = self.one_of(&people)?;
        let id = self.file.principals.remove(gone).id;
        for group in self.file.groups.values_mut() {
            group.members.retain(|member| *member != id);
        }
        Some(id)
    }

    fn workload_comes(&mut self) {
        let id = format!("ci/workload-{}", self.number());
        let Some(team) = self.some_team() else { return };
        self.file.principals.push(PrincipalFile {
            kind: PrincipalKind::Workload,
            display_name: format!("Workload {}", self.next),
            team,
            attributes: BTreeMap::from([("protected_branch".to_owned(), json!(true))]),
            sign_ins: Vec::new(),
            id,
        });
        if let Some(group) = self.some_group() {
            self.joins(self.file.principals.len().saturating_sub(1), &group);
        }
    }

    fn service_comes(&mut self) {
        let id = format!("service-{}", self.number());
        let Some(team) = self.some_team() else { return };
        let environment = ["production", "staging", "development"];
        let labels = self
            .one_of(&environment)
            .map(|env| ("env".to_owned(), env.to_owned()));
        let critical = self.random.random_bool(0.1);
        self.file.resources.push(ResourceFile {
            kind: "service".to_owned(),
            display_name: format!("Service {}", self.next),
            team,
            labels: labels.into_iter().collect(),
            attributes: BTreeMap::from([
                ("critical".to_owned(), json!(critical)),
                ("business_critical".to_owned(), json!(critical)),
                ("sensitivity".to_owned(), json!("internal")),
            ]),
            parents: BTreeSet::new(),
            id,
        });
    }

    fn service_moves(&mut self) {
        let team = self.some_team();
        let place = self.random.random_range(0..self.file.resources.len().max(1));
        if let (Some(team), Some(service)) = (team, self.file.resources.get_mut(place)) {
            service.team = team;
        }
    }

    fn group_is_renamed(&mut self) -> Option<(GroupName, GroupName)> {
        let from = self.some_group()?;
        let to = GroupName::new(format!("renamed-group-{}", self.number())).ok()?;
        self.rename_group(&from, &to);
        Some((from, to))
    }

    fn service_is_renamed(&mut self) -> Option<(String, String)> {
        let place = self.random.random_range(0..self.file.resources.len().max(1));
        let from = self.file.resources.get(place)?.id.clone();
        let to = format!("renamed-service-{}", self.number());
        self.rename_service(&from, &to);
        Some((from, to))
    }
}
