//! `GET /api/v1/opt-outs`: which opt-outs stand over what one would ask to have decided; `GET /api/v1/opt-outs/{id}`: how one
//! is that an answer named.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::id::OptOutId;
use domain::name::{Capability, RuleId, ScenarioId, TierName};
use domain::opt_out::Direction;
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::resource::ResourceRef;
use serde::{Deserialize, Serialize};
use service::Service;
use service::opt_outs::{AskedOver, SeenByClient};
use std::sync::Arc;
use url::Url;

use super::problems::{of_query, of_service};
use crate::access::Caller;
use crate::http::extract::{Path, Query};
use crate::http::problem::Problem;

/// What the routes need.
#[derive(Debug, Clone)]
pub(super) struct OptOuts {
    service: Service,
    base: Arc<str>,
}

impl OptOuts {
    pub(super) fn new(service: Service, public_url: &Url) -> Self {
        Self {
            service,
            base: public_url.as_str().trim_end_matches('/').into(),
        }
    }
}

/// The same members as an evaluation has, flat.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Over {
    subject_type: PrincipalKind,
    subject_id: String,
    action: Capability,
    resource_type: String,
    resource_id: String,
}

#[derive(Debug, Serialize)]
struct Listed {
    opt_outs: Vec<Seen>,
}

#[derive(Debug, Serialize)]
struct Seen {
    id: OptOutId,
    direction: Direction,
    state: &'static str,
    /// Whether it can apply to anything now. What is of a stricter tier than it was approved under it leaves alone.
    in_force: bool,
    /// As its requester called it. None of one that a signal or an emergency opened: that names the source or the incident.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    scenario: ScenarioId,
    tier: TierName,
    /// Out of which rules (bypass).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules: Vec<RuleId>,
    starts_at: DateTime<Utc>,
    /// When it ends by itself at the latest.
    ends_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_uses: Option<u32>,
    /// To how many decisions it has applied, where that is limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    uses: Option<u32>,
    /// Its page, for people.
    url: String,
}

impl Seen {
    fn new(seen: SeenByClient, base: &str) -> Self {
        let SeenByClient {
            opt_out,
            state,
            in_force,
            uses,
        } = seen;
        Self {
            url: format!("{base}/opt-outs/{}", opt_out.id),
            id: opt_out.id,
            direction: opt_out.direction,
            state: state.as_str(),
            in_force,
            title: (opt_out.break_glass.is_none() && opt_out.requested_by.person().is_some())
                .then_some(opt_out.title),
            scenario: opt_out.scenario,
            tier: opt_out.tier,
            rules: opt_out.scope.rules.into_iter().collect(),
            starts_at: opt_out.window.starts_at(),
            ends_at: opt_out.window.ends_at(),
            uses: opt_out.max_uses.map(|_| uses),
            max_uses: opt_out.max_uses,
        }
    }
}

/// Those that stand, are suspended or are still to begin, the first to end first.
pub(super) async fn over(
    State(OptOuts { service, base }): State<OptOuts>,
    Caller(caller): Caller,
    Query(over): Query<Over>,
) -> Result<Response, Problem> {
    let asked = AskedOver {
        principal: PrincipalRef {
            kind: over.subject_type,
            id: over.subject_id,
        },
        capability: over.action,
        resource: ResourceRef {
            kind: over.resource_type,
            id: over.resource_id,
        },
    };
    let found = service.opt_outs_over(&caller, &asked).await.map_err(of_query)?;
    Ok(axum::Json(Listed {
        opt_outs: found.into_iter().map(|seen| Seen::new(seen, &base)).collect(),
    })
    .into_response())
}

/// In whatever state it is by now.
pub(super) async fn met(
    State(OptOuts { service, base }): State<OptOuts>,
    Caller(caller): Caller,
    Path(id): Path<OptOutId>,
) -> Result<Response, Problem> {
    let seen = service.opt_out_met(&caller, id).await.map_err(of_service)?;
    Ok(axum::Json(Seen::new(seen, &base)).into_response())
}
