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
    Rig::with(|sandbox| sandbox.electricity_after(std::time::Duration::ZERO))
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
            "1 to 1000",
        ),
        (
            "vouchers buy --product 66 --quantity 1001",
            "quantity",
            "1 to 1000",
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
