//! What a request gives once it is approved, or once somebody breaks the glass for it.

use crate::{Service, ServiceError};
use domain::access_request::AccessRequest;
use domain::digest::Digest;
use domain::grant::Grant;
use domain::id::GrantId;
use domain::window::{Instant, Window};

/// The grant of a request. The clock runs from now, never from the request.
pub(crate) fn grant_of(
    service: &Service,
    request: &AccessRequest,
    tuple_digest: &Digest,
    now: Instant,
) -> Result<Grant, ServiceError> {
    let ends_at = chrono::TimeDelta::try_seconds(request.grant_secs)
        .and_then(|length| now.checked_add_signed(length))
        .ok_or_else(|| ServiceError::internal("the grant's length is out of range"))?;
    Ok(Grant {
        id: GrantId::from_uuid(service.ids().next(now)),
        request: request.id,
        principal: request.principal.clone(),
        resource: request.resource.clone(),
        capability: request.capability.clone(),
        tuple_digest: *tuple_digest,
        window: Window::new(now, ends_at).map_err(ServiceError::internal)?,
        approved_at: now,
        tier: request.tier.clone(),
        ended: None,
        break_glass: request.break_glass.is_some(),
    })
}
