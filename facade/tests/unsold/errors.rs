//! Every read tells each error by its type, whichever read it is.

use std::future::Future;
use std::pin::Pin;

use recharge::ReadError;
use recharge::recovery::Denial;
use recharge::smartcall::{Client, Period};

use super::desk::Desk;
use super::support::SUBSCRIBER;

type Read = fn(Client) -> Pin<Box<dyn Future<Output = Result<(), ReadError>> + Send>>;

macro_rules! reads {
    ($($name:literal => |$client:ident| $read:expr;)*) => {
        &[$(($name, |$client| Box::pin(async move { $read.await.map(drop) }))),*]
    };
}

/// Each read that needs a token.
const READS: &[(&str, Read)] = reads! {
    "getBalance" => |client| client.balance();
    "getRegistered" => |client| client.is_registered(SUBSCRIBER.parse().unwrap());
    "getCashupToday" => |client| client.cashup_today();
    "getCashup" => |client| client.cashup(Period::day("2018-01-31".parse().unwrap()));
    "getProduct" => |client| client.product("22".parse().unwrap());
    "getNetwork" => |client| client.network(1);
    "getNetworks" => |client| client.catalogue();
    "getSimNetwork" => |client| client.sim_network(SUBSCRIBER.parse().unwrap());
    "getNetworkHealth" => |client| client.network_health();
    "getRicaStatus" => |client| client.rica_status(&"8911000000010240123".parse().unwrap(), &"R".parse().unwrap());
    "queryAgent" => |client| client.rica_agent(SUBSCRIBER.parse().unwrap());
    "getAgentRegistrationStatus" => |client| client.agent_registration_status(&"R".parse().unwrap());
    "getRicaHealth" => |client| client.rica_health();
};

const LOGIN: &str = r#"{"responseDescription":"Authorization denied. Token validation failed","accessToken":null,"tokenType":null,"expiresAt":null,"scope":null}"#;
const SOURCE: &str = r#"{"responseDescription":"Source IP is not authorised","accessToken":null}"#;

#[tokio::test]
async fn an_error_of_the_service_is_told_with_its_status_and_code() {
    for (status, body, code) in [
        (400, r#"{"code":1005,"message":"m"}"#, Some(1005)),
        (403, r#"{"code":400,"message":"m"}"#, Some(400)),
        (200, r#"{"code":2,"message":"m"}"#, Some(2)),
        (404, "", None),
        (415, "<html>", None),
        (500, "<html>", None),
        (503, "", None),
        (304, "", None),
    ] {
        for (name, read) in READS {
            let desk = Desk::open().await;
            let asked = desk.always(status, body).await;
            match read(desk.client.clone()).await {
                Err(ReadError::Service {
                    status: told,
                    code: number,
                    ..
                }) => assert_eq!((told, number), (status, code), "{name}"),
                other => panic!("{name} {status}: {other:?}"),
            }
            assert_eq!(
                asked.calls_async().await > 1,
                status >= 500,
                "{name} {status}: only what passes is tried again"
            );
        }
    }
}

#[tokio::test]
async fn a_body_that_is_no_answer_is_told_as_such() {
    for body in ["<html>", "", "[]", "null", "{}", r#"{"error":null}"#] {
        for (name, read) in READS {
            let desk = Desk::open().await;
            desk.always(200, body).await;
            let told = read(desk.client.clone()).await;
            assert!(
                matches!(told, Err(ReadError::Unreadable(_))),
                "{name} {body}: {told:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_401_is_told_by_its_cause() {
    for (name, read) in READS {
        let desk = Desk::open().await;
        desk.always(401, LOGIN).await;
        let told = read(desk.client.clone()).await;
        assert!(
            matches!(told, Err(ReadError::Denied(Denial::Credentials(_)))),
            "{name}: {told:?}"
        );
        let desk = Desk::open().await;
        desk.always(401, SOURCE).await;
        let told = read(desk.client.clone()).await;
        assert!(
            matches!(told, Err(ReadError::Denied(Denial::SourceAddress))),
            "{name}: {told:?}"
        );
    }
}
