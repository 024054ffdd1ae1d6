//! The answer to a funds transfer: its numbers are its own, and what is not plain is a doubt.

use recharge_bindings::smartcall::types;

use super::*;
use crate::smartcall::codes::Table;

fn told(status: u16, body: &str) -> Verdict {
    runtime().block_on(async {
        let answered = answered(
            answer::<types::FundsTransferResponse>(status, body).await,
            reading::coded,
        );
        judge(answered, Success::Transferred)
    })
}

#[test]
fn a_number_is_a_refusal_only_where_every_table_that_knows_it_calls_it_one() {
    let plain: Vec<i64> = (0..=100)
        .filter(|code| {
            refused(&told(400, &error(*code))).is_some_and(|(.., witness)| witness == Witness::None)
        })
        .collect();
    assert_eq!(plain, [1, 3, 4, 5, 6, 7, 8, 10, 12, 15]);
    for code in Table::FundsTransfer.codes() {
        let number: i64 = code.as_str().parse().expect("a number");
        let certain = plain.contains(&number);
        assert_eq!(certain, !matches!(number, 2 | 9 | 11), "{number}");
    }
}

#[test]
fn no_credit_is_the_set_up_and_a_like_transfer_may_be_this_very_one() {
    let advice = |code| refused(&told(400, &error(code)));
    assert_eq!(
        advice(7),
        Some((Some(7), Advice::Configuration, Witness::None))
    );
    assert_eq!(
        advice(11).map(|(.., witness)| witness),
        Some(Witness::Windows)
    );
}

#[test]
fn only_a_plain_success_is_a_transfer() {
    let body = r#"{"error":null,"responseCode":"SUCCESS","recharge":null,"newDealerBalance":null,"currentDealerBalance":90000.0000}"#;
    let Verdict::Vended(vend) = told(200, body) else {
        panic!("{:?}", told(200, body))
    };
    assert_eq!(
        vend.balance.map(|balance| balance.to_string()).as_deref(),
        Some("90000.0000")
    );
    assert_eq!(vend.provider_reference, None);
    for (status, body) in [
        (201, body.to_owned()),
        (500, body.to_owned()),
        (200, body.replace("SUCCESS", "SYS_ERROR")),
        (200, body.replace("\"SUCCESS\"", "null")),
        (200, r#"{"currentDealerBalance":90000.0000}"#.to_owned()),
        (
            200,
            r#"{"error":null,"statusCode":2,"responseCode":"SUCCESS"}"#.to_owned(),
        ),
    ] {
        assert!(unlisted(&told(status, &body)), "{status} {body}");
    }
}
