//! What nobody calls: the workers, the command line of the operator who holds the database, the sign-in while it makes a
//! session, and what takes the answer of another command as the proof that its reader may see it.

use super::command::{commands, count};
use crate::world::correlation;
use crate::world::people::requester;
use crate::world::telling::room;
use crate::world::voting::vouched;
use domain::id::{DeliveryId, StepUpId};
use service::in_force::Wanted;
use service::notices::Attempted;
use service::premises::TicketLookUp;

commands! { |scene, world, service, decider, nobody: ()|
    "open a transaction" => service.begin().await;
    "import the same directory" => service.import_directory(&world.directory, correlation()).await;
    "put what is in force in force" => service.put_in_force(
        Wanted { directory: Some(&world.directory), policy: Some(&world.policy), accept: None }, correlation(),
    ).await;
    "publish the same policy" => service.publish_policy(&world.policy, correlation()).await;
    "replay a decision" => service.replay(scene.denial).await;
    "note that sessions ended" =>
        service.record_sign_out(&"alice.meyer".parse().unwrap(), "owner", correlation()).await;
    "prove a sign-in that nobody began" => service.prove_step_up(
        StepUpId::from_uuid(sqlx::types::Uuid::nil()),
        vouched(service, &requester("alice.meyer")),
        &[],
    ).await;
    "note a mail address" =>
        service.note_mail_address(&"alice.meyer".parse().unwrap(), "no address").await;
    "read the background of a request that was shown" => service.access_request_background(
        &service.access_request(&requester("alice.meyer"), scene.request).await.unwrap(),
    ).await;
    "read what came of requests that were shown" => service.access_request_outcomes(
        &service.access_requests(&requester("alice.meyer"), Default::default(), true, 50).await.unwrap(),
    ).await;
    "say why an approval did not help" => decider.approval_verdict(&scene.decided).await;
    "report ends" => service.report_ends().await, |ends| count(*ends);
    "ask about what is not needed" => service.ask_about_needless().await, |asked| count(*asked);
    "suspend what fell" => service.suspend_what_fell().await, |fallen| count(*fallen);
    "escalate silence" => service.escalate_silence().await, |stages| count(*stages);
    "open stages again" => service.reopen_stages(&mut None).await, |stages| count(*stages);
    "tell of times" => service.tell_times().await, |told| count(*told);
    "report what was asked out of scope" => decider.report_out_of_scope().await, |clients| count(*clients);
    "claim what is to be sent" => service.claim_deliveries(room(0)).await, |claimed| count(claimed.len());
    "settle what nobody sent" => service.settle_delivery(
        DeliveryId::from_uuid(sqlx::types::Uuid::nil()), 1, Attempted::Delivered,
    ).await;
    "claim tickets to look up" => service.claim_ticket_look_ups().await, |tickets| count(tickets.len());
    "settle a look-up that failed" =>
        service.settle_ticket_look_up("PAY-812", &TicketLookUp::Failed { why: "It is down.".to_owned() }).await;
    "count rows of the default partition" => service.alarm_default_partition().await,
        |rows| format!("done, {rows}");
    "store when clients were last used" => service.store_client_uses().await;
    "forget old acts" => service.forget_old_bulk_acts().await;
    "forget old drafts" => service.forget_old_drafts().await;
    "forget old forms" => service.forget_old_forms().await;
    "forget old sign-ins for votes" => service.forget_old_step_ups().await;
}
