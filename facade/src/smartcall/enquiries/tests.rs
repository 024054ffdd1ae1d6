//! Every row of the table, on the bytes of an answer.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::super::answers::{answer, runtime};
use super::*;
use crate::domain::Timestamp;
use crate::journal::Service;

const TARGET: &str = "27821234567";

fn intent() -> Intent {
    Intent {
        service: Service::Smartcall,
        operation: "createSyncRecharge".into(),
        account: "27830000001".into(),
        reference: "r".parse().expect("a reference"),
        target: TARGET.into(),
        product: 62,
        amount: "29.50".parse().expect("an amount"),
        options: "{}".into(),
        created_at: Timestamp(0),
    }
}

async fn reads(status: u16, body: impl Into<Vec<u8>>) -> Read {
    match answer(status, body).await {
        Delivery::Answered(answer) => read(answer),
        other => panic!("{other:?}"),
    }
}

/// What an answer says, and whether its details are those of the order.
fn finding(status: u16, body: &str) -> Finding {
    match runtime().block_on(reads(status, body)) {
        Read::Finding(finding) => finding,
        Read::Transaction(transaction) => match transaction.differs(&intent()) {
            None => transaction.finding(),
            Some(Difference::Recipient) => Finding::Differs("recipient".into()),
            Some(Difference::Amount(amount)) => Finding::Differs(amount.to_string()),
        },
    }
}

fn transaction(status_id: &str, recipient: &str, amount: &str) -> String {
    format!(
        r#"{{"error":null,"responseCode":"SUCCESS","transaction":{{"recipientMsisdn":{recipient},"reference":"4711",
            "amount":{amount},"status":"as told","statusId":{status_id},"voucherPin":"12 34"}}}}"#
    )
}

fn of(status_id: &str) -> Finding {
    finding(
        200,
        &transaction(status_id, "\"27821234567\"", "\"R29.50\""),
    )
}

fn inconclusive(finding: &Finding) -> bool {
    matches!(finding, Finding::Inconclusive(_))
}

#[test]
fn a_success_is_one_in_each_spelling_and_as_a_number() {
    for status_id in [
        "\"SUCCESSFUL\"",
        "\"SUCESSFUL\"",
        "\"Successful\"",
        "\"3\"",
        "3",
    ] {
        let Finding::Vended(vend) = of(status_id) else {
            panic!("{status_id}: {:?}", of(status_id));
        };
        assert_eq!(vend.provider_reference.as_deref(), Some("4711"));
        assert_eq!(vend.receipt.pins[0].code.expose(), "12 34");
    }
}

#[test]
fn failed_and_cancelled_are_final_and_a_failed_one_may_be_sold_again_with_a_new_reference() {
    for status_id in ["\"FAILED\"", "4", "\"4\"", "\"failed\""] {
        let Finding::Failed(refusal) = of(status_id) else {
            panic!("{status_id}");
        };
        assert_eq!(
            (refusal.advice, refusal.message.as_str()),
            (Advice::NewReference, "as told")
        );
    }
    for status_id in ["\"CANCELLED\"", "5", "\"CANCELED\""] {
        assert_eq!(of(status_id), Finding::Cancelled, "{status_id}");
    }
}

#[test]
fn requested_pending_and_every_status_that_nobody_knows_are_pending() {
    for status_id in [
        "\"REQUESTED\"",
        "1",
        "\"PENDING\"",
        "2",
        "\"REVERSED\"",
        "\"\"",
        "null",
        "0",
        "6",
        "[3]",
        "{}",
        "3.0",
        "true",
    ] {
        let pending = Finding::Pending {
            provider_reference: Some("4711".into()),
        };
        assert_eq!(of(status_id), pending, "{status_id}");
    }
}

#[test]
fn only_1005_and_1008_by_themselves_mean_that_nothing_was_seen() {
    for code in [1005, 1008] {
        let bare = format!(r#"{{"code":{code},"message":"x"}}"#);
        let wrapped = |rest: &str| format!(r#"{{"error":{bare}{rest}}}"#);
        assert_eq!(finding(400, &bare), Finding::NotSeen);
        for rest in [
            "",
            r#","transaction":null"#,
            r#","responseCode":"APP_ERROR","transaction":null"#,
        ] {
            assert_eq!(finding(200, &wrapped(rest)), Finding::NotSeen, "{rest}");
        }
        // A transaction, or a success, beside "does not exist".
        for rest in [
            r#","responseCode":"SUCCESS","transaction":null"#,
            r#","transaction":{"statusId":"SUCCESSFUL","reference":"4711"}"#,
            r#","transaction":[]"#,
            r#","transaction":{}"#,
        ] {
            assert!(inconclusive(&finding(200, &wrapped(rest))), "{rest}");
        }
        let beside =
            format!(r#"{{"code":{code},"message":"x","transaction":{{"statusId":"PENDING"}}}}"#);
        assert!(inconclusive(&finding(400, &beside)));
        for status in [401, 403, 404, 409, 500, 502, 503] {
            assert!(inconclusive(&finding(status, &bare)), "HTTP {status}");
        }
    }
    for code in [0, 2, 9, 16, 1001, 1003, 2001, 4242] {
        assert!(
            inconclusive(&finding(
                400,
                &format!(r#"{{"code":{code},"message":"x"}}"#)
            )),
            "{code}"
        );
    }
}

#[test]
fn the_pending_codes_of_table_3_are_pending_here_too() {
    for code in [1002, 1004, 1006] {
        let pending = Finding::Pending {
            provider_reference: None,
        };
        assert_eq!(
            finding(400, &format!(r#"{{"code":{code},"message":"x"}}"#)),
            pending
        );
        assert_eq!(
            finding(
                200,
                &format!(r#"{{"error":{{"code":{code},"message":"x"}}}}"#)
            ),
            pending
        );
    }
}

#[test]
fn a_success_without_a_transaction_says_nothing() {
    for body in [
        r#"{"error":null,"responseCode":"SUCCESS","transaction":null}"#,
        r#"{"error":null,"responseCode":"SUCCESS"}"#,
        r#"{"error":null,"responseCode":"SUCCESS","transaction":[]}"#,
        r#"{"responseCode":"SUCCESS","transaction":{"statusId":"SUCCESSFUL"}}"#,
        r#"{"error":null,"responseCode":"SYS_ERROR","transaction":{"statusId":"SUCCESSFUL"}}"#,
        r#"{"error":{},"transaction":{"statusId":"SUCCESSFUL"}}"#,
        r#"{"error":"","transaction":{"statusId":"FAILED"}}"#,
        "{}",
        "",
        "null",
        "[]",
        "<html>Error report</html>",
        r#"{"code":"1005","message":"x"}"#,
    ] {
        assert!(inconclusive(&finding(200, body)), "{body}");
    }
    let whole = transaction("\"SUCCESSFUL\"", "\"27821234567\"", "\"R29.50\"");
    for status in [201, 400, 404, 500, 503] {
        assert!(inconclusive(&finding(status, &whole)), "HTTP {status}");
    }
}

#[test]
fn another_subscriber_or_amount_is_another_sale_whatever_its_status() {
    for status_id in ["3", "4", "5", "2"] {
        for recipient in ["\"27829999999\"", "\"0829999999\"", "\"+27829999999\""] {
            let found = finding(200, &transaction(status_id, recipient, "\"R29.50\""));
            assert_eq!(
                found,
                Finding::Differs("recipient".into()),
                "{status_id} {recipient}"
            );
        }
        for amount in ["\"R29.51\"", "\"R2950.00\"", "\"29\""] {
            let found = finding(200, &transaction(status_id, "\"27821234567\"", amount));
            assert!(matches!(found, Finding::Differs(_)), "{status_id} {amount}");
        }
    }
}

#[test]
fn the_same_details_in_another_spelling_or_none_agree() {
    for (recipient, amount) in [
        ("\"0821234567\"", "\"R29.50\""),
        ("\"+27821234567\"", "\"29.5\""),
        ("\" 27821234567 \"", "\"R 29.50\""),
        ("null", "null"),
        ("\"\"", "\"\""),
        ("27821234567", "29.50"),
        ("\"n/a\"", "\"n/a\""),
    ] {
        let found = finding(200, &transaction("3", recipient, amount));
        assert!(
            matches!(found, Finding::Vended(_)),
            "{recipient} {amount}: {found:?}"
        );
    }
}

#[test]
fn arbitrary_bytes_say_nothing_and_never_panic() {
    let runtime = runtime();
    let mut runner = TestRunner::new(Config {
        cases: 1500,
        failure_persistence: None,
        ..Config::default()
    });
    let pieces = r#"(\{|\}|\[|\]|:|,|"error"|"transaction"|"statusId"|null|3|4|"SUCCESSFUL"| )"#;
    let body = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        prop::collection::vec(pieces, 0..20).prop_map(|pieces| pieces.concat().into_bytes()),
    ];
    let tried = runner.run(&(200_u16..600, body), |(status, body)| {
        let found = runtime.block_on(reads(status, body));
        prop_assert!(matches!(found, Read::Finding(Finding::Inconclusive(_))));
        Ok(())
    });
    assert!(tried.is_ok(), "{tried:?}");
}

#[test]
fn amounts_are_read_however_they_are_decorated() {
    for (text, amount) in [
        ("R450.00", "450.00"),
        ("R1,000.50", "1000.50"),
        ("R 1 000.00", "1000.00"),
        ("10", "10"),
        ("R-5.00", "-5.00"),
    ] {
        assert_eq!(
            rand(text).map(|amount| amount.to_string()).as_deref(),
            Some(amount),
            "{text}"
        );
    }
    assert_eq!(rand("free"), None);
}

#[test]
fn each_spelling_of_a_status_is_known_and_any_other_survives() {
    let read = |text: &str| TransactionStatus::read(&Field::from(text.to_owned()));
    for text in ["SUCCESSFUL", "SUCESSFUL", "Successful", "3", " success "] {
        assert_eq!(read(text), TransactionStatus::Successful, "{text}");
    }
    assert_eq!(read("FAILED"), TransactionStatus::Failed);
    assert_eq!(read("4"), TransactionStatus::Failed);
    assert_eq!(read("PENDING"), TransactionStatus::Pending);
    assert_eq!(read("Requested"), TransactionStatus::Requested);
    assert_eq!(read("CANCELLED"), TransactionStatus::Cancelled);
    assert_eq!(
        read("REVERSED"),
        TransactionStatus::Other("REVERSED".into())
    );
}
