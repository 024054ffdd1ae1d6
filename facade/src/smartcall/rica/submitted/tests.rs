use std::time::Duration;

use recharge_bindings::smartcall::types::RegistrationResponse;

use super::*;
use crate::recovery::Loss;

fn read(status: u16, body: &str) -> Result<Submitted, SubmitError> {
    let typed = (status == 200)
        .then(|| serde_json::from_str::<RegistrationResponse>(body).ok())
        .flatten();
    let body = typed.map_or_else(|| Body::Raw(body.to_owned().into()), Body::Typed);
    let answer = Answer {
        status,
        retry_after: Some(Duration::ZERO),
        body,
    };
    outcome(Delivery::Answered(answer), "ask")
}

fn accepted(reference: Option<&str>) -> Submitted {
    Submitted::Accepted(reference.map(|text| text.parse().expect("a reference")))
}

fn told(status: u16, body: &str) -> Submitted {
    read(status, body).expect("no error")
}

#[test]
fn a_success_in_so_many_words_is_accepted() {
    for (body, reference) in [
        (
            r#"{"error":null,"responseCode":"SUCCESS","ricaReference":"R-1"}"#,
            Some("R-1"),
        ),
        (
            r#"{"error":null,"responseCode":"Success","ricaReference":" R-1 "}"#,
            Some("R-1"),
        ),
        (
            r#"{"responseCode":"Success","ricaReference":12345}"#,
            Some("12345"),
        ),
        (
            r#"{"error":null,"responseCode":"0","ricaReference":null}"#,
            None,
        ),
        (r#"{"error":null,"responseCode":0}"#, None),
        (
            r#"{"error":null,"responseCode":null,"ricaReference":"R-1"}"#,
            Some("R-1"),
        ),
        (
            r#"{"error":null,"responseCode":"SUCCESS","ricaReference":{}}"#,
            None,
        ),
    ] {
        assert_eq!(told(200, body), accepted(reference), "{body}");
    }
}

#[test]
fn a_failure_in_so_many_words_is_refused_with_its_code() {
    let code = |number| Some(RicaCode::new(number));
    for (status, body, expected) in [
        (400, r#"{"code":36,"message":"in process"}"#, code(36)),
        (403, r#"{"code":400,"message":"not yours"}"#, code(400)),
        (200, r#"{"code":1010,"message":"no expiry"}"#, code(1010)),
        (
            200,
            r#"{"error":{"code":50,"message":"m"},"responseCode":"APP_ERROR","ricaReference":null}"#,
            code(50),
        ),
        (
            200,
            r#"{"error":{"code":999,"message":"m"},"responseCode":"APP_ERROR"}"#,
            code(999),
        ),
        (
            400,
            r#"{"error":{"code":11,"message":"m"},"responseCode":null}"#,
            code(11),
        ),
        (
            200,
            r#"{"error":{"message":"m"},"responseCode":"51"}"#,
            code(51),
        ),
        (200, r#"{"error":null,"responseCode":"14"}"#, code(14)),
        (
            200,
            r#"{"error":{"code":16,"message":"m"},"responseCode":"SYS_ERROR"}"#,
            code(16),
        ),
        (404, "", None),
        (405, "<html>", None),
        (413, "", None),
        (415, "<html>", None),
    ] {
        match told(status, body) {
            Submitted::Refused(refusal) => assert_eq!(refusal.code, expected, "{status} {body}"),
            other => panic!("{status} {body}: {other:?}"),
        }
    }
}

#[test]
fn everything_else_is_not_known() {
    for (status, body) in [
        (200, "<html>"),
        (200, ""),
        (200, "{}"),
        (200, r#"{"error":null}"#),
        (200, r#"{"error":null,"responseCode":"PENDING"}"#),
        (200, r#"{"error":null,"responseCode":"APP_ERROR"}"#),
        (
            200,
            r#"{"error":{"code":2,"message":"m"},"responseCode":"SUCCESS"}"#,
        ),
        (
            200,
            r#"{"error":{"code":2,"message":"m"},"responseCode":"APP_ERROR","ricaReference":"R-1"}"#,
        ),
        (
            200,
            r#"{"error":{"code":777,"message":"m"},"responseCode":"SYS_ERROR"}"#,
        ),
        (200, r#"{"error":"no","responseCode":"SUCCESS"}"#),
        (200, r#"{"code":0,"message":"SUCCESS"}"#),
        (200, r#"{"code":36,"message":"m","more":1}"#),
        (400, r#"{"code":0,"message":"SUCCESS"}"#),
        (
            400,
            r#"{"error":null,"responseCode":"SUCCESS","ricaReference":"R-1"}"#,
        ),
        (400, "<html>"),
        (400, ""),
        (401, "<html>"),
        (403, "<html>"),
        (307, ""),
        (408, ""),
        (429, ""),
        (500, r#"{"code":36,"message":"m"}"#),
        (502, ""),
        (503, ""),
        (504, "<html>"),
    ] {
        match told(status, body) {
            Submitted::Unknown(unknown) => assert_eq!(unknown.enquiry, "ask"),
            other => panic!("{status} {body}: {other:?}"),
        }
    }
}

#[test]
fn what_was_not_sent_or_not_looked_at_is_an_error() {
    let not_sent = outcome::<RegistrationResponse>(Delivery::NotSent(Obstacle("x".into())), "ask");
    assert!(matches!(not_sent, Err(SubmitError::NotSent(_))));
    let body = r#"{"responseDescription":"Authorization denied. Token validation failed"}"#;
    assert!(matches!(
        read(401, body),
        Err(SubmitError::Denied(Denial::Credentials(_)))
    ));
    let body = r#"{"responseDescription":"Source IP is not authorised"}"#;
    assert!(matches!(
        read(401, body),
        Err(SubmitError::Denied(Denial::SourceAddress))
    ));
}

#[test]
fn a_lost_answer_is_a_value() {
    for loss in [Loss::Timeout, Loss::Disconnected, Loss::Unreadable] {
        let lost = outcome::<RegistrationResponse>(Delivery::MaybeSent(loss.clone()), "ask");
        let Ok(Submitted::Unknown(unknown)) = lost else {
            panic!("{lost:?}");
        };
        assert_eq!(unknown.reason, loss.to_string());
    }
}

#[test]
fn a_reference_that_would_be_another_path_is_refused() {
    for text in [
        "",
        ".",
        "..",
        "a b",
        "a\\b",
        "é",
        "a\n",
        "-",
        &"x".repeat(65),
    ] {
        let refused = text.parse::<RicaReference>().expect_err(text);
        assert_eq!(refused.field(), "rica_reference");
    }
    for text in ["1", "R/1", "a-b_c.d", &"x".repeat(64)] {
        let reference: RicaReference = text.parse().expect(text);
        assert_eq!(reference.to_string(), text);
    }
}
