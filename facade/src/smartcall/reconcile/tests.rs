use serde_json::json;

use super::*;
use crate::journal::{Attempt, End, Intent, Service};

/// The first of January 2027, 10:00 in South Africa.
const TEN: u64 = 1_798_790_400_000;
const HOUR: u64 = 3_600_000;

fn catalogue() -> Catalogue {
    let product = |id: u32, name: &str, min: &str, max: &str, retail: &str| {
        format!(
            r#"{{"id":{id},"name":"{name}","description":"{name}","minAmount":{min},"maxAmount":{max},"retailValue":{retail}}}"#
        )
    };
    let network = |id: u32, name: &str, products: &[String]| {
        format!(
            r#"{{"id":{id},"description":"{name}","productTypes":[{{"id":1,"products":[{}]}}]}}"#,
            products.join(",")
        )
    };
    let vodacom = [
        product(62, "Vodacom Airtime", "2", "1000", "99999.99"),
        product(22, "2000 SMS-R450", "450", "450", "450"),
    ];
    let cell_c = [product(189, "Cell C Airtime", "2", "1000", "99999.99")];
    let body = format!(
        r#"{{"networks":[{},{}]}}"#,
        network(1, "Vodacom", &vodacom),
        network(3, "Cell C", &cell_c)
    );
    Catalogue::read(serde_json::from_str(&body).expect("an object")).expect("a catalogue")
}

fn line(group: CashupGroup, item: &str, count: i32, amount: i64) -> CashupLine {
    CashupLine {
        group,
        item: Some(item.to_owned()).filter(|item| !item.is_empty()),
        count: Some(count),
        amount: Some(amount.into()),
        net_amount: None,
        profit: None,
    }
}

fn sold(item: &str, count: i32, amount: i64) -> CashupLine {
    line(CashupGroup::Recharges, item, count, -amount)
}

fn cashup(lines: Vec<CashupLine>) -> Cashup {
    Cashup {
        lines,
        unread: Vec::new(),
    }
}

fn open(reference: &str, product: u32, amount: i64, sent_at: u64) -> Entry {
    let intent = Intent {
        service: Service::Smartcall,
        account: "27830000001".into(),
        reference: reference.parse().expect("a reference"),
        operation: "createSyncRecharge".into(),
        target: "27821234567".into(),
        product,
        amount: amount.into(),
        options: "{}".into(),
        created_at: Timestamp(sent_at),
    };
    let attempt = Attempt {
        number: 1,
        host: "https://a".into(),
        started_at: Timestamp(sent_at),
        arrived: None,
        balance_before: None,
    };
    Entry::new(intent, attempt)
}

fn ended(ending: &str, mut entry: Entry, at: u64) -> Entry {
    let end: End = serde_json::from_value(json!({
        "ending": ending, "provider_reference": "1", "balance": null, "code": null, "message": "", "advice": null, "at": at,
    }))
    .expect("an end");
    entry.end = Some(end);
    entry
}

fn vended(reference: &str, product: u32, amount: i64, sent_at: u64) -> Entry {
    ended(
        "vended",
        open(reference, product, amount, sent_at),
        sent_at + 2000,
    )
}

fn reconcile(lines: Vec<CashupLine>, entries: &[Entry]) -> Reconciliation {
    let catalogue = catalogue();
    let day = Period::day("2027-01-01".parse().expect("a day"));
    // The cashup is asked for two days later.
    let (asked, told) = (Timestamp(TEN + 48 * HOUR), Timestamp(TEN + 49 * HOUR));
    let mut reckoning = Reckoning::new(day, cashup(lines), &catalogue, asked, told);
    for entry in entries {
        reckoning.take(entry);
    }
    reckoning.done()
}

fn total(count: i64, amount: i64) -> Total {
    Total {
        count,
        amount: amount.into(),
    }
}

/// Name and agreement of each line.
fn agreements(told: &Reconciliation) -> Vec<(&str, Agreement)> {
    told.lines
        .iter()
        .map(|line| (line.name.as_str(), line.agreement()))
        .collect()
}

#[test]
fn sales_of_a_network_agree_with_its_short_name() {
    let told = reconcile(
        vec![sold("VOD", 3, 480), sold("CELLC", 1, 5)],
        &[
            vended("a", 62, 10, TEN),
            vended("b", 62, 20, TEN),
            // For a fixed price the service charges that, whatever was asked for.
            vended("c", 22, 100, TEN),
            vended("d", 189, 5, TEN),
        ],
    );
    assert_eq!(
        agreements(&told),
        [("CELLC", Agreement::Agrees), ("VOD", Agreement::Agrees)]
    );
    assert!(told.is_clean());
    assert_eq!(told.differences().count(), 0);
    assert_eq!(told.lines[1].journal, Some(total(3, 480)));
}

#[test]
fn each_side_is_named_with_what_the_other_lacks() {
    let told = reconcile(
        vec![sold("VOD", 2, 40), sold("MTN", 1, 7)],
        &[
            vended("a", 62, 10, TEN),
            vended("b", 189, 5, TEN),
            vended("c", 4711, 9, TEN),
        ],
    );
    assert_eq!(
        agreements(&told),
        [
            ("Cell C", Agreement::OnlyInJournal),
            ("MTN", Agreement::OnlyInCashup),
            ("VOD", Agreement::Differs(total(1, 30))),
            ("product 4711", Agreement::OnlyInJournal),
        ]
    );
    assert!(!told.is_clean());
    assert!(told.lines.iter().all(|line| !line.could_be_explained()));
}

#[test]
fn the_same_count_with_another_amount_does_not_agree() {
    let told = reconcile(vec![sold("VOD", 1, 11)], &[vended("a", 62, 10, TEN)]);
    assert_eq!(
        agreements(&told),
        [("VOD", Agreement::Differs(total(0, 1)))]
    );
}

#[test]
fn only_what_was_vended_counts() {
    let told = reconcile(
        vec![sold("VOD", 1, 10)],
        &[
            vended("a", 62, 10, TEN),
            ended("refused", open("b", 62, 10, TEN), TEN),
            ended("cancelled", open("c", 62, 10, TEN), TEN),
            ended("not_sent", open("d", 62, 10, TEN), TEN),
        ],
    );
    assert!(told.is_clean(), "{told:?}");
}

#[test]
fn an_open_sale_could_explain_what_only_the_cashup_has() {
    let told = reconcile(
        vec![sold("VOD", 2, 30)],
        &[vended("a", 62, 10, TEN), open("b", 62, 20, TEN)],
    );
    let line = &told.lines[0];
    assert_eq!(line.agreement(), Agreement::Differs(total(1, 20)));
    assert_eq!(line.open.total, total(1, 20));
    assert_eq!(line.open.references[0].as_str(), "b");
    assert!(line.could_be_explained());
    assert!(!told.is_clean(), "what could be is not what is");

    let told = reconcile(
        vec![sold("VOD", 2, 31)],
        &[vended("a", 62, 10, TEN), open("b", 62, 20, TEN)],
    );
    assert!(!told.lines[0].could_be_explained(), "R21 is more than R20");
}

#[test]
fn an_open_sale_alone_is_a_line_that_neither_side_has() {
    let told = reconcile(vec![], &[open("b", 62, 20, TEN)]);
    assert_eq!(agreements(&told), [("Vodacom", Agreement::InNeither)]);
    assert!(told.is_clean() && told.lines[0].could_be_explained());
}

#[test]
fn an_open_sale_of_another_day_explains_nothing() {
    let day_before = TEN - 24 * HOUR;
    let day_after = TEN + 24 * HOUR;
    let mut never_arrived = open("c", 62, 20, TEN);
    never_arrived.attempts[0].arrived = Some(Arrived::No);
    for entry in [
        open("a", 62, 20, day_before),
        open("b", 62, 20, day_after),
        never_arrived,
    ] {
        assert_eq!(
            reconcile(vec![], std::slice::from_ref(&entry)).lines,
            [],
            "{entry:?}"
        );
    }
    // Sent in the last minutes of the day before.
    let late = open("d", 62, 20, TEN - 10 * HOUR - 60_000);
    assert_eq!(reconcile(vec![], &[late]).lines[0].open.total, total(1, 20));
}

#[test]
fn a_sale_counts_on_the_day_in_south_africa_on_which_it_was_sent() {
    let midnight = TEN - 10 * HOUR;
    let told = reconcile(
        vec![sold("VOD", 2, 30)],
        &[
            vended("first", 62, 10, midnight),
            vended("last", 62, 20, midnight + 24 * HOUR - 2001),
            vended("before", 62, 40, midnight - 2001),
            vended("after", 62, 80, midnight + 24 * HOUR),
        ],
    );
    assert!(told.is_clean(), "{told:?}");
    let line = &told.lines[0];
    assert_eq!(
        (line.edge_inside.total, line.edge_outside.total),
        Default::default()
    );
}

#[test]
fn a_sale_over_the_edge_is_shown_beside_its_line() {
    let midnight = TEN - 10 * HOUR;
    // Sent a second before the day, and sold within it.
    let into = vended("into", 62, 10, midnight - 1000);
    let told = reconcile(vec![sold("VOD", 1, 10)], std::slice::from_ref(&into));
    let line = &told.lines[0];
    assert_eq!(line.agreement(), Agreement::OnlyInCashup);
    assert_eq!(line.edge_outside.references[0].as_str(), "into");
    assert!(line.could_be_explained());
    // Sent a second before its end, and sold after it.
    let out_of = vended("out-of", 62, 10, midnight + 24 * HOUR - 1000);
    let told = reconcile(vec![], std::slice::from_ref(&out_of));
    let line = &told.lines[0];
    assert_eq!(line.agreement(), Agreement::OnlyInJournal);
    assert_eq!(line.edge_inside.references[0].as_str(), "out-of");
    assert!(line.could_be_explained());
    // Both at once explain no amount of their sum.
    let told = reconcile(vec![sold("VOD", 1, 30)], &[into, out_of]);
    assert!(!told.lines[0].could_be_explained());
}

#[test]
fn a_sale_of_today_that_ended_while_the_cashup_was_made_could_be_on_either_side() {
    let catalogue = catalogue();
    let day = Period::day("2027-01-01".parse().expect("a day"));
    let (asked, told) = (Timestamp(TEN), Timestamp(TEN + 1000));
    let mut reckoning = Reckoning::new(day, cashup(vec![]), &catalogue, asked, told);
    reckoning.take(&vended("before", 62, 1, TEN - 3000));
    reckoning.take(&vended("meanwhile", 62, 2, TEN - 1000));
    reckoning.take(&vended("later", 62, 4, TEN + 1000));
    reckoning.take(&open("later-too", 62, 8, TEN + 1000));
    let told = reckoning.done();
    assert_eq!(told.lines.len(), 1);
    assert_eq!(told.lines[0].journal, Some(total(2, 3)));
    assert_eq!(told.lines[0].edge_inside.total, total(1, 2));
    assert_eq!(told.lines[0].open.total, total(0, 0));
}

#[test]
fn lines_that_are_no_sales_are_kept_apart_and_other_groups_compared() {
    let mut nameless = sold("", 1, 3);
    let mut countless = sold("VOD", 1, 3);
    countless.count = None;
    nameless.item = None;
    let told = reconcile(
        vec![
            line(CashupGroup::OpeningBalance, "", 0, 0),
            line(CashupGroup::Deposits, "Credit", 1, 500),
            line(
                CashupGroup::Other("Transfers".into()),
                "Funds Transfer",
                1,
                -50,
            ),
            line(CashupGroup::ClosingBalance, "", 0, 0),
            line(CashupGroup::TotalProfit, "", 0, 0),
            nameless,
            countless,
        ],
        &[],
    );
    assert_eq!(told.not_sales.len(), 4);
    assert_eq!(told.incomplete.len(), 2);
    assert_eq!(
        agreements(&told),
        [("Funds Transfer", Agreement::OnlyInCashup)]
    );
    assert!(!told.is_clean());

    let mut transfer = vended("t", 0, 50, TEN);
    transfer.intent.operation = "createFundsTransfer".into();
    let told = reconcile(
        vec![line(
            CashupGroup::Other("Transfers".into()),
            "Funds Transfer",
            1,
            -50,
        )],
        &[transfer],
    );
    assert!(told.is_clean(), "{told:?}");
}

#[test]
fn a_line_named_as_the_product_is_the_products() {
    let told = reconcile(
        vec![sold("2000 SMS - R450", 1, 450), sold("VOD", 1, 10)],
        &[vended("a", 22, 450, TEN), vended("b", 62, 10, TEN)],
    );
    assert!(told.is_clean(), "{told:?}");
}

#[test]
fn unread_rows_and_lines_of_one_name_are_not_lost() {
    let catalogue = catalogue();
    let day = Period::day("2027-01-01".parse().expect("a day"));
    let cashup = Cashup {
        lines: vec![sold("VOD", 1, 10), sold("Vodacom", 1, 20)],
        unread: vec![UnreadRow::new("null", "is no object")],
    };
    let now = Timestamp(TEN + 48 * HOUR);
    let mut reckoning = Reckoning::new(day, cashup, &catalogue, now, now);
    reckoning.take(&vended("a", 62, 30, TEN));
    let told = reckoning.done();
    assert_eq!(
        agreements(&told),
        [("VOD", Agreement::Differs(total(1, 0)))]
    );
    assert_eq!(told.unread.len(), 1);
}

#[test]
fn what_is_held_grows_with_the_lines_and_not_with_the_rows() {
    let entries: Vec<_> = (0..250)
        .map(|n| open(&format!("r{n}"), 62, 1, TEN))
        .collect();
    let told = reconcile(vec![], &entries);
    let open = &told.lines[0].open;
    assert_eq!(
        (open.total, open.references.len()),
        (total(250, 250), NAMED_MAX)
    );
}

#[test]
fn vouchers_count_as_many_as_were_ordered() {
    let mut ordered = vended("v", 22, 0, TEN);
    ordered.intent.operation = "createBatchVouchers".into();
    ordered.intent.options = r#"{"quantity":3}"#.into();
    let told = reconcile(vec![sold("VOD", 3, 1350)], &[ordered]);
    assert!(told.is_clean(), "{told:?}");
}
