//! Chapter 13.

use std::collections::BTreeMap;

use recharge::ReadError;
use recharge::smartcall::{Health, MobileNetwork};

use super::desk::Desk;
use super::support::SUBSCRIBER;

#[tokio::test]
async fn a_sims_network_is_told_with_its_local_time_as_it_came() {
    let desk = Desk::open().await;
    let asked = desk
        .get(
            "/utilities/simnetwork/27821234567",
            200,
            r#"{"msisdn":"27821234567","queryDate":"2018-10-27 09:46:51","ported":true,"network":"Telkom Mobile","error":null}"#,
        )
        .await;
    let sim = desk
        .client
        .sim_network(SUBSCRIBER.parse().unwrap())
        .await
        .unwrap();
    asked.assert_async().await;
    assert_eq!(sim.msisdn.to_string(), SUBSCRIBER);
    assert_eq!(
        (sim.network.as_str(), sim.ported),
        ("Telkom Mobile", Some(true))
    );
    assert_eq!(sim.queried_at.as_deref(), Some("2018-10-27 09:46:51"));
    // 07:46:51 in Greenwich.
    assert_eq!(sim.queried().unwrap().moment().0, 1_540_626_411_000);
    assert!(!format!("{sim:?}").contains(SUBSCRIBER), "{sim:?}");
}

#[tokio::test]
async fn a_foreign_time_or_flag_costs_no_network_its_name() {
    let desk = Desk::open().await;
    desk.get(
        "/utilities/simnetwork/27821234567",
        200,
        r#"{"queryDate":"27/10/2018","ported":"Y","network":" MTN ","more":1}"#,
    )
    .await;
    let sim = desk
        .client
        .sim_network(SUBSCRIBER.parse().unwrap())
        .await
        .unwrap();
    assert_eq!((sim.network.as_str(), sim.ported), ("MTN", None));
    assert_eq!(sim.queried_at.as_deref(), Some("27/10/2018"));
    assert_eq!(sim.queried(), None);
}

#[tokio::test]
async fn an_answer_about_another_number_is_no_answer() {
    let desk = Desk::open().await;
    desk.get(
        "/utilities/simnetwork/27821234567",
        200,
        r#"{"msisdn":"27821234568","network":"MTN","error":null}"#,
    )
    .await;
    let read = desk.client.sim_network(SUBSCRIBER.parse().unwrap()).await;
    let Err(ReadError::Unreadable(text)) = read else {
        panic!("{read:?}");
    };
    assert_eq!(text, "the answer is about another number");
}

#[tokio::test]
async fn health_is_an_open_map_of_networks_with_open_words() {
    let desk = Desk::open().await;
    desk.get(
        "/utilities/health",
        200,
        r#"{"vodacom":"UP","mtn":"down","cellc":"DEGRADED","telkom":null,"rain":"UP","lyca":7}"#,
    )
    .await;
    let health = desk.client.network_health().await.unwrap();
    let other = |text: &str| Health::Other(text.into());
    assert_eq!(
        health,
        BTreeMap::from([
            (MobileNetwork::Vodacom, Health::Up),
            (MobileNetwork::Mtn, Health::Down),
            (MobileNetwork::CellC, other("DEGRADED")),
            (MobileNetwork::Telkom, other("null")),
            (MobileNetwork::Other("rain".into()), Health::Up),
            (MobileNetwork::Other("lyca".into()), other("7")),
        ])
    );
    assert!(health[&MobileNetwork::Vodacom].is_up());
    assert!(!health[&MobileNetwork::CellC].is_up());
    assert_eq!(health.get(&MobileNetwork::Virgin), None);
}

#[tokio::test]
async fn rica_health_is_such_a_map_too() {
    let desk = Desk::open().await;
    desk.get(
        "/utilities/ricahealth",
        200,
        r#"{"vodacom":"UP","virgin":"DOWN"}"#,
    )
    .await;
    let health = desk.client.rica_health().await.unwrap();
    assert_eq!(
        health,
        BTreeMap::from([
            (MobileNetwork::Vodacom, Health::Up),
            (MobileNetwork::Virgin, Health::Down)
        ])
    );
    assert_eq!(
        health.keys().map(MobileNetwork::name).collect::<Vec<_>>(),
        ["vodacom", "virgin"]
    );
}
