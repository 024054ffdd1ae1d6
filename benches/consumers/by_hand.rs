//! Sells one recharge with reqwest and serde alone.

use std::error::Error;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Login {
    access_token: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    smartload_id: &'a str,
    client_reference: String,
    sms_recipient_msisdn: &'a str,
    device_id: &'a str,
    product_id: u32,
    amount: Decimal,
    send_sms: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "they are printed")]
struct Response {
    error: Option<Failure>,
    status_code: Option<i32>,
    status_message: Option<String>,
    recharge: Option<Recharge>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "they are printed")]
struct Failure {
    code: i32,
    message: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "they are printed")]
struct Recharge {
    order_reference_id: Option<i64>,
    balance: Option<Decimal>,
    voucher_pin: Option<String>,
}

pub(crate) fn sell() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [
        base_url,
        username,
        password,
        account,
        msisdn,
        product,
        amount,
    ] = words.as_slice()
    else {
        return Err("base-url username password account msisdn product amount".into());
    };
    let request = Request {
        smartload_id: account,
        client_reference: format!("by-hand-{}", std::process::id()),
        sms_recipient_msisdn: msisdn,
        device_id: msisdn,
        product_id: product.parse()?,
        amount: amount.parse()?,
        send_sms: false,
    };
    let http = reqwest::Client::new();
    let selling = async {
        let login = http
            .post(format!("{base_url}/auth"))
            .basic_auth(username, Some(password))
            .send()
            .await?;
        let Login { access_token } = login.json().await?;
        let answer = http
            .post(format!("{base_url}/smartload/v2/recharges"))
            .bearer_auth(access_token)
            .json(&request)
            .send()
            .await?;
        answer.json::<Response>().await
    };
    let response = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(selling)?;
    println!("answered: {response:?}");
    Ok(())
}
