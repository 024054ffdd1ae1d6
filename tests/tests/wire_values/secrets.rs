use super::*;

const SECRET: &str = "s3cr3t-value";

#[track_caller]
fn hidden<T: serde::de::DeserializeOwned + std::fmt::Debug>(json: &str) {
    let value: T = read(&json.replace("SECRET", SECRET));
    for text in [
        format!("{value:?}"),
        format!("{value:#?}"),
        format!("{:?}", Some(&value)),
    ] {
        assert!(!text.contains(SECRET), "{text}");
        assert!(text.contains("<redacted>"), "{text}");
    }
}

#[test]
fn tokens_passwords_and_pins_are_not_printed() {
    hidden::<types::AuthResponse>(r#"{"accessToken":"SECRET"}"#);
    hidden::<types::RechargeResponse>(r#"{"recharge":{"voucherPin":"SECRET"}}"#);
    hidden::<types::TransactionResponse>(
        r#"{"transaction":{"additionalVoucherPin":"SECRET","voucherPin":"SECRET"}}"#,
    );
    hidden::<types::ElectricityTransaction>(
        r#"{"pinData":[{"pin":"SECRET","description":"SECRET"}]}"#,
    );
    hidden::<types::PinData>(r#"{"pin":"SECRET"}"#);
    hidden::<types::BatchFileResponse>(r#"{"filePassword":"SECRET"}"#);
    hidden::<hot::types::LoginRequest>(r#"{"AccessCode":"me","Password":"SECRET"}"#);
    hidden::<hot::types::Tokens>(r#"{"token":"SECRET","refreshToken":"SECRET"}"#);
    hidden::<hot::types::RefreshRequest>(r#"{"token":"SECRET","refreshToken":"SECRET"}"#);
    hidden::<hot::types::RechargeResponse>(r#"{"rechargeData":{"Token":"SECRET"}}"#);
    hidden::<hot::types::TransactionResponse>(r#"{"rawData":"SECRET"}"#);
    hidden::<hot::types::CustomerResponse>(r#"{"details":{"AccountName":"SECRET"}}"#);
}

#[test]
fn a_secret_of_another_type_is_not_printed_either() {
    hidden::<types::AuthResponse>(r#"{"accessToken":{"value":"SECRET"}}"#);
}

#[test]
fn whether_a_secret_is_there_is_printed() {
    let text = format!(
        "{:?}",
        read::<types::AuthResponse>(r#"{"accessToken":null}"#)
    );
    assert!(text.contains("access_token: Null"), "{text}");
    assert!(format!("{:?}", read::<types::AuthResponse>("{}")).contains("access_token: Absent"));
}

#[test]
fn of_what_nobody_knows_only_the_name_is_printed() {
    let value: types::RechargeResponse =
        read(r#"{"voucherPin2":"s3cr3t-value","recharge":["s3cr3t-value"]}"#);
    let text = format!("{value:?}");
    assert!(!text.contains(SECRET), "{text}");
    assert!(text.contains("voucherPin2"), "{text}");
    let extra = Extra::from([("a".to_owned(), Json::from(&serde_json::json!(SECRET)))]);
    assert!(!format!("{extra:?}").contains(SECRET));
}

#[test]
fn what_is_no_secret_is_printed() {
    let text = format!(
        "{:?}",
        read::<types::Recharge>(r#"{"orderReferenceId":4711,"balance":1.50}"#)
    );
    assert!(
        text.contains("order_reference_id: 4711") && text.contains("balance: 1.50"),
        "{text}"
    );
}
