//! Batch recharge.

use std::collections::BTreeMap;

use recharge_sandbox::EntryKind;
use serde_json::{Value, json};

use crate::support::{Till, airtime};
use crate::{code, post};

const PATH: &str = "/smartload/recharges/batch";

fn number(nth: usize) -> String {
    format!("278212{nth:05}")
}

fn batch(items: impl IntoIterator<Item = Value>) -> Value {
    json!({ "rechargeRequests": items.into_iter().collect::<Vec<_>>() })
}

fn outcomes(answer: &Value) -> Vec<(String, i64)> {
    let items = answer["rechargeResponses"].as_array().unwrap();
    let outcome = |item: &Value| {
        let reference = item["clientReference"].as_str().unwrap().to_owned();
        (reference, item["error"]["code"].as_i64().unwrap_or(0))
    };
    items.iter().map(outcome).collect()
}

#[tokio::test]
async fn every_item_is_a_sale_with_a_reference_of_its_own() {
    let till = Till::open().await;
    let items = (0..100).map(|nth| airtime(&format!("r{nth}"), &number(nth), 20));
    let (status, answer) = post(&till, PATH, &batch(items)).await;
    assert_eq!(
        (status, answer["responseCode"].as_str()),
        (200, Some("SUCCESS"))
    );
    assert_eq!(outcomes(&answer).len(), 100);
    assert_eq!(
        till.enquire(0, "r99").await.1["transaction"]["statusId"],
        "PENDING"
    );
    till.clock.advance(std::time::Duration::from_secs(5));
    let ledger = till.sandbox.ledger();
    assert_eq!(ledger.sales_of_kind(EntryKind::BatchItem), 100);
    let once: BTreeMap<String, usize> = (0..100).map(|nth| (format!("r{nth}"), 1)).collect();
    let sold = ledger.sales_by_reference();
    let sold: BTreeMap<String, usize> = sold.iter().map(|(r, n)| ((*r).to_owned(), *n)).collect();
    assert_eq!(sold, once);
}

#[tokio::test]
async fn more_than_a_hundred_are_refused_and_nothing_is_sold() {
    let till = Till::open().await;
    let items = (0..101).map(|nth| airtime(&format!("r{nth}"), &number(nth), 20));
    let (status, answer) = post(&till, PATH, &batch(items)).await;
    assert_eq!(status, 200);
    assert_eq!(answer["responseCode"], "BATCH_LIMIT_EXCEEDED");
    assert!(till.sandbox.ledger().entries.is_empty());
}

#[tokio::test]
async fn a_duplicate_is_refused_by_itself() {
    let till = Till::open().await;
    till.sync(&airtime("a", &number(1), 20)).await;
    let items = [
        airtime("a", &number(2), 20),
        airtime("b", &number(3), 20),
        airtime("b", &number(4), 20),
        airtime("c", &number(3), 20),
        airtime("d", "hello", 20),
    ];
    let (_, answer) = post(&till, PATH, &batch(items)).await;
    assert_eq!(answer["responseCode"], "PART_SUCCESS");
    let expected = [("a", 1001), ("b", 0), ("b", 1001), ("c", 16), ("d", 6)];
    assert_eq!(
        outcomes(&answer),
        expected.map(|(r, code)| (r.to_owned(), code))
    );
    till.clock.advance(std::time::Duration::from_secs(5));
    assert_eq!(
        (till.sales_of("a"), till.sales_of("b"), till.sales_of("c")),
        (1, 1, 0)
    );
}

#[tokio::test]
async fn a_batch_of_which_nothing_was_taken_is_a_failure() {
    let till = Till::open().await;
    let (status, answer) = post(&till, PATH, &batch([airtime("a", "hello", 20)])).await;
    assert_eq!(
        (status, answer["responseCode"].as_str()),
        (200, Some("FAILURE"))
    );
    for body in [json!({}), batch([]), json!({"rechargeRequests": "all"})] {
        assert_eq!(code(&post(&till, PATH, &body).await), (400, 1007), "{body}");
    }
}

#[tokio::test]
async fn a_foreign_account_is_refused_in_its_item_or_as_a_whole() {
    let till = Till::open().await;
    let mut foreign = airtime("a", &number(1), 20);
    foreign["smartloadId"] = json!("27820000000");
    assert_eq!(
        code(&post(&till, PATH, &batch([foreign.clone()])).await),
        (403, 400)
    );
    let mixed = batch([foreign, airtime("b", &number(2), 20), json!(7)]);
    let (status, answer) = post(&till, PATH, &mixed).await;
    assert_eq!(status, 200);
    let codes: Vec<_> = outcomes(&answer)
        .into_iter()
        .map(|(_, code)| code)
        .collect();
    assert_eq!(codes, [400, 0, 400]);
}
