//! Addresses of a list's other pages, with its filters kept.

use leptos_router::params::ParamsMap;

/// The name of the parameter that says after which entry a page begins.
pub const BEFORE: &str = "before";

/// The addresses of the older entries and of the newest ones, for the [`Pager`](super::pager::Pager): none where there are
/// no older ones, or where this is the newest page.
pub fn page_links(path: &str, address: &ParamsMap, next: Option<&str>) -> (Option<String>, Option<String>) {
    let mut kept = address.clone();
    let shown_from = kept.remove(BEFORE);
    let newest = shown_from
        .filter(|values| values.iter().any(|value| !value.is_empty()))
        .map(|_| href(path, &kept));
    let older = next.map(|next| {
        let mut older = kept.clone();
        older.insert(BEFORE, next.to_owned());
        href(path, &older)
    });
    (older, newest)
}

fn href(path: &str, address: &ParamsMap) -> String {
    format!("{path}{}", address.to_query_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paging_keeps_the_filters() {
        let mut address = ParamsMap::new();
        address.insert("phase", "over".to_owned());
        assert_eq!(page_links("/x", &address, None), (None, None));
        let (older, newest) = page_links("/x", &address, Some("b"));
        assert_eq!((older.as_deref(), newest), (Some("/x?phase=over&before=b"), None));
        address.insert(BEFORE, "b".to_owned());
        let (older, newest) = page_links("/x", &address, None);
        assert_eq!((older, newest.as_deref()), (None, Some("/x?phase=over")));
    }
}
