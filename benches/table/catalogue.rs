//! A full catalogue: what decoding it costs, what asking for it again costs when it has not changed, and what a lookup costs.

use std::fmt::Write;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use recharge::ProductId;
use recharge::journal::Memory;
use recharge_bindings::smartcall::types::NetworksResponse;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::child::{self, Service};
use crate::{canned, kind};

/// As many rows as the recorded catalogue has: each product twice.
const ROWS: u64 = 380;

/// What an integrator writes.
#[derive(Deserialize)]
#[allow(dead_code)]
struct Networks {
    networks: Vec<Network>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)]
struct Network {
    id: i64,
    description: String,
    product_types: Vec<ProductType>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)]
struct ProductType {
    id: i64,
    code: Option<String>,
    description: String,
    fixed_amount: bool,
    products: Vec<Product>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)]
struct Product {
    id: i64,
    name: String,
    description: String,
    type_code: Option<String>,
    min_amount: Decimal,
    max_amount: Decimal,
    discount_percentage: Decimal,
    retail_value: Decimal,
    pin_indicator: bool,
    sms_indicator: bool,
}

pub(crate) fn table() -> String {
    let body = body(ROWS);
    let value = median(|| {
        drop(black_box(
            serde_json::from_str::<Value>(&body).expect("JSON"),
        ))
    });
    let plain = median(|| {
        drop(black_box(
            serde_json::from_str::<Networks>(&body).expect("JSON"),
        ))
    });
    let typed = median(|| {
        drop(black_box(
            serde_json::from_str::<NetworksResponse>(&body).expect("JSON"),
        ))
    });
    let [first, again] = asked(&body);
    let [small, large] = [ROWS, 10 * ROWS].map(looked_up);
    let mut out = format!(
        "## The catalogue: {ROWS} rows, {} kB\n\n| | time | ratio to `Value` |\n|---|---:|---:|\n",
        body.len() / 1000
    );
    for (what, time) in [
        ("decoded to `serde_json::Value`", value),
        ("decoded to structs by hand", plain),
        ("decoded to the bindings' types", typed),
        (
            "`Client::catalogue`, new: request, decoding, folding",
            first,
        ),
        (
            "`Client::catalogue`, not modified (304): request only",
            again,
        ),
    ] {
        let _ = writeln!(
            out,
            "| {what} | {:.0} µs | {:.2} |",
            micros(time),
            micros(time) / micros(value)
        );
    }
    let _ = writeln!(
        out,
        "\nOne lookup by id: {:.0} ns among {ROWS} rows, {:.0} ns among {}.",
        small.as_secs_f64() * 1e9,
        large.as_secs_f64() * 1e9,
        10 * ROWS
    );
    out
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The median of many runs.
fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<_> = (0..200)
        .map(|_| {
            let begun = Instant::now();
            run();
            begun.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

/// How long the client takes for a catalogue that it has not read, and for one that has not changed since.
fn asked(body: &str) -> [Duration; 2] {
    child::quiet_runtime().block_on(async {
        let service = service(body).await;
        let (mut first, mut again) = (Vec::new(), Vec::new());
        for _ in 0..50 {
            let client = kind::client(&service, Arc::new(Memory::new()));
            client.ping().await.ok();
            client.balance().await.ok();
            let mut catalogues = Vec::new();
            for times in [&mut first, &mut again] {
                let begun = Instant::now();
                catalogues.push(client.catalogue().await.expect("a catalogue"));
                times.push(begun.elapsed());
            }
            assert!(Arc::ptr_eq(&catalogues[0], &catalogues[1]));
        }
        [first, again].map(|mut times| {
            times.sort();
            times[times.len() / 2]
        })
    })
}

/// How long one lookup by id takes.
fn looked_up(rows: u64) -> Duration {
    const LOOKUPS: u32 = 100_000;
    let body = body(rows);
    child::quiet_runtime().block_on(async {
        let service = service(&body).await;
        let client = kind::client(&service, Arc::new(Memory::new()));
        let catalogue = client.catalogue().await.expect("a catalogue");
        let ids: Vec<ProductId> = (1..=rows / 2)
            .map(|id| id.to_string().parse().expect("an id"))
            .collect();
        let begun = Instant::now();
        for number in 0..LOOKUPS as usize {
            let found = catalogue.product(ids[number * 7919 % ids.len()]);
            assert!(black_box(found).is_some());
        }
        begun.elapsed() / LOOKUPS
    })
}

async fn service(body: &str) -> Service {
    let address = canned::serve(body.to_owned()).await;
    Service {
        base_urls: vec![format!("http://{address}/webservice")],
        username: "user".into(),
        password: "password".into(),
        account: "27810000001".into(),
        ledger: String::new(),
    }
}

/// A catalogue in the recorded shape: four networks, five types each.
fn body(rows: u64) -> String {
    let product = |id: u64, sms: bool| {
        json!({
            "id": id, "name": format!("Vodacom bundle {id}"), "description": format!("Vodacom bundle {id} MB"),
            "typeCode": "D ", "minAmount": 29.0, "maxAmount": 29.0, "discountPercentage": 5.5, "retailValue": 29.0,
            "pinIndicator": false, "smsIndicator": sms,
        })
    };
    let in_each = rows / 2 / 20;
    let types = |network: u64| -> Vec<Value> {
        (0..5)
            .map(|place| {
                let first = (network * 5 + place) * in_each + 1;
                // The last one takes what is left over.
                let last = if network == 3 && place == 4 { rows / 2 } else { first + in_each - 1 };
                let products: Vec<_> = (first..=last)
                    .flat_map(|id| [product(id, false), product(id, true)])
                    .collect();
                json!({"id": place + 1, "code": "D ", "description": "Data", "fixedAmount": true, "products": products})
            })
            .collect()
    };
    let networks: Vec<_> = (0..4)
        .map(|network| json!({"id": network + 1, "description": format!("Network {network}"), "productTypes": types(network)}))
        .collect();
    // The service writes four decimals.
    json!({ "networks": networks })
        .to_string()
        .replace("29.0", "29.0000")
}
