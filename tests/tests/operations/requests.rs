//! What the facade sends is what the document allows.

use std::collections::BTreeSet;

use crate::check::{Request, check};
use crate::shop::Shop;
use crate::table::{Claim, HOT, Row, SMARTCALL, Service, services};

#[test]
fn the_table_has_one_row_for_each_operation() {
    for service in services() {
        let rows: Vec<_> = service.rows.iter().map(|row| row.operation).collect();
        let documented: Vec<_> = service.operations.iter().map(|one| one.id).collect();
        assert_eq!(
            rows, documented,
            "{}: in the order of the document",
            service.api
        );
    }
}

#[tokio::test]
async fn every_function_of_smartcall_sends_its_operation_as_the_document_has_it() {
    assert_valid(&SMARTCALL).await;
}

#[tokio::test]
async fn every_function_of_hot_sends_its_operation_as_the_document_has_it() {
    assert_valid(&HOT).await;
}

async fn assert_valid(service: &'static Service) {
    let mut problems = Vec::new();
    for row in service.rows {
        problems.extend(problems_of(service, row).await);
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

async fn problems_of(service: &'static Service, row: &Row) -> Vec<String> {
    let Claim::Is((function, drive)) = row.facade else {
        return Vec::new();
    };
    let shop = Shop::open(service);
    drive(&shop).await;
    let mut problems = BTreeSet::new();
    let mut sent = BTreeSet::new();
    for request in shop.log() {
        match check(service, &request) {
            Ok(operation) => {
                sent.insert(operation.id);
            }
            Err(wrong) => {
                let operation = service.operation(&request.method, &request.path);
                let name = operation.map_or("?", |operation| operation.id);
                sent.insert(name);
                let line = format!("{} {}", request.method, request.path);
                problems.extend(
                    wrong
                        .iter()
                        .map(|what| format!("{function}: {name} ({line}): {what}")),
                );
            }
        }
    }
    if !sent.contains(row.operation) {
        problems.insert(format!(
            "{function} sent {sent:?} and not {}",
            row.operation
        ));
    }
    problems.into_iter().collect()
}

fn sale() -> Request {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let body = r#"{"smartloadId":"27830000001","clientReference":"r","smsRecipientMsisdn":"27821234567",
        "deviceId":"27821234567","productId":62,"amount":29.50,"sendSms":false}"#;
    Request {
        method: "POST".to_owned(),
        path: "/webservice/smartload/v2/recharges".to_owned(),
        query: Vec::new(),
        headers: vec![
            header("authorization", "Bearer token"),
            header("accept", "application/json"),
            header("content-type", "application/json"),
        ],
        body: body.as_bytes().to_vec(),
    }
}

fn get(path: &str) -> Request {
    let mut request = sale();
    request.method = "GET".to_owned();
    request.path = format!("/webservice{path}");
    request.headers.retain(|(name, _)| name != "content-type");
    request.body.clear();
    request
}

fn with_body(from: &str, to: &str) -> Request {
    let mut request = sale();
    let body = String::from_utf8(request.body).unwrap();
    assert!(body.contains(from), "{body}");
    request.body = body.replace(from, to).into_bytes();
    request
}

fn with_header(name: &str, value: Option<&str>) -> Request {
    let mut request = sale();
    request.headers.retain(|(header, _)| header != name);
    let value = value.map(|value| (name.to_owned(), value.to_owned()));
    request.headers.extend(value);
    request
}

#[test]
fn a_request_that_departs_from_the_document_is_found() {
    for good in [
        sale(),
        get("/smartload/products/62"),
        get("/smartload/networks"),
        with_body("29.50", "29.5"),
    ] {
        let found = check(&SMARTCALL, &good);
        assert!(found.is_ok(), "{found:?}");
    }
    let mut queried = get("/smartload/networks");
    queried.query.push(("page".to_owned(), "1".to_owned()));
    let mut loaded = sale();
    loaded.path = "/webservice/smartload/networks".to_owned();
    loaded.method = "GET".to_owned();
    let mut free = get("/test/ping");
    free.headers.retain(|(name, _)| name == "authorization");
    for (bad, what) in [
        (get("/smartload/elsewhere"), "no such operation"),
        (get("/smartload/products/abc"), "integer"),
        (queried, "the query's page"),
        (loaded, "a body where none"),
        (free, "authorization where none"),
        (with_body("\"amount\":29.50,", ""), "amount"),
        (with_body("29.50", "\"29.50\""), "/amount"),
        (with_body("62", "62.5"), "/productId"),
        (with_body("sendSms", "sendSMS"), "sendSMS"),
        (with_body("}", ""), "no JSON"),
        (
            with_header("content-type", Some("text/plain")),
            "content type",
        ),
        (with_header("content-type", None), "content type"),
        (with_header("authorization", None), "authorizations"),
        (
            with_header("authorization", Some("Basic dTpw")),
            "authorizations",
        ),
        (
            with_header("authorization", Some("Bearer ")),
            "authorizations",
        ),
        (with_header("accept", Some("text/html")), "it accepts"),
        (with_header("x-more", Some("1")), "the header x-more"),
    ] {
        let found = check(&SMARTCALL, &bad).map(|operation| operation.id);
        let wrong = found.expect_err(what).join("; ");
        assert!(wrong.contains(what), "{what}: {wrong}");
    }
}
