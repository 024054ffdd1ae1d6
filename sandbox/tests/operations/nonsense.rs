//! Whatever is sent, the answer is one that the document knows, or the server's own 404, 413 and 415. What is documented is
//! checked by the sandbox itself; a departure would be a 500 here, and a panic when the till is closed.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::every::{filled, operations};
use crate::support::Till;

async fn send(till: &Till, method: &Method, path: &str, kind: &str, body: Vec<u8>) -> StatusCode {
    let request = till.http.request(method.clone(), till.url(0, path));
    let request = request
        .bearer_auth(&till.token)
        .header("Content-Type", kind);
    request.body(body).send().await.unwrap().status()
}

/// The operations that leave the token alone.
fn harmless() -> impl Iterator<Item = (Method, String)> {
    operations()
        .into_iter()
        .filter(|(_, path)| !path.starts_with("/auth"))
}

/// All members that a request can have, each with the same value.
fn everything(value: &Value) -> Value {
    let names = [
        "accountReference",
        "accountType",
        "agentId",
        "airtimeNetworkAutoCorrect",
        "altContactNumber",
        "amount",
        "bundleId",
        "businessOwnerIdDetails",
        "clientReference",
        "deviceId",
        "endDate",
        "faceImage",
        "firstName",
        "idDetails",
        "idDocumentImage",
        "last4Iccid",
        "msisdn",
        "network",
        "paymentAmount",
        "paymentCellNumber",
        "pinless",
        "productId",
        "proofOfAddressImage",
        "quantity",
        "rechargeRequests",
        "recipientSmartloadId",
        "registrationType",
        "residentialAddress",
        "sendSms",
        "smsRecipientMsisdn",
        "startDate",
        "subscriberId",
        "surname",
    ];
    let mut body: serde_json::Map<_, _> = names
        .map(|name| (name.to_owned(), value.clone()))
        .into_iter()
        .collect();
    for account in ["smartloadId", "sourceSmartloadId"] {
        body.insert(account.to_owned(), json!("27810000001"));
    }
    body.into()
}

#[tokio::test]
async fn no_body_is_too_odd() {
    let till = Till::open().await;
    let odd = [
        json!(null),
        json!(true),
        json!(""),
        json!("\u{0}\u{FFFD}"),
        json!("'; --"),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(i64::MAX),
        json!(u64::MAX),
        json!([]),
        json!([[]]),
        json!([{}]),
        json!({}),
        json!({"id": {}}),
        json!("9".repeat(5000)),
        json!("2024-01-01"),
        json!("27821234567"),
        json!("1e400"),
        json!("-0"),
        json!("٣"),
    ];
    let mut bodies: Vec<Vec<u8>> = odd
        .iter()
        .map(|value| everything(value).to_string().into())
        .collect();
    bodies.extend(odd.iter().map(|value| value.to_string().into()));
    bodies.extend(
        [
            &b""[..],
            b"{",
            b"\xFF\xFE",
            b"{\"amount\":1e999999}",
            b"{\"a\":1}{}",
        ]
        .map(Vec::from),
    );
    for (method, path) in harmless() {
        for body in &bodies {
            let path = filled(&path, "27810000001");
            let status = send(&till, &method, &path, "application/json", body.clone()).await;
            let known = [200, 400, 403].contains(&status.as_u16());
            assert!(
                known,
                "{method} {path} {status}: {}",
                String::from_utf8_lossy(body)
            );
        }
    }
}

#[tokio::test]
async fn no_path_is_too_odd() {
    let till = Till::open().await;
    for (method, path) in harmless().filter(|(_, path)| path.contains('{')) {
        for value in [
            "%00",
            "%FF%FE",
            "%2F",
            "..%2F",
            "-1",
            "1e9",
            "99999999999999999999999",
            "%20",
            "null",
            "a;b",
            "%25",
            "é",
            "*",
        ] {
            let path = filled(&path, value);
            let status = send(&till, &method, &path, "application/json", Vec::new()).await;
            let known = [200, 400, 403].contains(&status.as_u16());
            assert!(known, "{method} {path} {status}");
        }
    }
}

#[tokio::test]
async fn another_verb_is_404_and_another_kind_of_content_415() {
    let till = Till::open().await;
    let operations = operations();
    for (_, path) in &operations {
        for method in [Method::PUT, Method::PATCH, Method::OPTIONS, Method::TRACE] {
            let status = send(
                &till,
                &method,
                &filled(path, "1"),
                "application/json",
                Vec::new(),
            )
            .await;
            assert_eq!(status, 404, "{method} {path}");
        }
    }
    let posts = operations
        .iter()
        .filter(|(method, path)| *method == Method::POST && path != "/auth");
    for (method, path) in posts {
        for kind in [
            "text/plain",
            "application/xml",
            "multipart/form-data; boundary=x",
            "json",
        ] {
            assert_eq!(
                send(&till, method, path, kind, b"{}".to_vec()).await,
                415,
                "{path} {kind}"
            );
        }
    }
}

#[tokio::test]
async fn a_body_of_more_than_four_megabytes_is_413() {
    let till = Till::open().await;
    let body = vec![b' '; (4 << 20) + 1];
    let path = "/smartload/recharges";
    assert_eq!(
        send(&till, &Method::POST, path, "application/json", body).await,
        413
    );
}
