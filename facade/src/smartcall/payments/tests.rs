//! What an account may look like, and what of it nobody prints.

use super::*;

fn paid(account_type: &str, account: &str) -> Result<EasypayPayment, Invalid> {
    EasypayPayment::new(
        "450".parse()?,
        &EasypayAccountType::Other(account_type.into()),
        account,
        "100".parse()?,
        "0821234567".parse()?,
    )
}

fn target(payment: &EasypayPayment) -> String {
    let intent = payment.intent("27830000001".into(), Timestamp(0));
    intent.target.to_string()
}

#[test]
fn accounts_are_taken_as_they_are_written_with_dashes_slashes_and_arrows() {
    for account in [
        "92055505160010104",
        ">>>>>92055505160010104",
        "07/0123/456-789",
        "1234567890",
        "8001015009087",
    ] {
        let payment = paid("epNo", account).expect(account);
        assert_eq!(target(&payment), account);
    }
}

#[test]
fn an_account_that_names_nothing_or_cannot_be_sent_is_refused_by_field_and_rule() {
    let long = "9".repeat(51);
    for bad in [
        "", " ", ".", "..", "///", "a\\b", "a\nb", "9\u{0}", " 9", "9 ", &long,
    ] {
        for (refused, field) in [
            (paid("epNo", bad).map(drop), "account"),
            (paid(bad, "9123").map(drop), "account_type"),
            (bad.parse::<EasypayAccountType>().map(drop), "account_type"),
            (bad.parse::<DstvAccountType>().map(drop), "account_type"),
        ] {
            let refused = refused.expect_err(bad);
            assert_eq!(refused.field(), field, "{bad:?}");
            assert!(
                refused.rule().contains("1 to 50 printable characters"),
                "{bad:?}"
            );
        }
    }
}

#[test]
fn each_known_type_is_written_as_the_document_writes_it_and_any_other_survives() {
    for (text, known) in [
        ("epNo", Some(EasypayAccountType::EasypayNumber)),
        ("noticeNo", Some(EasypayAccountType::Notice)),
        ("meterNo", None),
    ] {
        let read: EasypayAccountType = text.parse().expect(text);
        assert_eq!(read.to_string(), text);
        assert_eq!(
            read,
            known.unwrap_or(EasypayAccountType::Other(text.into()))
        );
    }
    for (text, known) in [
        ("SUBS", Some(DstvAccountType::Subscription)),
        ("TVOD", Some(DstvAccountType::BoxOffice)),
        ("subs", None),
    ] {
        let read: DstvAccountType = text.parse().expect(text);
        assert_eq!(read.to_string(), text);
        assert_eq!(read, known.unwrap_or(DstvAccountType::Other(text.into())));
    }
}

#[test]
fn nobody_prints_accounts_payers_and_names() {
    let payment = paid("epNo", "92055505160010104").expect("a payment");
    let known = PaymentAccount {
        account_type: Some("SUBS".into()),
        account: Some("92055505160010104".into()),
        name: Some("Jane Doe".into()),
        due: None,
    };
    let printed = format!("{payment:?} {known:?}");
    for secret in ["92055505160010104", "27821234567", "Jane"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
