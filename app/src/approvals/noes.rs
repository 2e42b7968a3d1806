//! What a no comes to: in most stages one is enough, in some it takes more.

/// What happens once somebody denies, where this many noes are still missing: theirs is among them. `settled` says what
/// follows where it settles the item.
pub(crate) fn a_no_means(noes_left: u32, settled: &str) -> String {
    match noes_left {
        0 | 1 => format!("One no is enough: {settled}"),
        2 => "This stage takes two more noes: after yours it stays open until somebody else denies it too, or enough approve."
            .to_owned(),
        more => format!(
            "This stage takes {more} more noes: after yours it stays open until {} others deny it too, or enough approve.",
            more - 1
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::a_no_means;

    #[test]
    fn one_no_is_enough_only_where_it_is() {
        assert_eq!(
            a_no_means(1, "it is rejected."),
            "One no is enough: it is rejected."
        );
        for left in [2, 3] {
            let means = a_no_means(left, "it is rejected.");
            assert!(
                means.contains("stays open") && !means.contains("rejected"),
                "{means}"
            );
        }
    }
}
