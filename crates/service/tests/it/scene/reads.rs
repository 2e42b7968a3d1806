//! What people look at. Nothing of it writes.

use super::command::{commands, count, found};
use crate::world::breaking::emergency;
use crate::world::{bypass, deployment_bypass};
use domain::approval::Verdict;
use domain::opt_out::Direction;
use service::audit::EventFilter;
use service::bulk::BulkItem;
use service::caller::PersonCaller;
use service::opt_outs::ScopeSoFar;

commands! { |scene, world, service, decider, caller: PersonCaller|
    "look at the request" => service.access_request(caller, scene.request).await;
    "list requests" => service.access_requests(caller, Default::default(), false, 50).await,
        |list| count(list.requests.len());
    "try an opt-out on what was decided" => service.preview_opt_out(caller, &deployment_bypass()).await;
    "check an opt-out" => service.check_opt_out(caller, &deployment_bypass()).await;
    "forecast a scope" => service.forecast_scope(caller, &ScopeSoFar {
        scenario: None,
        direction: Direction::Bypass,
        scope: bypass("hanna.lindt", "read-needs-ticket", "database ledger-db").scope,
    }).await, found;
    "look at the pending bypass" => service.opt_out(caller, scene.pending).await;
    "list opt-outs" => service.opt_outs(caller, Default::default(), false, 50).await,
        |list| count(list.opt_outs.len());
    "look at what a renewal would be" => service.offer_renewal(caller, scene.bypass).await;
    "try to reject several at once" => service.check_at_once(caller, Verdict::Deny, &[
        BulkItem::OptOut(scene.pending),
        BulkItem::AccessRequest(scene.request),
    ]).await;
    "look at what came of several" => service.bulk_outcome(caller, scene.act).await;
    "look at the inbox" => service.inbox(caller).await, |inbox| count(inbox.items.len());
    "count the inbox" => service.count_waiting(caller).await, |waiting| count(*waiting);
    "look at precedents beside the inbox" =>
        service.precedents_beside(caller, &service.inbox(caller).await.unwrap()).await,
        |beside| count(beside.len());
    "look at the start page" => service.home(caller).await, |home| count(home.mine.len());
    "look at glasses broken past one" => service.broken_past(caller).await, |broken| count(broken.len());
    "look at the post-review" => service.post_review(caller, scene.review).await;
    "look at what breaking the glass offers" => service.break_glass_offer(caller, Some(scene.refused)).await,
        |offer| count(offer.refused.len());
    "check breaking the glass" =>
        service.check_break_glass(caller, &emergency(caller.person.as_str())).await;
    "check breaking the glass for what was refused" =>
        service.check_emergency_access(caller, &scene.emergency_access()).await;
    "read the policy" => service.policy(caller);
    "read the policy and since when" => service.policy_in_force(caller).await;
    "read the budgets" => service.budgets(caller).await;
    "read the audit log" => service.events(caller, EventFilter::default(), 10).await;
    "look at an event" => service.event(caller, scene.event).await;
    "list decisions" => service.decisions(caller, Default::default(), 10).await;
    "look at the decision" => service.decision(caller, scene.denial).await;
    "explain the decision" => service.explain_decision(caller, scene.denial).await;
    "list clients" => service.list_clients(caller).await;
    "look at the endpoints" => service.endpoints(caller).await;
    "look at the endpoint's secret" => service.endpoint(caller, scene.endpoint, true).await;
    "look at what has not arrived" => service.undelivered(caller, None).await;
    "look at delegations" => service.delegations(caller).await, |found| count(found.all.len());
    "look at one's draft" => service.draft(caller).await, found;
    "look at one's notices" => service.notices(caller, None, 50).await, |list| count(list.notices.len());
    "count one's unread notices" => service.unread_notices(caller).await, |unread| format!("done, {unread}");
    "look at how one is told" => service.notice_settings(caller).await;
}
