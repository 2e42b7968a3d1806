//! A request is taken back: by its client over the wire, or by the person who started it.

use super::event;
use crate::caller::{Authorised, ClientCaller, PersonCaller};
use crate::command::{Effect, finish};
use crate::{Service, ServiceError};
use domain::access_request::{AccessRequest, AccessRequestEvent};
use domain::event::EventKind;
use domain::id::AccessRequestId;
use domain::role::Permission;

/// The longest comment of a client that cancels, in characters.
const LONGEST_COMMENT: usize = 2_000;

impl Service {
    /// The client that filed a request cancels it.
    pub async fn cancel_access_request(
        &self,
        caller: &ClientCaller,
        id: AccessRequestId,
        comment: Option<String>,
    ) -> Result<AccessRequest, ServiceError> {
        let client = caller.client.id;
        let loaded = self.snapshots().current_for_commands().await?;
        let authorised = caller.authorise(&loaded)?;
        if comment
            .as_deref()
            .is_some_and(|comment| comment.chars().count() > LONGEST_COMMENT)
        {
            return Err(ServiceError::field(
                "comment",
                "comment_too_long",
                format!("A comment has at most {LONGEST_COMMENT} characters."),
            ));
        }
        self.withdraw(id, authorised, comment, |request| request.client == client)
            .await
    }

    /// The person whom it is for, or who started it, takes it back.
    pub async fn withdraw_access_request(
        &self,
        caller: &PersonCaller,
        id: AccessRequestId,
    ) -> Result<AccessRequest, ServiceError> {
        let person = caller.person.clone();
        let authorised = caller.authorise(Permission::ReadOwn)?;
        self.withdraw(id, authorised, None, move |request| {
            super::read::is_own(request, &person)
        })
        .await
    }

    async fn withdraw(
        &self,
        id: AccessRequestId,
        authorised: Authorised,
        comment: Option<String>,
        owns: impl Fn(&AccessRequest) -> bool,
    ) -> Result<AccessRequest, ServiceError> {
        let now = self.now();
        let mut tx = self.begin().await?;
        let mut request = store::access_requests::for_update(&mut tx, id)
            .await?
            .filter(owns)
            .ok_or(ServiceError::NotFound { what: "request" })?;
        request.state = request
            .state_at(now)
            .on(AccessRequestEvent::Withdrawn)
            .map_err(|error| ServiceError::Conflict {
                code: "settled",
                why: format!(
                    "This request is {} already.",
                    error.state.as_str().replace('_', " ")
                ),
            })?;
        request.decided_at = Some(now);
        store::access_requests::update(&mut tx, &request).await?;
        let withdrawn = event(
            EventKind::AccessRequestWithdrawn,
            &request,
            serde_json::json!({ "comment": comment }),
        );
        finish(self, tx, authorised, vec![withdrawn], Effect::None, now).await?;
        Ok(request)
    }
}
