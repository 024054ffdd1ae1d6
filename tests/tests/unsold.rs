//! The library's operations that sell nothing, against the sandbox: what one side thinks of the document, the other does.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use recharge::journal::Memory;
use recharge::smartcall::{
    Address, AgentRegistration, Agreement, Client, Form, Iccid, Identity, Image, Period, Person,
    Price, RechargeOrder, Registration, RicaCode, Sim, Submitted,
};
use recharge::{Date, Outcome, Timestamp};
use recharge_sandbox::Sandbox;

async fn open() -> (Sandbox, Client) {
    let sandbox = Sandbox::builder()
        .hosts(2)
        .rica_after(Duration::ZERO)
        .start()
        .await
        .unwrap();
    let client = Client::builder(
        sandbox.username(),
        sandbox.password(),
        sandbox.account().parse().unwrap(),
        Arc::new(Memory::new()),
    )
    .base_urls(sandbox.base_urls())
    .build()
    .unwrap();
    (sandbox, client)
}

fn today() -> Date {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Date::in_south_africa(Timestamp(since_1970.as_millis() as u64))
}

fn person() -> Person {
    let address = Address::new("12 Long Street", "Gardens", "8001", "ZA").unwrap();
    let identity = Identity::south_african("8001015009087").unwrap();
    Person::new("Jane", "Doe", identity, address).unwrap()
}

#[tokio::test]
async fn the_catalogue_is_read_whole_and_once() {
    let (sandbox, client) = open().await;
    let catalogue = client.catalogue().await.unwrap();
    assert!(catalogue.unread().is_empty());
    for network in catalogue.networks() {
        assert!(network.unread.is_empty(), "{network:?}");
        for product in &network.products {
            assert_ne!(product.price, Price::Unclear, "{product:?}");
            assert_ne!(product.form, Form::Unsaid, "{product:?}");
        }
    }
    let again = client.catalogue().await.unwrap();
    assert!(Arc::ptr_eq(&catalogue, &again));

    let vodacom = client.network(1).await.unwrap();
    assert_eq!(*vodacom, catalogue.networks()[0]);
    assert!(Arc::ptr_eq(&vodacom, &client.network(1).await.unwrap()));
    let airtime = client.product("62".parse().unwrap()).await.unwrap();
    let listed = catalogue.product("62".parse().unwrap()).unwrap();
    assert_eq!(airtime.as_ref().as_ref().unwrap().price, listed.price);

    let offer = client.offer("27821234567".parse().unwrap()).await.unwrap();
    let products: Vec<_> = offer.of_type("A").map(|product| product.id.get()).collect();
    assert_eq!(products, [62]);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn what_was_sold_is_watched_cashed_up_and_reconciled() {
    let (sandbox, client) = open().await;
    let from = today();
    let before = client.balance().await.unwrap();
    let mut watch = client.balances();
    assert_eq!(watch.latest().unwrap().amount, before);
    // Of two networks, one of them at a fixed price.
    for (product, msisdn, amount) in [
        ("62", "27821234567", "29.50"),
        ("62", "27821234568", "10"),
        ("22", "27821234569", "450"),
        ("63", "27831234567", "5"),
    ] {
        let order = RechargeOrder::new(
            msisdn.parse().unwrap(),
            product.parse().unwrap(),
            amount.parse().unwrap(),
        );
        let outcome = client.recharge(&order).await.unwrap();
        assert!(matches!(outcome, Outcome::Vended(_)), "{outcome:?}");
    }
    let cashup = client.cashup_today().await.unwrap();
    let after = client.balance().await.unwrap();
    assert_eq!(watch.below(before).await.unwrap().amount, after);
    assert_eq!(cashup.closing_balance(), Some(after));
    assert!(cashup.unread.is_empty());

    // From the first sale's day on, should it be midnight now.
    let period = Period::new(from, today()).unwrap();
    let told = client.reconcile(period).await.unwrap();
    let names: Vec<_> = told.lines.iter().map(|line| line.name.as_str()).collect();
    assert_eq!(names, ["MTN", "VOD"]);
    for line in &told.lines {
        assert_eq!(line.agreement(), Agreement::Agrees, "{line:?}");
    }
    assert!(told.is_clean(), "{told:?}");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_sim_and_an_agent_are_registered() {
    let (sandbox, client) = open().await;
    let iccid: Iccid = "8911000000010240123".parse().unwrap();
    let registration = Registration::new(
        client.account(),
        person(),
        Sim::iccid(iccid.clone()),
        1,
        "27831112222".parse().unwrap(),
    )
    .unwrap();
    let submitted = client.submit_registration(&registration).await.unwrap();
    let Submitted::Accepted(Some(reference)) = submitted else {
        panic!("{submitted:?}");
    };
    let status = client.rica_status(&iccid, &reference).await.unwrap();
    assert!(!status.status.is_empty());

    let agent = AgentRegistration {
        person: person(),
        msisdn: "27841112222".parse().unwrap(),
        id_document: Image::new(*b"document").unwrap(),
        face: Image::new(*b"face").unwrap(),
        proof_of_address: Image::new(*b"proof").unwrap(),
    };
    let submitted = client.register_agent(&agent).await.unwrap();
    let Submitted::Accepted(Some(reference)) = submitted else {
        panic!("{submitted:?}");
    };
    let status = client.agent_registration_status(&reference).await.unwrap();
    assert!(!status.status.is_empty());
    assert!(
        client
            .rica_agent(agent.msisdn)
            .await
            .unwrap()
            .is_agent
            .is_some()
    );
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_registration_that_the_table_refuses_is_refused_by_its_code() {
    let (sandbox, client) = open().await;
    let registration = Registration::new(
        client.account(),
        person(),
        Sim::iccid("8911000000010240123".parse().unwrap()),
        4711,
        "27831112222".parse().unwrap(),
    )
    .unwrap();
    let submitted = client.submit_registration(&registration).await.unwrap();
    let Submitted::Refused(refusal) = submitted else {
        panic!("{submitted:?}");
    };
    assert_eq!(refusal.code, Some(RicaCode::NetworkInvalid));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn utilities_and_tokens_are_told() {
    let (sandbox, client) = open().await;
    assert!(
        client
            .network_health()
            .await
            .unwrap()
            .values()
            .all(|health| health.is_up())
    );
    assert!(!client.rica_health().await.unwrap().is_empty());
    assert!(client.is_registered(client.account()).await.unwrap());
    let sim = client
        .sim_network("27821234567".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(sim.network, "Vodacom");
    assert!(sim.queried().is_some(), "{sim:?}");
    let left = client.tokens_left().await.unwrap();
    assert!(client.flush_tokens_of_all_clients().await.unwrap() > left);
    assert!(client.balance().await.is_ok(), "it logs in anew");
    sandbox.shutdown().await;
}
