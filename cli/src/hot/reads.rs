//! What is only read: wallets, products, stock, customers, transactions.

use std::collections::BTreeMap;

use clap::Subcommand;
use recharge::hot::{
    AgentReference, Client, Product, Standing, StockItem, Transaction, Wallet, WalletBalance,
};
use recharge::{ProductId, Receipt};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::json;

use super::read_failed;
use super::session::Session;
use crate::exit::{Exit, Failure};
use crate::printer::{Printer, on_one_line};
use crate::receipt::{self, ReceiptReport};

/// Reads.
#[derive(Debug, Subcommand)]
pub(crate) enum ReadCommand {
    /// Prints what each wallet holds, in its currency
    ///
    /// Keys: wallet (zig, zig_utilities, usd, usd_utilities, other), account_type_id, name, amount, currency.
    Balance {
        /// Only this wallet: 1 ZiG, 2 ZiG for utilities, 3 USD, 4 USD for utilities
        #[arg(value_name = "ACCOUNT_TYPE_ID")]
        wallet: Option<i32>,
    },
    /// Prints what can be sold, with its limits
    Products,
    /// Prints one product; exit code 3 if there is none of that id
    Product {
        /// The product's id, such as 100
        #[arg(value_name = "ID")]
        id: ProductId,
    },
    /// Prints what a product is sold in: the bundles and their codes
    Stock {
        /// The product's id, such as 16
        #[arg(value_name = "ID")]
        product: ProductId,
    },
    /// Asks whose a meter or number is: personal data, for the eyes of the till
    Customer {
        /// The product's id, such as 24
        #[arg(value_name = "ID")]
        product: ProductId,

        /// The meter, account or mobile number
        number: String,
    },
    /// Asks the service what it answered to a reference; changes nothing
    Enquire {
        /// The reference that the sale was made with
        #[arg(value_name = "REF")]
        reference: AgentReference,

        /// Prints the tokens too
        #[arg(long)]
        tokens: bool,
    },
}

pub(super) async fn run(
    session: &Session,
    command: ReadCommand,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let work = async |client: &Client| match command {
        ReadCommand::Balance { wallet } => balance(client, wallet, printer).await,
        ReadCommand::Products => {
            let products = client.products().await.map_err(read_failed)?;
            products
                .iter()
                .try_for_each(|product| told_product(product, printer))?;
            Ok(Exit::Success)
        }
        ReadCommand::Product { id } => match client.product(id).await.map_err(read_failed)? {
            Some(product) => told_product(&product, printer).map(|()| Exit::Success),
            None => {
                printer.note(&format!("recharge: there is no product {id}"));
                Ok(Exit::Refused)
            }
        },
        ReadCommand::Stock { product } => {
            let stock = client.stock(product).await.map_err(read_failed)?;
            stock.iter().try_for_each(|item| told_item(item, printer))?;
            Ok(Exit::Success)
        }
        ReadCommand::Customer { product, number } => {
            customer(client, product, &number, printer).await
        }
        ReadCommand::Enquire { reference, tokens } => {
            enquire(client, &reference, tokens, printer).await
        }
    };
    session.reading(work).await
}

fn wallet_word(wallet: Wallet) -> &'static str {
    match wallet {
        Wallet::Zig => "zig",
        Wallet::ZigUtilities => "zig_utilities",
        Wallet::Usd => "usd",
        Wallet::UsdUtilities => "usd_utilities",
        _ => "other",
    }
}

async fn balance(client: &Client, wallet: Option<i32>, printer: &Printer) -> Result<Exit, Failure> {
    let balances = match wallet {
        None => client.balances().await.map_err(read_failed)?,
        Some(id) => {
            let found = client.balance(Wallet::of(id)).await.map_err(read_failed)?;
            found.into_iter().collect()
        }
    };
    for WalletBalance {
        wallet,
        amount,
        name,
        ..
    } in &balances
    {
        let currency = wallet.currency().map(|currency| currency.code());
        printer.value(
            &json!({
                "wallet": wallet_word(*wallet), "account_type_id": wallet.account_type_id(), "name": name,
                "amount": amount.to_string(), "currency": currency,
            }),
            &format!(
                "{:>3}  {:<24}  {amount:>14} {}",
                wallet.account_type_id(),
                on_one_line(name.as_deref().unwrap_or("-")),
                currency.unwrap_or_default()
            ),
        )?;
    }
    if balances.is_empty() {
        printer.note("recharge: the account has no such wallet");
        return Ok(Exit::Refused);
    }
    Ok(Exit::Success)
}

fn text(amount: Option<Decimal>) -> Option<String> {
    amount.map(|amount| amount.to_string())
}

fn told_product(product: &Product, printer: &Printer) -> Result<(), Failure> {
    let limits = product.limits;
    let required: Vec<&str> = product
        .required_options
        .iter()
        .map(|option| option.name.as_str())
        .collect();
    let json = json!({
        "id": product.id.get(), "name": product.name, "wallet": product.wallet.map(wallet_word),
        "currency": product.currency, "network": product.network, "target_type": product.target_type,
        "minimum": text(limits.minimum), "maximum": text(limits.maximum), "step": text(limits.step),
        "required_options": required, "has_stock": product.has_stock, "knows_customers": product.knows_customers,
    });
    let dash = |amount: Option<Decimal>| text(amount).unwrap_or_else(|| "-".to_owned());
    let plain = format!(
        "{:>6}  {:<32}  {:<14}  {} to {} by {}  {}",
        product.id,
        on_one_line(&product.name),
        product.wallet.map_or("-", wallet_word),
        dash(limits.minimum),
        dash(limits.maximum),
        dash(limits.step),
        on_one_line(&required.join(", "))
    );
    Ok(printer.value(&json, plain.trim_end())?)
}

fn told_item(item: &StockItem, printer: &Printer) -> Result<(), Failure> {
    let json = json!({
        "product": item.product.get(), "code": item.product_code, "name": item.name, "description": item.description,
        "value": text(item.value), "amount": text(item.amount), "currency": item.currency,
    });
    let dash = |amount: Option<Decimal>| text(amount).unwrap_or_else(|| "-".to_owned());
    let plain = format!(
        "{:<10}  {:<32}  value {}  amount {}  {}",
        on_one_line(&item.product_code),
        on_one_line(&item.name),
        dash(item.value),
        dash(item.amount),
        on_one_line(item.currency.as_deref().unwrap_or_default())
    );
    Ok(printer.value(&json, plain.trim_end())?)
}

async fn customer(
    client: &Client,
    product: ProductId,
    number: &str,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let found = client
        .customer(product, number)
        .await
        .map_err(read_failed)?;
    let dash = |text: &Option<String>| on_one_line(text.as_deref().unwrap_or("-"));
    printer.value(
        &json!({
            "account_number": found.account_number, "name": found.name, "address": found.address, "details": found.details,
        }),
        &format!(
            "{}  {}  {}",
            dash(&found.account_number),
            dash(&found.name),
            on_one_line(&found.address.join(", "))
        ),
    )?;
    Ok(Exit::Success)
}

/// What the service answered to a reference: one object, with every key. Without `--tokens`, `pins` is empty.
#[derive(Serialize)]
struct Enquired<'a> {
    reference: &'a str,
    standing: &'static str,
    provider_reference: Option<&'a str>,
    target: Option<&'a str>,
    amount: Option<String>,
    balance: Option<String>,
    message: &'a str,
    #[serde(flatten)]
    receipt: ReceiptReport<'a>,
}

async fn enquire(
    client: &Client,
    reference: &AgentReference,
    tokens: bool,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let found = client.enquire(&reference.clone().into_reference()).await;
    let Some(found) = found.map_err(read_failed)? else {
        printer.note(&format!(
            "recharge: {reference} is not known to the service, which is no proof that it was not sold: `recharge hot recover` finds out"
        ));
        return Ok(Exit::Open);
    };
    let (standing, exit) = match found.standing {
        Standing::Successful => ("successful", Exit::Success),
        Standing::Failed => ("failed", Exit::Refused),
        _ => ("unclear", Exit::Open),
    };
    let mut receipt = found.receipt.clone();
    if !tokens {
        receipt.pins.clear();
        receipt.details = BTreeMap::new();
    }
    told_enquiry(reference, standing, &found, &receipt, printer)?;
    Ok(exit)
}

fn told_enquiry(
    reference: &AgentReference,
    standing: &'static str,
    found: &Transaction,
    receipt: &Receipt,
    printer: &Printer,
) -> Result<(), Failure> {
    let enquired = Enquired {
        reference: reference.as_str(),
        standing,
        provider_reference: found.recharge_id.as_deref(),
        target: found.target.as_deref(),
        amount: text(found.amount),
        balance: text(found.balance),
        message: &found.message,
        receipt: receipt.into(),
    };
    if !printer.is_table() {
        return receipt::object(&enquired, printer);
    }
    printer.line(&format!(
        "{reference}  {standing}  {}  {}  {}",
        on_one_line(enquired.target.unwrap_or("-")),
        enquired.amount.as_deref().unwrap_or("-"),
        on_one_line(enquired.message)
    ))?;
    receipt::print(receipt, printer)
}
