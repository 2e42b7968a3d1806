//! Who was told of a broken glass. What has not arrived comes first: those people may not know.

use leptos::prelude::*;

use crate::{
    component::{
        icon::{Icon, Shape},
        panel::Panel,
    },
    opt_outs::view::{BrokenView, ToldState, ToldView},
};

/// Everybody who was told, and how.
#[component]
pub(crate) fn ToldPanel(broken: Option<BrokenView>) -> impl IntoView {
    let told = broken.map(|broken| broken.told).unwrap_or_default();
    (!told.is_empty()).then(|| {
        let missing = told
            .iter()
            .filter(|one| one.state == ToldState::NotDelivered)
            .count();
        let note = match missing {
            0 => format!("{}, at once", counted(told.len())),
            _ => format!("{missing} of {} not delivered", told.len()),
        };
        let rows = in_order(told).into_iter().map(row).collect_view();
        view! {
            <Panel title="Told" aside=view! { <p class="note">{note}</p> }.into_any()>
                <ul class="grid gap-2 text-sm">{rows}</ul>
            </Panel>
        }
    })
}

fn counted(count: usize) -> String {
    if count == 1 {
        "1 receiver".to_owned()
    } else {
        format!("{count} receivers")
    }
}

fn in_order(mut told: Vec<ToldView>) -> Vec<ToldView> {
    told.sort_by_key(|one| one.state != ToldState::NotDelivered);
    told
}

fn row(told: ToldView) -> impl IntoView {
    let (shape, colour) = match told.state {
        ToldState::NotDelivered => (Shape::CircleAlert, "text-error"),
        ToldState::UnderWay => (Shape::Clock, "text-base-content/60"),
        ToldState::Told => (Shape::CircleCheck, "text-success"),
    };
    view! {
        <li class="flex items-start gap-2">
            <span class=format!("pt-0.5 {colour}")>
                <Icon shape/>
            </span>
            <span class="min-w-0 wrap-anywhere">
                <b class="font-medium">{told.who}</b>
                " "
                <span class="note">{told.how}</span>
            </span>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_not_arrived_comes_first_and_the_rest_stays_in_order() {
        let one = |who: &str, state| ToldView {
            who: who.to_owned(),
            how: String::new(),
            state,
        };
        let names: Vec<_> = in_order(vec![
            one("bob", ToldState::Told),
            one("mara", ToldState::UnderWay),
            one("tom", ToldState::NotDelivered),
        ])
        .into_iter()
        .map(|told| told.who)
        .collect();
        assert_eq!(names, ["tom", "bob", "mara"]);
    }
}
