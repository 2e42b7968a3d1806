//! What people say to each other about an item: who may, who is told, what closes a question, and that nothing else changes.

use crate::world::asking::submission;
use crate::world::people::{approver, person, requester};
use crate::world::{World, bypass, deployment_bypass, outcome};
use domain::approval::Verdict;
use domain::comment::{Comment, CommentKind, Saying};
use domain::id::{AccessRequestId, CommentId};
use domain::role::Role;
use service::ServiceError;
use service::caller::PersonCaller;
use service::comments::{CommentOn, WaitingQuestion};
use service::notices::Content;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Executor as _};

const WHICH: &str = "Which postings, and until when?";

impl World {
    /// Alice wants to read the ledger: tier high, asked of the owners of data (ines, noor, ravi).
    async fn requested_read(&self) -> AccessRequestId {
        let denial = self.asks("alice.meyer", "read", "database ledger-db").await;
        self.files(submission(&denial)).await.unwrap().0.id
    }

    async fn says(
        &self,
        caller: &PersonCaller,
        on: AccessRequestId,
        saying: Saying,
        text: &str,
    ) -> Result<Comment, ServiceError> {
        self.service
            .comment(caller, CommentOn::AccessRequest(on), saying, text)
            .await
    }

    async fn asked_of(&self, who: &str) -> Vec<String> {
        let home = self.service.home(&requester(who)).await.unwrap();
        let text = |question: &WaitingQuestion| match question {
            WaitingQuestion::AccessRequest(_, asked) | WaitingQuestion::OptOut(_, asked) => {
                asked.text.clone()
            }
        };
        home.questions.iter().map(text).collect()
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_question_waits_for_its_answer_and_changes_nothing(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let id = world.requested_read().await;
    world.told().await;
    let before = world
        .service
        .access_request(&approver("noor.aziz"), id)
        .await
        .unwrap()
        .request;
    let asked = world
        .says(&approver("noor.aziz"), id, Saying::Question, WHICH)
        .await
        .unwrap();
    assert_eq!(world.told().await, ["alice.meyer: questioned"]);
    assert_eq!(
        world.reads("alice.meyer").await,
        ["Noor Aziz has a question about “read on ledger-db for alice.meyer”"]
    );
    assert_eq!(world.asked_of("alice.meyer").await, [WHICH]);
    assert!(world.asked_of("hanna.lindt").await.is_empty());
    let since = async || {
        let inbox = world.service.inbox(&approver("ravi.patel")).await.unwrap();
        assert_eq!(inbox.items.len(), 1);
        inbox.questions.get(&id.uuid()).copied()
    };
    assert_eq!(since().await, Some(asked.at));
    let after = world
        .service
        .access_request(&approver("noor.aziz"), id)
        .await
        .unwrap();
    assert_eq!(after.request, before, "no state, no clock, no version");

    world.minutes_pass(5);
    let alice = requester("alice.meyer");
    let answer = Saying::Answer(asked.id);
    world.says(&alice, id, answer, "Those of May.").await.unwrap();
    assert_eq!(
        world.told().await,
        [
            "ines.marchetti: answered",
            "noor.aziz: answered",
            "ravi.patel: answered"
        ]
    );
    assert_eq!(since().await, None);
    assert!(world.asked_of("alice.meyer").await.is_empty());
    assert_eq!(
        outcome(&world.says(&alice, id, answer, "And of June.").await),
        "conflict not_open"
    );
    let seen = world.service.access_request(&alice, id).await.unwrap().discussion;
    let kinds: Vec<CommentKind> = seen.said.iter().map(|comment| comment.kind).collect();
    assert_eq!(kinds, [CommentKind::Question, CommentKind::Answer]);
    assert!(seen.may_comment && seen.asked_for_it && seen.can_be_asked);
    world.says(&alice, id, Saying::Remark, "June too.").await.unwrap();
    assert_eq!(
        world.told().await,
        [
            "ines.marchetti: commented",
            "noor.aziz: commented",
            "ravi.patel: commented"
        ]
    );
    assert!(world.approves("noor.aziz", id).await.is_ok());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn whoever_asked_hears_of_an_answer_though_they_do_not_decide(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    // Jonas answers for the pipeline, so he is excluded; he can ask and speak all the same.
    let asked_for = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    let on = CommentOn::OptOut(asked_for.id);
    world.told().await;
    let jonas = approver("jonas.weber");
    let question = world
        .service
        .comment(&jonas, on, Saying::Question, "Must it be tonight?")
        .await
        .unwrap();
    assert_eq!(world.told().await, ["alice.meyer: questioned"]);
    let alice = requester("alice.meyer");
    world
        .service
        .comment(&alice, on, Saying::Answer(question.id), "It must.")
        .await
        .unwrap();
    assert_eq!(
        world.told().await,
        [
            "bob.okafor: answered",
            "jonas.weber: answered",
            "mara.silva: answered",
            "tom.becker: answered"
        ]
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn whoever_has_no_part_in_it_only_reads(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let id = world.requested_read().await;
    let asked = world
        .says(&approver("noor.aziz"), id, Saying::Question, WHICH)
        .await
        .unwrap();
    let alice = requester("alice.meyer");
    for (caller, saying, expected) in [
        (requester("lena.fischer"), Saying::Remark, "not found"),
        (
            person("aya.tanaka", &[Role::Auditor]),
            Saying::Remark,
            "forbidden no_part_in_it",
        ),
        (
            person("petra.lindqvist", &Role::ALL),
            Saying::Remark,
            "forbidden no_part_in_it",
        ),
        // An approver elsewhere reads everything, and owns nothing of this.
        (approver("bob.okafor"), Saying::Remark, "forbidden no_part_in_it"),
        (alice.clone(), Saying::Question, "invalid saying own_item"),
        (
            approver("ravi.patel"),
            Saying::Answer(asked.id),
            "forbidden not_asked",
        ),
        (
            alice.clone(),
            Saying::Answer(CommentId::from_uuid(id.uuid())),
            "conflict not_open",
        ),
        (approver("ravi.patel"), Saying::Remark, "done"),
        (alice, Saying::Remark, "done"),
    ] {
        let said = world.says(&caller, id, saying, "Let us see.").await;
        assert_eq!(outcome(&said), expected, "{} {saying:?}", caller.person);
    }
    let auditor = person("aya.tanaka", &[Role::Auditor]);
    let read = world
        .service
        .access_request(&auditor, id)
        .await
        .unwrap()
        .discussion;
    assert_eq!(read.said.len(), 3);
    assert!(!read.may_comment);
    // Whom an opt-out covers has a part in it.
    let for_hanna = bypass("hanna.lindt", "read-needs-ticket", "database ledger-db");
    let covers = world.opts_out("alice.meyer", &for_hanna).await.unwrap();
    let hanna = requester("hanna.lindt");
    let on = CommentOn::OptOut(covers.id);
    assert_eq!(
        outcome(
            &world
                .service
                .comment(&hanna, on, Saying::Remark, "I only need May.")
                .await
        ),
        "done"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn for_a_pipeline_that_nobody_started_whoever_answers_for_it_answers(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let id = world.requested_deployment().await.id;
    world.told().await;
    let bob = approver("bob.okafor");
    let asked = world
        .says(&bob, id, Saying::Question, "Which release?")
        .await
        .unwrap();
    assert_eq!(world.told().await, ["jonas.weber: questioned"]);
    let jonas = requester("jonas.weber");
    let home = world.service.home(&jonas).await.unwrap();
    assert_eq!(home.questions.len(), 1);
    assert_eq!(
        outcome(&world.says(&jonas, id, Saying::Answer(asked.id), "4.12.0").await),
        "done"
    );
    let withdrawn = world.service.withdraw_access_request(&jonas, id).await;
    assert_eq!(
        outcome(&withdrawn),
        "not found",
        "to answer for it is not to have asked"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_is_over_takes_no_comments_and_its_questions_wait_no_more(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let noor = approver("noor.aziz");
    let denied = world.requested_read().await;
    world.says(&noor, denied, Saying::Question, WHICH).await.unwrap();
    world.denies("ravi.patel", denied).await.unwrap();
    assert_eq!(
        outcome(&world.says(&noor, denied, Saying::Remark, "Why?").await),
        "conflict settled"
    );
    assert!(world.asked_of("alice.meyer").await.is_empty());
    let lapsing = world.requested_read().await;
    world.says(&noor, lapsing, Saying::Question, WHICH).await.unwrap();
    world.hours_pass(4);
    assert_eq!(
        outcome(&world.says(&noor, lapsing, Saying::Remark, "Why?").await),
        "conflict settled",
        "no worker has noticed yet"
    );
    assert!(world.asked_of("alice.meyer").await.is_empty());
    let in_force = world.bypass_in_force(&deployment_bypass()).await;
    let on = CommentOn::OptOut(in_force.id);
    let omar = approver("omar.haddad");
    let remark = async || {
        let said = world
            .service
            .comment(&omar, on, Saying::Remark, "Is it used?")
            .await;
        outcome(&said)
    };
    assert_eq!(remark().await, "done", "it still stands");
    world
        .service
        .revoke_opt_out(&omar, in_force.id, "Over")
        .await
        .unwrap();
    assert_eq!(remark().await, "conflict settled");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn words_stay_words_and_out_of_the_leaf(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let webhook = world.endpoint(domain::notice::EndpointKind::Webhook, "").await;
    let id = world.requested_read().await;
    let markup = "<script>alert(1)</script> see [here](https://evil.example)\r\nSubject: x";
    let kept = "<script>alert(1)</script> see [here](https://evil.example)\nSubject: x";
    let said = world
        .says(&approver("noor.aziz"), id, Saying::Question, markup)
        .await
        .unwrap();
    assert_eq!(said.text, kept);
    let sent: Vec<_> = world
        .due()
        .await
        .into_iter()
        .filter_map(|claimed| match claimed.content {
            Content::One(notice) => Some((notice.wire_type(), notice.why)),
            _ => None,
        })
        .filter(|(kind, _)| kind.ends_with("questioned"))
        .collect();
    assert_eq!(
        sent,
        [("access_request.questioned".to_owned(), Some(kept.to_owned()))],
        "{webhook}: as data; what it is shown in makes it safe"
    );
    let leaves: Vec<Vec<Vec<u8>>> = sqlx::query_scalar!("SELECT leaves FROM ledger_pending")
        .fetch_all(&world.app)
        .await
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let with_event: Vec<String> = leaves
        .iter()
        .flatten()
        .map(|bytes| text(bytes))
        .filter(|leaf| leaf.contains("access_request.commented"))
        .collect();
    assert_eq!(with_event.len(), 1);
    assert!(with_event[0].contains(&said.id.to_string()), "by its random id");
    for personal in ["alert", "noor", "evil.example"] {
        assert!(!with_event[0].contains(personal), "{personal} in a leaf");
    }
    assert_eq!(
        outcome(
            &world
                .says(&approver("noor.aziz"), id, Saying::Remark, &"x".repeat(2_001))
                .await
        ),
        "invalid comment comment_too_long"
    );
    assert_eq!(
        outcome(
            &world
                .says(&approver("noor.aziz"), id, Saying::Remark, "\u{200b} ")
                .await
        ),
        "invalid comment comment_missing"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_question_is_answered_once_and_nothing_is_taken_back(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let id = world.requested_read().await;
    let other = world.requested_read().await;
    let asked = world
        .says(&approver("noor.aziz"), id, Saying::Question, WHICH)
        .await
        .unwrap();
    let alice = requester("alice.meyer");
    let answer = || world.says(&alice, id, Saying::Answer(asked.id), "Those of May.");
    let (one, two) = tokio::join!(answer(), answer());
    let mut told = [outcome(&one), outcome(&two)];
    told.sort();
    assert_eq!(told, ["conflict not_open", "done"]);
    assert_eq!(
        outcome(&world.says(&alice, other, Saying::Answer(asked.id), "Here").await),
        "conflict not_open",
        "a question about something else"
    );
    for sql in [
        "UPDATE comments SET body = 'x'".to_owned(),
        "DELETE FROM comments".to_owned(),
        format!(
            "INSERT INTO comments (id, item_kind, item_id, author_id, kind, answers, body, at)
             SELECT gen_random_uuid(), item_kind, item_id, 'alice.meyer', 'answer', '{}', 'x', at FROM comments LIMIT 1",
            asked.id.uuid()
        ),
        format!(
            "INSERT INTO comments (id, item_kind, item_id, author_id, kind, answers, body, at)
             SELECT gen_random_uuid(), item_kind, '{}', 'alice.meyer', 'answer', id, 'x', at FROM comments
             WHERE kind = 'answer'",
            other.uuid()
        ),
    ] {
        assert!(world.app.execute(AssertSqlSafe(sql.clone())).await.is_err(), "{sql}");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn similar_opt_outs_stand_beside_one_that_is_to_be_decided(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let rejected = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.rejects("bob.okafor", rejected.id).await.unwrap();
    let approved = world.bypass_in_force(&deployment_bypass()).await;
    let of_data = bypass("hanna.lindt", "read-needs-ticket", "database ledger-db");
    let elsewhere = world.opts_out("alice.meyer", &of_data).await.unwrap();
    world.rejects("noor.aziz", elsewhere.id).await.unwrap();
    let pending = world.opts_out("dana.roth", &deployment_bypass()).await.unwrap();
    let bob = approver("bob.okafor");
    let found = world.service.opt_out(&bob, pending.id).await.unwrap().precedents;
    let ids: Vec<_> = found.similar.iter().map(|one| one.opt_out.id).collect();
    assert_eq!(ids, [approved.id, rejected.id]);
    assert_eq!((found.counts.settled, found.counts.approved), (2, 1));
    let no = found
        .said
        .iter()
        .find(|said| said.item == rejected.id.uuid())
        .unwrap();
    assert_eq!(
        (no.verdict, no.reason.as_str()),
        (Verdict::Deny, "Wake somebody up")
    );
    let own = world
        .service
        .opt_out(&requester("dana.roth"), pending.id)
        .await
        .unwrap();
    assert!(own.precedents.similar.is_empty(), "others' are not hers to read");
    let decided = world.service.opt_out(&bob, approved.id).await.unwrap().precedents;
    assert!(decided.similar.is_empty(), "nothing is to be decided");
}
