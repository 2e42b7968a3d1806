#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use super::*;
use domain::role::Role;

const WHOLE: &str = r#"
    public_url = "https://spillway.example.com"
    [sign_in]
    issuer = "https://id.example.com"
    client_id = "spillway"
    [sign_in.roles]
    "eng-approvers" = "approver"
"#;

fn settings(text: &str) -> Result<Settings, ConfigError> {
    check::settings(read(Figment::from(Toml::string(text)))?)
}

fn fault(text: &str) -> String {
    settings(text).unwrap_err().to_string()
}

#[test]
fn the_least_is_enough() {
    let read = settings(WHOLE).unwrap();
    assert_eq!(read.session_limits.idle.num_minutes(), 30);
    assert_eq!(read.session_limits.absolute.num_hours(), 12);
    assert_eq!(read.sign_in.groups_claim, "groups");
    assert_eq!(read.keys.signing, Path::new("/var/lib/spillway/signing.key"));
    assert!(read.database_url.is_none());
}

#[test]
fn what_is_stored_where_needs_nothing_else() {
    let text = "data = \"/srv/spillway\"\n[keys]\nsigning_file = \"/etc/spillway/ledger.key\"";
    let file = |text: &str| read(Figment::from(Toml::string(text))).unwrap();
    let written = check::storage(file(text), None);
    assert_eq!(written.data, Path::new("/srv/spillway"));
    assert_eq!(written.keys.signing, Path::new("/etc/spillway/ledger.key"));
    let named = check::storage(file("data = \"/srv/spillway\""), Some("/tmp/other".into()));
    assert_eq!(named.data, Path::new("/tmp/other"));
    assert_eq!(named.keys.signing, Path::new("/tmp/other/signing.key"));
}

#[test]
fn every_fault_names_its_key_and_a_way_out() {
    let cases = [
        ("", "`public_url` is missing", "SPILLWAY_PUBLIC_URL"),
        ("public_url = \"spillway\"", "`public_url`", "whole address"),
        (
            "public_url = \"http://spillway.example.com\"",
            "`public_url`",
            "https",
        ),
        (
            "public_url = \"https://example.com/spillway\"",
            "`public_url`",
            "host of its own",
        ),
        (
            "public_url = \"https://example.com\"",
            "`sign_in.issuer` is missing",
            "SPILLWAY_SIGN_IN__ISSUER",
        ),
        ("listne = \"127.0.0.1:1\"", "`listne`", "listen"),
        (
            "[sessions]\nidle_limit_secs = \"long\"",
            "`sessions.idle_limit_secs`",
            "u32",
        ),
        ("[sign_in]\nclient = 1", "`sign_in.client`", "client_id"),
    ];
    for (text, key, mend) in cases {
        let fault = fault(text);
        assert!(fault.contains(key) && fault.contains(mend), "{text}: {fault}");
    }
}

#[test]
fn values_are_checked_together() {
    let cases = [
        (
            WHOLE.replace("\"approver\"", "\"boss\""),
            "`sign_in.roles.eng-approvers`",
            "policy_author",
        ),
        (
            format!("{WHOLE}\n[sessions]\nidle_limit_secs = 600\nabsolute_limit_secs = 300"),
            "`sessions.absolute_limit_secs`",
            "at least",
        ),
        (
            format!("{WHOLE}\n[sessions]\nidle_limit_secs = 5"),
            "`sessions.idle_limit_secs`",
            "120",
        ),
        (
            format!("{WHOLE}\n[http.sign_in_rate]\nburst = 0\nper_minute = 1"),
            "`http.sign_in_rate`",
            "at least 1",
        ),
        (
            WHOLE.replace("[sign_in.roles]\n    \"eng-approvers\" = \"approver\"", ""),
            "`sign_in.roles`",
            "group",
        ),
        (
            format!("{WHOLE}\n[mail]\nurl = \"smtps://mail.example.com\""),
            "`mail.from` is missing",
            "SPILLWAY_MAIL__FROM",
        ),
        (
            format!("{WHOLE}\n[mail]\nurl = \"smtp://mail.example.com\"\nfrom = \"a@example.com\""),
            "`mail.url`",
            "smtps",
        ),
        (
            format!("{WHOLE}\n[mail]\nurl = \"smtps://mail.example.com\"\nfrom = \"nobody\""),
            "`mail.from`",
            "address",
        ),
        (
            format!("{WHOLE}\n[outgoing]\nallow = [\"*.example.com\"]"),
            "`outgoing.allow`",
            "network",
        ),
        (
            WHOLE.replace("https://id", "http://id"),
            "`sign_in.issuer`",
            "https",
        ),
    ];
    for (text, key, mend) in cases {
        let fault = fault(&text);
        assert!(fault.contains(key) && fault.contains(mend), "{text}: {fault}");
    }
}

#[test]
fn a_group_gives_one_role_or_several() {
    let several = WHOLE.replace("\"approver\"", "[\"approver\", \"auditor\"]");
    let groups = ["eng-approvers".to_owned()];
    let both = [Role::Approver, Role::Auditor].into();
    assert_eq!(settings(&several).unwrap().sign_in.roles.roles_of(&groups), both);
    let one = settings(WHOLE).unwrap().sign_in.roles.roles_of(&groups);
    assert_eq!(one, [Role::Approver].into());
    // As a variable of the environment is read.
    let variable = |value: &str| {
        let roles: figment::value::Value = value.parse().unwrap();
        let merged = Figment::from(Toml::string(WHOLE)).merge(("sign_in.roles.eng-approvers", roles));
        check::settings(read(merged)?).map(|settings| settings.sign_in.roles.roles_of(&groups))
    };
    assert_eq!(variable("[approver, auditor]").unwrap(), both);
    assert_eq!(variable("auditor").unwrap(), [Role::Auditor].into());
    for wrong in ["[approver, boss]", "[]", "7"] {
        let fault = variable(wrong).unwrap_err().to_string();
        assert!(fault.contains("sign_in.roles"), "{wrong}: {fault}");
    }
    let fault = variable("[approver, boss]").unwrap_err().to_string();
    assert!(
        fault.contains("`sign_in.roles.eng-approvers`") && fault.contains("\"boss\""),
        "{fault}"
    );
}

#[test]
fn secrets_do_not_show() {
    let text = WHOLE.replace("client_id", "client_secret = \"hunter2\"\n    client_id");
    let text =
        format!("{text}\n[mail]\nurl = \"smtps://u:hunter2@mail.example.com\"\nfrom = \"a@example.com\"");
    let read = settings(&text).unwrap();
    assert!(!format!("{read:?}").contains("hunter2"));
}

#[test]
fn tickets_are_looked_up_at_one_address_and_an_id_stays_a_part_of_it() {
    let with = |tickets: &str| settings(&format!("{WHOLE}\n[tickets]\n{tickets}"));
    let whole = r#"url = "https://tickets.example.com/issue/{ticket}?fields=status"
        pointer = "/fields/status/name"
        open = ["Open"]"#;
    let read = with(whole).unwrap().tickets.unwrap();
    assert_eq!(
        read.url_of("../x?y=#z").unwrap().as_str(),
        "https://tickets.example.com/issue/..%2Fx%3Fy%3D%23z?fields=status"
    );
    for (from, to, key) in [
        ("/{ticket}", "", "tickets.url"),
        ("https://tickets", "ftp://tickets", "tickets.url"),
        ("\"/fields", "\"fields", "tickets.pointer"),
        ("[\"Open\"]", "[]", "tickets.open"),
    ] {
        let fault = with(&whole.replace(from, to)).unwrap_err().to_string();
        assert!(fault.contains(key), "{fault}");
    }
    assert!(settings(WHOLE).unwrap().tickets.is_none());
}
