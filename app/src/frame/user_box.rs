//! Who is signed in, and the two ways to end it. Both are forms: they change something.

use leptos::prelude::*;

use crate::{
    component::icon::{Icon, Shape},
    session::current_user,
};

#[component]
pub(super) fn UserBox(
    /// Whether the actions open above the box, as at the foot of the sidebar, or stand in line below it.
    floats: bool,
) -> impl IntoView {
    current_user().map(|user| {
        let subtitle = user.subtitle();
        let (details, actions) = if floats {
            ("dropdown dropdown-top w-full", "dropdown-content panel z-30 mb-1 w-full p-1.5 shadow-lg")
        } else {
            ("", "panel mt-2 p-1.5")
        };
        view! {
            <div class="border-t border-base-300 pt-3">
                <details class=details>
                    <summary class="flex list-none cursor-pointer items-center gap-2.5 rounded-field px-3 py-1.5 text-sm hover:bg-base-300/40">
                        <span class="grid size-7 shrink-0 place-items-center rounded-full bg-primary text-primary-content text-xs font-semibold">
                            {user.initials}
                        </span>
                        <span class="grow min-w-0 leading-tight">
                            <span class="block truncate">{user.display_name}</span>
                            <span class="block truncate text-xs text-base-content/65">{subtitle}</span>
                        </span>
                        <Icon shape=Shape::ChevronDown class="size-4 opacity-60"/>
                    </summary>
                    <div class=actions>
                        <a class="menu-action" href="/settings/notices">
                            <Icon shape=Shape::Bell/>
                            "How I am told"
                        </a>
                        <a class="menu-action" href="/settings/delegations">
                            <Icon shape=Shape::Users/>
                            "Delegations"
                        </a>
                        <form method="post" action="/sign-out">
                            <button class="menu-action">
                                <Icon shape=Shape::SignOut/>
                                "Sign out"
                            </button>
                        </form>
                        <form method="post" action="/sign-out/everywhere">
                            <button class="menu-action">
                                <Icon shape=Shape::Devices/>
                                "End all my sessions"
                            </button>
                        </form>
                    </div>
                </details>
            </div>
        }
        .into_any()
    })
}
