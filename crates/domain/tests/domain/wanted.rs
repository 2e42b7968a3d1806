//! When a grant is in force, where it was said from when and until when access is wanted.

use crate::generate::at;
use crate::shown::request;
use domain::access_request::AccessRequest;
use domain::window::Window;
use proptest::option;
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_grant_outlasts_neither_its_length_nor_what_was_asked(
        now in 0i64..100, secs in 1i64..50, from in option::of(0i64..100), until in option::of(0i64..150),
    ) {
        let instant = |secs: i64| at(secs * 1_000_000);
        let request = AccessRequest {
            grant_secs: secs,
            wanted_from: from.map(instant),
            wanted_until: until.map(instant),
            ..request()
        };
        let starts = from.map_or(now, |from| from.max(now));
        let ends = until.map_or(starts + secs, |until| until.min(starts + secs));
        prop_assert_eq!(request.grant_window(instant(now)), Window::new(instant(starts), instant(ends)).ok());
    }
}
