//! The doctor: what it finds, how it says so, and that it changes nothing.

mod support;

use std::collections::BTreeMap;

use serde_json::Value;
use support::{Ran, Rig, assert_keys, ran};

const KEYS: [&str; 6] = ["advice", "check", "host", "how", "reason", "status"];

/// Check and host, with status and reason.
fn checks(ran: &Ran) -> BTreeMap<(String, String), (String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let objects = ran.objects();
    let all: BTreeMap<_, _> = objects
        .iter()
        .map(|check| {
            assert_keys(check, &KEYS);
            assert!(
                !text(&check["reason"]).is_empty() && !text(&check["how"]).is_empty(),
                "{check}"
            );
            assert!(
                check["status"] != "failed" || check["advice"].is_string(),
                "says what to do: {check}"
            );
            let name = (text(&check["check"]), text(&check["host"]));
            (name, (text(&check["status"]), text(&check["reason"])))
        })
        .collect();
    assert_eq!(all.len(), objects.len(), "each check once: {ran:?}");
    all
}

#[track_caller]
fn assert_status(ran: &Ran, check: &str, status: &str, reason: &str) {
    let found: Vec<_> = checks(ran)
        .into_iter()
        .filter(|((name, _), _)| name == check)
        .collect();
    assert!(!found.is_empty(), "{check}: {ran:?}");
    for (name, (found, why)) in found {
        assert_eq!(found, status, "{name:?}: {why}");
        assert!(why.contains(reason), "{name:?}: {why}");
    }
}

#[test]
fn a_sandbox_is_well_but_for_what_is_not_production() {
    let rig = Rig::with(|sandbox| sandbox.token_limit(3));
    // More often than there are tokens: each is given back.
    for _ in 0..3 {
        let ran = rig.run("doctor");
        for (check, status, reason) in [
            ("credentials", "ok", "are given"),
            ("host", "ok", "answers"),
            ("tls", "warning", "not encrypted"),
            ("clock", "ok", "agrees"),
            ("login", "ok", "accepted"),
            ("source address", "ok", "are taken"),
            ("tokens", "warning", "left"),
            ("balance", "ok", "R100000"),
            ("network health", "ok", "UP"),
            ("journal", "warning", "there is none yet"),
        ] {
            assert_status(&ran, check, status, reason);
        }
        for (question, status) in [
            ("stores the Smartload reference of each sale", "ok"),
            ("stores the balance after each sale", "ok"),
            ("has a live Smartload account", "warning"),
            ("has live credentials", "warning"),
            (
                "is on the list for notifications of maintenance and outages",
                "warning",
            ),
            ("uses production's URLs", "warning"),
            ("can fail over to another host", "ok"),
        ] {
            assert_status(&ran, &format!("production: {question}"), status, "");
        }
        assert_eq!(ran.code, Some(5), "{ran:?}");
    }
    assert!(rig.ledger().attempts.is_empty());
    assert_eq!(
        std::fs::read_dir(rig.folder.path()).unwrap().count(),
        0,
        "nothing was left behind"
    );
}

#[test]
fn the_journal_tells_what_is_open_and_what_was_stored() {
    let rig = Rig::new();
    for (amount, code) in [("20", 0), ("13", 4)] {
        let order = format!("recharge --product 62 --msisdn 0821234567 --amount {amount}");
        let ran = if code == 4 {
            rig.hasty(&order)
        } else {
            rig.run(&order)
        };
        assert_eq!(ran.code, Some(code), "{ran:?}");
    }
    let words = "doctor --on-notification-list --low-balance 200000";
    let told = rig.run(words);
    #[cfg(unix)]
    assert_status(&told, "journal", "ok", "for its owner alone (600)");
    assert_status(&told, "open sales", "warning", "1, the oldest");
    assert_status(
        &told,
        "production: stores the Smartload reference of each sale",
        "ok",
        "1 of 1",
    );
    assert_status(
        &told,
        "production: stores the balance after each sale",
        "ok",
        "1 of 1",
    );
    let list = "production: is on the list for notifications of maintenance and outages";
    assert_status(&told, list, "ok", "yes");
    assert_status(&told, "balance", "warning", "less than R200000");
    assert_eq!(rig.ledger().attempts.len(), 2, "and nothing was sold");

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(rig.path("journal"), open).unwrap();
        let told = rig.run(words);
        assert_status(&told, "journal", "failed", "644");
        assert_eq!(told.code, Some(1));
    }
    let table = rig.run("doctor --output table");
    assert!(
        table.out.contains("-> run `recharge smartcall recover`"),
        "{}",
        table.out
    );
}

#[test]
fn what_is_wrong_fails_and_the_rest_is_checked_all_the_same() {
    let rig = Rig::new();
    let wrong = ran(rig.smartcall("doctor").env("SMARTCALL_PASSWORD", "wrong"));
    assert_status(&wrong, "host", "ok", "answers");
    assert_status(&wrong, "login", "failed", "credentials were refused");
    assert_status(&wrong, "balance", "warning", "no host lets us in");
    assert_eq!(wrong.code, Some(1));
    assert!(!wrong.out.contains(support::PASSWORD));

    let stranger = ran(rig
        .smartcall("doctor")
        .env("SMARTCALL_ACCOUNT", "27829999999"));
    assert_status(&stranger, "login", "ok", "accepted");
    assert_status(&stranger, "balance", "failed", "");
    assert_eq!(stranger.code, Some(1));

    let nobody = ran(rig.smartcall("doctor").env_remove("SMARTCALL_PASSWORD"));
    assert_status(&nobody, "credentials", "failed", "SMARTCALL_PASSWORD");
    assert_status(&nobody, "host", "ok", "answers");
    assert_status(&nobody, "login", "warning", "no credentials");
    assert_eq!(nobody.code, Some(1));

    let mut command = rig.command();
    let dead = "http://127.0.0.1:1/webservice";
    command.args(["smartcall", "--json", "--base-url", dead]);
    command.args(["--base-url", &rig.sandbox.base_urls()[0], "doctor"]);
    let half = ran(&mut command);
    let found = checks(&half);
    let status = |check: &str, host: &str| found[&(check.to_owned(), host.to_owned())].0.clone();
    assert_eq!(status("host", dead), "failed");
    assert_eq!(status("login", dead), "warning");
    assert_eq!(status("login", &rig.sandbox.base_urls()[0]), "ok");
    assert_status(&half, "balance", "ok", "R100000");
    assert_status(
        &half,
        "production: can fail over to another host",
        "warning",
        "1 of 2",
    );
    assert_eq!(half.code, Some(1));
}

#[test]
fn no_token_left_is_said_as_such() {
    let rig = Rig::with(|sandbox| sandbox.token_limit(0));
    let told = rig.run("doctor");
    assert_status(&told, "login", "failed", "token");
    assert_status(&told, "source address", "warning", "tokens");
    assert_eq!(told.code, Some(1));
}
