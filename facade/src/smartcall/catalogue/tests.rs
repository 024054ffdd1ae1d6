use super::*;

fn read(networks: &str) -> Catalogue {
    let body = format!(r#"{{"networks":{networks}}}"#);
    let body = serde_json::from_str(&body).expect("an object");
    Catalogue::read(body).expect("a catalogue")
}

/// A network with one type of products.
fn network(id: u32, name: &str, fixed: &str, products: &str) -> String {
    format!(
        r#"{{"id":{id},"description":"{name}","productTypes":[{{"id":1,"code":"A ","description":"Airtime","fixedAmount":{fixed},"products":[{products}]}}]}}"#
    )
}

fn row(id: &str, discount: &str, sms: &str) -> String {
    format!(
        r#"{{"id":{id},"name":" Airtime ","description":"Airtime","typeCode":"A ","minAmount":2.0000,"maxAmount":1000.0000,
            "discountPercentage":{discount},"retailValue":99999.9900,"pinIndicator":false,"smsIndicator":{sms}}}"#
    )
}

fn priced(fixed: &str, min: &str, max: &str, retail: &str) -> Price {
    let row = format!(r#"{{"id":1,"minAmount":{min},"maxAmount":{max},"retailValue":{retail}}}"#);
    let catalogue = read(&format!("[{}]", network(1, "N", fixed, &row)));
    catalogue.products().next().expect("a product").price
}

fn id(id: u32) -> ProductId {
    ProductId::new(id).expect("an id")
}

fn decimal(text: &str) -> rust_decimal::Decimal {
    text.parse().expect("a number")
}

#[test]
fn the_two_rows_of_a_product_are_one_with_both_its_discounts() {
    let rows = [row("62", "5.5000", "false"), row("62", "5.0000", "true")].join(",");
    let catalogue = read(&format!("[{}]", network(1, "Vodacom ", "false", &rows)));
    assert_eq!(catalogue.products().count(), 1);
    let product = catalogue.product(id(62)).expect("the product");
    assert_eq!(
        product,
        &Product {
            id: id(62),
            name: "Airtime".into(),
            description: "Airtime".into(),
            type_code: Some("A".into()),
            type_name: Some("Airtime".into()),
            network: Some("Vodacom".into()),
            price: Price::Variable {
                min: decimal("2"),
                max: decimal("1000")
            },
            form: Form::Pinless,
            sold_by: SoldBy::default(),
            discount: Discount {
                without_sms: Some(decimal("5.5")),
                with_sms: Some(decimal("5"))
            },
        }
    );
    assert!(product.is_of_type("A ") && product.is_of_type("A") && !product.is_of_type("S"));
    assert!(catalogue.networks()[0].unread.is_empty());
}

#[test]
fn one_row_alone_is_a_product_and_a_third_adds_nothing() {
    let rows = [
        row("1", "1", "false"),
        row("2", "2", "true"),
        row("2", "3", "true"),
        row("3", "4", "null"),
    ]
    .join(",");
    let catalogue = read(&format!("[{}]", network(1, "N", "false", &rows)));
    let discounts: Vec<_> = catalogue
        .products()
        .map(|product| (product.discount.without_sms, product.discount.with_sms))
        .collect();
    assert_eq!(
        discounts,
        [
            (Some(decimal("1")), None),
            (None, Some(decimal("2"))),
            (Some(decimal("4")), None)
        ]
    );
}

#[test]
fn a_price_is_fixed_or_variable_or_unclear() {
    let fixed = |price| Price::Fixed(decimal(price));
    let variable = |min, max| Price::Variable {
        min: decimal(min),
        max: decimal(max),
    };
    for (by_type, min, max, retail, price) in [
        ("true", "10.0000", "10.0000", "10.0000", fixed("10")),
        ("true", "10", "10", "null", fixed("10")),
        ("false", "10", "10", "10", fixed("10")),
        ("null", "10", "10", "10", fixed("10")),
        ("false", "2", "1000", "99999.9900", variable("2", "1000")),
        ("null", "2", "1000", "99999.99", variable("2", "1000")),
        ("false", "2", "1000", "null", variable("2", "1000")),
        ("false", "0", "0", "99999.99", variable("0", "0")),
        ("true", "2", "1000", "99999.99", Price::Unclear),
        ("true", "10", "10", "11", Price::Unclear),
        ("false", "2", "1000", "50", Price::Unclear),
        ("false", "1000", "2", "99999.99", Price::Unclear),
        ("false", "null", "1000", "99999.99", Price::Unclear),
        ("false", "2", r#""much""#, "99999.99", Price::Unclear),
        ("false", "2", "1000", r#""R50""#, Price::Unclear),
        ("true", "10", "10", "[]", Price::Unclear),
    ] {
        let told = priced(by_type, min, max, retail);
        assert_eq!(told, price, "{by_type} {min} {max} {retail}");
    }
    assert_eq!(fixed("10").allows(decimal("10.00")), Some(true));
    assert_eq!(fixed("10").allows(decimal("11")), Some(false));
    assert_eq!(variable("2", "5").allows(decimal("5")), Some(true));
    assert_eq!(variable("2", "5").allows(decimal("5.01")), Some(false));
    assert_eq!(Price::Unclear.allows(decimal("5")), None);
}

#[test]
fn the_indicators_are_told_as_they_are() {
    let row = |pin: &str, recharge: &str, payment: &str| {
        let row = format!(
            r#"{{"id":1,"pinIndicator":{pin},"rechargeIndicator":{recharge},"paymentIndicator":{payment}}}"#
        );
        let catalogue = read(&format!("[{}]", network(1, "N", "true", &row)));
        let product = catalogue.products().next().expect("a product").clone();
        (
            product.form,
            product.sold_by.recharge,
            product.sold_by.payment,
        )
    };
    assert_eq!(
        row("true", "true", "false"),
        (Form::Voucher, Some(true), Some(false))
    );
    assert_eq!(row("false", "null", r#""Y""#), (Form::Pinless, None, None));
    assert_eq!(
        row("null", "false", "true"),
        (Form::Unsaid, Some(false), Some(true))
    );
}

#[test]
fn what_cannot_be_understood_is_listed_where_it_stood() {
    let twin = row("5", "1", "true").replace("1000.0000", "500.0000");
    let rows = [
        "null".to_owned(),
        row("0", "1", "false"),
        row("-1", "1", "false"),
        row("null", "1", "false"),
        row("4294967296", "1", "false"),
        row(r#"" 7 ""#, "1", "false"),
        row("5", "1", "false"),
        twin,
    ]
    .join(",");
    let listed = format!(
        r#"[null, {}, {{"id":2,"description":"MTN","productTypes":null}}, {{"description":"?","productTypes":[]}},
           {{"id":3,"description":"Cell C","productTypes":[7, {{"id":1,"products":null}}, {{"id":2,"products":[]}}]}}]"#,
        network(1, "Vodacom", "false", &rows)
    );
    let catalogue = read(&listed);
    let reasons = |unread: &[UnreadRow]| unread.iter().map(|row| row.reason).collect::<Vec<_>>();
    assert_eq!(
        reasons(catalogue.unread()),
        ["is no object", "has no list of types", "has no network id"]
    );
    let vodacom = catalogue.network(1).expect("Vodacom");
    assert_eq!(
        reasons(&vodacom.unread),
        [
            "is no object",
            "has no product id",
            "has no product id",
            "has no product id",
            "has no product id",
            "differs from another row of its product",
        ]
    );
    assert!(
        vodacom.unread[5].json.contains("500.0000"),
        "digits are kept"
    );
    let ids: Vec<_> = vodacom
        .products
        .iter()
        .map(|product| product.id.get())
        .collect();
    assert_eq!(ids, [7, 5]);
    let cell_c = catalogue.network(3).expect("Cell C");
    assert_eq!(
        reasons(&cell_c.unread),
        ["is no object", "is a type without a list of products"]
    );
    assert_eq!(catalogue.network(2), None);
}

#[test]
fn networks_are_found_by_id_and_by_name_however_it_is_written() {
    let listed = [
        network(3, "Cell C", "true", ""),
        network(9, "Telkom Mobile", "true", ""),
        network(4, "Telkom", "true", ""),
    ]
    .join(",");
    let catalogue = read(&format!("[{listed}]"));
    for (name, id) in [
        ("CELLC", Some(3)),
        ("Cell C", Some(3)),
        ("cell-c", Some(3)),
        ("Telkom Mobile", Some(9)),
        ("Telkom", Some(4)),
        ("Rain", None),
        ("", None),
    ] {
        assert_eq!(
            catalogue.network_named(name).map(|network| network.id),
            id,
            "{name}"
        );
    }
    assert_eq!(
        catalogue.network(9).map(|network| network.name.as_str()),
        Some("Telkom Mobile")
    );
    assert_eq!(catalogue.product(id(62)), None);
}
