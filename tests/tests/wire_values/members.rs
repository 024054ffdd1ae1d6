use super::*;

#[test]
fn absent_null_empty_and_present_are_four_things() {
    let read: types::Recharge = read(r#"{"boxNumber":null,"batchNumber":"","ticketNumber":"7"}"#);
    assert!(read.voucher_pin.is_absent());
    assert!(read.box_number.is_null());
    assert_eq!(read.batch_number.as_deref(), Some(""));
    assert_eq!(read.ticket_number.as_deref(), Some("7"));
    assert_eq!(
        write(&read),
        r#"{"batchNumber":"","boxNumber":null,"ticketNumber":"7"}"#
    );
}

#[test]
fn a_member_of_another_type_is_kept_and_the_others_are_read() {
    let body =
        r#"{"error":[1.50],"responseCode":"SUCCESS","recharge":{"orderReferenceId":"4711"}}"#;
    let read: types::RechargeResponse = read(body);
    assert_eq!(read.error.other().unwrap().get(), "[1.50]");
    assert_eq!(read.response_code.as_deref(), Some("SUCCESS"));
    let recharge = read.recharge.value().unwrap();
    assert_eq!(recharge.order_reference_id, Field::Other(raw(r#""4711""#)));
    assert_eq!(canonical(&write(&read)), canonical(body));
}

#[test]
fn a_number_out_of_range_is_kept() {
    let body = r#"{"code":99999999999,"message":"m"}"#;
    let read: types::Error = read(body);
    assert_eq!(read.code.value(), None);
    assert_eq!(write(&read), body);
}

#[test]
fn members_that_nobody_named_survive_with_their_digits() {
    let body = r#"{"responseCode":"SUCCESS","fee":1.5000,"more":{"a":[0.10,null]}}"#;
    let read: types::BaseResponse = read(body);
    assert_eq!(read.extra["fee"].get(), "1.5000");
    assert_eq!(write(&read), body);
}

#[test]
fn a_request_can_carry_members_that_nobody_named() {
    let mut request = types::CancelRechargeRequest {
        smartload_id: "2782".to_owned().into(),
        ..Default::default()
    };
    request
        .extra
        .insert("reason".into(), Json::from(&serde_json::json!("typo")));
    assert_eq!(write(&request), r#"{"smartloadId":"2782","reason":"typo"}"#);
}

#[test]
fn a_value_that_the_documents_do_not_know_is_just_a_value() {
    let read: types::Transaction = read(r#"{"statusId":"SUCESSFUL"}"#);
    assert_eq!(read.status_id.as_deref(), Some("SUCESSFUL"));
}

#[test]
fn one_odd_value_of_an_open_map_leaves_the_others_readable() {
    let body = r#"{"rechargeData":{"Token":"0000 1111","Units":23.70,"Levy":null}}"#;
    let read: hot::types::RechargeResponse = read(body);
    let data = read.recharge_data.value().unwrap();
    assert_eq!(data["Token"].as_deref(), Some("0000 1111"));
    assert_eq!(data["Units"].other().unwrap().get(), "23.70");
    assert!(data["Levy"].is_null());
    let health: types::NetworkHealth = super::read(r#"{"vodacom":"UP","rain":"DOWN","since":1.0}"#);
    assert_eq!(health.extra["rain"].as_deref(), Some("DOWN"));
    assert_eq!(
        write(&health),
        r#"{"vodacom":"UP","rain":"DOWN","since":1.0}"#
    );
}

#[test]
fn of_two_members_with_one_name_neither_counts_unless_they_agree() {
    let differ: types::BaseResponse = read(r#"{"responseCode":"A","responseCode":"B"}"#);
    assert_eq!(differ.response_code.value(), None);
    assert_eq!(
        differ.response_code.other().map(|both| both.get()),
        Some(r#"["A","B"]"#)
    );
    let agree: types::BaseResponse = read(r#"{"responseCode":"A","responseCode":"A"}"#);
    assert_eq!(agree.response_code.as_deref(), Some("A"));
}

#[test]
fn text_bytes_and_values_are_read_alike() {
    let body = r#"{"error":{"code":5},"responseCode":null,"fee":2}"#;
    let text: types::BaseResponse = serde_json::from_str(body).unwrap();
    let bytes: types::BaseResponse = serde_json::from_slice(body.as_bytes()).unwrap();
    let value: types::BaseResponse =
        serde_json::from_value(serde_json::from_str(body).unwrap()).unwrap();
    let reader: types::BaseResponse = serde_json::from_reader(body.as_bytes()).unwrap();
    assert!(text == bytes && bytes == value && value == reader);
    assert_eq!(
        serde_json::to_value(&text).unwrap(),
        serde_json::from_str::<serde_json::Value>(body).unwrap()
    );
}

#[test]
fn what_is_no_object_is_refused_without_being_quoted() {
    for body in ["\"hunter2\"", "[\"hunter2\"]", "null", "17"] {
        let error = serde_json::from_str::<types::AuthResponse>(body)
            .unwrap_err()
            .to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn a_request_that_cannot_be_read_is_refused_without_being_quoted() {
    let body = r#"{"AccessCode":"a","Password":["hunter2"]}"#;
    let error = serde_json::from_str::<hot::types::LoginRequest>(body)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("Password") && !error.contains("hunter2"),
        "{error}"
    );
    let error = serde_json::from_str::<hot::types::LoginRequest>("{}")
        .unwrap_err()
        .to_string();
    assert!(error.contains("missing field `AccessCode`"), "{error}");
}

#[test]
fn a_field_is_made_from_a_value_or_an_option() {
    assert_eq!(Field::from(5), Field::Value(5));
    assert_eq!(Field::<i32>::from(None), Field::Absent);
    assert_eq!(Field::from(Some(5)).into_value(), Some(5));
    assert_eq!(Field::<i32>::default(), Field::Absent);
    assert_ne!(Field::<i32>::Absent, Field::Null);
    assert_ne!(Field::<i32>::Other(raw("1.0")), Field::Other(raw("1.00")));
}
