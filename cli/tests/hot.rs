//! HOT: what is read, sold, reserved; and that nothing is ever sent twice.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use serde_json::Value;
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

const AIRTIME: &str = "recharge --product 100 --msisdn 0772123456 --amount 5";

#[test]
fn wallets_products_and_stock_are_read() {
    let rig = Rig::new();
    let wallets = rig.run_hot("balance");
    assert!(
        wallets.code == Some(0) && wallets.objects().len() > 1,
        "{wallets:?}"
    );
    assert_keys(
        &wallets.objects()[0],
        &["account_type_id", "amount", "currency", "name", "wallet"],
    );
    let usd = rig.run_hot("balance 3");
    assert_eq!(
        (usd.all("wallet"), usd.all("currency")),
        (vec!["usd".into()], vec!["USD".into()])
    );
    assert_eq!(rig.run_hot("balance 99").code, Some(1));

    let products = rig.run_hot("products");
    assert!(
        products.all("id").contains(&"100".to_owned()),
        "{products:?}"
    );
    let product = rig.run_hot("product 100");
    assert_keys(
        &product.objects()[0],
        &[
            "currency",
            "has_stock",
            "id",
            "knows_customers",
            "maximum",
            "minimum",
            "name",
            "network",
            "required_options",
            "step",
            "target_type",
            "wallet",
        ],
    );
    assert_ne!(rig.run_hot("product 9999").code, Some(0));
    let stock = rig.run_hot("stock 16");
    assert!(
        stock.code == Some(0) && !stock.objects().is_empty(),
        "{stock:?}"
    );
    assert_keys(
        &stock.objects()[0],
        &[
            "amount",
            "code",
            "currency",
            "description",
            "name",
            "product",
            "value",
        ],
    );
    let customer = rig.run_hot("customer 41 37123456789");
    assert_eq!(customer.code, Some(0), "{customer:?}");
    assert_keys(
        &customer.objects()[0],
        &["account_number", "address", "details", "name"],
    );
    let mut tables = rig.hot("products --output table");
    assert!(ran(&mut tables).out.contains("   100  "));
    assert!(rig.ledger().hot.attempts.is_empty());
}

#[test]
fn airtime_is_sold_once_and_told_again() {
    let rig = Rig::new();
    let words = format!("{AIRTIME} --reference HRE-CBD01-01-KUDA01-100001-01");
    let sold = rig.run_hot(&words);
    assert_eq!(
        (sold.all("outcome"), sold.code),
        (vec!["succeeded".to_owned()], Some(0)),
        "{sold:?}"
    );
    assert_keys(&sold.objects()[0], &KEYS);
    assert!(
        sold.err.contains("the reference is HRE-CBD01"),
        "{}",
        sold.err
    );
    assert_eq!(rig.run_hot(&words).all("outcome"), ["succeeded"]);
    assert_eq!(rig.ledger().hot.attempts.len(), 1);
    let enquired = rig.run_hot("enquire HRE-CBD01-01-KUDA01-100001-01");
    assert_eq!(
        (enquired.all("standing"), enquired.code),
        (vec!["successful".to_owned()], Some(0))
    );
    let unknown = rig.run_hot("enquire nobody-knows-it");
    assert!(
        unknown.code == Some(4) && unknown.err.contains("no proof"),
        "{unknown:?}"
    );
    let listed = rig.plain("journal list --json --journal journal");
    assert_eq!(listed.all("outcome"), ["succeeded"]);
    assert_eq!(rig.run_hot("recover").out, "");
}

#[test]
fn electricity_prints_its_tokens_where_they_were_asked_for() {
    let rig = Rig::new();
    let words =
        "zesa --product 41 --meter 37123456789 --notify 0772123456 --amount 5 --reference power";
    let sold = ran(rig.hot(words).env("RUST_LOG", "trace"));
    assert_eq!(sold.code, Some(0), "{sold:?}");
    let object = &sold.objects()[0];
    let pins = object["pins"].as_array().unwrap();
    assert!(
        !pins.is_empty() && pins[0]["kind"] == "electricity",
        "{object}"
    );
    let code = pins[0]["code"].as_str().unwrap();
    assert!(!sold.err.contains(code), "no token in a log: {}", sold.err);
    let without = rig.run_hot("enquire power");
    assert!(
        without.code == Some(0) && !without.out.contains(code),
        "{without:?}"
    );
    let with = rig.run_hot("enquire power --tokens");
    assert_eq!(with.objects()[0]["pins"][0]["code"], pins[0]["code"]);
}

#[test]
fn a_bundle_is_sold_for_its_price() {
    let rig = Rig::new();
    let item = rig.run_hot("stock 16").objects()[0].clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let price = [&item["amount"], &item["value"]]
        .map(text)
        .into_iter()
        .find(|price| !price.is_empty());
    let words = format!(
        "bundle --product 16 --msisdn 0772123456 --code {} --price {}",
        text(&item["code"]),
        price.unwrap()
    );
    let sold = rig.run_hot(&words);
    assert_eq!(
        (sold.all("outcome"), sold.code),
        (vec!["succeeded".to_owned()], Some(0)),
        "{words}: {sold:?}"
    );
}

#[test]
fn a_reservation_is_completed_or_cancelled_once() {
    let rig = Rig::new();
    let reserved = rig.run_hot(&format!("reserve {AIRTIME} --reference first"));
    assert_eq!(
        (reserved.all("outcome"), reserved.code),
        (vec!["done".to_owned()], Some(0)),
        "{reserved:?}"
    );
    assert!(
        reserved.err.contains("recharge hot complete first"),
        "{}",
        reserved.err
    );
    for _ in 0..2 {
        let completed = rig.run_hot("complete first");
        assert_eq!(
            (
                completed.all("outcome"),
                completed.all("reference"),
                completed.code
            ),
            (vec!["succeeded".into()], vec!["firstC".into()], Some(0)),
            "{completed:?}"
        );
    }
    let late = rig.run_hot("cancel-reservation first");
    assert!(late.code == Some(2) && late.out.is_empty(), "{late:?}");

    assert_eq!(
        rig.run_hot(&format!("reserve {AIRTIME} --reference second --announce"))
            .code,
        Some(0)
    );
    for _ in 0..2 {
        let cancelled = rig.run_hot("cancel-reservation second");
        assert_eq!(
            (cancelled.all("outcome"), cancelled.code),
            (vec!["done".to_owned()], Some(0)),
            "{cancelled:?}"
        );
    }
    let late = rig.run_hot("complete second");
    assert!(late.code == Some(2) && late.out.is_empty(), "{late:?}");
    let balance = rig.run_hot("balance 3").objects()[0]["amount"].clone();
    let fresh = Rig::new().run_hot("balance 3").objects()[0]["amount"].clone();
    assert_ne!(balance, fresh, "one was sold");
}

#[test]
fn what_is_wrong_is_named_and_nothing_is_sent() {
    let rig = Rig::new();
    let long = format!("{AIRTIME} --reference {}", "x".repeat(51));
    let reserve = format!("reserve {AIRTIME} --reference {}", "x".repeat(50));
    for (words, named, rule) in [
        ("balance x", "ACCOUNT_TYPE_ID", "invalid digit"),
        ("product 0", "ID", "above zero"),
        ("stock x", "ID", "whole number"),
        ("customer 41 a/b", "account_number", "with a digit"),
        ("enquire a/b", "REF", "1 to 50 characters"),
        (
            "recharge --product 100 --msisdn 12 --amount 5",
            "--msisdn",
            "must be",
        ),
        (
            "recharge --product 100 --msisdn 0772123456 --amount 0",
            "--amount",
            "above zero",
        ),
        (
            "recharge --product 100 --msisdn 0772123456 --amount 1.005",
            "--amount",
            "whole cents",
        ),
        (
            "recharge --product 100 --msisdn 0772123456",
            "--amount",
            "required",
        ),
        (
            &format!("{AIRTIME} --sms %WHAT%") as &str,
            "sms",
            "no tag that is not known",
        ),
        (&long, "--reference", "1 to 50 characters"),
        (&reserve, "reference", "at most 49 characters"),
        (
            "bundle --product 16 --msisdn 0772123456 --price 5",
            "--code",
            "required",
        ),
        (
            "zesa --product 41 --meter 12 --notify 0772123456 --amount 5",
            "--meter",
            "11 or 13 digits",
        ),
        (
            "zesa --product 41 --meter 37123456789 --notify 12 --amount 5",
            "--notify",
            "must be",
        ),
        (
            "other --product 7 --target 0772123456 --amount 5 --option x",
            "--option",
            "NAME=VALUE",
        ),
        (
            "other --product 7 --target 0772123456 --amount 5 --option MakeReservation=true",
            "option",
            "reservation",
        ),
        ("reserve", "Usage", "reserve"),
        ("complete a/b", "REF", "1 to 50 characters"),
        (
            "complete nobody-knows-it",
            "REF",
            "a reservation that stands",
        ),
        (
            "cancel-reservation nobody-knows-it",
            "REF",
            "a reservation that stands",
        ),
        (&format!("{AIRTIME} --timeout-ms 0"), "--timeout-ms", "1..="),
        (
            &format!("{AIRTIME} --base-url nonsense"),
            "base_url",
            "must be a URL",
        ),
        (
            &format!("{AIRTIME} --base-url http://example.com/"),
            "base_url",
            "https",
        ),
        (
            &format!("{AIRTIME} --credentials nowhere"),
            "nowhere",
            "No such file",
        ),
        (
            &format!("{AIRTIME} --password x"),
            "--password",
            "unexpected",
        ),
    ] {
        let refused = rig.run_hot(words);
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
    for name in ["HOT_ACCESS_CODE", "HOT_PASSWORD"] {
        let refused = ran(rig.hot("balance").env_remove(name));
        assert!(
            refused.code == Some(2) && refused.err.contains(name),
            "{refused:?}"
        );
    }
    // Beyond the product's limits, which its metadata says.
    let much = rig.run_hot("recharge --product 100 --msisdn 0772123456 --amount 301");
    assert!(
        much.code == Some(2) && much.err.contains("amount"),
        "{much:?}"
    );
    assert!(rig.ledger().hot.attempts.is_empty());
}

#[test]
fn what_is_lost_is_unresolved_or_found_and_never_sent_again() {
    let rig = Rig::with(|sandbox| sandbox.faults("reset-after=1".parse().unwrap()));
    let words = format!("{AIRTIME} --reference lost --timeout-ms 400 --deadline-ms 1500");
    let lost = rig.run_hot(&words);
    assert!(lost.code == Some(4) || lost.code == Some(1), "{lost:?}");
    rig.sandbox.set_faults(recharge_sandbox::Faults::none());
    let found = rig.run_hot("recover");
    let sent = rig.ledger().hot.attempts.len();
    assert!(sent <= 1, "never sent again: {found:?}");
    if lost.code == Some(4) {
        assert_eq!(
            (found.all("outcome"), found.code),
            (vec!["succeeded".to_owned()], Some(0)),
            "{found:?}"
        );
    }
}
