//! Where the focus goes after a navigation in the browser: to the new page's heading, as after a full load a reader
//! starts at the top.

use leptos::{html, prelude::*};
use leptos_router::hooks::use_location;

/// The path whose heading was focused last, or that was loaded as a document.
#[derive(Clone, Copy)]
struct Focused(StoredValue<String>);

/// Remembers the path of the document, whose heading must not take the focus from where the browser put it.
pub(crate) fn provide_focus_on_navigation() {
    let path = use_location().pathname.get_untracked();
    provide_context(Focused(StoredValue::new(path)));
}

/// Moves the focus to a page's heading once it stands there, if the reader came by a navigation.
///
/// A page that only loads its data anew (another filter, a refresh) has the same path and keeps the focus.
pub(crate) fn focus_after_navigation(heading: NodeRef<html::H1>) {
    let Some(Focused(focused)) = use_context::<Focused>() else {
        return;
    };
    let pathname = use_location().pathname;
    Effect::new(move |_| {
        if heading.get().is_none() {
            return;
        }
        // A page that waited for its data is built before it is put into the document, and what is not in the document
        // cannot take the focus: hence the next frame.
        request_animation_frame(move || {
            // By then the reader may have gone on, and all of it with the page.
            let (Some(path), Some(Some(heading)), Some(last)) = (
                pathname.try_get_untracked(),
                heading.try_get_untracked(),
                focused.try_get_value(),
            ) else {
                return;
            };
            if heading.is_connected() && last != path {
                focused.try_update_value(|focused| *focused = path);
                // A heading that refuses the focus is no reason to break the page.
                let _ = heading.focus();
            }
        });
    });
}
