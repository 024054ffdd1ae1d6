//! Values on the wire: what is sent is what was meant, and what came is kept.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use progenitor_client::Error;
use recharge_bindings::smartcall::types;
use recharge_bindings::{
    Answer, Direct, Extra, Field, Json, Operation, Prepared, Wire, hot, smartcall,
};
use recharge_tests::digits::canonical;
use rust_decimal::Decimal;
use serde_json::value::RawValue;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn read<T: serde::de::DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap()
}

fn write<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap()
}

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).unwrap()
}

mod money {
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
        let request =
            types::RechargeRequest::new(decimal("10.50"), "ref".into(), 62, "2782".into());
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
}

mod members {
    use super::*;

    #[test]
    fn absent_null_empty_and_present_are_four_things() {
        let read: types::Recharge =
            read(r#"{"boxNumber":null,"batchNumber":"","ticketNumber":"7"}"#);
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
        let mut request = types::CancelRechargeRequest::new("2782".into());
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
        let health: types::NetworkHealth =
            super::read(r#"{"vodacom":"UP","rain":"DOWN","since":1.0}"#);
        assert_eq!(health.extra["rain"].as_deref(), Some("DOWN"));
        assert_eq!(
            write(&health),
            r#"{"vodacom":"UP","rain":"DOWN","since":1.0}"#
        );
    }

    #[test]
    fn of_two_members_with_one_name_the_last_one_counts() {
        let read: types::BaseResponse = read(r#"{"responseCode":"A","responseCode":"B"}"#);
        assert_eq!(read.response_code.as_deref(), Some("B"));
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
}

mod secrets {
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
        assert!(
            format!("{:?}", read::<types::AuthResponse>("{}")).contains("access_token: Absent")
        );
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
}

/// A server on the loopback that answers every request alike and tells what it was asked.
struct Server {
    url: String,
    asked: Receiver<String>,
}

impl Server {
    fn start(answer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/base", listener.local_addr().unwrap());
        let (tell, asked) = mpsc::channel();
        let answer = answer.to_owned();
        std::thread::spawn(move || {
            while let Ok((mut stream, _)) = listener.accept() {
                let mut request = Vec::new();
                let mut buffer = [0; 4096];
                while !complete(&request) {
                    match stream.read(&mut buffer) {
                        Ok(0) | Err(_) => break,
                        Ok(some) => request.extend_from_slice(&buffer[..some]),
                    }
                }
                let _ = stream.write_all(answer.as_bytes());
                if tell
                    .send(String::from_utf8_lossy(&request).into_owned())
                    .is_err()
                {
                    break;
                }
            }
        });
        Self { url, asked }
    }

    fn json(body: &str) -> Self {
        let length = body.len();
        Self::start(&format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        ))
    }

    fn request(&self) -> String {
        self.asked.recv_timeout(Duration::from_secs(5)).unwrap()
    }

    fn was_not_asked(&self) -> bool {
        self.asked.recv_timeout(Duration::from_millis(100)).is_err()
    }

    fn smartcall(&self) -> smartcall::Client {
        smartcall::Client::new_with_client(&self.url, http_client(), Arc::new(Direct))
    }

    fn hot(&self) -> hot::Client {
        hot::Client::new_with_client(&self.url, http_client(), Arc::new(Direct))
    }
}

fn complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let head = head.to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}

fn http_client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .build()
        .unwrap()
}

mod paths {
    use super::*;

    #[tokio::test]
    async fn a_slash_and_its_like_are_escaped_in_a_path_argument() {
        let server = Server::json("{}");
        let client = server.smartcall();
        client
            .get_transaction_by_client_reference("27/82", "a b?c#d%2Fé..")
            .await
            .unwrap();
        let line = server.request().lines().next().unwrap().to_owned();
        assert_eq!(
            line,
            "GET /base/smartload/recharges/27%2F82/a%20b%3Fc%23d%252F%C3%A9.. HTTP/1.1"
        );
    }

    #[tokio::test]
    async fn a_path_argument_that_would_ask_another_resource_is_refused_and_nothing_is_sent() {
        let server = Server::json("{}");
        let client = server.smartcall();
        for (argument, why) in [
            ("", "is empty"),
            (".", "is a relative path"),
            ("..", "is a relative path"),
            ("a\\b", "contains a backslash"),
            ("..\\..", "contains a backslash"),
        ] {
            let refused = client
                .get_transaction_by_client_reference("2782", argument)
                .await;
            let Err(Error::InvalidRequest(text)) = refused else {
                panic!("{argument:?} was not refused")
            };
            assert_eq!(
                text,
                format!("path parameter `clientReference` {why}; nothing was sent")
            );
            assert!(client.get_balance(argument).await.is_err(), "{argument:?}");
        }
        assert!(server.hot().query_transaction("..").await.is_err());
        assert!(server.was_not_asked());
    }

    #[tokio::test]
    async fn a_line_break_in_an_argument_adds_no_header() {
        let server = Server::json("{}");
        server
            .smartcall()
            .get_balance("1\r\nX-Evil: 1")
            .await
            .unwrap();
        let request = server.request();
        assert!(
            request.starts_with("GET /base/smartload/balance/1%0D%0AX-Evil:%201 HTTP/1.1\r\n"),
            "{request}"
        );
        assert!(
            server
                .smartcall()
                .get_networks(Some("1\r\nX-Evil: 1"))
                .await
                .is_err()
        );
        assert!(server.was_not_asked());
    }

    #[tokio::test]
    async fn a_trailing_slash_of_the_document_is_kept() {
        let server = Server::json("[]");
        server.hot().get_balances().await.unwrap();
        assert!(
            server
                .request()
                .starts_with("GET /base/account/balance/ HTTP/1.1\r\n")
        );
    }
}

mod requests {
    use super::*;

    #[tokio::test]
    async fn the_header_that_the_generator_makes_up_is_not_sent() {
        let server = Server::json("{}");
        server.smartcall().ping().await.unwrap();
        let request = server.request().to_lowercase();
        assert!(request.contains("accept: application/json"), "{request}");
        assert!(!request.contains("api-version"), "{request}");
    }

    #[tokio::test]
    async fn the_tag_of_a_catalogue_is_sent_verbatim() {
        let server = Server::json("{}");
        server
            .smartcall()
            .get_networks(Some("-806599889"))
            .await
            .unwrap();
        assert!(
            server
                .request()
                .to_lowercase()
                .contains("if-none-match: -806599889\r\n")
        );
    }

    #[tokio::test]
    async fn the_digits_of_an_amount_reach_the_wire() {
        let server = Server::json(r#"{"successful":true}"#);
        let request =
            hot::types::RechargeRequest::new("ref".into(), decimal("5.00"), 41, "071".into());
        server.hot().recharge(&request).await.unwrap();
        let request = server.request();
        assert!(
            request.ends_with(
                r#"{"agentReference":"ref","amount":5.00,"productId":41,"target":"071"}"#
            ),
            "{request}"
        );
    }

    #[tokio::test]
    async fn every_answer_but_a_documented_success_arrives_whole() {
        for status in [
            "304 Not Modified",
            "400 Bad Request",
            "401 Unauthorized",
            "500 Oops",
            "503 Later",
            "202 Accepted",
        ] {
            let body = if status.starts_with("304") {
                ""
            } else {
                "<html>"
            };
            let server = Server::start(&format!(
                "HTTP/1.1 {status}\r\nretry-after: 7\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            ));
            let answer = server.smartcall().get_networks(None).await;
            let Err(Error::UnexpectedResponse(answer)) = answer else {
                panic!("{status}")
            };
            assert!(status.starts_with(answer.status().as_str()));
            assert_eq!(answer.headers()["retry-after"], "7");
            assert_eq!(answer.text().await.unwrap(), body);
        }
    }

    #[tokio::test]
    async fn a_success_that_cannot_be_read_keeps_its_body() {
        let server = Server::json("<html>");
        let answer = server.smartcall().get_networks(None).await;
        let Err(Error::InvalidResponsePayload(body, _)) = answer else {
            panic!("read")
        };
        assert_eq!(&body[..], b"<html>");
    }

    #[tokio::test]
    async fn a_file_arrives_as_bytes() {
        let server = Server::start(
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\n\0\u{1}x",
        );
        let file = server
            .smartcall()
            .get_batch_order_file("2782", "ref")
            .await
            .unwrap();
        assert_eq!(file.status(), 200);
        assert_eq!(
            server.request().lines().next(),
            Some("GET /base/smartload/batchorders/2782/ref HTTP/1.1")
        );
    }

    /// Notes which operation it was asked for.
    #[derive(Debug, Default)]
    struct Note(Mutex<Vec<(&'static str, &'static Operation)>>, bool);

    impl Wire for Note {
        fn prepare<'a>(
            &'a self,
            request: &'a mut reqwest::Request,
            operation: &'static Operation,
        ) -> Prepared<'a> {
            Box::pin(async move {
                self.0.lock().unwrap().push(("prepare", operation));
                if self.1 {
                    return Err("no token".to_owned());
                }
                request
                    .headers_mut()
                    .insert("authorization", "Bearer t".parse().unwrap());
                Ok(())
            })
        }

        fn send<'a>(
            &'a self,
            client: &'a reqwest::Client,
            request: reqwest::Request,
            operation: &'static Operation,
        ) -> Answer<'a> {
            self.0.lock().unwrap().push(("send", operation));
            Box::pin(client.execute(request))
        }
    }

    #[tokio::test]
    async fn the_hook_sees_every_request_with_its_operation() {
        let server = Server::json("{}");
        let note = Arc::new(Note::default());
        let client = smartcall::Client::new_with_client(&server.url, http_client(), note.clone());
        client.get_balance("2782").await.unwrap();
        assert!(
            server
                .request()
                .to_lowercase()
                .contains("authorization: bearer t\r\n")
        );
        let operation = smartcall::operation("getBalance").unwrap();
        assert_eq!(
            *note.0.lock().unwrap(),
            [("prepare", operation), ("send", operation)]
        );
        assert_eq!(
            (operation.method, operation.security, operation.safe),
            ("GET", &["bearer"][..], true)
        );
    }

    #[tokio::test]
    async fn a_hook_that_refuses_stops_the_request() {
        let server = Server::json("{}");
        let note = Arc::new(Note(Mutex::default(), true));
        let client = smartcall::Client::new_with_client(&server.url, http_client(), note);
        let refused = client.get_balance("2782").await;
        assert!(matches!(refused, Err(Error::Custom(text)) if text == "no token"));
        assert!(server.was_not_asked());
    }
}

mod table {
    use super::*;

    #[test]
    fn a_status_by_itself_counts_more_than_its_class_and_that_more_than_default() {
        let mut operation = *smartcall::operation("ping").unwrap();
        operation.responses = &[(4, "Class"), (404, "A"), (404, "B"), (0, "Default")];
        let types = |status| operation.types(status).collect::<Vec<_>>();
        assert_eq!(types(404), ["A", "B"]);
        assert_eq!(types(400), ["Class"]);
        assert_eq!(types(500), ["Default"]);
        operation.responses = &[(200, "A")];
        assert_eq!(operation.types(500).count(), 0);
    }

    #[test]
    fn the_table_says_what_a_refused_recharge_looks_like() {
        let types = |id, status| {
            smartcall::operation(id)
                .unwrap()
                .types(status)
                .collect::<Vec<_>>()
        };
        assert_eq!(types("createRecharge", 400), ["Error"]);
        assert_eq!(types("createSyncRecharge", 400), ["SyncRechargeResponse"]);
        assert_eq!(types("createSyncRecharge", 401), ["AuthResponse"]);
        assert!(smartcall::operation("nothing").is_none());
    }

    #[test]
    fn no_method_that_sells_is_said_to_be_safe() {
        for operation in smartcall::OPERATIONS.iter().chain(hot::OPERATIONS) {
            assert_eq!(
                operation.safe,
                operation.method == "GET",
                "{}",
                operation.id
            );
        }
    }
}
