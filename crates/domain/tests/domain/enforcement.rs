//! What was done at the gate, beside every answer.

use domain::enforcement::{Deviation, Done};

#[test]
fn every_deed_beside_every_answer() {
    for done in Done::ALL {
        for answer in [true, false] {
            let expected = match (done, answer) {
                (Done::Denied, true) => Deviation::Stricter,
                (Done::Bypassed, false) => Deviation::Laxer,
                _ => Deviation::None,
            };
            assert_eq!(done.deviation(answer), expected, "{done:?} after {answer}");
        }
        assert_eq!(done.as_str().parse(), Ok(done));
    }
    assert!("let_through".parse::<Done>().is_err());
}
