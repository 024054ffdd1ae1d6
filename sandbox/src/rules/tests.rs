use super::*;
use crate::catalogue::Catalogue;

fn product(id: i64) -> Product {
    Catalogue::small()
        .product(id)
        .map(|(_, product)| product.clone())
        .unwrap_or_else(|| panic!("no product {id}"))
}

fn ask(id: i64, device: &str, amount: &str) -> Result<Priced, Refusal> {
    let product = product(id);
    price(&Asked {
        reference: "r",
        recipient: "27831234567",
        device,
        product: Some(&product),
        amount: amount.parse().ok(),
        pinned: false,
    })
}

fn code(answer: Result<Priced, Refusal>) -> i32 {
    answer.map_or_else(|refusal| refusal.code, |_| 0)
}

#[test]
fn numbers_are_taken_in_both_spellings() {
    assert_eq!(msisdn("0831234567").as_deref(), Some("27831234567"));
    assert_eq!(msisdn("27831234567").as_deref(), Some("27831234567"));
    for bad in [
        "",
        "+27831234567",
        "2783123456",
        "2783123456x",
        "44831234567",
    ] {
        assert_eq!(msisdn(bad), None, "{bad}");
    }
}

#[test]
fn bad_requests_are_refused_by_their_codes() {
    assert_eq!(code(ask(62, "27831234567", "20")), 0);
    assert_eq!(code(ask(62, "hello", "20")), 6);
    for amount in ["1.99", "1000.01", "2.005", "ten", "-5"] {
        assert_eq!(code(ask(62, "27831234567", amount)), 1007, "{amount}");
    }
    assert_eq!(code(ask(23, "", "50")), 8);
    assert_eq!(
        code(price(&Asked {
            reference: "r",
            ..Asked::default()
        })),
        9
    );
    assert_eq!(code(price(&Asked::default())), 1007);
}

#[test]
fn a_fixed_price_takes_no_notice_of_the_amount() {
    let priced = ask(22, "27831234567", "100").unwrap_or_else(|refusal| panic!("{refusal:?}"));
    assert_eq!(
        (priced.amount, priced.charged),
        (Decimal::from(450), Decimal::new(42_525, 2))
    );
}

#[test]
fn the_meter_stands_before_the_comma() {
    let priced = ask(23, "123456789,7", "50").unwrap_or_else(|refusal| panic!("{refusal:?}"));
    assert_eq!(priced.target, "123456789,7");
    assert_eq!(meter(&priced.target), "123456789");
}

#[test]
fn more_than_the_default_limit_needs_the_id_of_another() {
    for (product, meter, amount, expected) in [
        (23, "123456789", "1000", 0),
        (23, "123456789", "1000.01", 1007),
        (23, "123456789,7", "5000", 0),
        (23, "123456789,7", "5000.01", 1007),
        (23, "123456789,99", "50", 1007),
        (23, ",7", "50", 8),
        (47, "123456789,7", "50", 8),
    ] {
        let answer = code(ask(product, meter, amount));
        assert_eq!(answer, expected, "{product} {meter} {amount}");
    }
}

#[test]
fn the_magic_amounts_end_as_documented() {
    let delays = Delays::default();
    let run =
        |api, family, amount: i64| simulate(api, family, Decimal::from(amount), "r", 0, &delays);
    let code = |verdict: &Verdict| match verdict {
        Verdict::Success => 0,
        Verdict::NetworkPending(error) => error.code.min(3),
        Verdict::Failed { status_code, .. } => *status_code,
    };
    for (amount, expected) in [(10, 0), (11, 2), (13, 3), (17, 1)] {
        assert_eq!(
            code(&run(Api::Synchronous, Family::Mobile, amount).0),
            expected,
            "R{amount}"
        );
        assert_eq!(
            code(&run(Api::Asynchronous, Family::Mobile, amount).0),
            0,
            "R{amount}"
        );
    }
    for (amount, ends_well) in [(42, false), (43, true)] {
        let (_, ending) = run(Api::Synchronous, Family::Electricity, amount);
        assert!(
            matches!(ending, Ending::Pending { succeeds, .. } if succeeds == ends_well),
            "R{amount}"
        );
    }
}
