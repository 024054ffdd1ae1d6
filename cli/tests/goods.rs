//! What is sold beside airtime: it is sold once, and what the customer paid for is printed where it was asked for, and nowhere else.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use serde_json::{Value, json};
use support::{Rig, assert_keys, ran};

/// The keys of a sale with its receipt.
const KEYS: [&str; 14] = [
    "amount",
    "attempts",
    "balance",
    "code",
    "details",
    "message",
    "msisdn",
    "outcome",
    "pins",
    "pins_missing",
    "product",
    "provider_reference",
    "receipt_message",
    "reference",
];

fn kinds(object: &Value) -> Vec<&str> {
    let pins = object["pins"].as_array().unwrap();
    pins.iter().filter_map(|pin| pin["kind"].as_str()).collect()
}

fn quick() -> Rig {
    let at_once = std::time::Duration::ZERO;
    Rig::with(|sandbox| sandbox.electricity_after(at_once).file_after(at_once))
}

#[test]
fn a_meter_that_changes_its_key_gets_its_pins_in_the_order_of_entry() {
    let rig = quick();
    // The simulator's amount for a key change.
    let words =
        "electricity buy --supplier eskom --meter 12345678901 --amount 45 --reference power-1";
    let sold = ran(rig.smartcall(words).env("RUST_LOG", "trace"));
    assert_eq!(sold.code, Some(0), "{sold:?}");
    let object = &sold.objects()[0];
    assert_keys(object, &KEYS);
    assert_eq!(
        (&object["outcome"], &object["reference"], &object["msisdn"]),
        (
            &json!("succeeded"),
            &json!("power-1"),
            &json!("12345678901")
        )
    );
    assert_eq!(
        kinds(object)[..2],
        ["key_change_first", "key_change_second"]
    );
    assert!(kinds(object).contains(&"electricity"), "{object}");
    assert!(
        sold.err.contains("the reference is power-1"),
        "{}",
        sold.err
    );
    for pin in object["pins"].as_array().unwrap() {
        let code = pin["code"].as_str().unwrap();
        assert!(!sold.err.contains(code), "no PIN in a log: {}", sold.err);
    }

    // The PINs again, from the service; the sale again is not a sale.
    let again = rig.run("electricity tokens power-1");
    assert_eq!(
        (again.code, &again.objects()[0]["pins"]),
        (Some(0), &object["pins"])
    );
    let by_theirs = format!(
        "electricity tokens --smartload {}",
        object["provider_reference"].as_str().unwrap()
    );
    assert_eq!(&rig.run(&by_theirs).objects()[0]["pins"], &object["pins"]);
    assert_eq!(rig.run(words).all("outcome"), ["succeeded"]);
    assert_eq!(rig.ledger().attempts.len(), 1);

    let slip = rig.run("electricity tokens power-1 --output table").out;
    let first = slip.find("Key Change PIN #1").expect("a key change PIN");
    let second = slip.rfind("Key Change PIN #2").expect("a key change PIN");
    let bought = slip.find("Purchase PIN").expect("a purchase PIN");
    assert!(first < second && second < bought, "{slip}");
}

#[test]
fn tokens_of_nothing_are_no_proof() {
    let rig = quick();
    let none = rig.run("electricity tokens nobody-knows-it");
    assert_eq!((none.code, none.out.as_str()), (Some(4), ""));
    assert!(none.err.contains("no proof"), "{}", none.err);
}

#[test]
fn limits_have_an_id_for_the_meter() {
    let rig = quick();
    let limits = rig.run("electricity limits");
    assert_eq!(limits.code, Some(0), "{limits:?}");
    assert_keys(&limits.objects()[0], &["id", "max_amount", "municipality"]);
}

#[test]
fn vouchers_are_bought_once_and_shown_again() {
    let rig = quick();
    let stock = rig.run("vouchers stock 66");
    let before = stock.objects()[0]["stock"].as_u64().unwrap();
    let words = "vouchers buy --product 66 --quantity 3 --reference cards-1";
    let bought = ran(rig.smartcall(words).env("RUST_LOG", "trace"));
    assert_eq!(bought.code, Some(0), "{bought:?}");
    let object = &bought.objects()[0];
    assert_keys(object, &KEYS);
    assert_eq!(kinds(object), ["voucher"; 3]);
    for pin in object["pins"].as_array().unwrap() {
        let code = pin["code"].as_str().unwrap();
        assert!(
            !bought.err.contains(code),
            "no PIN in a log: {}",
            bought.err
        );
    }
    let shown = rig.run("vouchers show cards-1");
    assert_eq!(
        (shown.code, &shown.objects()[0]["pins"]),
        (Some(0), &object["pins"])
    );
    let by_theirs = format!(
        "vouchers show --smartload {}",
        object["provider_reference"].as_str().unwrap()
    );
    assert_eq!(&rig.run(&by_theirs).objects()[0]["pins"], &object["pins"]);
    assert_eq!(rig.run(words).code, Some(0), "carried on, not bought again");
    let after = rig.run("vouchers stock 66").objects()[0]["stock"].as_u64();
    assert_eq!(after, Some(before - 3));

    let code = object["pins"][0]["code"].as_str().unwrap().replace(' ', "");
    let slip = rig.run("vouchers show cards-1 --output table").out;
    assert!(slip.replace(' ', "").contains(&code), "{slip}");
    let none = rig.run("vouchers show nobody-knows-it");
    assert_eq!((none.code, none.out.as_str()), (Some(4), ""));
}

#[test]
fn vouchers_in_a_file_are_ordered_fetched_made_again_and_read() {
    let rig = quick();
    let words = "orders create --product 66 --quantity 3 --reference file-1";
    let ordered = ran(rig.smartcall(words).env("RUST_LOG", "trace"));
    assert_eq!(ordered.code, Some(0), "{ordered:?}");
    let object = &ordered.objects()[0];
    assert_eq!(kinds(object), ["file_password"]);
    let first = object["pins"][0]["code"].as_str().unwrap();
    assert!(!ordered.err.contains(first), "no password in a log");
    let fetch = || {
        let fetched = rig.run("orders fetch file-1 --to vouchers.zip");
        assert_eq!(fetched.code, Some(0), "{fetched:?}");
        assert_keys(&fetched.objects()[0], &["bytes", "file", "reference"]);
    };
    let read = |password: &str| {
        let mut command = rig.smartcall("orders read vouchers.zip");
        ran(command.env("RECHARGE_FILE_PASSWORD", password))
    };
    fetch();
    let vouchers = read(first);
    assert_eq!(
        (vouchers.code, vouchers.objects().len()),
        (Some(0), 3),
        "{vouchers:?}"
    );
    assert_eq!(kinds(&vouchers.objects()[0]), ["voucher"]);
    let asked = rig.run("orders recreate file-1");
    assert!(
        asked.code == Some(2) && asked.err.contains("--yes"),
        "{asked:?}"
    );
    let again = rig.run("orders recreate file-1 --yes");
    assert_keys(&again.objects()[0], &["number", "password", "reference"]);
    let second = again.all("password")[0].clone();
    fetch();
    let old = read(first);
    assert!(
        old.code == Some(2) && old.err.contains("not that of this file"),
        "{old:?}"
    );
    assert!(!old.err.contains(first));
    assert_eq!(read(&second).objects().len(), 3);
    let blind = rig.run("orders read vouchers.zip");
    assert!(
        blind.code == Some(2) && blind.err.contains("RECHARGE_FILE_PASSWORD"),
        "{blind:?}"
    );
}

#[test]
fn what_is_wrong_with_goods_is_named_and_nothing_is_sent() {
    let rig = quick();
    let buy = "electricity buy --meter 123456789";
    for (words, named, rule) in [
        ("electricity", "Usage", "electricity"),
        (
            &format!("{buy} --amount 20") as &str,
            "--supplier",
            "required",
        ),
        (
            &format!("{buy} --supplier coal --amount 20"),
            "--supplier",
            "municipal",
        ),
        (
            &format!("{buy} --supplier eskom"),
            "--amount",
            "must be given",
        ),
        (
            &format!("{buy} --supplier eskom --amount 0"),
            "--amount",
            "above zero",
        ),
        (
            &format!("{buy} --supplier eskom --amount 20.50"),
            "amount",
            "whole rand",
        ),
        (
            &format!("{buy},7 --supplier eskom --amount 20"),
            "limit",
            "left out",
        ),
        (
            &format!("{buy},0 --supplier municipal --amount 20"),
            "--meter",
            "limit",
        ),
        (
            &format!("{buy},x --supplier municipal --amount 20"),
            "--meter",
            "limit",
        ),
        (
            &format!("{buy} --supplier municipal --amount 1000.01"),
            "amount",
            "at most 1000",
        ),
        (
            &format!("{buy} --supplier free-basic --amount 1"),
            "--amount",
            "left out",
        ),
        (
            &format!("{buy} --supplier eskom --amount 20 --sms 12"),
            "--sms",
            "27 and nine",
        ),
        (
            &format!("{buy} --supplier eskom --amount 20 --reference a/b"),
            "--reference",
            "1 to 36",
        ),
        (
            "electricity buy --supplier eskom --meter 12 --amount 20",
            "--meter",
            "6 to 18 digits",
        ),
        ("electricity tokens a/b", "REF", "1 to 36 characters"),
        ("electricity tokens", "REF", "required"),
        ("vouchers buy --product 66", "--quantity", "required"),
        (
            "vouchers buy --product 66 --quantity 0",
            "quantity",
            "1 to 10000",
        ),
        (
            "vouchers buy --product 66 --quantity 10001",
            "quantity",
            "1 to 10000",
        ),
        (
            "vouchers buy --product 0 --quantity 1",
            "--product",
            "above zero",
        ),
        (
            "vouchers buy --product 66 --quantity 1 --reference a/b",
            "--reference",
            "1 to 36",
        ),
        (
            "orders create --product 66 --quantity 0",
            "quantity",
            "1 to 10000",
        ),
        ("orders fetch x", "--to", "required"),
        ("orders fetch a/b --to x", "REF", "1 to 36"),
        ("orders recreate a/b --yes", "REF", "1 to 36"),
        ("orders recreate x", "--yes", "where nobody can be asked"),
        ("orders read nowhere.zip", "FILE.zip", "regular file"),
        ("vouchers show a/b", "REF", "1 to 36 characters"),
        ("vouchers stock x", "PRODUCT", "a whole number"),
        // Airtime's command takes no meter's product: the number could be a stranger's meter.
        (
            "recharge --product 23 --msisdn 0821234567 --amount 20",
            "product",
            "sold to a meter",
        ),
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
    assert_eq!((rig.ledger().attempts.len(), rig.sandbox.logins()), (0, 0));
}
