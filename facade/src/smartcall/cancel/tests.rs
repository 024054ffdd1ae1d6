//! Each code of Table 4, and that nothing else is a cancellation or a refusal.

use super::*;
use crate::recovery::Delivery;
use crate::smartcall::answers::{answer, runtime};
use crate::smartcall::reading::coded;
use crate::smartcall::recharges::answered;

fn told(status: u16, body: &str) -> Result<Cancellation, ReadError> {
    let delivery = runtime().block_on(answer::<types::BaseResponse>(status, body));
    match answered(delivery, coded) {
        Delivery::Answered(reading) => read(reading),
        other => panic!("not answered: {other:?}"),
    }
}

fn is_unclear(told: &Result<Cancellation, ReadError>) -> bool {
    matches!(told, Ok(Cancellation::Unclear(_)))
}

#[test]
fn accepted_is_not_cancelled() {
    let accepted = r#"{"error":null,"responseCode":"SUCCESS"}"#;
    assert_eq!(told(200, accepted).ok(), Some(Cancellation::Requested));
    for (status, body) in [
        (201, accepted),
        (400, accepted),
        (500, accepted),
        (200, r#"{"error":null,"responseCode":null}"#),
        (200, r#"{"error":null,"responseCode":"SYS_ERROR"}"#),
        (
            200,
            r#"{"error":{"code":0,"message":"SUCCESS"},"responseCode":"SUCCESS"}"#,
        ),
        (
            200,
            r#"{"error":{"code":6,"message":"x"},"responseCode":"SUCCESS"}"#,
        ),
        (200, "{}"),
        (200, "null"),
        (200, "<html></html>"),
    ] {
        assert!(is_unclear(&told(status, body)), "{status} {body}");
    }
}

#[test]
fn each_code_says_what_table_4_says_bare_or_wrapped() {
    use CancelRefusal::*;
    for (code, expected) in [
        (1, Cancellation::Refused(Channel)),
        (3, Cancellation::Refused(UnknownReference)),
        (4, Cancellation::Refused(UnknownSmartloadReference)),
        (5, Cancellation::Refused(PinIssued)),
        (6, Cancellation::Refused(AtTheNetwork)),
        (7, Cancellation::Cancelled),
        (100, Cancellation::Refused(NoReference)),
    ] {
        let error = format!(r#"{{"code":{code},"message":"said {code}"}}"#);
        let wrapped = format!(r#"{{"error":{error},"responseCode":"APP_ERROR"}}"#);
        for (status, body) in [(400, &error), (400, &wrapped), (200, &wrapped)] {
            assert_eq!(
                told(status, body).ok(),
                Some(expected.clone()),
                "{status} {body}"
            );
        }
        if let Cancellation::Refused(refusal) = expected {
            assert_eq!(refusal.code().as_str(), code.to_string());
            assert!(refusal.code().is_known());
        }
    }
    for code in [0, 2, 8, 9, 10, 99, 101, 1001, -1] {
        let error = format!(r#"{{"code":{code},"message":"said {code}"}}"#);
        assert!(is_unclear(&told(400, &error)), "{code}");
    }
}

#[test]
fn what_somebody_else_wrote_is_unclear_and_a_foreign_account_an_error() {
    for (status, body) in [
        (400, r#"{"code":6,"message":"invalid","details":[]}"#),
        (400, ""),
        (404, ""),
        (500, r#"{"code":6,"message":"x"}"#),
        (403, "<html></html>"),
    ] {
        assert!(is_unclear(&told(status, body)), "{status} {body}");
    }
    assert!(matches!(
        told(503, ""),
        Ok(Cancellation::Unclear(Doubt::Busy { .. }))
    ));
    let foreign = told(
        403,
        r#"{"code":400,"message":"not registered to your account"}"#,
    );
    assert!(matches!(
        foreign,
        Err(ReadError::Service {
            status: 403,
            code: Some(400),
            ..
        })
    ));
}
