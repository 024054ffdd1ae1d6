//! Metadata as typed limits, and orders that break them.

use serde_json::{Value, json};

use super::*;
use crate::hot::{RechargeOrder, SmsTemplate};

fn product(json: &Value) -> Product {
    let read: types::Product = serde_json::from_str(&json.to_string()).expect("JSON");
    Product::read(&read).expect("a product")
}

fn airtime() -> Value {
    json!({
        "productId": 102, "name": "NetOne USD Airtime", "accountTypeId": 3, "requiredOptions": [],
        "metaData": {
            "TargetType": "Netone Mobile Number", "RechargeType": "Partial Pinless", "MinimumRecharge": "0.50", "MaxRecharge": "300",
            "RechargeAmountIncrement": "0.25", "Currency": "USD", "Network": "NetOne", "StockQuery": "Can query available denominations",
        },
    })
}

fn zesa() -> Value {
    json!({
        "productId": 24, "name": "ZESA", "accountTypeId": 2,
        "requiredOptions": [{"name": "NotifyNumber", "parameterType": "string"}, null, {"name": "Colour"}],
        "metaData": {"TargetType": "Meter Number", "AccountQuery": "yes", "CustomSMSTags": "%KWH%, METERNUMBER", "Note": "use %TARIFF%"},
    })
}

fn order(amount: &str) -> RechargeOrder {
    let subscriber = "0712123456".parse().expect("a number");
    RechargeOrder::airtime(
        "102".parse().expect("id"),
        subscriber,
        amount.parse().expect("amount"),
    )
}

fn power() -> RechargeOrder {
    let (meter, notify) = ("37123456789".parse(), "0712123456".parse());
    RechargeOrder::electricity(
        "24".parse().expect("id"),
        meter.expect("meter"),
        notify.expect("number"),
        "100".parse().expect("amount"),
    )
}

#[test]
fn metadata_becomes_limits() {
    let product = product(&airtime());
    assert_eq!(product.limits.minimum, Some(Decimal::new(50, 2)));
    assert_eq!(product.limits.maximum, Some(Decimal::from(300)));
    assert_eq!(product.limits.step, Some(Decimal::new(25, 2)));
    assert_eq!(
        (product.wallet, product.currency.as_deref()),
        (Some(Wallet::Usd), Some("USD"))
    );
    assert!(product.has_stock && !product.knows_customers);
    assert_eq!(product.metadata["RechargeType"], "Partial Pinless");
}

#[test]
fn a_product_is_read_however_odd_its_members_are_as_long_as_it_has_an_id() {
    let odd = json!({
        "productId": 7, "name": null, "accountTypeId": "x", "requiredOptions": "none",
        "metaData": {"MinimumRecharge": "a lot", "MaxRecharge": 300, "RechargeAmountIncrement": "0", "Network": null},
    });
    let product = product(&odd);
    assert_eq!(
        product.limits,
        Limits {
            maximum: Some(Decimal::from(300)),
            ..Limits::default()
        }
    );
    assert!(product.required_options.is_empty() && product.network.is_none());
    for id in [json!(null), json!("7"), json!(0), json!(-1)] {
        let read: types::Product =
            serde_json::from_str(&json!({ "productId": id }).to_string()).expect("JSON");
        assert_eq!(Product::read(&read), None, "{id}");
    }
}

#[test]
fn an_order_within_its_limits_passes() {
    let product = product(&airtime());
    for amount in ["0.50", "0.75", "10", "300"] {
        assert_eq!(order(amount).check(&product), Ok(()), "{amount}");
    }
    // Steps are counted from zero, or from the least.
    let mut limits = airtime();
    limits["metaData"]["MinimumRecharge"] = json!("0.10");
    let product = self::product(&limits);
    for amount in ["0.10", "0.35", "0.25", "0.50"] {
        assert_eq!(order(amount).check(&product), Ok(()), "{amount}");
    }
}

#[test]
fn an_order_that_breaks_a_rule_is_refused_by_field_and_rule() {
    let product = product(&airtime());
    for (amount, rule) in [
        ("0.49", "minimum"),
        ("300.01", "maximum"),
        ("0.60", "increment"),
    ] {
        let refused = order(amount).check(&product).expect_err(amount);
        assert_eq!(refused.field(), "amount");
        assert!(refused.rule().contains(rule), "{amount}: {refused}");
    }
    assert_eq!(
        power().check(&product).map_err(|it| it.field()),
        Err("target")
    );
    let zesa = self::product(&zesa());
    assert_eq!(
        order("1").check(&zesa).map_err(|it| it.field()),
        Err("target")
    );
    let amount = "100".parse().expect("amount");
    let meter = RechargeOrder::other(zesa.id, "37123456789", amount).expect("order");
    assert_eq!(meter.check(&zesa).map_err(|it| it.field()), Err("notify"));
    assert_eq!(power().check(&zesa).map_err(|it| it.field()), Err("option"));
    let coloured = power().with_option("colour", "red").expect("option");
    assert_eq!(coloured.check(&zesa), Ok(()));
}

#[test]
fn a_bundle_needs_its_code() {
    let mut bundle = airtime();
    bundle["requiredOptions"] = json!([{"name": "ProductCode"}]);
    let bundle = product(&bundle);
    assert_eq!(
        order("1").check(&bundle).map_err(|it| it.field()),
        Err("product_code")
    );
    let (to, price) = (
        "0712123456".parse().expect("number"),
        "1".parse().expect("price"),
    );
    let coded = RechargeOrder::bundle(bundle.id, to, "NU100", price).expect("order");
    assert_eq!(coded.check(&bundle), Ok(()));
}

#[test]
fn tags_of_the_metadata_are_known_for_this_product_only() {
    let zesa = product(&zesa());
    assert_eq!(zesa.sms_tags(), ["KWH", "METERNUMBER", "TARIFF"]);
    let sms = SmsTemplate::for_product("%KWH% at %TARIFF%", &zesa).expect("known tags");
    let ordered = power()
        .with_option("Colour", "red")
        .expect("option")
        .with_sms(&sms);
    assert_eq!(ordered.check(&zesa), Ok(()));
    let refused = order("1").with_sms(&sms).check(&product(&airtime()));
    assert_eq!(refused.map_err(|it| it.field()), Err("sms"));
    assert!(SmsTemplate::for_product("%KWH%", &product(&airtime())).is_err());
}
