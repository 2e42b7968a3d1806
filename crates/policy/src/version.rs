//! Policy versions: loading them, checking all of them, and what the house asks of them.

mod annotations;
mod body;
mod bounds;
mod change;
mod exemptions;
mod files;
mod names;
mod problem;
pub(crate) mod rules;
mod tables;
mod tickets;
mod validate;

pub use names::Named;
pub use problem::{PolicyErrors, Problem, StoredPolicyError};
pub use rules::MOST_RULES;

use crate::index::ScopeIndex;
use crate::vocabulary::Vocabulary;
use domain::digest::Digest;
use domain::name::{RuleId, ScenarioId, TierName};
use domain::rule::{RuleSummary, RuleTexts};
use domain::scenario::Scenario;
use domain::tier::Tier;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A policy version that has passed every check.
#[derive(Debug)]
pub struct PolicyVersion {
    digest: Digest,
    files: BTreeMap<String, String>,
    tiers: Vec<Tier>,
    strictest: Tier,
    scenarios: Vec<Scenario>,
    tickets: tickets::TicketForms,
    rules: Vec<RuleSummary>,
    names: names::Names,
    places: HashMap<RuleId, usize>,
    texts: RuleTexts,
    lints: Vec<Problem>,
    /// Strings that rules of classify compare with, or none where they match by pattern: what a capability may be
    /// without making a difference.
    classify_strings: Option<BTreeSet<String>>,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) index: ScopeIndex,
}

impl PolicyVersion {
    /// Loads a policy version from its files (path relative to the policy folder → text): `tiers.toml`,
    /// `scenarios.toml`, `schema.cedarschema`, `rules/*.cedar`, and `tests/*.toml`, which are carried along.
    ///
    /// Errors: everything that is wrong, at once. Off the request path: 34 to 67 µs a rule.
    pub fn load(files: &BTreeMap<String, String>) -> Result<Self, PolicyErrors> {
        let mut problems = files::check(files);
        if !problems.is_empty() {
            return Err(PolicyErrors::new(problems));
        }
        let mut lints = Vec::new();
        let tiers = tables::tiers(files, &mut problems);
        let vocabulary = files
            .get(files::SCHEMA)
            .and_then(|text| Vocabulary::parse(text, files::SCHEMA, &mut problems));
        let rules = rules::parse(files, vocabulary.as_ref(), &tiers, &mut problems, &mut lints);
        let scenarios = tables::scenarios(files, &tiers, &rules, &mut problems, &mut lints);
        let tickets = tickets::TicketForms::of(&scenarios, &mut problems);
        tables::lint_budgets(&tiers, &mut lints);
        exemptions::lint(&rules, &mut lints);
        if let Some(known) = &vocabulary {
            validate::check(&rules, known, &mut problems, &mut lints);
        }
        let index = ScopeIndex::build(&rules);
        lints.sort();
        match (
            problems.is_empty(),
            vocabulary,
            tiers.last().cloned(),
            files::digest(files),
        ) {
            (true, Some(vocabulary), Some(strictest), Some(digest)) => Ok(Self {
                names: names::of(&vocabulary, &rules, &tiers, &scenarios),
                digest,
                files: files.clone(),
                tiers,
                strictest,
                scenarios,
                tickets,
                places: rules
                    .iter()
                    .enumerate()
                    .map(|(place, rule)| (rule.summary.id.clone(), place))
                    .collect(),
                texts: RuleTexts::of(rules.iter().map(|rule| &rule.summary)),
                classify_strings: classify_strings(&rules),
                rules: rules.into_iter().map(|rule| rule.summary).collect(),
                lints,
                vocabulary,
                index,
            }),
            _ => {
                if problems.is_empty() {
                    problems.push(Problem::new(files::SCHEMA, None, "it cannot be read"));
                }
                Err(PolicyErrors::new(problems))
            }
        }
    }

    /// Loads the stored files of the version that `digest` names. Errors as [`Self::load`], and where the files are not
    /// the ones that were stored under that digest: then somebody has changed them.
    pub fn load_stored(files: &BTreeMap<String, String>, digest: Digest) -> Result<Self, StoredPolicyError> {
        // Compared before anything of it is parsed: a changed text is reported as changed, whatever it says.
        match files::digest(files) {
            Some(found) if found == digest => Ok(Self::load(files)?),
            found => Err(StoredPolicyError::Changed { digest, found }),
        }
    }

    /// SHA-256 over the canonical JSON (RFC 8785) of path → text: the version's name.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The files that it was loaded from.
    pub const fn files(&self) -> &BTreeMap<String, String> {
        &self.files
    }

    /// The tiers, laxest first.
    pub fn tiers(&self) -> &[Tier] {
        &self.tiers
    }

    /// A tier by name.
    pub fn tier(&self, name: &TierName) -> Option<&Tier> {
        self.tiers.iter().find(|tier| tier.name == *name)
    }

    /// The strictest tier, which applies where no rule classifies.
    pub const fn strictest(&self) -> &Tier {
        &self.strictest
    }

    /// The scenarios, in the catalogue's order.
    pub fn scenarios(&self) -> &[Scenario] {
        &self.scenarios
    }

    /// A scenario by id.
    pub fn scenario(&self, id: &ScenarioId) -> Option<&Scenario> {
        self.scenarios.iter().find(|scenario| scenario.id == *id)
    }

    /// Whether a ticket looks as a scenario wants it; any does where it does not say.
    pub fn ticket_fits(&self, scenario: &ScenarioId, ticket: &str) -> bool {
        self.tickets.fit(scenario, ticket)
    }

    /// The rules, sorted by id.
    pub fn rules(&self) -> &[RuleSummary] {
        &self.rules
    }

    /// A rule by id.
    pub fn rule(&self, id: &RuleId) -> Option<&RuleSummary> {
        self.places.get(id).and_then(|place| self.rules.get(*place))
    }

    /// The texts of its rules, which what a bypass pins is held against.
    pub const fn rule_texts(&self) -> &RuleTexts {
        &self.texts
    }

    /// What is allowed but worth a look, sorted.
    pub fn lints(&self) -> &[Problem] {
        &self.lints
    }

    /// The resource types that the schema declares, as the directory spells them: `service`, `search_index`.
    pub fn resource_types(&self) -> impl Iterator<Item = &str> {
        self.vocabulary.resource_types()
    }

    /// The strings that rules of classify compare with; none where one matches by pattern.
    pub(crate) const fn classify_strings(&self) -> Option<&BTreeSet<String>> {
        self.classify_strings.as_ref()
    }
}

fn classify_strings(rules: &[rules::Rule]) -> Option<BTreeSet<String>> {
    let mut strings = BTreeSet::new();
    for rule in rules.iter().filter(|rule| rule.summary.tier.is_some()) {
        if rule.body.has_patterns {
            return None;
        }
        strings.extend(rule.body.strings.iter().cloned());
    }
    Some(strings)
}
