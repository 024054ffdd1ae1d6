//! Rule: no PIN, token or password of the goods is logged, told in an error, printed by a debug form, or written into the journal's file.

use std::fmt::Write as _;
use std::sync::Arc;

use recharge::Policy;
use recharge::journal::{Journal, Sqlite};
use recharge::smartcall::{ElectricityOrder, VoucherOrder};
use serde_json::{Value, json};

use crate::support::Route::{
    Electricity, Enquiry, Limits, Login, Monice, MoniceQuery, Order, OrderFile, RecreateFile, Sale,
    Stock, VoucherQuery, Vouchers,
};
use crate::support::*;

const PIN: &str = "8877665544332211";
const TOKEN: &str = "65590769817133403636";
const KEY: &str = "1212 3434 5656 7878 9090";
const FILE_PASSWORD: &str = "aB3dEf7hJkLm";
const METER: &str = "04987654321";

fn secrets() -> Vec<String> {
    let mut secrets: Vec<String> = [
        PIN,
        TOKEN,
        KEY,
        FILE_PASSWORD,
        PASSWORD,
        METER,
        &SUBSCRIBER[2..],
    ]
    .map(str::to_owned)
    .into();
    secrets.push("6559 0769 8171 3340 3636".into());
    secrets.push(KEY.replace(' ', ""));
    secrets
}

#[track_caller]
fn clean(what: &str, text: &str) {
    for secret in secrets() {
        assert!(!text.contains(&secret), "{what} shows {secret}:\n{text}");
    }
}

fn well_stocked(request: &Request) -> Reply {
    let transaction = json!({"recipientMsisdn": null, "reference": "4711", "statusId": "SUCCESSFUL", "status": "to 27821234567", "voucherPin": PIN,
        "meterNumber": METER, "pinData": [{"order": 1, "description": "Key Change PIN #1", "pin": KEY}, null, {"order": 2, "description": "Purchase PIN", "pin": TOKEN}]});
    let wrapped = |member: &str, value: Value| {
        json_reply(
            200,
            json!({"error": null, "responseCode": "SUCCESS", member: value}),
        )
    };
    match request.route {
        Sale => sold(),
        Enquiry | Electricity => wrapped("transaction", transaction),
        Vouchers | VoucherQuery => wrapped(
            "vouchers",
            json!([{"voucherPin": PIN}, {"voucherPin": [PIN]}, PIN]),
        ),
        Order | RecreateFile => wrapped("filePassword", FILE_PASSWORD.into()),
        OrderFile => text_reply(200, "text/plain", format!("PK{PIN}")),
        MoniceQuery => wrapped("bundles", json!([{"bundleId": "B1", "amount": 500}])),
        Monice => wrapped("statusCode", 0.into()),
        _ => well(request),
    }
}

/// The same with goods in places where they do not belong.
fn broken(request: &Request) -> Reply {
    let text = format!("{PIN} {TOKEN} {KEY} {FILE_PASSWORD}");
    match request.route {
        Login => well(request),
        MoniceQuery => well_stocked(request),
        Enquiry => json_reply(
            200,
            json!({"error": null, "responseCode": TOKEN, "transaction": PIN}),
        ),
        Electricity | VoucherQuery | Limits | Stock => json_reply(
            200,
            json!({"error": null, "responseCode": null, "transaction": [TOKEN], "vouchers": PIN, "limits": PIN, "stockLevel": PIN}),
        ),
        OrderFile => text_reply(200, "text/html", text),
        RecreateFile => json_reply(
            200,
            json!({"error": null, "responseCode": "SUCCESS", "filePassword": [FILE_PASSWORD]}),
        ),
        _ => Reply::Cut(200, text),
    }
}

/// Everything that is done with goods, and the texts of what is told.
async fn everything(shop: &Shop, folder: &std::path::Path) -> String {
    let client = &shop.client;
    let mut told = String::new();
    let meter =
        ElectricityOrder::municipal(METER.parse().unwrap(), "29.50".parse().unwrap()).unwrap();
    let meter = meter.with_sms(SUBSCRIBER.parse().unwrap());
    let vouchers = VoucherOrder::new("66".parse().unwrap(), 3).unwrap();
    let file = VoucherOrder::new("66".parse().unwrap(), 2).unwrap();
    let offers = client
        .monice_offers(SUBSCRIBER.parse().unwrap())
        .await
        .unwrap();
    write!(told, "{meter:?} {vouchers:?} {offers:?}").unwrap();
    let bundle = offers.choose("B1").unwrap();
    write!(told, "{bundle:?}").unwrap();
    for outcome in [
        client.sell_electricity(&meter).await,
        client.buy_vouchers(&vouchers).await,
        client.order_voucher_file(&file).await,
        client.recharge_monice(&bundle).await,
    ] {
        match outcome {
            Ok(outcome) => writeln!(told, "{outcome:?}").unwrap(),
            Err(error) => writeln!(told, "{error} {error:?}").unwrap(),
        }
    }
    macro_rules! tell {
        ($($read:expr),* $(,)?) => {
            $(match $read.await {
                Ok(read) => writeln!(told, "{read:?}").unwrap(),
                Err(error) => writeln!(told, "{error} {error:?}").unwrap(),
            })*
        };
    }
    tell!(
        client.electricity_tokens(meter.reference()),
        client.electricity_transaction("4711"),
        client.electricity_limits(),
        client.vouchers(vouchers.reference()),
        client.vouchers_of_smartload("4711"),
        client.voucher_stock("66".parse().unwrap()),
        client.download_voucher_file(file.reference(), folder.join("file.zip")),
        client.recreate_voucher_file(file.reference()),
        client.enquire(meter.reference()),
    );
    for reference in [
        meter.reference(),
        vouchers.reference(),
        file.reference(),
        bundle.reference(),
    ] {
        writeln!(told, "{:?}", shop.row(reference).await).unwrap();
    }
    told
}

#[tokio::test]
async fn goods_are_logged_told_printed_and_journaled_nowhere() {
    let log = Everything::default();
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    type Script = fn(&Request) -> Reply;
    for (what, script) in [
        ("well", well_stocked as Script),
        ("broken", broken as Script),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sales.db");
        let journal = Arc::new(Sqlite::open(&file).unwrap());
        let shop = Shop::with(
            Arc::clone(&journal) as Arc<dyn Journal>,
            Policy::default(),
            &[],
            script,
        )
        .await;
        let told = everything(&shop, folder.path()).await;
        clean(what, &told);
        // The search is worth something only if there is something to search.
        let searched = if what == "well" {
            "KeyChangeFirst"
        } else {
            "Unresolved"
        };
        assert!(told.contains(searched), "{told}");
        drop((shop, journal));
        for name in ["sales.db", "sales.db-wal"] {
            let bytes = std::fs::read(folder.path().join(name)).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            // The meter and the subscriber are in the journal: without them nothing could be enquired about.
            for secret in [PIN, TOKEN, KEY, FILE_PASSWORD, PASSWORD] {
                assert!(!text.contains(secret), "{name} holds {secret}");
            }
        }
    }
    let log = log.0.lock().unwrap().clone();
    assert!(
        log.contains("verdict=") && log.contains("finding="),
        "{log}"
    );
    clean("the log", &log);
}
