//! Every row of the table, on the bytes of an answer; and that nothing outside of it is a sale or a refusal.

mod coded;
mod properties;
mod transfers;

use rust_decimal::Decimal;

use super::*;
use crate::recovery::{Loss, Obstacle};
use crate::smartcall::answers::{answer, runtime};
use crate::smartcall::reading;
use crate::smartcall::recharges::answered;

const AIRTIME: u32 = 62;

async fn read(status: u16, body: impl Into<Vec<u8>>, product: u32) -> Verdict {
    judge(
        answered(answer(status, body).await, reading::sale),
        Success::of(product),
    )
}

fn verdict(status: u16, body: &str) -> Verdict {
    runtime().block_on(read(status, body, AIRTIME))
}

/// The shape of the synchronous recharge.
fn wrapped(error: &str, status_code: &str) -> String {
    format!(
        r#"{{"error":{error},"statusCode":{status_code},"statusMessage":null,"recharge":null}}"#
    )
}

fn error(code: i64) -> String {
    format!(r#"{{"code":{code},"message":"said {code}"}}"#)
}

fn refused(verdict: &Verdict) -> Option<(Option<i64>, Advice, Witness)> {
    match verdict {
        Verdict::Refused(refusal, witness) => Some((refusal.code, refusal.advice, *witness)),
        _ => None,
    }
}

fn unlisted(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Ambiguous(Doubt::Unlisted(_)))
}

#[test]
fn what_never_left_was_not_sent_and_what_has_no_answer_is_in_doubt() {
    let obstacle = Obstacle("refused".into());
    assert_eq!(
        judge(Delivery::NotSent(obstacle.clone()), Success::Sold),
        Verdict::NotSent(obstacle)
    );
    for loss in [Loss::Timeout, Loss::Disconnected, Loss::Unreadable] {
        assert_eq!(
            judge(Delivery::MaybeSent(loss.clone()), Success::Sold),
            Verdict::Ambiguous(Doubt::Lost(loss))
        );
    }
}

#[test]
fn a_success_is_http_200_with_error_null_and_status_code_0() {
    let body = r#"{"error":null,"statusCode":0,"statusMessage":"ok","recharge":{"orderReferenceId":4711,"balance":99574.7500,"voucherPin":" 1234 5678 "}}"#;
    let Verdict::Vended(vend) = verdict(200, body) else {
        panic!("{:?}", verdict(200, body));
    };
    assert_eq!(vend.provider_reference.as_deref(), Some("4711"));
    assert_eq!(
        vend.balance.as_ref().map(Decimal::to_string).as_deref(),
        Some("99574.7500")
    );
    assert_eq!(vend.receipt.pins[0].code.expose(), "1234 5678");
}

#[test]
fn a_success_without_details_or_with_members_that_nobody_knows_is_a_success_all_the_same() {
    for body in [
        r#"{"error":null,"statusCode":0}"#,
        r#"{"error":null,"statusCode":0,"recharge":null,"tomorrow":[1,2]}"#,
        r#"{"error":null,"statusCode":0,"recharge":"what is this"}"#,
        r#"{"error":null,"statusCode":0,"recharge":{"orderReferenceId":"x","balance":"R1"}}"#,
        r#"{"error":null,"statusCode":0,"responseCode":"SUCCESS"}"#,
    ] {
        assert!(matches!(verdict(200, body), Verdict::Vended(_)), "{body}");
    }
}

#[test]
fn electricity_is_never_final_at_once() {
    let body = r#"{"error":null,"statusCode":0,"recharge":{"orderReferenceId":4711}}"#;
    for product in [23, 47, 220] {
        let pending = Verdict::Pending {
            provider_reference: Some("4711".into()),
        };
        assert_eq!(runtime().block_on(read(200, body, product)), pending);
    }
}

#[test]
fn a_success_of_another_status_is_not_believed() {
    for status in [
        201, 202, 204, 206, 301, 307, 400, 404, 409, 500, 502, 503, 504,
    ] {
        let found = verdict(status, r#"{"error":null,"statusCode":0,"recharge":null}"#);
        assert!(!matches!(found, Verdict::Vended(_)), "HTTP {status}");
        assert_ne!(
            refused(&found).map(|(.., witness)| witness),
            Some(Witness::None),
            "HTTP {status}"
        );
    }
}

#[test]
fn pending_wins_over_everything_that_stands_beside_it() {
    for status in [200, 400, 403, 404, 500, 503] {
        for code in [1002, 1004, 1006] {
            for status_code in ["0", "1", "2", "3", "null", "\"2\""] {
                let body = wrapped(&error(code), status_code);
                assert!(
                    matches!(verdict(status, &body), Verdict::Pending { .. }),
                    "{status} {body}"
                );
            }
            assert!(
                matches!(verdict(status, &error(code)), Verdict::Pending { .. }),
                "{status} {code}"
            );
        }
        for code in [2, 9, 15, 1003, 1005, 9999] {
            let body = wrapped(&error(code), "3");
            assert!(
                matches!(verdict(status, &body), Verdict::Pending { .. }),
                "{status} {body}"
            );
        }
        assert!(matches!(
            verdict(status, &wrapped("null", "3")),
            Verdict::Pending { .. }
        ));
    }
}

#[test]
fn a_duplicate_is_in_doubt_and_never_a_refusal() {
    for status in [200, 400, 403, 500, 503] {
        for status_code in ["0", "1", "2", "null"] {
            let found = verdict(status, &wrapped(&error(1001), status_code));
            assert_eq!(
                found,
                Verdict::Ambiguous(Doubt::Duplicate),
                "{status} {status_code}"
            );
        }
        assert_eq!(
            verdict(status, &error(1001)),
            Verdict::Ambiguous(Doubt::Duplicate)
        );
    }
}

#[test]
fn each_code_of_table_3_with_status_code_2_or_none_says_what_the_table_says() {
    use Advice::{Configuration, DoNotRetry, NewReference};
    for (code, advice) in [
        (2, NewReference),
        (3, Configuration),
        (5, DoNotRetry),
        (6, DoNotRetry),
        (8, DoNotRetry),
        (9, DoNotRetry),
        (10, DoNotRetry),
        (12, Configuration),
        (15, Configuration),
        (17, DoNotRetry),
        (18, DoNotRetry),
        (19, DoNotRetry),
        (1003, DoNotRetry),
        (1007, DoNotRetry),
    ] {
        // Whoever is told to sell again must be sure of this one.
        let witness = if advice == NewReference {
            Witness::Enquiry
        } else {
            Witness::None
        };
        for status in [200, 400] {
            for status_code in ["2", "null"] {
                let found = verdict(status, &wrapped(&error(code), status_code));
                assert_eq!(
                    refused(&found),
                    Some((Some(code), advice, witness)),
                    "{status} {code}"
                );
            }
        }
        assert_eq!(
            refused(&verdict(400, &error(code))),
            Some((Some(code), advice, witness)),
            "bare {code}"
        );
    }
    // These are answers to enquiries, and say nothing here.
    for code in [1005, 1008, 2001] {
        let expected = Some((Some(code), DoNotRetry, Witness::Windows));
        assert_eq!(
            refused(&verdict(200, &wrapped(&error(code), "2"))),
            expected
        );
        assert_eq!(refused(&verdict(400, &error(code))), expected);
    }
}

#[test]
fn a_system_error_needs_one_enquiry_before_a_new_reference_is_advised() {
    for status in [200, 400] {
        for code in [2, 9, 15, 1003, 1007] {
            let found = verdict(status, &wrapped(&error(code), "1"));
            assert_eq!(
                refused(&found),
                Some((Some(code), Advice::NewReference, Witness::Enquiry)),
                "{status} {code}"
            );
        }
        let found = verdict(status, &wrapped(&error(4242), "1"));
        assert_eq!(
            refused(&found),
            Some((Some(4242), Advice::NewReference, Witness::Windows))
        );
    }
}

#[test]
fn the_five_minute_rule_needs_the_windows_because_the_like_sale_may_be_this_one() {
    let expected = Some((
        Some(16),
        Advice::NewReferenceAfter(LIKE_SALE_WINDOW),
        Witness::Windows,
    ));
    assert_eq!(refused(&verdict(400, &error(16))), expected);
    for status_code in ["1", "2", "null"] {
        assert_eq!(
            refused(&verdict(400, &wrapped(&error(16), status_code))),
            expected
        );
    }
}

#[test]
fn a_code_that_no_table_knows_is_believed_only_after_the_windows() {
    for code in [
        0,
        1,
        4,
        7,
        11,
        13,
        14,
        20,
        100,
        999,
        1000,
        1009,
        -2,
        2_147_483_647,
    ] {
        assert_eq!(
            refused(&verdict(400, &error(code))),
            Some((Some(code), Advice::DoNotRetry, Witness::Windows)),
            "{code}"
        );
        assert_eq!(
            refused(&verdict(200, &wrapped(&error(code), "2"))),
            Some((Some(code), Advice::DoNotRetry, Witness::Windows)),
            "{code}"
        );
    }
}

#[test]
fn indicators_that_disagree_are_in_doubt() {
    for (status, body) in [
        (200, wrapped(&error(9), "0")),
        (400, wrapped(&error(9), "0")),
        (200, wrapped("{}", "0")),
        (200, wrapped("null", "null")),
        (200, wrapped("null", "1")),
        (200, wrapped("null", "2")),
        (200, wrapped("null", "4")),
        (200, wrapped("null", "-1")),
        (400, wrapped("null", "0")),
        (400, wrapped("null", "2")),
        (500, wrapped("null", "0")),
        (500, wrapped(&error(9), "2")),
        (502, wrapped(&error(9), "2")),
        (200, wrapped("null", "\"0\"")),
        (200, wrapped("null", "0.0")),
        (200, wrapped("null", "[0]")),
        (200, wrapped("null", "true")),
        (200, wrapped(&error(9), "\"2\"")),
        (200, wrapped(&error(9), "7")),
        (200, wrapped("\"code 9\"", "2")),
        (200, wrapped("[]", "2")),
        (200, wrapped("false", "0")),
        (200, wrapped("\"\"", "0")),
        (200, r#"{"statusCode":0}"#.into()),
        (200, r#"{"error":null}"#.into()),
        (
            200,
            r#"{"error":{"code":9,"message":"x"},"statusCode":2,"responseCode":"SUCCESS"}"#.into(),
        ),
        (
            200,
            r#"{"error":null,"statusCode":0,"responseCode":"SYS_ERROR"}"#.into(),
        ),
        (
            200,
            r#"{"error":null,"statusCode":0,"responseCode":7}"#.into(),
        ),
    ] {
        assert!(unlisted(&verdict(status, &body)), "{status} {body}");
    }
}

#[test]
fn a_subscribers_number_in_the_services_text_is_masked() {
    let body =
        r#"{"code":6,"message":"Invalid recharge Cell No 27821234567 provided (R12.50, 3 of 12)"}"#;
    let Verdict::Refused(refusal, _) = verdict(400, body) else {
        panic!("not refused")
    };
    assert_eq!(
        refusal.message,
        "Invalid recharge Cell No ***567 provided (R12.50, 3 of 12)"
    );
}

#[test]
fn a_response_code_of_null_says_nothing_since_the_service_writes_null_members_out() {
    let body =
        r#"{"error":null,"statusCode":0,"statusMessage":null,"responseCode":null,"recharge":null}"#;
    assert!(matches!(verdict(200, body), Verdict::Vended(_)));
}

#[test]
fn an_error_without_a_code_is_believed_only_after_the_windows() {
    for error in [
        "{}",
        r#"{"message":"no"}"#,
        r#"{"code":null}"#,
        r#"{"code":"9","message":"x"}"#,
    ] {
        for status_code in ["2", "null"] {
            assert_eq!(
                refused(&verdict(200, &wrapped(error, status_code))),
                Some((None, Advice::DoNotRetry, Witness::Windows)),
                "{error}"
            );
        }
    }
}

/// A body in which one member stands twice and says two things. Which of them counts differs from reader to reader.
#[test]
fn a_member_that_stands_twice_and_disagrees_is_in_doubt() {
    for body in [
        r#"{"error":null,"statusCode":2,"statusCode":0}"#,
        r#"{"error":{"code":9,"message":"x"},"statusCode":0,"statusCode":2}"#,
        r#"{"error":{"code":9,"message":"x"},"error":null,"statusCode":0}"#,
    ] {
        assert!(unlisted(&verdict(200, body)), "{body}");
    }
}

#[test]
fn a_bare_error_is_one_only_with_the_members_that_the_vendor_writes() {
    // A gateway's own error: code 3 is its "invalid argument", and no dealer's number.
    let foreign = r#"{"code":3,"message":"invalid argument","details":[]}"#;
    assert_eq!(
        refused(&verdict(400, foreign)).map(|(.., witness)| witness),
        Some(Witness::Windows)
    );
    assert_eq!(
        refused(&verdict(403, foreign)).map(|(.., witness)| witness),
        Some(Witness::Windows)
    );
    assert_eq!(
        refused(&verdict(400, r#"{"code":9}"#)).map(|(.., witness)| witness),
        Some(Witness::Windows)
    );
    for body in [
        r#"{"code":9,"message":"x","statusCode":0,"error":null}"#,
        r#"{"code":9,"message":"x","responseCode":"SUCCESS"}"#,
        r#"{"code":9,"message":"x","recharge":{"orderReferenceId":1}}"#,
        r#"{"code":"9","message":"x"}"#,
        r#"{"code":null,"message":"x"}"#,
        r#"{"message":"x"}"#,
    ] {
        assert!(unlisted(&verdict(400, body)), "{body}");
    }
}

#[test]
fn a_bare_error_with_http_200_is_believed_only_after_the_windows() {
    assert_eq!(
        refused(&verdict(200, &error(9))),
        Some((Some(9), Advice::DoNotRetry, Witness::Windows))
    );
}

#[test]
fn http_403_with_a_bare_error_is_the_set_up_and_any_other_403_is_not_believed_at_once() {
    assert_eq!(
        refused(&verdict(
            403,
            r#"{"code":400,"message":"not registered to your account"}"#
        )),
        Some((Some(400), Advice::Configuration, Witness::None))
    );
    for body in ["", "<html>Forbidden</html>", r#"{"error":"forbidden"}"#] {
        assert_eq!(
            refused(&verdict(403, body)).map(|(.., witness)| witness),
            Some(Witness::Windows)
        );
    }
}

#[test]
fn http_404_405_413_415_are_believed_only_after_the_windows() {
    for status in [404, 405, 413, 415] {
        for body in ["", "<html></html>", r#"{"code":9,"message":"x"}"#] {
            assert_eq!(
                refused(&verdict(status, body)).map(|(.., witness)| witness),
                Some(Witness::Windows),
                "{status} {body}"
            );
        }
    }
}

#[test]
fn http_401_is_about_the_token_or_the_address_only_in_the_form_of_a_login_answer() {
    let login = |text: &str| format!(r#"{{"responseDescription":"{text}","accessToken":null}}"#);
    assert_eq!(
        verdict(401, &login("Authorization denied. Token validation failed")),
        Verdict::TokenRefused
    );
    assert_eq!(
        verdict(401, &login("Source IP is not authorised")),
        Verdict::Denied(Denial::SourceAddress)
    );
    for body in [
        "",
        "<html></html>",
        "{}",
        r#"{"responseDescription":null}"#,
        &error(9),
    ] {
        assert!(unlisted(&verdict(401, body)), "{body}");
    }
}

#[test]
fn http_503_asks_for_patience_and_every_other_status_is_in_doubt() {
    for body in ["", "<html></html>", &error(9), &wrapped(&error(2), "1")] {
        assert_eq!(
            verdict(503, body),
            Verdict::Ambiguous(Doubt::Busy { retry_after: None }),
            "{body}"
        );
    }
    for status in [
        201, 204, 302, 307, 308, 402, 408, 409, 410, 418, 422, 429, 500, 502, 504, 599,
    ] {
        for body in [
            "",
            "<html>Error report</html>",
            &error(9),
            &wrapped(&error(9), "2"),
        ] {
            assert!(unlisted(&verdict(status, body)), "{status} {body}");
        }
    }
}

#[test]
fn a_body_that_is_none_of_the_vendors_is_in_doubt() {
    let login = r#"{"responseDescription":"Authentication successful","accessToken":"x"}"#;
    for status in [200, 400] {
        for body in [
            "",
            " ",
            "null",
            "0",
            "[]",
            "\"SUCCESS\"",
            "{}",
            "<html><body>Error report</body></html>",
            "{\"error\":null,\"statusCode\":0",
            login,
            r#"{"error":"invalid_request"}garbage"#,
            r#"{"status":"OK"}"#,
            r#"{"errors":[{"name":"x","message":"y"}]}"#,
            r#"{"type":"about:blank","title":"Bad Request","status":400}"#,
        ] {
            let found = verdict(status, body);
            assert!(unlisted(&found), "{status} {body}: {found:?}");
        }
    }
}
