//! One recharge after the other: what is printed, and which exit code tells the worst.

mod support;

use std::fs;

use serde_json::json;
use support::Rig;

const KEYS: [&str; 9] = [
    "amount",
    "attempts",
    "code",
    "message",
    "msisdn",
    "outcome",
    "product",
    "provider_reference",
    "reference",
];

#[track_caller]
fn assert_keys(object: &serde_json::Value) {
    support::assert_keys(object, &KEYS);
}

#[test]
fn a_recharge_prints_one_object_with_every_key() {
    let rig = Rig::new();
    let ran =
        rig.run("recharge --product 62 --msisdn 0821234567 --amount 29.50 --reference till-1");
    let entry = &rig.ledger().entries[0];
    let provider_reference = entry.smartload_reference.to_string();
    let expected = json!({
        "reference": "till-1", "outcome": "succeeded", "provider_reference": provider_reference, "msisdn": "27821234567",
        "product": 62, "amount": "29.50", "code": null, "message": null, "attempts": 1
    });
    assert_eq!(
        (ran.objects(), ran.code),
        (vec![expected.clone()], Some(0)),
        "{ran:?}"
    );
    assert_keys(&expected);

    // The journal and the service say the same.
    assert_eq!(
        rig.plain("journal list --journal journal --output json")
            .objects(),
        std::slice::from_ref(&expected)
    );
    assert_eq!(
        rig.run("enquire till-1").objects(),
        std::slice::from_ref(&expected)
    );
    // And so does the same command again, which sells nothing.
    let again =
        rig.run("recharge --product 62 --msisdn 0821234567 --amount 29.50 --reference till-1");
    assert_eq!((again.objects(), again.code), (vec![expected], Some(0)));
    assert_eq!(rig.ledger().attempts.len(), 1);
}

#[test]
fn each_class_of_outcome_has_its_exit_code() {
    let rig = Rig::new();
    for (amount, outcome, code) in [
        ("11", "failed", 3),
        ("17", "failed", 3),
        ("13", "pending", 4),
        ("20", "succeeded", 0),
    ] {
        let order = format!("recharge --product 62 --msisdn 0821234567 --amount {amount}");
        let ran = if code == 4 {
            rig.hasty(&order)
        } else {
            rig.run(&order)
        };
        assert_eq!(
            (ran.all("outcome"), ran.code),
            (vec![outcome.to_owned()], Some(code)),
            "R{amount}: {ran:?}"
        );
        let object = &ran.objects()[0];
        assert_eq!(
            object["message"].is_string(),
            outcome != "succeeded",
            "{object}"
        );
        assert_keys(object);
    }
    let refused =
        rig.run("recharge --product 62 --msisdn 0821234567 --amount 20 --reference again");
    assert_eq!(
        (refused.all("outcome"), refused.code),
        (vec!["failed".to_owned()], Some(3)),
        "the five-minute rule"
    );

    let all = rig.plain("journal list --journal journal --output json");
    assert_eq!(
        all.all("outcome"),
        ["failed", "failed", "failed", "pending", "succeeded"]
    );
    let open = rig.plain("journal list --open --journal journal --output json");
    assert_eq!(
        (open.all("outcome"), open.code),
        (vec!["pending".to_owned()], Some(0))
    );
}

#[test]
fn not_knowing_is_told_and_recovery_ends_it() {
    let rig = Rig::with(|sandbox| sandbox.faults("reset-after=1".parse().unwrap()));
    let ran = rig.hasty("recharge --product 62 --msisdn 0821234567 --amount 20 --reference lost");
    assert_eq!(
        (ran.all("outcome"), ran.code),
        (vec!["unresolved".to_owned()], Some(4)),
        "{ran:?}"
    );

    rig.sandbox.set_faults(recharge_sandbox::Faults::none());
    let ran = rig.run("recover");
    assert_eq!(
        (ran.all("outcome"), ran.code),
        (vec!["succeeded".to_owned()], Some(0)),
        "{ran:?}"
    );
    assert_eq!(
        (ran.all("msisdn"), ran.all("amount")),
        (vec!["27821234567".into()], vec!["20".into()])
    );
    assert_eq!(rig.ledger().sales_of("lost"), 1);

    let ran = rig.run("recover");
    assert_eq!((ran.out.as_str(), ran.code), ("", Some(0)));
    assert_eq!(rig.run("recover --output table").out, "nothing is open\n");
}

#[test]
fn what_was_not_sent_says_why_and_may_be_sold_again() {
    let rig = Rig::new();
    let words = "recharge --product 62 --msisdn 0821234567 --amount 20 --reference once";
    let mut nobody = rig.command();
    nobody.args([
        "smartcall",
        "--output",
        "json",
        "--journal",
        "journal",
        "--base-url",
        "http://127.0.0.1:1/webservice",
    ]);
    let ran = support::ran(nobody.args(words.split(' ')));
    assert_eq!(
        (ran.all("outcome"), ran.code),
        (vec!["not_sent".to_owned()], Some(1)),
        "{ran:?}"
    );
    assert!(
        ran.objects()[0]["message"].is_string() && ran.objects()[0]["attempts"] == 0,
        "{ran:?}"
    );
    assert_eq!(rig.run(words).all("outcome"), ["succeeded"]);

    let other = rig.run("recharge --product 62 --msisdn 0821234567 --amount 21 --reference once");
    assert_eq!(
        (other.all("outcome"), other.code),
        (vec!["not_sent".to_owned()], Some(1))
    );
    let object = &other.objects()[0];
    assert!(
        object["message"]
            .as_str()
            .unwrap()
            .contains("another order"),
        "{object}"
    );
    assert_eq!(
        (&object["attempts"], &object["provider_reference"]),
        (&json!(0), &json!(null))
    );

    let denied = support::ran(
        rig.smartcall("recharge --product 62 --msisdn 0821234567 --amount 22")
            .env("SMARTCALL_PASSWORD", "wrong"),
    );
    // The token of the last run was given back, so that the wrong password is used.
    assert_eq!(
        (denied.all("outcome"), denied.code),
        (vec!["not_sent".to_owned()], Some(1)),
        "{denied:?}"
    );
    assert_eq!(rig.ledger().sales().count(), 1);
}

#[test]
fn reads_need_no_journal_and_leave_none() {
    let rig = Rig::with(|sandbox| sandbox.token_limit(2));
    // More often than there are tokens: each is given back.
    for _ in 0..4 {
        let balance = support::ran(
            rig.smartcall("balance")
                .args(["--journal", "/nowhere/journal"]),
        );
        assert_eq!(balance.code, Some(0), "{balance:?}");
        assert_eq!(balance.all("account"), ["27810000001"]);
        assert!(
            balance.all("balance")[0].starts_with("100000"),
            "{balance:?}"
        );
    }
    assert_eq!(rig.run("ping").objects(), [json!({ "response": "Pong" })]);
    let pinged = support::ran(
        rig.smartcall("ping")
            .env_remove("SMARTCALL_PASSWORD")
            .env_remove("SMARTCALL_ACCOUNT"),
    );
    assert_eq!(pinged.code, Some(0), "{pinged:?}");

    let unknown = rig.run("enquire nobody-knows-it");
    assert_eq!(
        (unknown.all("outcome"), unknown.all("code"), unknown.code),
        (vec!["unresolved".into()], vec!["1005".into()], Some(4))
    );
    assert_keys(&unknown.objects()[0]);
    assert_eq!(
        fs::read_dir(rig.folder.path()).unwrap().count(),
        0,
        "nothing was left behind"
    );
}

#[test]
fn the_default_journal_is_in_the_users_data_folder_and_private() {
    let rig = Rig::new();
    let mut command = rig.command();
    command.args([
        "smartcall",
        "--base-url",
        &rig.sandbox.base_urls()[0],
        "recover",
    ]);
    assert_eq!(support::ran(&mut command).out, "nothing is open\n");
    let journal = rig.path("home/.local/share/recharge/recharge.journal");
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&journal).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            fs::metadata(journal.parent().unwrap())
                .unwrap()
                .permissions()
                .mode()
                & 0o777,
            0o700
        );
    }
    assert_eq!(
        support::ran(command.env("RECHARGE_JOURNAL", "elsewhere")).code,
        Some(0)
    );
    assert!(rig.path("elsewhere").exists());
}
