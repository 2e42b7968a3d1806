//! What a request gives once it is approved, or once somebody breaks the glass for it.

use crate::{Service, ServiceError};
use domain::access_request::AccessRequest;
use domain::digest::Digest;
use domain::grant::Grant;
use domain::id::GrantId;
use domain::window::Instant;

/// The grant of a request. The clock runs from now, never from the request, and never beyond the end that was asked for.
pub(crate) fn grant_of(
    service: &Service,
    request: &AccessRequest,
    tuple_digest: &Digest,
    now: Instant,
) -> Result<Grant, ServiceError> {
    let window = request.grant_window(now).ok_or_else(|| ServiceError::Conflict {
        code: "settled",
        why: "Its time is over already.".to_owned(),
    })?;
    Ok(Grant {
        id: GrantId::from_uuid(service.ids().next(now)),
        request: request.id,
        principal: request.principal.clone(),
        resource: request.resource.clone(),
        capability: request.capability.clone(),
        tuple_digest: *tuple_digest,
        window,
        approved_at: now,
        tier: request.tier.clone(),
        ended: None,
        break_glass: request.break_glass.is_some(),
    })
}
