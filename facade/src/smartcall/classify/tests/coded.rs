//! The operations that answer with `responseCode`: each row of their table, and that nothing else is a sale or a refusal.

use recharge_bindings::smartcall::types::RechargeResponse;

use super::super::*;
use super::{error, refused, unlisted};
use crate::smartcall::answers::{answer, runtime};
use crate::smartcall::recharges::answered;

fn verdict(status: u16, body: &str, success: Success) -> Verdict {
    runtime().block_on(async {
        let delivery = answer::<RechargeResponse>(status, body).await;
        judge(answered(delivery, reading::coded), success)
    })
}

fn taken_in(status: u16, body: &str) -> Verdict {
    verdict(status, body, Success::CodeTakenIn)
}

fn said(error: &str, response_code: &str) -> String {
    format!(r#"{{"error":{error},"responseCode":{response_code},"recharge":null}}"#)
}

#[test]
fn a_success_is_taken_in_or_sold_as_the_operation_has_it() {
    let body = r#"{"error":null,"responseCode":"SUCCESS","recharge":{"orderReferenceId":4711,"balance":99574.75}}"#;
    let provider_reference = Some("4711".to_owned());
    let pending = Verdict::Pending {
        provider_reference: provider_reference.clone(),
    };
    assert_eq!(taken_in(200, body), pending);
    let Verdict::Vended(vend) = verdict(200, body, Success::CodeSold) else {
        panic!("not vended");
    };
    assert_eq!(vend.provider_reference, provider_reference);
    assert_eq!(vend.balance, Some("99574.75".parse().expect("an amount")));
    // The same in the case that one client has seen it in.
    assert_eq!(taken_in(200, &body.replace("SUCCESS", "Success")), pending);
}

#[test]
fn a_success_that_anything_contradicts_is_unlisted() {
    for body in [
        said("null", "null"),
        said("null", "\"APP_ERROR\""),
        said("null", "3"),
        said(&error(9), "\"SUCCESS\""),
        r#"{"responseCode":"SUCCESS"}"#.into(),
        r#"{"error":"none","responseCode":"SUCCESS"}"#.into(),
        r#"{"error":null,"responseCode":"SUCCESS","statusCode":1}"#.into(),
        r#"{"error":null,"statusCode":0}"#.into(),
        "{}".into(),
        "null".into(),
        "[]".into(),
        "<html>".into(),
    ] {
        assert!(
            unlisted(&taken_in(200, &body)),
            "{body}: {:?}",
            taken_in(200, &body)
        );
    }
    let success = said("null", "\"SUCCESS\"");
    for status in [201, 202, 302, 400, 403, 408, 429, 500, 502] {
        let verdict = taken_in(status, &success);
        assert!(
            !matches!(verdict, Verdict::Vended(_) | Verdict::Pending { .. }),
            "{status}: {verdict:?}"
        );
    }
}

#[test]
fn a_failure_of_the_order_is_final_and_one_of_the_system_needs_the_windows() {
    let refused_with = |response_code: &str, code| {
        let body = said(&error(code), response_code);
        refused(&taken_in(200, &body)).map(|(_, advice, witness)| (advice, witness))
    };
    assert_eq!(
        refused_with("\"APP_ERROR\"", 18),
        Some((Advice::DoNotRetry, Witness::None))
    );
    assert_eq!(
        refused_with("\"SYS_ERROR\"", 1003),
        Some((Advice::NewReference, Witness::Windows))
    );
    assert_eq!(
        refused_with("\"SYS_ERROR\"", 123_456),
        Some((Advice::NewReference, Witness::Windows))
    );
    assert_eq!(
        refused_with("\"APP_ERROR\"", 123_456),
        Some((Advice::DoNotRetry, Witness::Windows))
    );
    assert_eq!(
        refused_with("\"TOMORROW\"", 18),
        Some((Advice::DoNotRetry, Witness::Windows))
    );
    assert_eq!(
        refused_with("{}", 18),
        Some((Advice::DoNotRetry, Witness::Windows))
    );
    // A bare error is the recorded form.
    assert_eq!(
        refused(&taken_in(400, &error(9))),
        Some((Some(9), Advice::DoNotRetry, Witness::None))
    );
}

#[test]
fn pending_and_duplicate_codes_are_no_failures_whatever_stands_beside_them() {
    for code in [1002, 1004, 1006] {
        let body = said(&error(code), "\"APP_ERROR\"");
        assert!(
            matches!(taken_in(200, &body), Verdict::Pending { .. }),
            "{code}"
        );
        assert!(
            matches!(taken_in(400, &error(code)), Verdict::Pending { .. }),
            "{code}"
        );
    }
    let body = said(&error(1001), "\"APP_ERROR\"");
    assert_eq!(taken_in(200, &body), Verdict::Ambiguous(Doubt::Duplicate));
}
