//! **The rule: PINs go to standard output and nowhere else, in the order of entry, Key Change first; and only where they were asked for.**

use std::collections::BTreeMap;

use recharge::{Pin, PinKind, Receipt};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::exit::Failure;
use crate::printer::{Printer, on_one_line};
use crate::report::Report;

/// A receipt as an object; what it holds is borrowed, so that no PIN is copied.
#[derive(Debug, Serialize)]
pub(crate) struct ReceiptReport<'a> {
    pins: Vec<PinReport<'a>>,
    /// How many PINs were paid for and are not here.
    pins_missing: usize,
    /// The service's words for the customer.
    receipt_message: Option<&'a str>,
    details: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
struct PinReport<'a> {
    kind: &'static str,
    code: &'a str,
    serial: Option<&'a str>,
    expires: Option<&'a str>,
    description: Option<&'a str>,
}

impl std::fmt::Debug for PinReport<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind)
    }
}

impl<'a> From<&'a Receipt> for ReceiptReport<'a> {
    fn from(receipt: &'a Receipt) -> Self {
        let mut pins: Vec<&Pin> = receipt.pins.iter().collect();
        pins.sort_by_key(|pin| match pin.kind {
            PinKind::KeyChangeFirst => 0,
            PinKind::KeyChangeSecond => 1,
            _ => 2,
        });
        Self {
            pins: pins.into_iter().map(PinReport::from).collect(),
            pins_missing: receipt.missing,
            receipt_message: receipt.message.as_deref(),
            details: &receipt.details,
        }
    }
}

impl<'a> From<&'a Pin> for PinReport<'a> {
    fn from(pin: &'a Pin) -> Self {
        Self {
            kind: kind(pin.kind),
            code: pin.code.expose(),
            serial: pin.serial.as_deref(),
            expires: pin.expires.as_deref(),
            description: pin.description.as_deref(),
        }
    }
}

fn kind(kind: PinKind) -> &'static str {
    match kind {
        PinKind::KeyChangeFirst => "key_change_first",
        PinKind::KeyChangeSecond => "key_change_second",
        PinKind::Electricity => "electricity",
        PinKind::Voucher => "voucher",
        PinKind::FilePassword => "file_password",
        _ => "other",
    }
}

/// A sale with its receipt.
#[derive(Serialize)]
struct Purchase<'a> {
    #[serde(flatten)]
    report: &'a Report,
    balance: Option<String>,
    #[serde(flatten)]
    receipt: ReceiptReport<'a>,
}

/// Tells a sale with its receipt.
pub(crate) fn purchase(
    report: &Report,
    balance: Option<String>,
    receipt: &Receipt,
    printer: &mut Printer,
) -> Result<(), Failure> {
    if printer.is_table() {
        printer.report(report)?;
        return print(receipt, printer);
    }
    object(
        &Purchase {
            report,
            balance,
            receipt: receipt.into(),
        },
        printer,
    )
}

/// Tells an object with PINs in it: its text is wiped.
pub(crate) fn object(object: &impl Serialize, printer: &Printer) -> Result<(), Failure> {
    let text = Zeroizing::new(serde_json::to_string(object).map_err(std::io::Error::from)?);
    Ok(printer.line(&text)?)
}

/// Prints a receipt for people.
pub(crate) fn print(receipt: &Receipt, printer: &Printer) -> Result<(), Failure> {
    let slip = Zeroizing::new(receipt.expose_for_print().to_string());
    for line in slip.lines() {
        // What a service says must not move the cursor of a terminal.
        printer.line(&Zeroizing::new(on_one_line(line)))?;
    }
    // The slip is for a customer; the password of a file is for whoever ordered it.
    let is_password = |pin: &&Pin| pin.kind == PinKind::FilePassword;
    for password in receipt.pins.iter().filter(is_password) {
        let line = format!("Password of the file: {}", password.code.expose());
        printer.line(&Zeroizing::new(line))?;
    }
    for (name, value) in &receipt.details {
        printer.line(&format!("{}: {}", on_one_line(name), on_one_line(value)))?;
    }
    if let Some(message) = &receipt.message {
        printer.line(&on_one_line(message))?;
    }
    if receipt.missing > 0 {
        printer.note(&format!(
            "recharge: {} PINs that were paid for are not here: ask for them again before these are handed out",
            receipt.missing
        ));
    }
    Ok(())
}
