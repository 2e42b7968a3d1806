//! Every state and every event, so that a table or a property can go through all of them.

use domain::access_request::{AccessRequestEvent, AccessRequestState};
use domain::opt_out::{OptOutEvent, OptOutState};
use domain::policy_version::PolicyVersionEvent;

/// Lists values of an enum. The match inside has no `_` arm, so a variant that is not listed does not compile.
macro_rules! every {
    ($type:ident: $($variant:ident = [$($value:expr),+]),+ $(,)?) => {{
        const fn _listed(value: &$type) {
            match value {
                $($type::$variant { .. } => (),)+
            }
        }
        vec![$($($value),+),+]
    }};
}

pub(crate) fn access_request_states() -> Vec<AccessRequestState> {
    use AccessRequestState as S;
    every!(S:
        Submitted = [S::Submitted],
        InReview = [S::InReview { stage: 0 }, S::InReview { stage: 1 }, S::InReview { stage: u32::MAX }],
        Approved = [S::Approved], Denied = [S::Denied], Withdrawn = [S::Withdrawn],
        Expired = [S::Expired], Voided = [S::Voided],
    )
}

pub(crate) fn access_request_events() -> Vec<AccessRequestEvent> {
    use AccessRequestEvent as E;
    every!(E:
        StageReached = [E::StageReached(0), E::StageReached(1), E::StageReached(u32::MAX)],
        Approved = [E::Approved], Denied = [E::Denied], Withdrawn = [E::Withdrawn],
        Expired = [E::Expired], Voided = [E::Voided], BrokeGlass = [E::BrokeGlass],
    )
}

pub(crate) fn opt_out_states() -> Vec<OptOutState> {
    use OptOutState as S;
    every!(S:
        Requested = [S::Requested],
        InReview = [S::InReview { stage: 0 }, S::InReview { stage: 1 }, S::InReview { stage: u32::MAX }],
        Approved = [S::Approved], Active = [S::Active], Suspended = [S::Suspended],
        Expired = [S::Expired], Revoked = [S::Revoked], Exhausted = [S::Exhausted],
        ClosedEarly = [S::ClosedEarly], Rejected = [S::Rejected], Withdrawn = [S::Withdrawn],
        Lapsed = [S::Lapsed],
    )
}

pub(crate) fn opt_out_events() -> Vec<OptOutEvent> {
    use OptOutEvent as E;
    every!(E:
        StageReached = [E::StageReached(0), E::StageReached(1), E::StageReached(u32::MAX)],
        Approved = [E::Approved], Rejected = [E::Rejected], Withdrawn = [E::Withdrawn],
        Lapsed = [E::Lapsed], Started = [E::Started], Suspended = [E::Suspended],
        Expired = [E::Expired], Revoked = [E::Revoked], Exhausted = [E::Exhausted],
        ClosedEarly = [E::ClosedEarly], BrokeGlass = [E::BrokeGlass], Signalled = [E::Signalled],
    )
}

pub(crate) fn policy_version_events() -> Vec<PolicyVersionEvent> {
    use PolicyVersionEvent as E;
    every!(E:
        Proposed = [E::Proposed], Published = [E::Published],
        Rejected = [E::Rejected], Superseded = [E::Superseded],
    )
}
