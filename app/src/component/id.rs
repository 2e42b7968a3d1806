//! Ids and digests: short to read, whole to copy.

use leptos::{either::Either, prelude::*};

use super::{
    icon::{Icon, Shape},
    time::is_hydrated,
};

/// An id in its outer form shortened to the prefix and the last six characters: `opt_…` becomes `opt_7k2m0q`.
/// A digest (`sha256:…`) keeps four characters of each end of its hexadecimal part. Anything else stays whole.
pub fn short(whole: &str) -> String {
    if let Some((kind, hex)) = whole.split_once(':') {
        return match (
            hex.get(..4),
            hex.len().checked_sub(4).and_then(|from| hex.get(from..)),
        ) {
            (Some(head), Some(tail)) if hex.len() > 12 => format!("{kind}:{head}…{tail}"),
            _ => whole.to_owned(),
        };
    }
    match whole.split_once('_') {
        Some((prefix, rest)) if rest.len() == 26 => {
            format!("{prefix}_{}", rest.get(20..).unwrap_or(rest))
        }
        _ => whole.to_owned(),
    }
}

/// An id. Its short form stands on the page, the whole one in its title and in what is copied.
#[component]
pub fn Id(
    /// The whole id or digest.
    #[prop(into)]
    value: String,
    /// Where it leads, if not here.
    #[prop(optional, into)]
    href: Option<String>,
    /// Whether a button to copy it stands beside it, as in the head of a page. Lists have none: too many buttons.
    #[prop(optional)]
    copy: bool,
) -> impl IntoView {
    let text = short(&value);
    let shown = match href {
        Some(href) => Either::Left(view! {
            <a class="id link link-hover" href=href title=value.clone()>
                {text}
            </a>
        }),
        None => Either::Right(view! {
            <span class="id" title=value.clone()>
                {text}
            </span>
        }),
    };
    view! {
        <span class="inline-flex items-center gap-1 whitespace-nowrap">
            {shown} {copy.then(|| view! { <CopyButton text=value/> })}
        </span>
    }
    .into_any()
}

/// Copies a text. It needs script, so it appears only when that runs.
#[component]
fn CopyButton(text: String) -> impl IntoView {
    let copied = RwSignal::new(false);
    let text = StoredValue::new(text);
    move || {
        is_hydrated().then(|| {
            view! {
                <button
                    type="button"
                    class="btn btn-ghost btn-xs btn-square"
                    title="Copy"
                    on:click=move |_| {
                        write_clipboard(&text.get_value());
                        copied.set(true);
                    }
                >
                    {move || {
                        let shape = if copied.get() { Shape::Check } else { Shape::Copy };
                        view! { <Icon shape class="size-3.5"/> }
                    }}
                    <span class="sr-only" role="status">
                        {move || if copied.get() { "Copied" } else { "Copy the whole id" }}
                    </span>
                </button>
            }
        })
    }
}

fn write_clipboard(text: &str) {
    #[cfg(feature = "hydrate")]
    {
        // The promise is not awaited: a browser that refuses the clipboard has told its user already.
        let _ = window().navigator().clipboard().write_text(text);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = text;
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn ids_and_digests_are_shortened_and_other_texts_are_not() {
        assert_eq!(short("opt_06e8gq2m4t9v1n3r5w7y9a0b7k"), "opt_9a0b7k");
        assert_eq!(
            short("sha256:8c1f00000000000000000000000000000000000000000000000000000000aae2"),
            "sha256:8c1f…aae2"
        );
        assert_eq!(short("sha256:8c1f"), "sha256:8c1f");
        assert_eq!(short("no-unattended-prod-deploy"), "no-unattended-prod-deploy");
        assert_eq!(short("a_b"), "a_b");
    }
}
