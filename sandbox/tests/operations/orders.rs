//! Orders of vouchers: the file, its password, and a new one.

use std::io::{Cursor, Read};
use std::time::Duration;

use recharge_sandbox::{EntryKind, Status};
use reqwest::Method;
use serde_json::{Value, json};
use zip::ZipArchive;

use crate::support::Till;
use crate::{ACCOUNT, balance, code, get, post};

const PATH: &str = "/smartload/batchorders";

async fn order(till: &Till, reference: &str, quantity: i64) -> Value {
    let body = json!({"smartloadId": ACCOUNT, "clientReference": reference, "productId": 66, "quantity": quantity});
    let (status, answer) = post(till, PATH, &body).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

fn password(answer: &Value) -> &str {
    answer["filePassword"].as_str().unwrap()
}

async fn download(till: &Till, reference: &str) -> Vec<u8> {
    let path = format!("{PATH}/{ACCOUNT}/{reference}");
    let answer = till.call(Method::GET, 0, &path).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/octet-stream");
    answer.bytes().await.unwrap().to_vec()
}

/// The name of the one member and what is in it, or `None` if the password is wrong.
fn open(archive: &[u8], password: &str) -> Option<(String, String)> {
    let mut archive = ZipArchive::new(Cursor::new(archive)).unwrap();
    assert_eq!(archive.len(), 1);
    let mut member = archive.by_index_decrypt(0, password.as_bytes()).ok()?;
    let mut text = String::new();
    member.read_to_string(&mut text).ok()?;
    let name = member.name().ok()?.into_owned();
    Some((name, text))
}

#[tokio::test]
async fn the_file_is_ready_after_a_while_and_the_money_is_debited_at_once() {
    let till = Till::open().await;
    order(&till, "a", 2).await;
    assert_eq!(balance(&till).await, "99990.55");
    let path = format!("{PATH}/{ACCOUNT}/a");
    till.clock.advance(Duration::from_millis(4_999));
    assert_eq!(code(&get(&till, &path).await), (400, 1002));
    assert_eq!(till.sandbox.ledger().entries[0].status, Status::Pending);
    till.clock.advance(Duration::from_millis(1));
    assert!(download(&till, "a").await.starts_with(b"PK"));
    assert_eq!(
        till.sandbox.ledger().sales_of_kind(EntryKind::BatchOrder),
        1
    );
}

#[tokio::test]
async fn the_password_opens_the_file_and_the_vouchers_are_in_it() {
    let till = Till::open().await;
    let answer = order(&till, "a-1", 3).await;
    till.clock.advance(Duration::from_secs(5));
    let archive = download(&till, "a-1").await;
    assert_eq!(open(&archive, "wrong"), None);
    let (name, csv) = open(&archive, password(&answer)).unwrap();
    let number = &answer["recharge"]["orderReferenceId"];
    assert_eq!(name, format!("a-1_{number}.csv"));
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(
        lines[0],
        "Pin,Batch,VoucherNumber,Expiry Date,Voucher description"
    );
    assert_eq!(lines.len(), 4);
    for line in &lines[1..] {
        let fields: Vec<&str> = line.split(',').collect();
        assert_eq!(fields[0].len(), 12, "{line}");
        assert_eq!(fields[3..], ["2026-12-31", "Vodacom R5 voucher"]);
    }
    assert_eq!(
        download(&till, "a-1").await,
        archive,
        "the same bytes again"
    );
    assert!(
        !archive.windows(5).any(|part| part == b"R5 vo"),
        "nothing is readable"
    );
}

#[tokio::test]
async fn a_recreated_file_has_the_same_vouchers_under_a_new_password() {
    let till = Till::open().await;
    let first = order(&till, "a", 3).await;
    till.clock.advance(Duration::from_secs(5));
    let (_, csv) = open(&download(&till, "a").await, password(&first)).unwrap();
    let body = json!({"smartloadId": ACCOUNT, "clientReference": "a"});
    let (status, again) = post(&till, "/smartload/batchfile", &body).await;
    assert_eq!(status, 200);
    assert_ne!(password(&again), password(&first));
    assert_ne!(
        again["orderReferenceId"],
        first["recharge"]["orderReferenceId"]
    );
    let archive = download(&till, "a").await;
    assert_eq!(
        open(&archive, password(&first)),
        None,
        "the old password is void"
    );
    assert_eq!(open(&archive, password(&again)).unwrap().1, csv);
    assert_eq!(till.sales_of("a"), 1);
}

#[tokio::test]
async fn what_is_no_order_does_not_exist() {
    let till = Till::open().await;
    till.sync(&crate::support::airtime("a", "27821234567", 20))
        .await;
    for reference in ["a", "never"] {
        let path = format!("{PATH}/{ACCOUNT}/{reference}");
        assert_eq!(code(&get(&till, &path).await), (400, 2001));
        let body = json!({"smartloadId": ACCOUNT, "clientReference": reference});
        assert_eq!(
            code(&post(&till, "/smartload/batchfile", &body).await),
            (400, 2001)
        );
    }
    let foreign = get(&till, &format!("{PATH}/27820000000/a")).await;
    assert_eq!(code(&foreign), (403, 400));
}

#[tokio::test]
async fn an_order_takes_from_the_same_stock_and_is_refused_as_a_purchase_is() {
    let till = Till::with(|builder| builder.voucher_stock(2)).await;
    order(&till, "a", 2).await;
    for (product, quantity, expected) in [(66, 1, 18), (66, 0, 19), (62, 1, 9)] {
        let body = json!({"smartloadId": ACCOUNT, "clientReference": "b", "productId": product, "quantity": quantity});
        assert_eq!(
            code(&post(&till, PATH, &body).await),
            (400, expected),
            "{body}"
        );
    }
}
