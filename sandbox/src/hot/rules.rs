//! Whether a recharge is taken, and what the network simulator makes of it: pure decisions, without a lock or a clock.
//!
//! | rule | grade |
//! |---|---|
//! | a request that does not validate is a map of messages, an unknown product among them | page |
//! | what the business refuses is a list of problems, an unknown product code among them | page |
//! | what the network refuses is a 200 with `successful: false` | page |
//! | a bundle's amount must be its price in stock | page |
//! | airtime wallets do not pay for electricity, nor the reverse | docs |
//! | `successful: false` of electricity may mean pending | assume |
//!
//! The simulator goes by the amount, like Smartcall's: 11 is a number that cannot be recharged, 17 a network that is down; of
//! electricity 42 fails, 13 is pending and ends well, 14 is pending and fails, 45 comes with three tokens.

use rust_decimal::Decimal;

use super::catalogue::{Catalogue, Family, Product};
use super::members::{Members, missing};
use super::view::Wants;
use super::wire::Problem;

/// The longest `agentReference`, as version 1 had it.
const LONGEST_REFERENCE: usize = 50;

/// What a recharge asks for, as far as it makes sense.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) product: &'a Product,
    pub(super) target: String,
    pub(super) amount: Decimal,
    /// What the wallet pays.
    pub(super) charged: Decimal,
    pub(super) wants: Wants,
    pub(super) reserve: bool,
    /// The customer is told of the reservation.
    pub(super) announce: bool,
}

/// An `agentReference` that can be kept.
pub(super) fn reference(members: &Members) -> Result<String, Problem> {
    let reference = members.required("AgentReference")?;
    if reference.chars().count() > LONGEST_REFERENCE {
        let message =
            format!("The AgentReference field is longer than {LONGEST_REFERENCE} characters.");
        return Err(Problem::invalid("AgentReference", message));
    }
    Ok(reference)
}

/// Reads and prices a recharge.
pub(super) fn asked<'a>(catalogue: &'a Catalogue, members: &Members) -> Result<Asked<'a>, Problem> {
    let id = members
        .integer("ProductId")?
        .ok_or_else(|| missing("ProductId"))?;
    let target = members.required("Target")?;
    let amount = members
        .decimal("Amount")?
        .ok_or_else(|| missing("Amount"))?;
    let sms = members.text("CustomerSMS")?;
    let sms = match sms {
        Some(text) => Some(text),
        None => members.text("CustomsSMS")?,
    };
    let options = options(members)?;
    let product = catalogue.product(id).ok_or_else(|| unsupported(id))?;
    check_target(product, &target)?;
    let amount = check_amount(product, amount, &options)?;
    let notify = match product.family {
        Family::Zesa => notify_number(&options)?,
        _ => target.clone(),
    };
    Ok(Asked {
        product,
        target,
        amount,
        charged: charged(amount, product.discount),
        wants: Wants { notify, sms },
        reserve: option(&options, "MakeReservation").is_some(),
        announce: option(&options, "SendReservationSMSToCustomer").is_some(),
    })
}

/// The validation problem that the vendor's page shows.
pub(super) fn unsupported(id: i32) -> Problem {
    let message = format!("ProductId is currently not supported. ProductID {id}");
    Problem::invalid("ProductId", message)
}

/// The amount less the discount, to four decimals.
fn charged(amount: Decimal, discount: Decimal) -> Decimal {
    super::sms::rounded(amount - amount * discount / Decimal::ONE_HUNDRED, 4).normalize()
}

/// Names and values. That a value is "false" switches nothing off: nothing says that it does.
fn options(members: &Members) -> Result<Vec<(String, String)>, Problem> {
    let list = members.objects("RechargeOptions")?;
    let read = |option: &Members| {
        option.text("ParameterType")?;
        let value = option.text("Value")?.unwrap_or_default();
        Ok((option.required("Name")?, value))
    };
    list.iter().map(read).collect()
}

fn option<'a>(options: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = options
        .iter()
        .find(|(given, _)| given.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

fn check_target(product: &Product, target: &str) -> Result<(), Problem> {
    match product.family {
        Family::Zesa if is_meter(target) => Ok(()),
        Family::Zesa => Err(Problem::invalid(
            "Target",
            "The Target is not a meter number.",
        )),
        _ => match local(target) {
            None => Err(Problem::invalid(
                "Target",
                "The Target is not a mobile number.",
            )),
            Some(number)
                if product
                    .prefixes
                    .iter()
                    .any(|prefix| number.starts_with(prefix)) =>
            {
                Ok(())
            }
            Some(_) => Err(Problem::refused(
                "Target",
                "Mobile number is not of the network of the product",
            )),
        },
    }
}

/// Eleven digits.
pub(super) fn is_meter(target: &str) -> bool {
    target.len() == 11 && target.bytes().all(|byte| byte.is_ascii_digit())
}

/// A Zimbabwean mobile number without its 0 or 263.
pub(super) fn local(target: &str) -> Option<&str> {
    let digits = target.bytes().all(|byte| byte.is_ascii_digit());
    let number = target
        .strip_prefix("263")
        .or_else(|| target.strip_prefix('0'))?;
    Some(number).filter(|number| digits && number.len() == 9 && number.starts_with('7'))
}

fn check_amount(
    product: &Product,
    amount: Decimal,
    options: &[(String, String)],
) -> Result<Decimal, Problem> {
    let code = option(options, "ProductCode").filter(|code| !code.is_empty());
    if product.family == Family::Bundle {
        let code = code.ok_or_else(|| {
            Problem::invalid("RechargeOptions", "The option ProductCode is required.")
        })?;
        let item = product.item(code).ok_or_else(|| {
            Problem::refused("Product", format!("\"Invalid Product Code\" {code}"))
        })?;
        if item.price != amount {
            return Err(Problem::refused(
                "Amount",
                "Amount is not the price of the bundle",
            ));
        }
    }
    let bundle = product.family == Family::Bundle;
    let fits = amount >= product.min && amount <= product.max && amount.normalize().scale() <= 2;
    if bundle || fits {
        return Ok(amount.normalize());
    }
    let (min, max) = (product.min.normalize(), product.max.normalize());
    let message = format!("Amount is not between {min} and {max} in steps of 0.01.");
    Err(Problem::invalid("Amount", message))
}

fn notify_number(options: &[(String, String)]) -> Result<String, Problem> {
    let number = option(options, "NotifyNumber").filter(|number| !number.is_empty());
    let number = number.ok_or_else(|| {
        Problem::invalid("RechargeOptions", "The option NotifyNumber is required.")
    })?;
    if local(number).is_none() {
        let message = "The option NotifyNumber is not a mobile number.";
        return Err(Problem::invalid("RechargeOptions", message));
    }
    Ok(number.to_owned())
}

/// What the network says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Sold,
    Failed(&'static str),
    Pending { succeeds: bool },
}

/// What the network simulator does with an order that was taken.
pub(super) fn simulate(family: Family, amount: Decimal) -> Verdict {
    let is = |number: i64| amount == Decimal::from(number);
    match family {
        Family::Zesa if is(13) => Verdict::Pending { succeeds: true },
        Family::Zesa if is(14) => Verdict::Pending { succeeds: false },
        Family::Zesa if is(42) => Verdict::Failed("Meter number could not be recharged"),
        Family::Airtime if is(11) => Verdict::Failed("Mobile Number not a prepaid subscriber"),
        _ if is(17) => Verdict::Failed("Network is currently not available"),
        _ => Verdict::Sold,
    }
}

/// How many tokens a purchase of electricity comes with.
pub(super) fn token_count(amount: Decimal) -> usize {
    if amount == Decimal::from(45) { 3 } else { 1 }
}
