//! Bodies, headers and status codes, byte for byte.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;

use reqwest::Method;
use support::{Till, airtime, raw};

/// The host and port behind a base URL.
fn address(till: &Till) -> String {
    till.sandbox.base_urls()[0]
        .replace("http://", "")
        .replace("/webservice", "")
}

/// Sends one request over a socket and takes the answer apart: status line, headers as spelled, body.
fn exchange(till: &Till, head: &str, body: &str) -> (String, BTreeMap<String, String>, String) {
    let request = format!("{head}\r\nHost: x\r\nConnection: close\r\n\r\n{body}");
    let address = address(till);
    let answer = std::thread::spawn(move || raw(&address, &request))
        .join()
        .unwrap()
        .unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().to_owned();
    let headers = lines.map(|line| line.split_once(": ").unwrap());
    let headers = headers
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    (status, headers, body.to_owned())
}

const EVERYWHERE: [(&str, &str); 4] = [
    ("Server", "Apache-Coyote/1.1"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, POST, DELETE, PUT"),
    ("Access-Control-Allow-Headers", "Content-Type"),
];
const NO_CACHE: [(&str, &str); 3] = [
    ("Pragma", "No-cache"),
    ("Cache-Control", "no-cache"),
    ("Expires", "Thu, 01 Jan 1970 02:00:00 SAST"),
];

#[tokio::test(flavor = "multi_thread")]
async fn reads_and_writes_carry_the_recorded_headers() {
    let till = Till::open().await;
    let bearer = format!("Authorization: Bearer {}", till.token);
    let balance = "/webservice/smartload/balance/27810000001";
    let read = exchange(&till, &format!("GET {balance} HTTP/1.1\r\n{bearer}"), "");
    let body = airtime("a", "27821234567", 20).to_string();
    let head = format!(
        "POST /webservice/smartload/v2/recharges HTTP/1.1\r\n{bearer}\r\nContent-Type: application/json\r\nContent-Length: {}",
        body.len()
    );
    let write = exchange(&till, &head, &body);
    for (status, headers, _) in [&read, &write] {
        assert_eq!(status, "HTTP/1.1 200 OK");
        for (name, value) in EVERYWHERE {
            assert_eq!(headers.get(name).map(String::as_str), Some(value), "{name}");
        }
        assert_eq!(headers["Content-Type"], "application/json");
        assert_eq!(headers["Transfer-Encoding"], "chunked");
        assert!(headers.contains_key("Date"));
    }
    for (name, value) in NO_CACHE {
        assert_eq!(read.1.get(name).map(String::as_str), Some(value), "{name}");
        assert_eq!(write.1.get(name), None, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_paths_and_verbs_are_404_without_a_body() {
    let till = Till::open().await;
    for line in [
        "GET /webservice/nowhere",
        "PUT /webservice/auth",
        "DELETE /webservice/smartload/networks",
        "PATCH /webservice/smartload/recharges",
        "GET /webservice/Smartload/networks",
    ] {
        let (status, headers, body) = exchange(&till, &format!("{line} HTTP/1.1"), "");
        assert_eq!(status, "HTTP/1.1 404 Not Found", "{line}");
        assert_eq!(headers["Content-Length"], "0", "{line}");
        assert_eq!(headers.get("Content-Type"), None, "{line}");
        assert_eq!(headers.get("Allow"), None, "{line}");
        assert_eq!(body, "", "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn content_is_negotiated_before_authentication() {
    let till = Till::open().await;
    for kind in [
        "Content-Length: 0",
        "Content-Type: text/plain\r\nContent-Length: 2",
        "Content-Length: 2",
    ] {
        let head = format!(
            "POST /webservice/smartload/recharges HTTP/1.1\r\nAuthorization: Bearer dead\r\n{kind}"
        );
        let body = if kind.ends_with('2') { "{}" } else { "" };
        let (status, headers, page) = exchange(&till, &head, body);
        assert_eq!(status, "HTTP/1.1 415 Unsupported Media Type");
        assert_eq!(headers["Content-Type"], "text/html;charset=utf-8");
        assert_eq!(headers["Content-Length"], page.len().to_string());
        assert!(
            page.contains("<h1>JBWEB000065: HTTP Status 415 - </h1>"),
            "{page}"
        );
    }
    let json = "Content-Type: application/json;charset=UTF-8\r\nContent-Length: 2";
    let head = format!(
        "POST /webservice/smartload/recharges HTTP/1.1\r\nAuthorization: Bearer dead\r\n{json}"
    );
    assert_eq!(exchange(&till, &head, "{}").0, "HTTP/1.1 401 Unauthorized");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_is_a_bare_number_that_saves_the_body() {
    let till = Till::open().await;
    let bearer = format!("Authorization: Bearer {}", till.token);
    for path in ["products/22", "networks/1", "networks"] {
        let line = format!("GET /webservice/smartload/{path} HTTP/1.1\r\n{bearer}");
        let (_, headers, _) = exchange(&till, &line, "");
        let tag = &headers["Etag"];
        assert!(tag.parse::<i32>().is_ok(), "{tag}");
        let (status, headers, body) =
            exchange(&till, &format!("{line}\r\nIf-None-Match: {tag}"), "");
        assert_eq!(
            (status.as_str(), body.as_str()),
            ("HTTP/1.1 304 Not Modified", "")
        );
        assert_eq!(headers["Etag"], *tag);
        let (status, _, body) = exchange(&till, &format!("{line}\r\nIf-None-Match: 1"), "");
        assert_eq!(status, "HTTP/1.1 200 OK");
        assert!(!body.is_empty());
    }
}

#[tokio::test]
async fn the_catalogue_has_the_shape_of_the_real_one() {
    let till = Till::open().await;
    let row = |sms: bool| {
        format!(
            r#"{{"id":22,"name":"2000 SMS-R450","description":"2000 SMS-R450","typeCode":"S ","minAmount":450.0000,"maxAmount":450.0000,"discountPercentage":5.5000,"retailValue":450.0000,"pinIndicator":false,"smsIndicator":{sms},"rechargeIndicator":true,"paymentIndicator":false}}"#
        )
    };
    let expected = format!(r#"{{"products":[{},{}]}}"#, row(false), row(true));
    assert_eq!(till.get("/smartload/products/22").await, (200, expected));
    let (_, networks) = till.get("/smartload/networks").await;
    assert!(networks.starts_with(r#"{"networks":[{"id":1,"description":"Vodacom","productTypes":[{"id":1,"code":"A ","description":"Airtime","fixedAmount":false,"products":[{"id":62,"#));
    let (_, network) = till.get("/smartload/networks/1").await;
    assert!(network.starts_with(r#"{"id":1,"description":"Vodacom","productTypes":["#));
    assert!(network.contains(r#""minAmount":2.0000,"maxAmount":1000.0000,"discountPercentage":5.5000,"retailValue":99999.9900"#));
    assert_eq!(till.get("/smartload/products/4711").await.0, 400);
    assert_eq!(till.get("/smartload/networks/4711").await.0, 400);
    assert_eq!(till.get("/smartload/products/airtime").await.0, 400);
}

#[tokio::test]
async fn small_reads_answer_in_full() {
    let till = Till::open().await;
    let expected = [
        ("/test/ping", r#"{"response":"Pong"}"#),
        (
            "/smartload/balance/27810000001",
            r#"{"error":null,"responseCode":"SUCCESS","balance":100000.0000}"#,
        ),
        (
            "/smartload/registered/27820000000",
            r#"{"error":null,"responseCode":"SUCCESS","registered":true}"#,
        ),
        (
            "/smartload/registered/27829999999",
            r#"{"error":null,"responseCode":"SUCCESS","registered":false}"#,
        ),
        (
            "/utilities/health",
            r#"{"vodacom":"UP","mtn":"UP","cellc":"UP","telkom":"UP","virgin":"UP"}"#,
        ),
        (
            "/utilities/simnetwork/27810000001",
            r#"{"msisdn":"27810000001","queryDate":"2024-01-01 02:00:00","ported":false,"network":"Telkom Mobile","error":null}"#,
        ),
    ];
    for (path, body) in expected {
        assert_eq!(till.get(path).await, (200, body.to_owned()), "{path}");
    }
    let ping = till
        .http
        .get(till.url(1, "/test/ping"))
        .send()
        .await
        .unwrap();
    assert_eq!(ping.status(), 200, "ping asks for no token");
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let till = Till::open().await;
    let first = till.call(Method::GET, 0, "/test/ping").await;
    let port = |answer: &reqwest::Response| answer.remote_addr().unwrap().port();
    let before = port(&first);
    first.text().await.unwrap();
    assert_eq!(port(&till.call(Method::GET, 0, "/test/ping").await), before);
    assert!(
        till.call(Method::GET, 0, "/test/ping")
            .await
            .headers()
            .get("connection")
            .is_none()
    );
}
