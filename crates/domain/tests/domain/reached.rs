//! Properties of what is accepted: they would hold of a judge that accepts nothing, so they count what is.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::Cell;

/// Tries a property on random cases. It says of each whether the case got as far as what the property claims; at least
/// one in `one_in` has to.
pub(crate) fn holds_where_reached<S: Strategy>(
    cases: S,
    one_in: u32,
    property: impl Fn(S::Value) -> Result<bool, TestCaseError>,
) {
    // A failing case is printed; there is no file to keep it beside.
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default()
    });
    let (tried, reached) = (Cell::new(0), Cell::new(0));
    let result = runner.run(&cases, |case| {
        tried.set(tried.get() + 1);
        reached.set(reached.get() + u32::from(property(case)?));
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let (tried, reached) = (tried.get(), reached.get());
    assert!(
        reached * one_in >= tried,
        "only {reached} of {tried} cases are accepted"
    );
}
