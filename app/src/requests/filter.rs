//! The list's filter: from its address to the use case. On the server alone.

use domain::{id::AccessRequestId, role::Permission};
use service::{Service, access_requests::AccessRequestFilter, caller::PersonCaller};

use super::{
    look,
    view::{RequestFilter, RequestList},
};
use crate::{
    error::AppError,
    server_side::{Names, Tiers, bad_request},
};

/// How many requests stand on a page.
const PAGE: usize = 50;

/// The states that one can ask for: the first word of `AccessRequestState::as_str`.
pub(crate) const STATES: [&str; 7] = [
    "submitted",
    "in_review",
    "approved",
    "denied",
    "withdrawn",
    "expired",
    "voided",
];

/// A page of requests as the address asks for it. Errors: a state or an id that there is not (400).
pub(super) async fn list(
    service: &Service,
    caller: &PersonCaller,
    filter: &RequestFilter,
) -> Result<RequestList, AppError> {
    let may_see_all = caller.may(Permission::ReadAll);
    let mine = !may_see_all || filter.show == "mine";
    let list = service.access_requests(caller, read(filter)?, mine, PAGE).await?;
    let outcomes = service.access_request_outcomes(&list).await?;
    let (names, tiers) = (Names::of(service), Tiers::of(service, caller)?);
    Ok(RequestList {
        rows: list
            .requests
            .iter()
            .map(|request| look::row(request, &outcomes, &names, &tiers, list.now))
            .collect(),
        next: list.next.map(|id| id.to_string()),
        mine,
        may_see_all,
        now: list.now,
    })
}

fn read(filter: &RequestFilter) -> Result<AccessRequestFilter, AppError> {
    let unknown = |what: &str| bad_request(format!("There is no such {what}."));
    let state = some(&filter.state);
    if state.as_deref().is_some_and(|state| !STATES.contains(&state)) {
        return Err(unknown("state of a request"));
    }
    let before: Option<AccessRequestId> = some(&filter.before)
        .map(|id| id.parse())
        .transpose()
        .map_err(|_| unknown("page of this list"))?;
    Ok(AccessRequestFilter {
        state,
        principal: some(&filter.principal),
        resource: some(&filter.resource),
        before,
        person: None,
    })
}

fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_cannot_be_read_is_refused() {
        let filter = |state: &str, before: &str| RequestFilter {
            state: state.to_owned(),
            before: before.to_owned(),
            ..RequestFilter::default()
        };
        let status = |filter| read(&filter).map(|_| ()).map_err(|error| error.status());
        assert_eq!(status(filter("", "")), Ok(()));
        assert_eq!(status(filter("in_review", "")), Ok(()));
        assert_eq!(status(filter("pending", "")), Err(400));
        assert_eq!(status(filter("", "opt_1")), Err(400));
    }

    #[test]
    fn white_space_is_no_filter() {
        let filter = RequestFilter {
            principal: " ci/payments ".to_owned(),
            resource: "  ".to_owned(),
            ..Default::default()
        };
        let read = read(&filter).ok();
        assert_eq!(
            read.as_ref().and_then(|filter| filter.principal.as_deref()),
            Some("ci/payments")
        );
        assert_eq!(read.and_then(|filter| filter.resource), None);
    }
}
