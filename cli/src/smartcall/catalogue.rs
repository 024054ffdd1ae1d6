//! What can be sold: networks and products.

use clap::{Args, Subcommand};
use recharge::smartcall::{Catalogue, Client, Form, Network, Price, Product};
use recharge::{Msisdn, ProductId};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::session::Session;
use super::{read_failed, unread_rows};
use crate::exit::{Exit, Failure};
use crate::printer::{Printer, on_one_line};

/// Reads of the catalogue.
#[derive(Debug, Subcommand)]
pub(crate) enum CatalogueCommand {
    Products(ProductsArgs),
    /// Prints one product; exit code 3 if there is none of that id
    Product {
        /// The product's id, such as 62
        #[arg(value_name = "ID")]
        id: ProductId,
    },
    /// Prints the networks, and what stands for one (electricity), with how many products each has
    Networks,
    /// Prints the products of one network
    Network {
        /// The network's id, such as 1 for Vodacom
        #[arg(value_name = "ID", value_parser = clap::value_parser!(u32).range(1..))]
        id: u32,
    },
}

/// Prints what can be sold, one product a line; amounts in rand
///
/// Keys: id, name, description, network, type, type_name, price (fixed, variable, unclear), price_min, price_max, form (pinless, voucher,
/// unsaid), by_recharge, by_payment, discount_without_sms, discount_with_sms (percent).
#[derive(Debug, Args)]
pub(crate) struct ProductsArgs {
    /// Only those of a network, by its id or name, such as 1 or "Cell C"
    #[arg(long, value_name = "NETWORK", conflicts_with = "msisdn")]
    network: Option<String>,

    /// Only those of the network that this number is on now
    #[arg(long = "for", value_name = "MSISDN")]
    msisdn: Option<Msisdn>,

    /// Only those of a type, by its code, such as A for airtime, S for SMS, X for data
    #[arg(long = "type", value_name = "CODE")]
    type_code: Option<String>,
}

pub(super) async fn run(
    session: &Session,
    command: CatalogueCommand,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let work = async |client: &Client| match command {
        CatalogueCommand::Products(args) => products(client, args, printer).await,
        CatalogueCommand::Product { id } => product(client, id, printer).await,
        CatalogueCommand::Networks => networks(client, printer).await,
        CatalogueCommand::Network { id } => {
            let network = client.network(id).await.map_err(read_failed)?;
            told_network(&network, None, printer)
        }
    };
    session.reading(work).await
}

async fn products(client: &Client, args: ProductsArgs, printer: &Printer) -> Result<Exit, Failure> {
    let type_code = args.type_code.as_deref();
    if let Some(msisdn) = args.msisdn {
        let offer = client.offer(msisdn).await.map_err(read_failed)?;
        let name = on_one_line(&offer.sim().network);
        let network = offer.network().ok_or_else(|| {
            Failure::other(format!("the catalogue has no network of the name {name}"))
        })?;
        return told_network(network, type_code, printer);
    }
    let catalogue = client.catalogue().await.map_err(read_failed)?;
    if let Some(named) = &args.network {
        let network = find(&catalogue, named).ok_or_else(|| {
            Failure::usage(format!(
                "--network must be the id or the name of a network: there is no {named}"
            ))
        })?;
        return told_network(network, type_code, printer);
    }
    heading(printer)?;
    let mut exit = unread_rows(catalogue.unread(), printer);
    for network in catalogue.networks() {
        told_products(network, type_code, printer)?;
        exit = exit.and(unread_rows(&network.unread, printer));
    }
    Ok(exit)
}

fn find<'a>(catalogue: &'a Catalogue, named: &str) -> Option<&'a Network> {
    match named.parse() {
        Ok(id) => catalogue.network(id),
        Err(_) => catalogue.network_named(named),
    }
}

async fn product(client: &Client, id: ProductId, printer: &Printer) -> Result<Exit, Failure> {
    let found = client.product(id).await.map_err(read_failed)?;
    let Some(product) = found.as_ref() else {
        printer.note(&format!("recharge: there is no product {id}"));
        return Ok(Exit::Refused);
    };
    heading(printer)?;
    printer.value(&object(product), &line(product))?;
    Ok(Exit::Success)
}

async fn networks(client: &Client, printer: &Printer) -> Result<Exit, Failure> {
    let catalogue = client.catalogue().await.map_err(read_failed)?;
    let mut exit = unread_rows(catalogue.unread(), printer);
    for network in catalogue.networks() {
        let products = network.products.len();
        printer.value(
            &json!({ "id": network.id, "name": network.name, "products": products }),
            &format!(
                "{:>4}  {:<32}  {products:>4} products",
                network.id,
                on_one_line(&network.name)
            ),
        )?;
        exit = exit.and(unread_rows(&network.unread, printer));
    }
    Ok(exit)
}

fn told_network(
    network: &Network,
    type_code: Option<&str>,
    printer: &Printer,
) -> Result<Exit, Failure> {
    heading(printer)?;
    told_products(network, type_code, printer)?;
    Ok(unread_rows(&network.unread, printer))
}

fn told_products(
    network: &Network,
    type_code: Option<&str>,
    printer: &Printer,
) -> Result<(), Failure> {
    let wanted = |product: &&Product| type_code.is_none_or(|code| product.is_of_type(code));
    for product in network.products.iter().filter(wanted) {
        printer.value(&object(product), &line(product))?;
    }
    Ok(())
}

fn heading(printer: &Printer) -> Result<(), Failure> {
    if printer.is_table() {
        printer.line(&columns(["ID", "NETWORK", "TYPE", "PRICE", "FORM", "NAME"]))?;
    }
    Ok(())
}

fn object(product: &Product) -> Value {
    let (price, min, max) = price(product);
    let text = |amount: Option<Decimal>| amount.map(|amount| amount.to_string());
    json!({
        "id": product.id.get(),
        "name": product.name,
        "description": product.description,
        "network": product.network,
        "type": product.type_code,
        "type_name": product.type_name,
        "price": price,
        "price_min": text(min),
        "price_max": text(max),
        "form": form(product.form),
        "by_recharge": product.sold_by.recharge,
        "by_payment": product.sold_by.payment,
        "discount_without_sms": text(product.discount.without_sms),
        "discount_with_sms": text(product.discount.with_sms),
    })
}

fn line(product: &Product) -> String {
    let price = match price(product) {
        ("fixed", Some(price), _) => price.to_string(),
        (_, Some(min), Some(max)) => format!("{min} to {max}"),
        _ => "unclear".to_owned(),
    };
    columns([
        &product.id.to_string(),
        &on_one_line(product.network.as_deref().unwrap_or("-")),
        &on_one_line(product.type_code.as_deref().unwrap_or("-")),
        &price,
        form(product.form),
        &on_one_line(&product.name),
    ])
}

fn price(product: &Product) -> (&'static str, Option<Decimal>, Option<Decimal>) {
    match product.price {
        Price::Fixed(price) => ("fixed", Some(price), Some(price)),
        Price::Variable { min, max } => ("variable", Some(min), Some(max)),
        _ => ("unclear", None, None),
    }
}

fn form(form: Form) -> &'static str {
    match form {
        Form::Pinless => "pinless",
        Form::Voucher => "voucher",
        _ => "unsaid",
    }
}

fn columns([id, network, type_code, price, form, name]: [&str; 6]) -> String {
    format!("{id:>6}  {network:<24}  {type_code:<4}  {price:>18}  {form:<8}  {name}")
}
