//! The private database, with the real programs: what survives, what is refused, and what is left behind.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "the tables here are this test's own, so there is no schema to check queries against"
)]

use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use server::postgres::{PostgresError, PrivatePostgres};
use sqlx::{Connection, PgConnection};

async fn connect(postgres: &PrivatePostgres) -> PgConnection {
    PgConnection::connect_with(&postgres.owner_options())
        .await
        .expect("the owner may log in through the socket")
}

async fn run(postgres: &PrivatePostgres, sql: &'static str) {
    sqlx::raw_sql(sql)
        .execute(&mut connect(postgres).await)
        .await
        .unwrap();
}

async fn names(postgres: &PrivatePostgres) -> Vec<String> {
    sqlx::query_scalar("select name from kept order by name")
        .fetch_all(&mut connect(postgres).await)
        .await
        .unwrap()
}

async fn setting(postgres: &PrivatePostgres, name: &'static str) -> String {
    sqlx::query_scalar("select current_setting($1)")
        .bind(name)
        .fetch_one(&mut connect(postgres).await)
        .await
        .unwrap()
}

fn lives(pid: i32) -> bool {
    let pid = Pid::from_raw(pid).unwrap();
    // A process that ended stays a zombie until its parent collects it, which in a container may be never.
    test_kill_process(pid).is_ok()
        && fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())).map_or(true, |line| !line.is_empty())
}

async fn kill_postmaster(postgres: &PrivatePostgres) -> i32 {
    let pid = postgres.pid().expect("the postmaster runs");
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
    while lives(pid) {
        tokio::task::yield_now().await;
    }
    pid
}

#[tokio::test]
async fn starts_answers_and_leaves_nothing_behind() {
    let data = tempfile::tempdir().unwrap();
    let postgres = PrivatePostgres::start(data.path()).await.unwrap();
    let (pid, socket) = (postgres.pid().unwrap(), postgres.socket_folder().to_owned());

    assert_eq!(setting(&postgres, "listen_addresses").await, "");
    assert_eq!(setting(&postgres, "fsync").await, "on");
    assert_eq!(setting(&postgres, "synchronous_commit").await, "on");
    PgConnection::connect(&postgres.url())
        .await
        .expect("the URL says the same as the options");

    postgres.stop().await.unwrap();
    assert!(!lives(pid), "the postmaster still runs");
    assert!(!socket.exists(), "the socket's folder is left");
}

#[tokio::test]
async fn stops_when_dropped() {
    let data = tempfile::tempdir().unwrap();
    let postgres = PrivatePostgres::start(data.path()).await.unwrap();
    let pid = postgres.pid().unwrap();
    drop(postgres);
    assert!(!lives(pid));
}

#[tokio::test]
async fn both_roles_log_in_as_this_os_user_and_no_third_does() {
    let data = tempfile::tempdir().unwrap();
    let postgres = PrivatePostgres::start(data.path()).await.unwrap();
    run(
        &postgres,
        "create role spillway_app login; create role other login",
    )
    .await;

    PgConnection::connect_with(&postgres.app_options())
        .await
        .expect("the application may log in");
    let refused = PgConnection::connect_with(&postgres.app_options().username("other"))
        .await
        .expect_err("no other role may");
    // invalid_authorization_specification
    let code = refused.as_database_error().and_then(|error| error.code());
    assert_eq!(code.as_deref(), Some("28000"), "{refused}");
}

#[tokio::test]
async fn keeps_its_data_over_a_restart_and_when_the_postmaster_is_killed() {
    let data = tempfile::tempdir().unwrap();
    let postgres = PrivatePostgres::start(data.path()).await.unwrap();
    run(
        &postgres,
        "create table kept (name text); insert into kept values ('before the restart')",
    )
    .await;
    postgres.stop().await.unwrap();

    let postgres = PrivatePostgres::start(data.path()).await.unwrap();
    run(&postgres, "insert into kept values ('before the kill')").await;
    kill_postmaster(&postgres).await;
    drop(postgres);

    let postgres = PrivatePostgres::start(data.path()).await.unwrap();
    assert_eq!(names(&postgres).await, ["before the kill", "before the restart"]);
}

/// What a `kill -9` of the server leaves: the lock is free, since its holder is dead, and the postmaster runs.
#[tokio::test]
async fn replaces_the_postmaster_that_a_killed_server_left() {
    let data = tempfile::tempdir().unwrap();
    let first = PrivatePostgres::start(data.path()).await.unwrap();
    run(
        &first,
        "create table kept (name text); insert into kept values ('kept')",
    )
    .await;
    let left = first.pid().unwrap();
    let mut session = connect(&first).await;
    first.abandon();

    let second = PrivatePostgres::start(data.path()).await.unwrap();
    assert!(!lives(left));
    assert_ne!(second.pid(), Some(left));
    assert_eq!(names(&second).await, ["kept"]);
    assert!(
        session.ping().await.is_err(),
        "the dead server's session still holds what it held"
    );
}

#[tokio::test]
async fn is_not_misled_by_a_pid_that_another_process_has_now() {
    let data = tempfile::tempdir().unwrap();
    let postgres = PrivatePostgres::start(data.path()).await.unwrap();
    run(
        &postgres,
        "create table kept (name text); insert into kept values ('kept')",
    )
    .await;
    let killed = kill_postmaster(&postgres).await;
    let pid_file = postgres.folder().join("postmaster.pid");
    drop(postgres);

    let content = fs::read_to_string(&pid_file).unwrap();
    let ours = std::process::id().to_string();
    fs::write(&pid_file, content.replacen(&killed.to_string(), &ours, 1)).unwrap();

    let postgres = PrivatePostgres::start(data.path()).await.unwrap();
    assert_eq!(names(&postgres).await, ["kept"]);
}

#[tokio::test]
async fn a_long_data_path_gets_a_short_socket() {
    let base = tempfile::tempdir().unwrap();
    let data = base.path().join("x".repeat(120)).join("quote's and space");
    let postgres = PrivatePostgres::start(&data).await.unwrap();
    assert!(postgres.socket_folder().as_os_str().len() < 85);
    assert_eq!(setting(&postgres, "port").await, "5432");
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_refused_by_name() {
    let data = tempfile::tempdir().unwrap();
    let first = PrivatePostgres::start(data.path()).await.unwrap();

    let refused = PrivatePostgres::start(data.path())
        .await
        .expect_err("the folder is in use");
    let PostgresError::InUse { ref pid, .. } = refused else {
        panic!("refused for another reason: {refused}");
    };
    assert_eq!(pid.as_deref(), Some(std::process::id().to_string().as_str()));
    assert!(refused.to_string().contains("in use by another server"));

    assert_eq!(
        setting(&first, "port").await,
        "5432",
        "the first one goes on undisturbed"
    );
}

#[tokio::test]
async fn two_folders_run_side_by_side() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = PrivatePostgres::start(one.path()).await.unwrap();
    let two = PrivatePostgres::start(two.path()).await.unwrap();
    assert_ne!(one.socket_folder(), two.socket_folder());
    run(&one, "create table kept (name text)").await;
    run(&two, "create table kept (name text)").await;
}

#[tokio::test]
async fn an_interrupted_first_start_is_begun_again() {
    let data = tempfile::tempdir().unwrap();
    let unfinished = data.path().join("postgres.unfinished");
    fs::create_dir(&unfinished).unwrap();
    fs::write(unfinished.join("PG_VERSION"), "15\n").unwrap();

    let postgres = PrivatePostgres::start(data.path()).await.unwrap();
    assert_eq!(setting(&postgres, "data_checksums").await, "on");
    assert!(!unfinished.exists());
}

#[tokio::test]
async fn another_majors_cluster_is_refused_and_left_alone() {
    let data = tempfile::tempdir().unwrap();
    let cluster = data.path().join("postgres");
    fs::create_dir(&cluster).unwrap();
    fs::write(cluster.join("PG_VERSION"), "9\n").unwrap();

    let refused = PrivatePostgres::start(data.path()).await.unwrap_err();
    assert!(
        matches!(refused, PostgresError::OtherMajor { major: 9, .. }),
        "{refused}"
    );
    assert_eq!(files(&cluster), ["PG_VERSION"]);
}

fn files(folder: &Path) -> Vec<String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}
