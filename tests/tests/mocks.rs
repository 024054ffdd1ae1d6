//! A mock takes a request only for what it is, and answers to the last digit.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use httpmock::MockServer;
use recharge_bindings::mock::hot::MockServerExt as _;
use recharge_bindings::mock::smartcall::MockServerExt as _;
use recharge_bindings::progenitor_client::Error;
use recharge_bindings::{Direct, Operation, hot, reqwest, smartcall};
use serde::de::DeserializeOwned;

fn json<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

fn smartcall_at(base: &str) -> smartcall::Client {
    smartcall::Client::new_with_client(base, reqwest::Client::new(), Arc::new(Direct))
}

fn hot_at(base: &str) -> hot::Client {
    hot::Client::new_with_client(base, reqwest::Client::new(), Arc::new(Direct))
}

#[tokio::test]
async fn money_has_the_same_digits_on_the_wire_as_in_the_answer_that_was_given() {
    let server = MockServer::start();
    MockServer::get_balance_of_smartcall(&server, r#"{"balance":100000.0000}"#);
    let answer = reqwest::get(server.url("/webservice/smartload/balance/27810000001"))
        .await
        .unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.text().await.unwrap(), r#"{"balance":100000.0000}"#);
}

/// Both services have a `getBalance`.
trait OfSmartcall {
    fn get_balance_of_smartcall(&self, answer: &str);
}

impl OfSmartcall for MockServer {
    fn get_balance_of_smartcall(&self, answer: &str) {
        recharge_bindings::mock::smartcall::MockServerExt::get_balance(self, |_, then| {
            then.ok(&json(answer));
        });
    }
}

#[tokio::test]
async fn a_body_matches_to_the_last_digit_and_with_its_members_in_any_order() {
    let asked = r#"{"smartloadId":"1","clientReference":"r","deviceId":"2","smsRecipientMsisdn":"2","productId":62,"amount":29.50,"sendSms":false}"#;
    let others = [
        (
            "the same in another order",
            r#"{"sendSms":false,"amount":29.50,"productId":62,"smsRecipientMsisdn":"2","deviceId":"\u0032","clientReference":"r","smartloadId":"1"}"#,
            true,
        ),
        ("a digit less", &asked.replace("29.50", "29.5"), false),
        ("another amount", &asked.replace("29.50", "29.51"), false),
        (
            "a text for a number",
            &asked.replace("29.50", "\"29.50\""),
            false,
        ),
        (
            "a member more",
            &asked.replace("}", ",\"more\":null}"),
            false,
        ),
        (
            "a member less",
            &asked.replace(",\"sendSms\":false", ""),
            false,
        ),
        (
            "a member twice",
            &asked.replace("}", ",\"sendSms\":false}"),
            false,
        ),
        ("no JSON", "amount", false),
    ];
    for (what, sent, matches) in others {
        let server = MockServer::start();
        let mock = server.create_recharge(|when, then| {
            when.body(&json(asked));
            then.ok(&json("{}"));
        });
        let answer = reqwest::Client::new()
            .post(server.url("/webservice/smartload/recharges"))
            .header("Content-Type", "application/json")
            .body(sent.to_owned())
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let report = answer.text().await.unwrap();
        assert_eq!(status == 200, matches, "{what}: {report}");
        assert_eq!(mock.calls(), usize::from(matches), "{what}");
    }
}

#[tokio::test]
async fn a_parameter_of_the_path_matches_as_it_was_before_it_was_escaped() {
    let server = MockServer::start();
    let reference = "a b/c?d#e%f.*";
    let mock = server.get_transaction_by_client_reference(|when, then| {
        when.smartload_id("27810000001").client_reference(reference);
        then.ok(&json("{}"));
    });
    let client = smartcall_at(&server.url("/webservice"));
    let found = client.get_transaction_by_client_reference("27810000001", reference);
    assert!(found.await.is_ok());
    for (account, reference) in [
        ("27810000001", "a b"),
        ("27810000002", reference),
        ("27810000001", "a b/c?d#e%fxx"),
    ] {
        let found = client.get_transaction_by_client_reference(account, reference);
        assert!(found.await.is_err(), "{account} {reference}");
    }
    assert_eq!(mock.calls(), 1);
}

#[tokio::test]
async fn a_request_is_of_one_operation_whatever_the_base_url() {
    for base in [
        "",
        "/webservice",
        "/a/b/c",
        "/smartload",
        "/smartload/networks",
    ] {
        let server = MockServer::start();
        let all = server.get_networks(|_, then| {
            then.ok(&json("{}"));
        });
        let one = server.get_network(|when, then| {
            when.network_id(7).if_none_match("\"etag\"");
            then.not_modified();
        });
        let client = smartcall_at(&server.url(base));
        assert!(client.get_networks(None).await.is_ok(), "{base}");
        let unchanged = client.get_network(7, Some("\"etag\"")).await;
        assert!(
            matches!(&unchanged, Err(Error::UnexpectedResponse(answer)) if answer.status() == 304),
            "{base}: {unchanged:?}"
        );
        let other = client.get_network(7, None).await;
        assert!(
            matches!(&other, Err(Error::UnexpectedResponse(answer)) if answer.status() == 404),
            "{base}: without the header it is another request: {other:?}"
        );
        assert_eq!((all.calls(), one.calls()), (1, 1), "{base}");
    }
}

#[tokio::test]
async fn what_is_documented_for_one_status_can_all_be_answered() {
    let server = MockServer::start();
    let refused = server.recharge(|when, then| {
        when.bearer("the-token")
            .body_where(|body| body.agent_reference == "r");
        then.bad_request_business_problems(&json(r#"{"errors":[{"name":"N","message":"M"}]}"#));
    });
    let send = |token: &'static str, reference: &str| {
        let body = format!(
            r#"{{"agentReference":"{reference}","productId":1,"target":"0770000001","amount":1.00}}"#
        );
        let request = reqwest::Client::new().post(server.url("/api/products/recharge"));
        request.bearer_auth(token).body(body).send()
    };
    let answer = send("the-token", "r").await.unwrap();
    assert_eq!(answer.status(), 400);
    let body: hot::types::BusinessProblems = json(&answer.text().await.unwrap());
    assert_eq!(body.errors.value().map(Vec::len), Some(1));
    assert_eq!(send("another", "r").await.unwrap().status(), 404);
    assert_eq!(send("the-token", "s").await.unwrap().status(), 404);
    assert_eq!(refused.calls(), 1);
}

#[tokio::test]
async fn a_list_is_answered_as_a_list_and_plain_httpmock_is_at_hand() {
    let server = MockServer::start();
    let once = server.get_balances(|when, then| {
        when.into_inner().header("X-More", "1");
        let balance = json(r#"{"accountTypeId":1,"balance":0.10}"#);
        then.ok(&[balance]).into_inner().up_to_n_times(1);
    });
    let get = || {
        let request = reqwest::Client::new().get(server.url("/account/balance/"));
        request.header("X-More", "1").send()
    };
    let answer = get().await.unwrap().text().await.unwrap();
    assert_eq!(answer, r#"[{"accountTypeId":1,"balance":0.10}]"#);
    assert_eq!(get().await.unwrap().status(), 404);
    assert!(hot_at(&server.base_url()).get_balances().await.is_err());
    assert_eq!(once.calls(), 1);
}

/// Each row of the tables of operations is a function of a `then`, under the name of its status.
#[test]
fn every_documented_answer_has_its_function() {
    for (operations, source) in [
        (
            smartcall::OPERATIONS,
            recharge_bindings::source::SMARTCALL_MOCK,
        ),
        (hot::OPERATIONS, recharge_bindings::source::HOT_MOCK),
    ] {
        let file = syn::parse_file(source).unwrap();
        for operation in operations {
            assert_answers(operation, &file);
        }
    }
}

fn assert_answers(operation: &Operation, file: &syn::File) {
    let name = quote::format_ident!("{}Then", pascal(operation.function));
    let functions = functions(file, &name.to_string());
    let answers = functions
        .iter()
        .filter(|(name, _)| !["new", "into_inner"].contains(&name.as_str()));
    let mut statuses: Vec<u16> = answers.map(|(_, status)| *status).collect();
    let mut documented: Vec<u16> = operation
        .responses
        .iter()
        .map(|(status, _)| *status)
        .collect();
    statuses.sort_unstable();
    documented.sort_unstable();
    assert_eq!(statuses, documented, "{}", operation.id);
}

fn pascal(function: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    function
        .split('_')
        .filter(|part| !part.is_empty())
        .map(word)
        .collect()
}

/// The functions of a type, and the status that each gives.
fn functions(file: &syn::File, of: &str) -> Vec<(String, u16)> {
    let items = file.items.iter().find_map(|item| match item {
        syn::Item::Mod(module) => module.content.as_ref(),
        _ => None,
    });
    let blocks = items.unwrap().1.iter().filter_map(|item| match item {
        syn::Item::Impl(block) if *block.self_ty == syn::parse_str(of).unwrap() => Some(block),
        _ => None,
    });
    let functions = blocks
        .flat_map(|block| &block.items)
        .filter_map(|item| match item {
            syn::ImplItem::Fn(function) => Some(function),
            _ => None,
        });
    let status = |function: &syn::ImplItemFn| {
        let mut found = Statuses(0);
        syn::visit::Visit::visit_block(&mut found, &function.block);
        found.0
    };
    functions
        .map(|function| (function.sig.ident.to_string(), status(function)))
        .collect()
}

struct Statuses(u16);

impl syn::visit::Visit<'_> for Statuses {
    fn visit_lit_int(&mut self, literal: &syn::LitInt) {
        if literal.suffix() == "u16" {
            self.0 = literal.base10_parse().unwrap();
        }
    }
}
