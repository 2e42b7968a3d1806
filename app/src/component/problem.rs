//! The one way a page says that it cannot show what was asked for.

use leptos::{html, prelude::*};
use leptos_meta::Title;

use super::icon::{Icon, Shape};
use crate::{
    error::{AppError, AppErrorKind},
    focus::focus_after_navigation,
    status::set_status,
};

/// A problem instead of a page, with the right status code: what it is, what it means, where to go from here.
#[component]
pub fn Problem(
    /// What went wrong.
    error: AppError,
) -> impl IntoView {
    set_status(error.status());
    let heading = NodeRef::<html::H1>::new();
    focus_after_navigation(heading);
    let title = error.title();
    let shape = match error.kind {
        AppErrorKind::NotFound | AppErrorKind::BadRequest => Shape::Search,
        AppErrorKind::SignedOut => Shape::SignOut,
        AppErrorKind::Forbidden => Shape::Ban,
        AppErrorKind::Conflict => Shape::Refresh,
        AppErrorKind::TooMany => Shape::Hourglass,
        AppErrorKind::Unavailable => Shape::Database,
        AppErrorKind::Internal => Shape::Triangle,
    };
    // What is signed out or refused by the database needs a new document, not a navigation inside this one.
    let (href, label) = match error.kind {
        AppErrorKind::SignedOut => ("/sign-in", "Sign in"),
        AppErrorKind::BadRequest
        | AppErrorKind::Forbidden
        | AppErrorKind::NotFound
        | AppErrorKind::Conflict
        | AppErrorKind::TooMany
        | AppErrorKind::Unavailable
        | AppErrorKind::Internal => ("/", "Go to the start page"),
    };
    // Where the reader can do nothing, whoever runs Spillway can, given this.
    let request_id = match error.kind {
        AppErrorKind::Unavailable | AppErrorKind::Internal => error.request_id.clone(),
        AppErrorKind::BadRequest
        | AppErrorKind::SignedOut
        | AppErrorKind::Forbidden
        | AppErrorKind::NotFound
        | AppErrorKind::Conflict
        | AppErrorKind::TooMany => None,
    };
    view! {
        <Title text=title/>
        <section class="mx-auto max-w-lg py-10 sm:py-16">
            <span class="grid size-11 place-items-center rounded-full border border-base-300 bg-base-100 text-base-content/70">
                <Icon shape class="size-5"/>
            </span>
            <h1 node_ref=heading class="page-title mt-5" tabindex="-1">
                {title}
            </h1>
            <p class="mt-2 text-base-content/80">{error.sentence()}</p>
            <p class="mt-6">
                <a class="btn btn-primary btn-sm" href=href rel="external">
                    {label}
                </a>
            </p>
            {request_id
                .map(|id| {
                    view! {
                        <p class="note mt-8">
                            "If it stays, tell whoever runs Spillway this request: "
                            <span class="id select-all break-all">{id}</span>
                        </p>
                    }
                })}
        </section>
    }
    .into_any()
}
