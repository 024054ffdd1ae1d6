use super::*;

#[track_caller]
fn comes_back(json: &str, value: &str) {
    let body = format!(r#"{{"balance":{json}}}"#);
    let read: types::BalanceResponse = read(&body);
    assert_eq!(read.balance.value().copied(), Some(decimal(value)));
    assert_eq!(write(&read), body);
}

#[test]
fn a_number_keeps_its_digits() {
    for json in [
        "100000.0000",
        "99574.75",
        "5.5000",
        "-42.7500",
        "0.0000",
        "0",
        "100",
        "99999.9900",
    ] {
        comes_back(json, json);
    }
}

#[test]
fn digits_that_a_float_cannot_hold_are_kept() {
    comes_back("123456789012345678.9012", "123456789012345678.9012");
    comes_back(
        "0.1234567890123456789012345678",
        "0.1234567890123456789012345678",
    );
}

#[test]
fn an_exponent_is_read_for_what_it_is_worth() {
    let read: types::BalanceResponse = read(r#"{"balance":1.25e3}"#);
    assert_eq!(read.balance.copied(), Some(decimal("1250")));
}

#[test]
fn more_digits_than_can_be_held_are_kept_as_they_came_and_never_rounded() {
    let body = r#"{"balance":0.12345678901234567890123456789}"#;
    let read: types::BalanceResponse = read(body);
    assert_eq!(read.balance.value(), None);
    assert_eq!(write(&read), body);
}

#[test]
fn a_string_keeps_its_digits_and_stays_a_string() {
    for text in ["450.00", "5.5", "0.000", "-1.10", "12"] {
        let body = format!(r#"{{"retailPrice":"{text}"}}"#);
        let read: types::Recharge = read(&body);
        assert_eq!(read.retail_price.copied(), Some(decimal(text)));
        assert_eq!(write(&read), body);
    }
}

#[test]
fn a_string_that_is_no_plain_amount_is_kept_as_it_came() {
    for text in [
        "R450.00", "", " 5", "5.", ".5", "+5", "5,5", "05", "1_000", "1e3",
    ] {
        let body = format!(r#"{{"retailPrice":"{text}"}}"#);
        let read: types::Recharge = read(&body);
        assert_eq!(read.retail_price.value(), None, "{text}");
        assert_eq!(write(&read), body);
    }
}

#[test]
fn a_number_is_no_string_and_a_string_no_number() {
    let body = r#"{"balance":"99.50","retailPrice":450.00}"#;
    let read: types::Recharge = read(body);
    assert_eq!(
        (read.balance.value(), read.retail_price.value()),
        (None, None)
    );
    assert_eq!(read.balance.other().unwrap().get(), r#""99.50""#);
    assert_eq!(write(&read), body);
}

#[test]
fn a_request_sends_the_digits_that_it_was_given() {
    let request = types::RechargeRequest::new(decimal("10.50"), "ref".into(), 62, "2782".into());
    assert_eq!(
        write(&request),
        r#"{"amount":10.50,"clientReference":"ref","productId":62,"smartloadId":"2782"}"#
    );
}

#[test]
fn digits_survive_in_a_list_of_objects_in_an_object() {
    let body = r#"{"cashupResponseItems":[{"amount":-42.7500},{"amount":0.0000}]}"#;
    let read: types::CashupResponse = read(body);
    let items = read.cashup_response_items.value().unwrap();
    assert_eq!(items[0].amount.copied(), Some(decimal("-42.7500")));
    assert_eq!(write(&read), body);
}
