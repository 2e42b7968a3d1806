//! States. A page passes the state and, where stages are reached, how many there are.

use domain::{
    access_request::AccessRequestState, grant::GrantState, opt_out::OptOutState,
    policy_version::PolicyVersionState,
};
use leptos::prelude::*;

use super::{Badge, Tone};
use crate::component::icon::Shape;

/// "in review, stage 1 of 2". Stages are counted from nought inside and from one on pages.
fn in_review(stage: u32, stages: Option<u32>) -> String {
    let stage = stage.saturating_add(1);
    match stages {
        Some(stages) => format!("in review, stage {stage} of {stages}"),
        None => format!("in review, stage {stage}"),
    }
}

/// The state of an access request.
#[component]
pub fn AccessRequestBadge(
    /// Which.
    state: AccessRequestState,
    /// How many stages its plan has.
    #[prop(optional_no_strip)]
    stages: Option<u32>,
) -> impl IntoView {
    use AccessRequestState as S;
    let (tone, shape, text) = match state {
        S::Submitted => (Tone::Strict, Shape::Send, "submitted".to_owned()),
        S::InReview { stage } => (Tone::Strict, Shape::Hourglass, in_review(stage, stages)),
        S::Approved => (Tone::Settled, Shape::Check, "approved".to_owned()),
        S::Denied => (Tone::Danger, Shape::CircleCross, "denied".to_owned()),
        S::Withdrawn => (Tone::Neutral, Shape::Undo, "withdrawn".to_owned()),
        S::Expired => (Tone::Neutral, Shape::Expired, "expired".to_owned()),
        S::Voided => (Tone::Danger, Shape::Ban, "voided".to_owned()),
    };
    view! { <Badge tone text shape/> }.into_any()
}

/// Somebody breaks the glass for it.
#[component]
pub fn EmergencyBadge() -> impl IntoView {
    view! { <Badge tone=Tone::Danger text="break-glass" shape=Shape::Triangle/> }.into_any()
}

/// The state of a grant.
#[component]
pub fn GrantBadge(
    /// Which.
    state: GrantState,
) -> impl IntoView {
    use GrantState as S;
    let (tone, shape) = match state {
        S::Scheduled => (Tone::Strict, Shape::Scheduled),
        S::Active => (Tone::Settled, Shape::CircleCheck),
        S::Ended => (Tone::Neutral, Shape::Expired),
        S::Revoked => (Tone::Danger, Shape::Ban),
        S::Relinquished => (Tone::Neutral, Shape::Undo),
    };
    view! { <Badge tone text=state.as_str() shape/> }.into_any()
}

/// The state of an opt-out.
#[component]
pub fn OptOutBadge(
    /// Which.
    state: OptOutState,
    /// How many stages its plan has.
    #[prop(optional_no_strip)]
    stages: Option<u32>,
) -> impl IntoView {
    use OptOutState as S;
    let (tone, shape, text) = match state {
        S::Requested => (Tone::Strict, Shape::Send, "requested".to_owned()),
        S::InReview { stage } => (Tone::Strict, Shape::Hourglass, in_review(stage, stages)),
        S::Approved => (Tone::Settled, Shape::Check, "approved".to_owned()),
        S::Active => (Tone::Settled, Shape::CircleCheck, "active".to_owned()),
        S::Suspended => (Tone::Lax, Shape::Pause, "suspended".to_owned()),
        S::Expired => (Tone::Neutral, Shape::Expired, "expired".to_owned()),
        S::Revoked => (Tone::Danger, Shape::Ban, "revoked".to_owned()),
        S::Exhausted => (Tone::Neutral, Shape::Minus, "exhausted".to_owned()),
        S::ClosedEarly => (Tone::Neutral, Shape::Archive, "closed early".to_owned()),
        S::Rejected => (Tone::Danger, Shape::CircleCross, "rejected".to_owned()),
        S::Withdrawn => (Tone::Neutral, Shape::Undo, "withdrawn".to_owned()),
        S::Lapsed => (Tone::Neutral, Shape::Expired, "lapsed".to_owned()),
    };
    view! { <Badge tone text shape/> }.into_any()
}

/// The state of a policy version.
#[component]
pub fn PolicyVersionBadge(
    /// Which.
    state: PolicyVersionState,
) -> impl IntoView {
    use PolicyVersionState as S;
    let (tone, shape) = match state {
        S::Draft => (Tone::Neutral, Shape::Draft),
        S::Proposed => (Tone::Strict, Shape::Hourglass),
        S::Published => (Tone::Settled, Shape::CircleCheck),
        S::Superseded => (Tone::Neutral, Shape::Archive),
        S::Rejected => (Tone::Danger, Shape::CircleCross),
    };
    view! { <Badge tone text=state.as_str() shape/> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::in_review;

    #[test]
    fn people_count_stages_from_one() {
        assert_eq!(in_review(0, Some(2)), "in review, stage 1 of 2");
        assert_eq!(in_review(1, None), "in review, stage 2");
    }
}
