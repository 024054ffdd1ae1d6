//! What is given wrongly is refused by field and rule, before anything is sent; and secrets stay secret.

mod support;

use support::{PASSWORD, Rig, ran};

#[test]
fn a_bad_option_is_refused_by_name_and_rule_and_nothing_is_sent() {
    let rig = Rig::new();
    let order = "recharge --product 62 --msisdn 0821234567 --amount 20";
    for (words, named, rule) in [
        (
            "recharge --product x --msisdn 0821234567 --amount 20",
            "--product",
            "a whole number",
        ),
        (
            "recharge --product 0 --msisdn 0821234567 --amount 20",
            "--product",
            "above zero",
        ),
        (
            "recharge --product 62 --msisdn 12 --amount 20",
            "--msisdn",
            "27 and nine digits",
        ),
        (
            "recharge --product 62 --msisdn 0821234567 --amount 0",
            "--amount",
            "above zero",
        ),
        (
            "recharge --product 62 --msisdn 0821234567 --amount 1.005",
            "--amount",
            "whole cents",
        ),
        (
            "recharge --product 62 --msisdn 0821234567 --amount=-5",
            "--amount",
            "plain decimal",
        ),
        (
            "recharge --product 62 --msisdn 0821234567 --amount 20 --reference a/b",
            "--reference",
            "1 to 36 characters",
        ),
        ("recharge --product 62 --amount 20", "--msisdn", "required"),
        ("enquire ..", "REF", "1 to 36 characters"),
        ("enquire", "REF", "required"),
        ("bulk", "FILE.csv", "required"),
        ("bulk list.csv --concurrency 0", "--concurrency", "1..=512"),
        (
            "bulk list.csv --concurrency 513",
            "--concurrency",
            "1..=512",
        ),
        ("bulk nowhere.csv", "nowhere.csv", "regular file"),
        (&format!("{order} --timeout-ms 0"), "--timeout-ms", "1..="),
        (&format!("{order} --deadline-ms 0"), "--deadline-ms", "1..="),
        (
            &format!("{order} --settle-ms soon"),
            "--settle-ms",
            "invalid digit",
        ),
        (
            &format!("{order} --account 12"),
            "--account",
            "27 and nine digits",
        ),
        (
            &format!("{order} --base-url http://example.com/webservice"),
            "base_url",
            "https",
        ),
        (
            &format!("{order} --base-url nonsense"),
            "base_url",
            "must be a URL",
        ),
        (
            &format!("{order} --credentials nowhere"),
            "nowhere",
            "No such file",
        ),
        (
            &format!("{order} --root-certificate nowhere"),
            "--root-certificate nowhere",
            "No such file",
        ),
        ("doctor --low-balance=-1", "--low-balance", "above zero"),
        ("doctor --low-balance much", "--low-balance", "above zero"),
        ("doctor --base-url nonsense", "base_url", "must be a URL"),
        ("registered 12", "MSISDN", "27 and nine digits"),
        ("registered", "MSISDN", "required"),
        ("sim 12", "MSISDN", "27 and nine digits"),
        ("cashup --from 2026-11-01", "--to", "required"),
        ("cashup --to 2026-11-01", "--from", "required"),
        (
            "cashup --from 2026-11-31 --to 2026-12-01",
            "--from",
            "2026-11-31",
        ),
        (
            "cashup --from 2026-11-02 --to 2026-11-01",
            "period",
            "must not end before it begins",
        ),
        ("product x", "ID", "a whole number"),
        ("network 0", "ID", "1.."),
        (
            "products --network 1 --for 0821234567",
            "--for",
            "cannot be used with",
        ),
        ("products --for 1", "--for", "27 and nine digits"),
        ("tokens flush", "--yes", "where nobody can be asked"),
        ("tokens flush soon", "soon", "unexpected"),
        (&format!("{order} --output xml"), "--output", "json, table"),
        (&format!("{order} --password x"), "--password", "unexpected"),
    ] {
        let refused = rig.run(words);
        assert_eq!(
            (refused.code, refused.out.as_str()),
            (Some(2), ""),
            "{words}: {refused:?}"
        );
        assert!(
            refused.err.contains(named) && refused.err.contains(rule),
            "{words}: {}",
            refused.err
        );
    }
    for (words, rule) in [
        ("sandbox --port x", "--port"),
        ("sandbox --faults 2", "--faults"),
        ("sandbox --seed=-1", "--seed"),
        ("sandbox --balance much", "--balance"),
        ("demo --faults nonsense=1", "nonsense"),
        ("journal", "Usage"),
        ("", "Usage"),
    ] {
        let refused = rig.plain(words);
        assert_eq!(
            (refused.code, refused.out.as_str()),
            (Some(2), ""),
            "{words}: {refused:?}"
        );
        assert!(refused.err.contains(rule), "{words}: {}", refused.err);
    }
    assert_eq!((rig.ledger().attempts.len(), rig.sandbox.logins()), (0, 0));
}

#[test]
fn missing_credentials_are_named() {
    let rig = Rig::new();
    for name in [
        "SMARTCALL_USERNAME",
        "SMARTCALL_PASSWORD",
        "SMARTCALL_ACCOUNT",
    ] {
        for value in [None, Some("")] {
            let mut command = rig.smartcall("balance");
            match value {
                None => command.env_remove(name),
                Some(value) => command.env(name, value),
            };
            let refused = ran(&mut command);
            assert!(
                refused.code == Some(2) && refused.err.contains(name),
                "{refused:?}"
            );
        }
    }
    let refused = ran(rig.smartcall("balance").env("SMARTCALL_ACCOUNT", "12"));
    assert!(
        refused.code == Some(2) && refused.err.contains("SMARTCALL_ACCOUNT must be"),
        "{refused:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_file_of_credentials_must_be_private_and_goes_before_the_environment() {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    let rig = Rig::new();
    for text in [
        format!(
            "SMARTCALL_USERNAME=till\nexport SMARTCALL_PASSWORD='{PASSWORD}'\nSMARTCALL_ACCOUNT=27810000001\n"
        ),
        format!(
            r#"{{"SMARTCALL_USERNAME": "till", "SMARTCALL_PASSWORD": "{PASSWORD}", "SMARTCALL_ACCOUNT": "27810000001"}}"#
        ),
    ] {
        let file = rig.file("credentials", &text);
        for mode in [0o644, 0o640, 0o604, 0o666] {
            fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            let refused = rig.run(&format!("balance --credentials {file}"));
            assert!(
                refused.code == Some(2) && refused.err.contains("chmod 600"),
                "{mode:o}: {refused:?}"
            );
        }
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        let mut command = rig.smartcall(&format!("--credentials {file} balance"));
        command
            .env("SMARTCALL_USERNAME", "x")
            .env("SMARTCALL_PASSWORD", "x")
            .env("SMARTCALL_ACCOUNT", "x");
        assert_eq!(ran(&mut command).code, Some(0));
    }
}

#[test]
fn no_output_and_no_log_holds_a_secret_or_lets_it_be_guessed() {
    let rig = Rig::with(|sandbox| sandbox.seed(1).faults("0.3".parse().unwrap()));
    let file = rig.file("list.csv", &support::rows(6));
    for words in [
        &format!("bulk {file}"),
        "recover",
        "balance",
        "ping",
        "enquire a",
        "recharge --product 62 --msisdn 0821234567 --amount 1",
    ] {
        let hasty = format!("{words} --timeout-ms 400 --deadline-ms 1500");
        let told = ran(rig.smartcall(&hasty).env("RUST_LOG", "trace"));
        let everything = format!("{}{}", told.out, told.err);
        // The password, and the start of "till:…" in base64.
        for secret in [PASSWORD, "dGlsbDpzM2NyZXQ"] {
            assert!(!everything.contains(secret), "{words}: {everything}");
        }
    }
}

#[test]
fn help_tells_what_a_newcomer_must_know() {
    let rig = Rig::new();
    for (words, told) in [
        ("--help", "Exit codes: 0"),
        ("smartcall --help", "never from an argument"),
        (
            "smartcall bulk --help",
            "RENAME THE FILE OR GIVE REFERENCES",
        ),
        ("sandbox --help", "--no-five-minute-rule"),
        ("--version", "recharge 0"),
    ] {
        let helped = rig.plain(words);
        let text = helped.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            helped.code == Some(0) && text.contains(told),
            "{words}: {text}"
        );
    }
}
