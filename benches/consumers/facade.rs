//! Sells one recharge with the library.

use std::error::Error;
use std::sync::Arc;

use recharge::journal::Journal;
use recharge::smartcall::{Client, RechargeOrder};

pub(crate) fn sell(journal: Arc<dyn Journal>) -> Result<(), Box<dyn Error>> {
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
    let order = RechargeOrder::new(msisdn.parse()?, product.parse()?, amount.parse()?);
    let selling = async {
        let client = Client::builder(username, password.as_str(), account.parse()?, journal)
            .base_urls([base_url])
            .build()?;
        client
            .recover(|entry, outcome| println!("left over: {} {outcome:?}", entry.intent.reference))
            .await?;
        let outcome = client.recharge(&order).await?;
        client.close().await;
        Ok::<_, Box<dyn Error>>(outcome)
    };
    let outcome = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(selling)?;
    println!("answered: {outcome:?}");
    Ok(())
}
