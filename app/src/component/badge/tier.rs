//! Tiers, by name and by how strict they are among the policy's tiers.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// A tier as pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierView {
    /// Its name.
    pub name: String,
    /// How many of four dots are filled: 4 for the strictest tier of the policy version, 1 for the laxest.
    pub dots: u8,
}

impl TierView {
    /// A tier by its place among the tiers of its policy version, laxest first: place 0 of 4 has one dot, 3 of 4 four.
    ///
    /// With more or fewer than four tiers the places are spread over the dots, the strictest always having all four.
    pub fn by_place(name: impl Into<String>, place: usize, tiers: usize) -> Self {
        let last = tiers.saturating_sub(1);
        let dots = if last == 0 {
            4
        } else {
            1 + (place.min(last) * 3).div_ceil(last)
        };
        Self {
            name: name.into(),
            dots: u8::try_from(dots).unwrap_or(4),
        }
    }
}

/// A tier: four dots and its name.
#[component]
pub fn TierMark(
    /// Which.
    tier: TierView,
) -> impl IntoView {
    let dots = (1..=4)
        .map(|place| {
            let class = if place <= tier.dots {
                "size-1.5 rounded-full bg-base-content"
            } else {
                "size-1.5 rounded-full bg-base-content/20"
            };
            view! { <span class=class></span> }
        })
        .collect_view();
    view! {
        <span class="inline-flex items-center gap-1.5 text-sm whitespace-nowrap">
            <span class="inline-flex gap-0.5" aria-hidden="true">
                {dots}
            </span>
            <span class="sr-only">"tier "</span>
            {tier.name}
        </span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::TierView;

    #[test]
    fn the_strictest_tier_has_all_dots_and_the_laxest_of_several_one() {
        let dots = |place, tiers| TierView::by_place("x", place, tiers).dots;
        assert_eq!(
            (0..4).map(|place| dots(place, 4)).collect::<Vec<_>>(),
            [1, 2, 3, 4]
        );
        assert_eq!((0..2).map(|place| dots(place, 2)).collect::<Vec<_>>(), [1, 4]);
        assert_eq!(dots(0, 1), 4);
        assert_eq!(dots(9, 4), 4);
        assert!((0..7).map(|place| dots(place, 7)).is_sorted());
    }
}
