//! Chapters 10 q and 10 r.

use recharge::Date;
use recharge::ReadError;
use recharge::smartcall::{CashupGroup, Period};
use serde_json::json;

use super::desk::Desk;
use super::support::{ACCOUNT, Reply, Route, Shop, json_reply, well};

const REPORT: &str = r#"{"error":null,"responseCode":null,"cashupResponseItems":[
    {"groupDescription":"Opening Balance","itemDescription":"","itemCount":0,"amount":0.0000,"netAmount":1000.0000,"profit":0.0000},
    {"groupDescription":"Recharges","itemDescription":"VOD","itemCount":5,"amount":-83.0000,"netAmount":-78.4500,"profit":4.5500},
    {"groupDescription":"Deposits","itemDescription":"Deposit Fee","itemCount":1,"amount":-3.6400,"netAmount":-3.6400,"profit":0.0000},
    {"groupDescription":"Refunds","itemDescription":"MTN","itemCount":1,"amount":5.0000,"netAmount":4.7500,"profit":null},
    {"groupDescription":"Closing Balance","itemDescription":"","itemCount":0,"amount":0.0000,"netAmount":917.9100,"profit":0.0000},
    {"groupDescription":"Total Profit","itemDescription":"","itemCount":0,"amount":0.0000,"netAmount":0.0000,"profit":4.5500}]}"#;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn january() -> Period {
    Period::new(date("2018-01-01"), date("2018-01-31")).unwrap()
}

#[tokio::test]
async fn a_period_is_asked_for_by_its_days_and_read_line_by_line() {
    let desk = Desk::open().await;
    let asked = desk
        .post(
            "/smartload/cashup",
            json!({"smartloadId": ACCOUNT, "startDate": "2018-01-01", "endDate": "2018-01-31"}),
            200,
            REPORT,
        )
        .await;
    let cashup = desk.client.cashup(january()).await.unwrap();
    asked.assert_async().await;
    let opening = cashup.opening_balance().unwrap();
    assert_eq!(opening.to_string(), "1000.0000");
    assert_eq!(cashup.closing_balance().unwrap().to_string(), "917.9100");
    assert_eq!(cashup.total_profit().unwrap().to_string(), "4.5500");
    let sold: Vec<_> = cashup.of(&CashupGroup::Recharges).collect();
    assert_eq!(sold.len(), 1);
    assert_eq!(
        (sold[0].item.as_deref(), sold[0].count),
        (Some("VOD"), Some(5))
    );
    assert_eq!(sold[0].amount.unwrap().to_string(), "-83.0000");
    assert_eq!(sold[0].net_amount.unwrap().to_string(), "-78.4500");
    assert_eq!(cashup.lines[2].group, CashupGroup::Deposits);
    assert_eq!(cashup.lines[3].group, CashupGroup::Other("Refunds".into()));
    assert_eq!((cashup.lines.len(), cashup.unread.len()), (6, 0));
    assert_eq!(cashup.lines[0].item, None);
}

#[tokio::test]
async fn today_needs_no_date() {
    let desk = Desk::open().await;
    let asked = desk
        .get(&format!("/smartload/cashup/{ACCOUNT}"), 200, REPORT)
        .await;
    let cashup = desk.client.cashup_today().await.unwrap();
    asked.assert_async().await;
    assert_eq!(cashup.lines.len(), 6);
}

#[tokio::test]
async fn a_day_without_entries_is_a_report_too() {
    let desk = Desk::open().await;
    desk.get(
        &format!("/smartload/cashup/{ACCOUNT}"),
        200,
        r#"{"error":null,"responseCode":null,"cashupResponseItems":[
            {"groupDescription":"Total Profit","itemDescription":"","itemCount":0,"amount":0.0000,"netAmount":0.0000,"profit":null}]}"#,
    )
    .await;
    let cashup = desk.client.cashup_today().await.unwrap();
    assert_eq!(cashup.total_profit(), None);
    assert_eq!(cashup.opening_balance(), None);
    assert_eq!(cashup.lines.len(), 1);
}

#[tokio::test]
async fn rows_that_cannot_be_understood_are_shown_beside_those_that_can() {
    let desk = Desk::open().await;
    desk.get(
        &format!("/smartload/cashup/{ACCOUNT}"),
        200,
        r#"{"error":null,"responseCode":null,"cashupResponseItems":[
            null,
            {"itemDescription":"VOD","itemCount":5,"amount":-83.0000},
            {"groupDescription":"Recharges","itemDescription":"VOD","itemCount":5,"amount":"R83"},
            {"groupDescription":"Recharges","itemDescription":"MTN","itemCount":1,"amount":-5.0000}]}"#,
    )
    .await;
    let cashup = desk.client.cashup_today().await.unwrap();
    assert_eq!(cashup.lines.len(), 1);
    assert_eq!(cashup.lines[0].item.as_deref(), Some("MTN"));
    let unread: Vec<_> = cashup.unread.iter().map(|row| row.reason).collect();
    assert_eq!(
        unread,
        [
            "is no object",
            "says not what it is about",
            "has an amount or a count that is no number"
        ]
    );
    assert!(cashup.unread[2].json.contains("R83"));
}

#[tokio::test]
async fn a_report_is_a_read_for_all_that_it_is_a_post() {
    let shop = Shop::open(|request| match (request.route, request.host) {
        (Route::Other, 0) => Reply::Close,
        (Route::Other, _) => json_reply(200, json!({"error": null, "cashupResponseItems": []})),
        _ => well(request),
    })
    .await;
    let cashup = shop.client.cashup(january()).await.unwrap();
    assert!(cashup.lines.is_empty());
    let asked = shop.service.log(Route::Other);
    assert_eq!(
        asked.iter().map(|each| each.host).collect::<Vec<_>>(),
        [0, 1]
    );
    assert_eq!(asked[0].body, asked[1].body);
    assert_eq!(asked[1].json()["endDate"], "2018-01-31");
}

#[tokio::test]
async fn an_answer_without_a_report_is_an_error() {
    for (body, service) in [
        (r#"{"error":null,"responseCode":null}"#, false),
        (
            r#"{"error":null,"responseCode":null,"cashupResponseItems":null}"#,
            false,
        ),
        (
            r#"{"error":null,"responseCode":"SUCCESS","cashupResponseItems":7}"#,
            false,
        ),
        (
            r#"{"error":null,"responseCode":"SYS_ERROR","cashupResponseItems":null}"#,
            true,
        ),
        (
            r#"{"error":{"code":2,"message":"x"},"responseCode":null,"cashupResponseItems":[]}"#,
            true,
        ),
    ] {
        let desk = Desk::open().await;
        desk.get(&format!("/smartload/cashup/{ACCOUNT}"), 200, body)
            .await;
        let read = desk.client.cashup_today().await;
        match read {
            Err(ReadError::Service { status: 200, .. }) if service => {}
            Err(ReadError::Unreadable(_)) if !service => {}
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[test]
fn a_period_that_ends_before_it_begins_is_refused() {
    let refused = Period::new(date("2018-01-31"), date("2018-01-30")).expect_err("backwards");
    assert_eq!(refused.field(), "period");
    assert_eq!(refused.rule(), "must not end before it begins");
    let day = Period::new(date("2018-01-31"), date("2018-01-31")).unwrap();
    assert_eq!(day, Period::day(date("2018-01-31")));
    assert!(day.contains(day.from()) && !day.contains(date("2018-02-01")));
    assert_eq!(format!("{:?}", january()), "2018-01-01..=2018-01-31");
}
