//! Where the outside finds us, and which addresses are on this site.

use std::sync::Arc;

use url::Url;

/// Scheme, host and port of `public_url`, as a browser writes them into `Origin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicOrigin(Arc<str>);

impl PublicOrigin {
    /// The origin of an address.
    pub fn of(url: &Url) -> Self {
        Self(url.origin().ascii_serialization().into())
    }

    /// The origin as text, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An address of ours.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

/// A path on this site to which a person may be sent after signing in: never another host, never sign-in itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct ReturnTo(String);

/// The longest path accepted, in bytes. It is kept in the session row.
const LONGEST: usize = 1024;

impl ReturnTo {
    /// The start page.
    pub fn home() -> Self {
        Self("/".to_owned())
    }

    /// Accepts a same-site path, or gives nothing.
    ///
    /// Browsers read `\` as `/` and drop tabs and line breaks, so `/\evil.example` and `/<tab>/evil.example` leave the
    /// site: any of these refuses the whole path. What is kept is what a URL parser made of it.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.len() <= LONGEST
            && text.starts_with('/')
            && !text.starts_with("//")
            && text.chars().all(|c| c.is_ascii_graphic() && c != '\\');
        if !plain {
            return None;
        }
        let base = Url::parse("https://here.invalid/").ok()?;
        let joined = base.join(text).ok()?;
        if joined.origin() != base.origin() || joined.path().starts_with("//") {
            return None;
        }
        let path = joined.path();
        let about_sign_in = ["/sign-in", "/sign-out", "/signed-out"]
            .into_iter()
            .any(|own| path == own || path.strip_prefix(own).is_some_and(|rest| rest.starts_with('/')));
        if about_sign_in {
            return None;
        }
        Some(Self(match joined.query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        }))
    }

    /// The path with its query.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_this_site_are_kept() {
        for good in [
            "/",
            "/inbox",
            "/opt-outs/new?scenario=freeze&x=%2F%2Fevil",
            "/a/b#part",
        ] {
            let kept = ReturnTo::parse(good);
            assert_eq!(
                kept.as_ref().map(ReturnTo::as_str),
                good.split('#').next(),
                "{good}"
            );
        }
    }

    #[test]
    fn nothing_leaves_the_site() {
        let attempts = [
            "",
            "inbox",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/ /evil.example",
            "/..//evil.example",
            "/.//evil.example",
            "/a/../..//evil.example",
            "/sign-in",
            "/sign-in/start",
            "/sign-out",
            "/signed-out?x=1",
            "/é",
            "@evil.example",
            "/%09/../\\evil",
        ];
        for attempt in attempts {
            assert_eq!(ReturnTo::parse(attempt), None, "{attempt:?}");
        }
        assert_eq!(ReturnTo::parse(&format!("/{}", "x".repeat(2000))), None);
    }
}
