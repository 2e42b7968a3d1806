use std::sync::{Arc, Mutex};

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use chrono::{DateTime, TimeDelta, Utc};
use leptos::config::LeptosOptions;
use secrecy::SecretString;
use server::application::Application;
use server::demo::people::{GROUP_ROLES, PEOPLE};
use server::demo_idp::{self, DemoClient, DemoIdp};
use server::http::extract::{AuthzenJson, Json};
use server::http::forms::{Forms, Outcome};
use server::http::rate_limit::{Rate, RateLimits};
use server::http::{Mounts, Profile, Shell, TimeLimits, router};
use server::node::Node;
use server::session_log;
use server::sign_in::{ProviderSettings, SessionLimits, SignIn};
use service::clock::{Clock, ManualClock};
use service::ids::RandomIds;
use service::notices::Reach;
use service::time::Time;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgPool};
use tokio::task::JoinHandle;

use super::browser::{Answer, Browser};
use super::machine::Machine;
use super::tampering::{Tampered, Tampering, tamper};

pub const PUBLIC_URL: &str = "https://spillway.test";
pub const CLIENT_ID: &str = "spillway";

/// The application with everything around it. Dropping it stops the provider.
pub struct TestApp {
    pub router: Router,
    pub clock: Arc<ManualClock>,
    pub idp: Arc<DemoIdp>,
    pub idp_router: Router,
    /// The use cases behind the router.
    pub application: Application,
    /// As the owner of the schema: what is stored, whatever the serving role may see.
    pub owner: PgPool,
    /// Sign-in, as the router knows it.
    pub sign_in: Arc<SignIn>,
    tampering: Arc<Mutex<Tampering>>,
    provider: JoinHandle<()>,
    node: Node,
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.provider.abort();
        self.node.stop.cancel();
    }
}

/// How the application differs from the usual one.
pub struct TestAppBuilder {
    options: PgConnectOptions,
    sign_in_rate: Rate,
    machine_rate: Rate,
    public_url: &'static str,
    loopback_only: bool,
    time_limits: TimeLimits,
    linked: bool,
    groups_claim: &'static str,
    step_up_acr_values: Vec<String>,
    untyped_logout_tokens: bool,
    reach: Reach,
    time: Option<Time>,
    mounts: fn(&Application) -> Mounts,
}

impl TestAppBuilder {
    pub fn new(options: PgConnectOptions) -> Self {
        Self {
            options,
            sign_in_rate: Rate {
                burst: 1000,
                per_minute: 1000,
            },
            machine_rate: Rate::MACHINE,
            public_url: PUBLIC_URL,
            loopback_only: false,
            time_limits: TimeLimits::default(),
            linked: true,
            groups_claim: "groups",
            step_up_acr_values: Vec::new(),
            untyped_logout_tokens: false,
            reach: Reach::default(),
            time: None,
            mounts,
        }
    }

    pub fn sign_in_rate(mut self, rate: Rate) -> Self {
        self.sign_in_rate = rate;
        self
    }

    pub fn machine_rate(mut self, rate: Rate) -> Self {
        self.machine_rate = rate;
        self
    }

    /// As `spillway demo` runs it.
    pub fn demo(mut self) -> Self {
        self.public_url = "http://127.0.0.1:3000";
        self.loopback_only = true;
        self
    }

    pub fn time_limits(mut self, limits: TimeLimits) -> Self {
        self.time_limits = limits;
        self
    }

    /// A directory that links nobody's sign-in.
    pub fn unlinked(mut self) -> Self {
        self.linked = false;
        self
    }

    pub fn groups_claim(mut self, claim: &'static str) -> Self {
        self.groups_claim = claim;
        self
    }

    /// The authentication contexts that will do for a step-up.
    pub fn step_up_acr_values(mut self, values: &[&str]) -> Self {
        self.step_up_acr_values = values.iter().map(ToString::to_string).collect();
        self
    }

    /// Obeys logout tokens that do not say what they are.
    pub fn untyped_logout_tokens(mut self) -> Self {
        self.untyped_logout_tokens = true;
        self
    }

    /// What people can be reached by besides the pages.
    pub fn reach(mut self, reach: Reach) -> Self {
        self.reach = reach;
        self
    }

    /// Going by this clock instead of one that stands.
    pub fn time(mut self, time: Time) -> Self {
        self.time = Some(time);
        self
    }

    /// Configured to look tickets up.
    pub fn tickets(mut self) -> Self {
        self.reach.tickets = true;
        self
    }

    /// With the routes and forms of production instead of those that stand for them.
    pub fn mounts(mut self, mounts: fn(&Application) -> Mounts) -> Self {
        self.mounts = mounts;
        self
    }

    pub async fn start(self) -> TestApp {
        let owner = PgPoolOptions::new()
            .max_connections(2)
            .connect_with(self.options.clone())
            .await
            .unwrap();
        // Everything under test runs as the role that serves.
        let serving = self.options.clone().username("spillway_app");
        let pool = server::database::connect(serving).await.unwrap();
        let clock = Arc::new(ManualClock::at(
            chrono::DateTime::from_timestamp(1_795_507_200, 0).unwrap(),
        ));

        let listener = demo_idp::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let client = DemoClient {
            id: CLIENT_ID.to_owned(),
            secret: "a1b2c3".to_owned(),
            redirect_uri: format!("{}/sign-in/callback", self.public_url),
            post_logout_redirect_uri: format!("{}/signed-out", self.public_url),
        };
        let idp = DemoIdp::new(issuer.clone(), client, PEOPLE.to_vec(), clock.clone()).unwrap();
        let site = LeptosOptions::builder()
            .output_name("spillway")
            .site_root("/nonexistent")
            .build();
        let idp_router = idp.router(&site);
        let tampering = Arc::new(Mutex::new(Tampering::default()));
        let tampered = Tampered {
            idp: idp.clone(),
            with: tampering.clone(),
        };
        let service = idp_router
            .clone()
            .layer(from_fn_with_state(tampered, tamper))
            .into_make_service_with_connect_info::<std::net::SocketAddr>();
        #[expect(
            clippy::disallowed_methods,
            reason = "the provider lives as long as the test, which aborts it"
        )]
        let provider = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });

        seed_directory(&owner, self.linked.then_some(issuer.as_str()), clock.now()).await;
        let node = Node::new(
            pool.clone(),
            self.time.unwrap_or_else(|| Time::exact(clock.clone())),
            Arc::new(RandomIds),
        );
        let application = Application::start_reaching(&node, self.reach).await.unwrap();
        let public_url = self.public_url.parse().unwrap();
        let settings = ProviderSettings {
            issuer,
            name: "Demo provider".to_owned(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: Some(SecretString::from("a1b2c3")),
            scopes: vec!["profile".to_owned(), "groups".to_owned()],
            groups_claim: self.groups_claim.to_owned(),
            roles: GROUP_ROLES
                .into_iter()
                .map(|(group, role)| (group.to_owned(), role))
                .collect(),
            step_up_acr_values: self.step_up_acr_values,
            untyped_logout_tokens: self.untyped_logout_tokens,
        };
        let sign_in = Arc::new(SignIn::new(settings, &public_url, pool.clone(), clock.clone()).unwrap());
        let shell = Shell {
            public_url,
            leptos: site,
            pool,
            clock: clock.clone(),
            ids: node.ids.clone(),
            sign_in: sign_in.clone(),
            session_limits: SessionLimits {
                idle: TimeDelta::minutes(30),
                absolute: TimeDelta::hours(12),
            },
            rate_limits: RateLimits::new(self.machine_rate, self.sign_in_rate, [].into()).unwrap(),
            time_limits: self.time_limits,
            loopback_only: self.loopback_only,
        };
        let mounts = (self.mounts)(&application);
        TestApp {
            router: router(shell, mounts),
            application,
            node,
            clock,
            idp,
            idp_router,
            owner,
            sign_in,
            tampering,
            provider,
        }
    }
}

/// Routes that stand for those of other parts, so that the shell around them can be tested without them.
fn mounts(application: &Application) -> Mounts {
    let machine = Router::new()
        .route(
            "/api/v1/panic",
            get(|| async {
                if true {
                    panic!("on purpose")
                }
            }),
        )
        .route(
            "/api/v1/never",
            get(|| async { std::future::pending::<axum::http::StatusCode>().await }),
        )
        .route(
            "/api/v1/echo",
            post(|Json(body): Json<serde_json::Value>| async move { body.to_string() }),
        )
        .route(
            "/access/v1/echo",
            post(|AuthzenJson(body): AuthzenJson<serde_json::Value>| async move { body.to_string() }),
        );
    let forms = Forms::new().on("/test-form", &["save"], |post| async move {
        Outcome::Done(post.submission.value("to").unwrap_or("/saved").to_owned())
    });
    Mounts {
        machine,
        forms,
        provide: Arc::new(|_| {}),
        record: session_log::record(application.service.clone()),
        prove: session_log::prove(application.service.clone()),
        describe: Arc::new(|_| Box::pin(async { Ok(Profile::default()) })),
        figures: application.figures(),
    }
}

async fn seed_directory(owner: &PgPool, issuer: Option<&str>, now: DateTime<Utc>) {
    let mut sql = String::from(
        "BEGIN; INSERT INTO groups (name, title) VALUES ('everyone', 'Everyone');
         INSERT INTO teams (name, title, owners) VALUES ('everyone', 'Everyone', 'everyone');",
    );
    for person in PEOPLE {
        sql.push_str(&format!(
            "INSERT INTO principals (kind, id, uid, display_name, team)
             VALUES ('person', '{}', gen_random_uuid(), '{}', 'everyone');",
            person.sub, person.name
        ));
    }
    sql.push_str("COMMIT;");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(owner).await.unwrap();
    let ids: Vec<domain::name::PersonId> = PEOPLE.iter().map(|person| person.sub.parse().unwrap()).collect();
    let sign_ins: Vec<(&str, &str, &domain::name::PersonId)> = issuer
        .iter()
        .flat_map(|issuer| {
            PEOPLE
                .iter()
                .zip(&ids)
                .map(|(person, id)| (*issuer, person.sub, id))
        })
        .collect();
    assert_eq!(store::sessions::link(owner, &sign_ins, now).await.unwrap(), None);
}

impl TestApp {
    pub async fn start(options: PgConnectOptions) -> Self {
        TestAppBuilder::new(options).start().await
    }

    pub async fn start_with(options: PgConnectOptions, mounts: fn(&Application) -> Mounts) -> Self {
        TestAppBuilder::new(options).mounts(mounts).start().await
    }

    /// What the application's workers run on.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// Changes what the identity provider answers from now on.
    pub fn tamper(&self, change: impl FnOnce(&mut Tampering)) {
        change(&mut self.tampering.lock().unwrap());
    }

    /// Somebody who has not signed in.
    pub fn anonymous(&self) -> Browser {
        Browser::new(self.router.clone(), self.idp_router.clone())
    }

    /// A person with a session.
    pub async fn person(&self, sub: &str) -> Browser {
        let mut browser = self.anonymous();
        let answer = browser.sign_in(sub, "/").await;
        assert_eq!(
            answer.location(),
            Some("/"),
            "{sub} could not sign in: {answer:?}"
        );
        browser
    }

    /// A policy enforcement point with a bearer token.
    pub fn machine(&self, token: &str) -> Machine {
        Machine::new(self.router.clone(), token)
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> i64 {
        #[expect(clippy::disallowed_methods, reason = "a test looks at what is stored")]
        sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
            .fetch_one(&self.owner)
            .await
            .unwrap()
    }

    /// Whether this browser's session is one of somebody signed in.
    pub async fn is_signed_in(&self, browser: &mut Browser) -> bool {
        let answer: Answer = browser.get("/").await;
        match answer.location() {
            Some(location) => {
                assert!(location.starts_with("/sign-in"), "{location}");
                false
            }
            None => true,
        }
    }
}
