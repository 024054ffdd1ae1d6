//! Sells one recharge with the raw bindings.

use std::error::Error;
use std::sync::Arc;

use recharge_bindings::Direct;
use recharge_bindings::smartcall::{Client, types};
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Login {
    access_token: String,
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
    let mut request = types::SyncRechargeRequest::new(
        amount.parse()?,
        format!("bindings-{}", std::process::id()),
        product.parse::<u32>()?.into(),
        account.clone(),
    );
    request.sms_recipient_msisdn = msisdn.clone().into();
    request.device_id = msisdn.clone().into();
    request.send_sms = false.into();
    let selling = async {
        // What logs in has no bearer yet; the bindings put none in.
        let login = reqwest::Client::new()
            .post(format!("{base_url}/auth"))
            .basic_auth(username, Some(password))
            .send()
            .await?;
        let Login { access_token } = login.json().await?;
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, format!("Bearer {access_token}").parse()?);
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .build()?;
        let client = Client::new_with_client(base_url, http, Arc::new(Direct));
        let answer = client.create_sync_recharge(&request).await?;
        Ok::<_, Box<dyn Error>>(answer.into_inner())
    };
    let response = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(selling)?;
    println!("answered: {response:?}");
    Ok(())
}
