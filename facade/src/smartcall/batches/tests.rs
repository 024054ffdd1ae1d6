//! Each row of the table, on the bytes of an answer to a batch of two.

use super::*;
use crate::domain::Timestamp;
use crate::recovery::{Advice, Denial};
use crate::smartcall::answers::{answer, runtime};

fn intent(reference: &str) -> Intent {
    let order = RechargeOrder::new(
        "0821234567".parse().expect("a number"),
        "62".parse().expect("a product"),
        "10".parse().expect("an amount"),
    )
    .with_reference(reference.parse().expect("a reference"));
    order.intent(BATCH, "27830000001".into(), Timestamp(0))
}

/// The verdicts of the sales `a` and `b`.
fn verdicts(status: u16, body: &str) -> [Verdict; 2] {
    let (a, b) = (intent("a"), intent("b"));
    let Delivery::Answered(read) =
        runtime().block_on(async { answered(answer(status, body).await, read) })
    else {
        panic!("not answered")
    };
    read.verdicts(&[&a, &b]).try_into().expect("two verdicts")
}

fn batch(code: &str, rows: &[&str]) -> String {
    format!(
        r#"{{"error":null,"responseCode":{code},"rechargeResponses":[{}]}}"#,
        rows.join(",")
    )
}

const WELL: &str = r#"{"clientReference":"a","error":null,"responseCode":"SUCCESS","recharge":{"orderReferenceId":17,"balance":5.00}}"#;
const FAILED: &str = r#"{"clientReference":"b","error":{"code":9,"message":"no"},"responseCode":"APP_ERROR","recharge":null}"#;

fn taken_in() -> Verdict {
    Verdict::Pending {
        provider_reference: Some("17".into()),
    }
}

fn witness(verdict: &Verdict) -> Option<Witness> {
    match verdict {
        Verdict::Refused(_, witness) => Some(*witness),
        _ => None,
    }
}

fn is_in_doubt(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Ambiguous(Doubt::Unlisted(_)))
}

#[test]
fn each_row_speaks_of_the_sale_that_it_names_in_whatever_order() {
    for rows in [[WELL, FAILED], [FAILED, WELL]] {
        let [a, b] = verdicts(200, &batch("\"PART_SUCCESS\"", &rows));
        assert_eq!(a, taken_in());
        let Verdict::Refused(refusal, Witness::None) = b else {
            panic!("{b:?}")
        };
        assert_eq!(
            (refusal.code, refusal.advice),
            (Some(9), Advice::DoNotRetry)
        );
    }
}

#[test]
fn a_sale_that_was_taken_in_is_pending_whatever_the_batch_says() {
    for code in ["\"SUCCESS\"", "\"FAILURE\"", "null", "\"TOMORROW\"", "7"] {
        assert_eq!(
            verdicts(200, &batch(code, &[WELL, FAILED]))[0],
            taken_in(),
            "{code}"
        );
    }
    let beside = batch("\"FAILURE\"", &[WELL]).replacen("null", r#"{"code":9,"message":"no"}"#, 1);
    assert_eq!(verdicts(200, &beside)[0], taken_in());
}

#[test]
fn a_row_that_failed_is_believed_only_as_far_as_the_batch_agrees() {
    for (code, expected) in [
        ("\"PART_SUCCESS\"", Some(Witness::None)),
        ("\"FAILURE\"", Some(Witness::None)),
        ("null", Some(Witness::Windows)),
        ("\"TOMORROW\"", Some(Witness::Windows)),
        ("\"SUCCESS\"", None),
    ] {
        let [_, b] = verdicts(200, &batch(code, &[WELL, FAILED]));
        assert_eq!(witness(&b), expected, "{code}: {b:?}");
        assert!(expected.is_some() || is_in_doubt(&b), "{code}: {b:?}");
    }
}

#[test]
fn a_sale_that_no_row_names_or_several_do_is_in_doubt() {
    let nameless = WELL.replace(r#""clientReference":"a","#, "");
    for rows in [
        vec![],
        vec![FAILED],
        vec![nameless.as_str(), FAILED],
        vec![WELL, WELL],
        vec![
            WELL,
            r#"{"clientReference":"a","error":{"code":9,"message":"no"}}"#,
        ],
        vec!["null", "7", "\"a\"", "[]", FAILED],
    ] {
        for code in ["\"SUCCESS\"", "\"PART_SUCCESS\"", "\"FAILURE\""] {
            let [a, _] = verdicts(200, &batch(code, &rows));
            assert!(is_in_doubt(&a), "{code} {rows:?}: {a:?}");
        }
    }
}

#[test]
fn a_row_that_nobody_can_read_does_not_take_the_others_with_it() {
    let [a, b] = verdicts(
        200,
        &batch("\"PART_SUCCESS\"", &["null", "7", WELL, "\"x\"", FAILED]),
    );
    assert_eq!((a, witness(&b)), (taken_in(), Some(Witness::None)));
}

#[test]
fn a_request_that_is_refused_whole_may_have_been_taken_in_in_part() {
    let limit = r#"{"error":{"code":1007,"message":"max 100"},"responseCode":"BATCH_LIMIT_EXCEEDED","rechargeResponses":null}"#;
    for (status, body) in [
        (200, limit),
        (400, limit),
        (400, r#"{"code":12,"message":"no dealer"}"#),
        (404, ""),
    ] {
        for verdict in verdicts(status, body) {
            assert_eq!(witness(&verdict), Some(Witness::Windows), "{status} {body}");
        }
    }
    let foreign_account = r#"{"code":400,"message":"not registered to your account"}"#;
    for verdict in verdicts(403, foreign_account) {
        assert_eq!(witness(&verdict), Some(Witness::None));
    }
}

#[test]
fn who_is_not_let_in_is_not_let_in_as_a_whole() {
    let login = |text: &str| format!(r#"{{"responseDescription":"{text}","accessToken":null}}"#);
    assert_eq!(
        verdicts(401, &login("Token validation failed")),
        [Verdict::TokenRefused, Verdict::TokenRefused]
    );
    let denied = Verdict::Denied(Denial::SourceAddress);
    assert_eq!(
        verdicts(401, &login("Source IP is not authorised")),
        [denied.clone(), denied]
    );
}

#[test]
fn everything_else_is_in_doubt() {
    for (status, body) in [
        (200, "null"),
        (200, "<html></html>"),
        (200, "[]"),
        (200, r#"{"error":null,"responseCode":"SUCCESS"}"#),
        (
            200,
            r#"{"error":null,"responseCode":"SUCCESS","rechargeResponses":"all well"}"#,
        ),
        (500, ""),
        (502, "<html></html>"),
    ] {
        for verdict in verdicts(status, body) {
            assert!(is_in_doubt(&verdict), "{status} {body}: {verdict:?}");
        }
    }
    for verdict in verdicts(503, "") {
        assert_eq!(
            verdict,
            Verdict::Ambiguous(Doubt::Busy { retry_after: None })
        );
    }
    // Nothing is taken from a row of an answer that is itself none of the vendor's.
    for verdict in verdicts(500, &batch("\"PART_SUCCESS\"", &[WELL, FAILED])) {
        assert!(is_in_doubt(&verdict), "{verdict:?}");
    }
}
