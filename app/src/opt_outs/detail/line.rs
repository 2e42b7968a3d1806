//! What an opt-out renews, and what renews it.

use leptos::prelude::*;

use crate::{
    component::{
        badge::OptOutBadge,
        facts::{Fact, Facts},
        panel::Panel,
        time::{Time, TimeForm},
    },
    opt_outs::view::{OptOutView, RelativeView},
};

/// The line; nothing where it stands alone.
#[component]
pub(super) fn LinePanel(opt_out: OptOutView) -> impl IntoView {
    opt_out.line.map(|line| {
        let now = opt_out.now;
        let before = (line.generation > 0).then(|| {
            let parent = match line.parent {
                Some(parent) => relative(parent).into_any(),
                None => view! { <span class="note">"one that you may not see"</span> }.into_any(),
            };
            view! { <Fact name="Renews">{parent}</Fact> }
        });
        let began = line.first_started_at.map(|at| {
            view! {
                <Fact name="Since">
                    <Time at now form=TimeForm::Absolute/>
                    {format!(", renewal {}", line.generation)}
                </Fact>
            }
        });
        let until = line.must_end_by.map(|at| {
            view! {
                <Fact name="At most until">
                    <Time at now form=TimeForm::Absolute/>
                </Fact>
            }
        });
        let renewals = (!line.renewals.is_empty()).then(|| {
            let each = line
                .renewals
                .into_iter()
                .map(|renewal| view! { <span class="block">{relative(renewal)}</span> })
                .collect_view();
            view! { <Fact name="Renewed by">{each}</Fact> }
        });
        view! {
            <Panel title="Renewals">
                <Facts>{before} {began} {until} {renewals}</Facts>
            </Panel>
        }
    })
}

fn relative(relative: RelativeView) -> impl IntoView {
    view! {
        <a class="link link-hover" href=format!("/opt-outs/{}", relative.id)>
            {relative.title}
        </a>
        " "
        <OptOutBadge state=relative.state stages=None/>
    }
}
