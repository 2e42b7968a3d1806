//! Instants, both absolute and relative: "18:00 UTC, in 2 h".
//!
//! The server writes UTC, and so does the first render in the browser, with the `now` that came with the page's data. Once
//! the page is hydrated, the absolute part turns to the viewer's own zone. `title` and `datetime` stay exact.

mod words;

use domain::window::Instant;
use leptos::prelude::*;

pub use words::{absolute, exact, length, relative};

/// Whether the first render is over, so that what only the browser knows may be shown.
#[derive(Clone, Copy)]
pub(crate) struct Hydrated(RwSignal<bool>);

/// Called once by the app.
pub(crate) fn provide_hydrated() {
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| {
        hydrated.set(true);
        // Says that links and buttons answer from here on: a journey waits for it where it looks at what script does.
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-hydrated", "");
        }
    });
    provide_context(Hydrated(hydrated));
}

/// Whether script runs and the first render is over. Tracks.
pub(crate) fn is_hydrated() -> bool {
    use_context::<Hydrated>().is_some_and(|Hydrated(hydrated)| hydrated.get())
}

/// How much of an instant is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeForm {
    /// "18:00 UTC, in 2 h".
    #[default]
    Both,
    /// "18:00 UTC".
    Absolute,
    /// "in 2 h".
    Relative,
    /// "in 2 h" below "18:00 UTC", for narrow columns.
    Stacked,
}

/// An instant.
#[component]
pub fn Time(
    /// Which.
    at: Instant,
    /// The page's present, as it came with its data.
    now: Instant,
    /// How much of it.
    #[prop(optional)]
    form: TimeForm,
) -> impl IntoView {
    let there = move || absolute(at, now, viewer_offset_minutes(at));
    let text = match form {
        TimeForm::Both => view! { {there} {format!(", {}", relative(at, now))} }.into_any(),
        TimeForm::Absolute => view! { {there} }.into_any(),
        TimeForm::Relative => view! { {relative(at, now)} }.into_any(),
        TimeForm::Stacked => view! {
            {there}
            <br/>
            <span class="note">{relative(at, now)}</span>
        }
        .into_any(),
    };
    view! {
        <time class="num" datetime=words::machine(at) title=exact(at)>
            {text}
        </time>
    }
    .into_any()
}

/// How long until something is due: "38 min left", urgent in its last hour; "overdue by 2 h" after it.
#[component]
pub fn TimeLeft(
    /// When it is due.
    until: Instant,
    /// The page's present, as it came with its data.
    now: Instant,
) -> impl IntoView {
    let seconds = (until - now).num_seconds();
    let (class, text) = if seconds <= 0 {
        (
            "num text-error font-medium",
            format!("overdue by {}", length(-seconds)),
        )
    } else if seconds < 3600 {
        ("num text-error font-medium", format!("{} left", length(seconds)))
    } else {
        ("num", format!("{} left", length(seconds)))
    };
    view! {
        <time class=class datetime=words::machine(until) title=exact(until)>
            {text}
        </time>
    }
    .into_any()
}

/// The viewer's distance from UTC at that instant, which daylight saving makes a matter of the instant. East is positive.
/// Zero on the server and in the first render.
fn viewer_offset_minutes(at: Instant) -> i32 {
    if !is_hydrated() {
        return 0;
    }
    #[cfg(feature = "hydrate")]
    {
        let millis = wasm_bindgen::JsValue::from_f64(at.timestamp_millis() as f64);
        // JavaScript counts the other way round. Whole minutes, far within an i32.
        -(js_sys::Date::new(&millis).get_timezone_offset() as i32)
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = at;
        0
    }
}
