//! Webhooks through the worker, to a receiver that is down, slow, moved, broken and gone, judged by the official verifier.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::{any, post};
use chrono::{DateTime, Utc};
use domain::id::{CorrelationId, DeliveryId, EndpointId, OptOutId};
use domain::notice::{EndpointKind, Notice, NoticeItem, NoticeKind};
use domain::role::Role;
use notify::outgoing::{Allow, Limits};
use server::deliver::{self, Courier, PATIENCE};
use service::caller::PersonCaller;
use service::notices::{EndpointInput, Reach, Seal};
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use standardwebhooks::Webhook;
use store::deliveries::{Carries, Delivery, NewDelivery, To};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::support::{PUBLIC_URL, TestApp, TestAppBuilder};

/// How the receiver answers the next call.
#[derive(Debug, Clone, Copy)]
enum Manner {
    Answers(u16),
    Hangs,
}

#[derive(Default)]
struct Receiver {
    manner: Mutex<Option<Manner>>,
    calls: Mutex<Vec<(HeaderMap, Bytes)>>,
    /// Calls of the address that it redirects to.
    elsewhere: Mutex<usize>,
}

impl Receiver {
    async fn called(self: Arc<Self>, headers: HeaderMap, body: Bytes) -> axum::response::Response {
        self.calls.lock().unwrap().push((headers, body));
        let manner = self.manner.lock().unwrap().unwrap();
        match manner {
            Manner::Hangs => std::future::pending().await,
            Manner::Answers(status) => {
                let status = StatusCode::from_u16(status).unwrap();
                (status, [(header::LOCATION, "/elsewhere")]).into_response()
            }
        }
    }

    fn begin(self: &Arc<Self>, listener: TcpListener) {
        let (hook, moved) = (Arc::clone(self), Arc::clone(self));
        let routes = Router::new()
            .route("/hook", post(move |headers, body| hook.called(headers, body)))
            .route(
                "/elsewhere",
                any(move || async move { *moved.elsewhere.lock().unwrap() += 1 }),
            );
        #[expect(clippy::disallowed_methods, reason = "it ends with its test")]
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    }
}

fn petra() -> PersonCaller {
    PersonCaller {
        person: "petra.lindqvist".parse().unwrap(),
        roles: [Role::Requester, Role::Administrator].into(),
        groups_read_at: None,
        correlation: CorrelationId::from_uuid(Uuid::from_u128(7)),
        once: None,
    }
}

/// Until it is as it should be; the worker looks each second.
async fn until(app: &TestApp, id: DeliveryId, fits: impl Fn(&Delivery) -> bool) -> Delivery {
    let mut look = tokio::time::interval(Duration::from_millis(20));
    let waits = async {
        loop {
            look.tick().await;
            let found = store::deliveries::find(&app.owner, id).await.unwrap().unwrap();
            if fits(&found) {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waits)
        .await
        .unwrap()
}

async fn send(app: &TestApp, endpoint: EndpointId, number: u128) -> DeliveryId {
    let now = app.application.service.now();
    let id = DeliveryId::from_uuid(Uuid::from_u128(number));
    let notice = Notice {
        kind: NoticeKind::Approved,
        item: NoticeItem::OptOut {
            id: OptOutId::from_uuid(Uuid::from_u128(7)),
        },
        title: "Payout fix".to_owned(),
        tier: "high".parse().unwrap(),
        by: Some("Bob Okafor".to_owned()),
        why: None,
        stage: None,
        summary: None,
        until: None,
        at: now,
    };
    let new = NewDelivery {
        id,
        to: To::Endpoint(endpoint, EndpointKind::Webhook),
        carries: Carries::One(Box::new(notice)),
        at: now,
        next_at: now,
    };
    let mut tx = app.application.service.begin().await.unwrap();
    store::deliveries::insert(&mut tx, &[new]).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[expect(
    clippy::disallowed_methods,
    reason = "the verifier compares with the machine's clock"
)]
fn machine_s_time() -> DateTime<Utc> {
    std::time::SystemTime::now().into()
}

/// As if its time had come: the hours of the schedule would be too many for the verifier.
async fn is_due_again(app: &TestApp, id: DeliveryId) {
    let sql = format!("UPDATE deliveries SET next_at = at WHERE id = '{}'", id.uuid());
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&app.owner)
        .await
        .unwrap();
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn whatever_its_receiver_does_it_arrives_under_one_id(_: PgPoolOptions, options: PgConnectOptions) {
    let reach = Reach {
        seal: Some(Seal::new(&[7; 32]).unwrap()),
        ..Reach::default()
    };
    let app = TestAppBuilder::new(options).reach(reach).start().await;
    app.clock.set(machine_s_time());
    let service = &app.application.service;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let input = EndpointInput {
        kind: EndpointKind::Webhook,
        name: "Ours".to_owned(),
        channel: String::new(),
        address: format!("http://{address}/hook"),
    };
    let endpoint = service.register_endpoint(&petra(), &input).await.unwrap();
    let secret = service
        .endpoint(&petra(), endpoint, true)
        .await
        .unwrap()
        .secret
        .unwrap();
    let limits = Limits {
        total: Duration::from_millis(300),
        ..Limits::default()
    };
    let allow = Allow::new(["127.0.0.1"]).unwrap();
    let base = PUBLIC_URL.parse().unwrap();
    let courier = Courier::with_limits(None, allow, &base, limits, PATIENCE).unwrap();
    deliver::start(app.node(), service, courier);

    // Down: nobody listens at its port.
    drop(listener);
    let id = send(&app, endpoint, 1).await;
    let failed = |attempts: i32, why: &'static str| {
        move |found: &Delivery| found.attempts == attempts && found.last_error.as_deref() == Some(why)
    };
    until(&app, id, failed(1, "It could not be reached.")).await;
    let receiver = Arc::new(Receiver::default());
    receiver.begin(TcpListener::bind(address).await.unwrap());
    let manners = [
        (Manner::Hangs, "It did not answer in time."),
        (
            Manner::Answers(307),
            "It answered 307, and redirects are not followed.",
        ),
        (Manner::Answers(500), "It answered 500."),
    ];
    for (place, (manner, why)) in manners.into_iter().enumerate() {
        *receiver.manner.lock().unwrap() = Some(manner);
        is_due_again(&app, id).await;
        until(&app, id, failed(i32::try_from(place).unwrap() + 2, why)).await;
    }
    *receiver.manner.lock().unwrap() = Some(Manner::Answers(204));
    is_due_again(&app, id).await;
    let arrived = until(&app, id, |found| found.settled_at.is_some()).await;
    assert_eq!((arrived.attempts, arrived.last_error), (5, None));

    let verifier = Webhook::new(&secret).unwrap();
    {
        let calls = receiver.calls.lock().unwrap();
        assert_eq!(calls.len(), 4);
        for (headers, body) in calls.iter() {
            assert_eq!(headers["webhook-id"], id.to_string().as_str());
            verifier.verify(body, headers).unwrap();
        }
    }
    assert_eq!(*receiver.elsewhere.lock().unwrap(), 0);

    *receiver.manner.lock().unwrap() = Some(Manner::Answers(410));
    let id = send(&app, endpoint, 2).await;
    let gone = until(&app, id, |found| found.settled_at.is_some()).await;
    assert_eq!(
        gone.last_error.as_deref(),
        Some("The endpoint answered that it is gone (410).")
    );
    let found = service.endpoint(&petra(), endpoint, false).await.unwrap();
    assert!(found.summary.disabled.is_some());
}
