//! What people change that is nobody else's business, or that each of its parts records: no event tells of the command.

use super::NO;
use super::command::{commands, count};
use domain::approval::Verdict;
use domain::digest::Digest;
use domain::step_up::VotedOn;
use service::bulk::BulkItem;
use service::caller::PersonCaller;

/// Where it is written, apart from what commands with events write.
pub const TABLES: [&str; 4] = ["bulk_acts", "drafts", "notices", "step_ups"];

commands! { |scene, world, service, decider, caller: PersonCaller|
    "reject several at once" =>
        service.decide_at_once(caller, Verdict::Deny, NO, &[BulkItem::OptOut(scene.pending)]).await;
    "begin a sign-in for a vote" => service.begin_step_up(
        caller, VotedOn::OptOut(scene.pending), Verdict::Approve, Digest::of(b"what was shown"),
    ).await;
    "keep a draft" => service.save_draft(caller, vec![("title".to_owned(), NO.to_owned())]).await;
    "throw one's draft away" => service.discard_draft(caller).await;
    "mark Alice's notice as read" => service.read_notice(caller, scene.notice).await;
    "mark one's notices as read" => service.read_notices(caller, scene.notice).await,
        |read| count(usize::try_from(*read).unwrap());
    // Without a session of his there is nothing to record.
    "end Liam's sessions" => service.end_sessions(&"liam.byrne".parse().unwrap(), caller).await;
}
