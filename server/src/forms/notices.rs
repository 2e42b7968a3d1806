//! The forms of notices: reading them, how one is told, endpoints, what has not arrived.

use app::form::FieldError;
use domain::id::{DeliveryId, EndpointId, NoticeId};
use domain::notice::EndpointKind;
use service::notices::{EndpointInput, PreferencesInput, Way};
use service::{Service, ServiceError};

use super::of_error;
use crate::http::forms::{Forms, Outcome, Post};
use crate::mounts::caller;

/// Adds them.
pub(super) fn forms(forms: Forms, service: &Service) -> Forms {
    let (reading, setting, registering) = (service.clone(), service.clone(), service.clone());
    let (changing, resending) = (service.clone(), service.clone());
    forms
        .on("/notices", &["read", "read_all"], move |post| {
            read(reading.clone(), post)
        })
        .on("/settings/notices", &["save"], move |post| {
            save(setting.clone(), post)
        })
        .on("/settings/endpoints", &["register"], move |post| {
            register(registering.clone(), post)
        })
        .on(
            "/settings/endpoints/{id}",
            &[
                "reveal",
                "confirm_rotate",
                "rotate",
                "confirm_disable",
                "disable",
                "enable",
            ],
            move |post| change(changing.clone(), post),
        )
        .on("/settings/deliveries", &["resend", "resend_all"], move |post| {
            resend(resending.clone(), post)
        })
}

fn done(result: Result<(), ServiceError>, to: String) -> Outcome {
    match result {
        Ok(()) => Outcome::Done(to),
        Err(error) => of_error(error),
    }
}

async fn read(service: Service, post: Post) -> Outcome {
    let caller = caller(&post.person, &post.request_id);
    let form = &post.submission;
    let field = if form.has_intent("read_all") {
        "up_to"
    } else {
        "id"
    };
    let Some(id) = form.value(field).and_then(|id| id.parse::<NoticeId>().ok()) else {
        return Outcome::NotFound;
    };
    let result = if form.has_intent("read_all") {
        service.read_notices(&caller, id).await.map(|_| ())
    } else {
        service.read_notice(&caller, id).await
    };
    done(result, "/notices".to_owned())
}

async fn save(service: Service, post: Post) -> Outcome {
    let caller = caller(&post.person, &post.request_id);
    let text = |name: &str| post.submission.value(name).unwrap_or_default().to_owned();
    let input = PreferencesInput {
        mail: text("mail"),
        digest_at: text("digest_at"),
        quiet_from: text("quiet_from"),
        quiet_until: text("quiet_until"),
        zone: text("zone"),
    };
    let result = service.set_notice_preferences(&caller, &input).await.map(|_| ());
    done(result, "/settings/notices".to_owned())
}

async fn register(service: Service, post: Post) -> Outcome {
    let caller = caller(&post.person, &post.request_id);
    let text = |name: &str| post.submission.value(name).unwrap_or_default().to_owned();
    let Ok(kind) = text("kind").parse::<EndpointKind>() else {
        return Outcome::Refused(vec![FieldError::at(
            "/kind",
            "unknown",
            "Choose what is at the address.",
        )]);
    };
    let input = EndpointInput {
        kind,
        name: text("name"),
        channel: text("channel"),
        address: text("address"),
    };
    match service.register_endpoint(&caller, &input).await {
        Ok(id) => Outcome::Done(format!("/settings/endpoints/{id}")),
        Err(error) => of_error(error),
    }
}

async fn change(service: Service, post: Post) -> Outcome {
    let caller = caller(&post.person, &post.request_id);
    let Some(id) = post.path.get("id").and_then(|id| id.parse::<EndpointId>().ok()) else {
        return Outcome::NotFound;
    };
    let result = match post.submission.intent.as_str() {
        "rotate" => service.rotate_endpoint_secret(&caller, id).await,
        "disable" => service.disable_endpoint(&caller, id).await,
        "enable" => service.enable_endpoint(&caller, id).await,
        // The others only show, and the page authorises that.
        _ => return Outcome::Show,
    };
    done(result, format!("/settings/endpoints/{id}"))
}

async fn resend(service: Service, post: Post) -> Outcome {
    let caller = caller(&post.person, &post.request_id);
    let form = &post.submission;
    let result = if form.has_intent("resend_all") {
        let Some(way) = form.value("way").and_then(|way| way.parse::<Way>().ok()) else {
            return Outcome::NotFound;
        };
        service.resend_all(&caller, way).await.map(|_| ())
    } else {
        let Some(id) = form.value("id").and_then(|id| id.parse::<DeliveryId>().ok()) else {
            return Outcome::NotFound;
        };
        service.resend_delivery(&caller, id).await
    };
    done(result, "/settings/deliveries".to_owned())
}
