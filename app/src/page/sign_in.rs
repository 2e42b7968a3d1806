//! The page that an anonymous visitor sees.

use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use serde::{Deserialize, Serialize};

use crate::component::icon::{Icon, Mark, Shape};

/// What the sign-in page shows. The server provides it as a context when it renders `/sign-in`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInView {
    /// The name of the identity provider as people know it.
    pub provider_name: String,
    /// The path to go to afterwards: already checked to be one of this site, starting with a single `/`.
    pub return_to: String,
    /// Why the reader is here again, if an attempt failed or a session ended.
    pub error: Option<SignInError>,
    /// Where the provider ends its own session, after somebody signed out here. A link, because a form that is
    /// redirected to another site is stopped by our own content security policy.
    pub provider_sign_out_href: Option<String>,
}

/// Why a sign-in did not happen or a session ended. The server maps codes of any origin to these, so that no text of
/// somebody else's is ever shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInError {
    /// The reader, or the provider on their behalf, said no.
    Declined,
    /// The attempt took too long or belongs to another browser: its state is unknown here.
    Expired,
    /// What the provider answered does not verify.
    Invalid,
    /// A fresh sign-in was asked for, and the provider took an old one for it.
    NotFresh,
    /// A fresh sign-in was asked for, and the provider does not say when it was.
    NoAuthTime,
    /// The provider cannot be reached.
    ProviderUnavailable,
    /// The provider answers, but what it says of itself cannot be used.
    ProviderUnusable,
    /// The provider knows the person, but no role here follows from its groups.
    NoAccess,
    /// The provider has left out the person's groups, because there are too many.
    GroupsLeftOut,
    /// The provider knows the person, but the directory links this sign-in to nobody.
    NotLinked,
    /// The session reached its idle or absolute limit, or was ended elsewhere.
    SessionEnded,
    /// The reader signed out. Not a failure.
    SignedOut,
    /// Too many attempts.
    TooMany,
}

impl SignInError {
    fn message(self) -> &'static str {
        match self {
            Self::Declined => "You were not signed in, because the sign-in was declined.",
            Self::Expired => "That sign-in took too long or was begun in another browser. Start again.",
            Self::Invalid => {
                "The identity provider’s answer could not be verified. Start again; if it stays, tell whoever runs Spillway."
            }
            Self::NotFresh => {
                "Your identity provider did not ask you to sign in again. Start again; if it happens again, ask an administrator."
            }
            Self::NoAuthTime => {
                "Your identity provider did not say when you signed in. Ask an administrator to have it send auth_time."
            }
            Self::ProviderUnavailable => "The identity provider cannot be reached. Try again in a minute.",
            Self::ProviderUnusable => {
                "The identity provider answered, but its configuration document cannot be used. Ask an administrator to correct it; the server’s log names what is wrong."
            }
            Self::NoAccess => {
                "You are known to the identity provider, but none of your groups has a role in Spillway. Ask whoever looks after groups."
            }
            Self::GroupsLeftOut => {
                "Your identity provider left your groups out of its answer, because there are too many. Ask an administrator to limit the groups that it sends to Spillway."
            }
            Self::NotLinked => {
                "Your account is not linked to a person yet. Ask whoever looks after the directory to link it."
            }
            Self::SessionEnded => "Your session has ended. Sign in to go on.",
            Self::SignedOut => "You are signed out of Spillway.",
            Self::TooMany => "Too many attempts. Wait a minute, then try again.",
        }
    }

    fn is_failure(self) -> bool {
        match self {
            Self::SignedOut | Self::SessionEnded => false,
            Self::Declined
            | Self::Expired
            | Self::Invalid
            | Self::NotFresh
            | Self::NoAuthTime
            | Self::ProviderUnavailable
            | Self::ProviderUnusable
            | Self::NoAccess
            | Self::GroupsLeftOut
            | Self::NotLinked
            | Self::TooMany => true,
        }
    }
}

/// The link that begins the sign-in.
fn start_href(return_to: &str) -> String {
    let mut encoded = String::new();
    for byte in return_to.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    format!("/sign-in/start?return_to={encoded}")
}

#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let view = SharedValue::new(use_context::<SignInView>).into_inner();
    let sign_in = match view {
        Some(view) => Either::Left(view! { <SignInWith view/> }),
        // Reached by a navigation in the browser: the provider's name comes with a new document only.
        None => Either::Right(view! {
            <a class="btn btn-primary" href="/sign-in" rel="external">
                "Sign in"
            </a>
        }),
    };
    view! {
        <Title text="Sign in"/>
        <main id="main" class="mx-auto grid min-h-dvh max-w-md content-center px-4 py-10">
            <p class="flex items-center gap-2 font-semibold tracking-tight text-[1.05rem]">
                <Mark/>
                "Spillway"
            </p>
            <h1 class="page-title mt-6" tabindex="-1">
                "Access decided by policy, exceptions decided by people"
            </h1>
            <p class="mt-3 text-base-content/80">
                "Spillway answers requests for access by policy. What policy leaves to people waits here for a decision, and what is taken out of the automation is approved, limited in time, counted and provable."
            </p>
            {sign_in}
        </main>
    }
    .into_any()
}

#[component]
fn SignInWith(view: SignInView) -> impl IntoView {
    let notice = view.error.map(|error| {
        let (class, shape) = if error.is_failure() {
            ("notice notice-danger mt-6", Shape::CircleAlert)
        } else {
            ("notice mt-6", Shape::Info)
        };
        view! {
            <div class=class role="alert">
                <Icon shape class="size-4 mt-0.5"/>
                <p>{error.message()}</p>
            </div>
        }
    });
    let sign_out = view.provider_sign_out_href.map(|href| {
        view! {
            <a class="btn btn-ghost" href=href rel="external">
                "Sign out of " {view.provider_name.clone()} " too"
            </a>
        }
    });
    view! {
        {notice}
        <p class="mt-6 flex flex-wrap gap-3">
            <a class="btn btn-primary" href=start_href(&view.return_to) rel="external">
                "Sign in with " {view.provider_name}
            </a>
            {sign_out}
        </p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::start_href;

    #[test]
    fn the_return_path_cannot_break_out_of_its_parameter() {
        assert_eq!(
            start_href("/opt-outs?state=active&x=#1"),
            "/sign-in/start?return_to=/opt-outs%3Fstate%3Dactive%26x%3D%231"
        );
        assert_eq!(start_href("/ä"), "/sign-in/start?return_to=/%C3%A4");
    }
}
