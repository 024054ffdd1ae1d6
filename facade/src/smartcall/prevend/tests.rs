//! What an answer to a prevend says, in the shapes that were seen and in others.

use recharge_bindings::smartcall::types;

use super::*;
use crate::recovery::Delivery;
use crate::smartcall::answers::{answer, runtime};
use crate::smartcall::reading::coded;
use crate::smartcall::recharges::answered;

fn told(status: u16, body: &str) -> Result<(), PrevendError> {
    let delivery = runtime().block_on(answer::<types::PrevendResponse>(status, body));
    match answered(delivery, coded) {
        Delivery::Answered(reading) => read(reading, "r".parse().expect("a reference")),
        other => panic!("not answered: {other:?}"),
    }
}

#[test]
fn only_success_without_anything_beside_it_says_that_a_recharge_would_go_through() {
    for body in [
        r#"{"responseCode":"SUCCESS","message":null}"#,
        r#"{"responseCode":"SUCCESS","message":"Approved","error":null}"#,
    ] {
        assert!(told(200, body).is_ok(), "{body}");
    }
    for (status, body) in [
        (201, r#"{"responseCode":"SUCCESS"}"#),
        (400, r#"{"responseCode":"SUCCESS"}"#),
        (
            200,
            r#"{"responseCode":"SUCCESS","error":{"code":9,"message":"x"}}"#,
        ),
        (200, r#"{"responseCode":"SUCCESS","statusCode":2}"#),
        (200, r#"{"responseCode":null,"message":null}"#),
        (200, r#"{"responseCode":"TOMORROW"}"#),
        (200, r#"{"responseCode":0}"#),
        (200, "{}"),
        (200, "null"),
        (500, "<html></html>"),
        (503, ""),
    ] {
        let told = told(status, body);
        assert!(
            matches!(told, Err(PrevendError::Lost { .. })),
            "{status} {body}: {told:?}"
        );
    }
}

#[test]
fn a_refusal_is_http_200_with_a_word_of_table_1() {
    for word in ["APP_ERROR", "SYS_ERROR", "INV_REQUEST"] {
        let body = format!(r#"{{"responseCode":"{word}","message":"No account for 27821234567"}}"#);
        let Err(PrevendError::Refused { code, message, .. }) = told(200, &body) else {
            panic!("{word}")
        };
        assert_eq!(code, Code::new(Table::Response, word));
        assert_eq!(message, "No account for ***567");
    }
    for status in [400, 403] {
        let Err(PrevendError::Refused { code, .. }) = told(status, r#"{"code":9,"message":"x"}"#)
        else {
            panic!("HTTP {status}")
        };
        assert_eq!(code, Code::new(Table::Recharge, 9));
    }
}
