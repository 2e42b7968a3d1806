//! Cedar's own validator, in strict mode: a rule that passes cannot fail on a type, an attribute that is not there or
//! an action that does not apply; what is left is arithmetic overflow.

use super::{Problem, rules::Rule, rules::in_full};
use crate::vocabulary::Vocabulary;
use cedar_policy::{PolicyId, PolicySet, ValidationMode, Validator};

/// Appends Cedar's errors as problems and its warnings as lints.
pub(crate) fn check(
    rules: &[Rule],
    vocabulary: &Vocabulary,
    problems: &mut Vec<Problem>,
    lints: &mut Vec<Problem>,
) {
    let set = match PolicySet::from_policies(rules.iter().map(|rule| rule.policy.clone())) {
        Ok(set) => set,
        Err(error) => {
            problems.push(Problem::new("rules", None, in_full(&error)));
            return;
        }
    };
    let result = Validator::new(vocabulary.schema().clone()).validate(&set, ValidationMode::Strict);
    let about = |id: &PolicyId, message: String| {
        let id: &str = id.as_ref();
        let file = rules
            .binary_search_by(|rule| rule.summary.id.as_str().cmp(id))
            .ok()
            .and_then(|place| rules.get(place))
            .map_or("rules", |rule| rule.file.as_str());
        Problem::new(file, Some(id), message)
    };
    for error in result.validation_errors() {
        problems.push(about(error.policy_id(), error.to_string()));
    }
    for warning in result.validation_warnings() {
        lints.push(about(warning.policy_id(), warning.to_string()));
    }
}
