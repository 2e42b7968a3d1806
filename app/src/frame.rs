//! What stands around every page of a signed-in person: skip link, sidebar, on small screens a bar with a menu.

mod navigation;
mod user_box;

use leptos::{html, prelude::*};
use leptos_router::{components::Outlet, hooks::use_location};

use crate::{
    component::icon::{Icon, Mark, Shape},
    session::current_user,
};
use navigation::Navigation;
use user_box::UserBox;

/// The frame as the parent of all routes that need a session.
#[component]
pub(crate) fn FramedRoutes() -> impl IntoView {
    view! {
        <Frame>
            <Outlet/>
        </Frame>
    }
    .into_any()
}

/// The frame around a page.
#[component]
pub(crate) fn Frame(children: Children) -> impl IntoView {
    view! {
        <a class="btn btn-sm absolute -top-12 focus:top-2 left-2 z-50" href="#main" rel="external">
            "Skip to content"
        </a>
        <div class="lg:grid lg:grid-cols-[14.5rem_1fr] min-h-dvh">
            <SmallScreenBar/>
            <header class="hidden lg:flex flex-col border-r border-base-300 bg-base-200 px-3 py-4 sticky top-0 h-dvh overflow-y-auto">
                <HomeLink/>
                <Navigation/>
                <div class="mt-auto">
                    <UserBox floats=true/>
                </div>
            </header>
            <main id="main" class="min-w-0" tabindex="-1">
                <div class="mx-auto max-w-[74rem] px-4 sm:px-8 py-6 sm:py-8">{children()}</div>
            </main>
        </div>
    }
    .into_any()
}

#[component]
fn HomeLink() -> impl IntoView {
    view! {
        <a
            href="/"
            class="flex items-center gap-2 px-3 pb-4 font-semibold tracking-tight text-[1.05rem]"
        >
            <Mark/>
            "Spillway"
        </a>
    }
    .into_any()
}

/// The bar of small screens. Its menu is a `<details>`, so it opens without script; with script it closes when a page is chosen.
#[component]
fn SmallScreenBar() -> impl IntoView {
    let menu = NodeRef::<html::Details>::new();
    let pathname = use_location().pathname;
    Effect::new(move |_| {
        pathname.track();
        if let Some(menu) = menu.get() {
            menu.set_open(false);
        }
    });
    let user = current_user();
    let waiting = user
        .as_ref()
        .map(|user| user.waiting)
        .filter(|waiting| *waiting > 0);
    let unread = user.map(|user| user.unread).filter(|unread| *unread > 0);
    view! {
        <header class="lg:hidden sticky top-0 z-20 flex items-center gap-3 border-b border-base-300 bg-base-100 px-4 h-13">
            <details node_ref=menu class="group">
                <summary class="btn btn-ghost btn-square btn-sm list-none" aria-label="Menu">
                    <Icon shape=Shape::Menu class="size-5 group-open:hidden"/>
                    <Icon shape=Shape::Cross class="size-5 hidden group-open:block"/>
                </summary>
                <div class="absolute inset-x-0 top-13 h-[calc(100dvh-3.25rem)] overflow-y-auto bg-base-200 px-4 py-4 flex flex-col">
                    <Navigation/>
                    <div class="pt-6">
                        <UserBox floats=false/>
                    </div>
                </div>
            </details>
            <a href="/" class="font-bold tracking-tight">"Spillway"</a>
            <span class="grow"></span>
            {unread
                .map(|unread| {
                    view! {
                        <a class="btn btn-ghost btn-sm gap-1.5" href="/notices">
                            <Icon shape=Shape::Bell/>
                            <span class="num">{if unread < 100 { unread.to_string() } else { "99+".to_owned() }}</span>
                            <span class="sr-only">" unread"</span>
                        </a>
                    }
                })}
            {waiting
                .map(|waiting| {
                    view! {
                        <a class="btn btn-ghost btn-sm gap-1.5" href="/approvals">
                            <Icon shape=Shape::Inbox/>
                            <span class="num">{waiting}</span>
                            <span class="sr-only">" waiting for you"</span>
                        </a>
                    }
                })}
        </header>
    }
    .into_any()
}
