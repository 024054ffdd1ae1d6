//! **The rule: what is printed can be used from top to bottom: key change PINs first, in groups of four digits, in the document's words.**
//!
//! "It MUST be communicated to the client that Key Change PIN #1 and Key Change PIN #2 have to be entered into their prepaid meter first in
//! this specific order" (Smartcall, chapter 10 s). A meter that gets another PIN before them refuses it.

use std::fmt;

use super::receipt::{Pin, PinKind, Receipt};

/// From how many digits on a PIN is parted in groups.
const GROUPED_FROM: usize = 8;
const GROUP: usize = 4;

/// The PINs of a receipt for the customer, by [`Receipt::expose_for_print`]. **Its printed form holds the PINs**; its debug form does not.
#[derive(Clone, Copy)]
pub struct Slip<'a>(&'a Receipt);

impl Receipt {
    /// The PINs in a form for the customer: numbered in the order of entry, in groups of four digits, key change PINs first whatever the
    /// order in [`pins`](Self::pins). **Exposes the secrets**: whoever prints it answers for where it goes. Passwords of files are left out.
    ///
    /// ```
    /// # use recharge::{Pin, PinKind, Receipt};
    /// let receipt = Receipt::of(vec![
    ///     Pin::new(PinKind::Electricity, "65590769817133403636".into()),
    ///     Pin::new(PinKind::KeyChangeSecond, "22222222222222222222".into()),
    ///     Pin::new(PinKind::KeyChangeFirst, "11111111111111111111".into()),
    /// ]);
    /// assert_eq!(receipt.expose_for_print().to_string(), "\
    /// Enter Key Change PIN #1 and Key Change PIN #2 into the meter first, in this order, before any other PIN.
    /// 1. Key Change PIN #1: 1111 1111 1111 1111 1111
    /// 2. Key Change PIN #2: 2222 2222 2222 2222 2222
    /// 3. Purchase PIN: 6559 0769 8171 3340 3636
    /// ");
    /// ```
    #[must_use]
    pub fn expose_for_print(&self) -> Slip<'_> {
        Slip(self)
    }
}

impl fmt::Display for Slip<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let printed = |pin: &&Pin| pin.kind != PinKind::FilePassword;
        let mut pins: Vec<&Pin> = self.0.pins.iter().filter(printed).collect();
        pins.sort_by_key(|pin| pin.kind.rank());
        if self.0.missing > 0 {
            let missing = self.0.missing;
            writeln!(
                f,
                "NOT COMPLETE: {missing} PIN(s) of this sale are missing here. Ask for them before any of these is entered."
            )?;
        }
        if pins
            .iter()
            .any(|pin| pin.kind.rank() < PinKind::Other.rank())
        {
            writeln!(
                f,
                "Enter Key Change PIN #1 and Key Change PIN #2 into the meter first, in this order, before any other PIN."
            )?;
        }
        for (place, pin) in pins.iter().enumerate() {
            write!(
                f,
                "{}. {}: {}",
                place + 1,
                label(pin),
                grouped(pin.code.expose())
            )?;
            let serial = pin.serial.iter().map(|serial| ("serial", serial));
            let expires = pin.expires.iter().map(|expires| ("expires", expires));
            for (name, value) in serial.chain(expires) {
                write!(f, ", {name} {}", plain(value))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// Nothing of the PINs but how many there are.
impl fmt::Debug for Slip<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slip({} PINs)", self.0.pins.len())
    }
}

impl PinKind {
    /// What is entered first.
    fn rank(self) -> u8 {
        match self {
            Self::KeyChangeFirst => 0,
            Self::KeyChangeSecond => 1,
            Self::Electricity | Self::Voucher | Self::FilePassword | Self::Other => 2,
        }
    }
}

/// The name of a PIN: of a key change always the document's, whatever the service calls it.
fn label(pin: &Pin) -> String {
    let given = pin.description.as_deref().map(plain);
    match (pin.kind, given.filter(|text| !text.is_empty())) {
        (PinKind::KeyChangeFirst, _) => "Key Change PIN #1".into(),
        (PinKind::KeyChangeSecond, _) => "Key Change PIN #2".into(),
        (_, Some(text)) => text,
        (PinKind::Electricity, None) => "Purchase PIN".into(),
        (PinKind::Voucher, None) => "Voucher PIN".into(),
        (PinKind::FilePassword | PinKind::Other, None) => "PIN".into(),
    }
}

/// A text from outside, without what would steer a printer.
fn plain(text: &str) -> String {
    let text = text.trim();
    text.chars().filter(|c| !c.is_control()).collect()
}

fn grouped(code: &str) -> String {
    let digits: String = code.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if digits.len() < GROUPED_FROM || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return plain(code);
    }
    let mut out = String::with_capacity(digits.len() * 5 / 4);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && place % GROUP == 0 {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(kind: PinKind, code: &str, description: Option<&str>) -> Pin {
        Pin {
            description: description.map(str::to_owned),
            ..Pin::new(kind, code.into())
        }
    }

    fn lines(receipt: &Receipt) -> Vec<String> {
        let slip = receipt.expose_for_print().to_string();
        slip.lines().map(str::to_owned).collect()
    }

    #[test]
    fn key_change_pins_come_first_under_the_documents_names_whatever_the_order_of_the_list() {
        let receipt = Receipt::of(vec![
            pin(
                PinKind::Electricity,
                "65590769817133403636",
                Some("Free Units PIN"),
            ),
            pin(PinKind::Other, "77777777", Some("Something new")),
            pin(
                PinKind::KeyChangeSecond,
                "2222-2222-2222-2222-2222",
                Some("KCT2"),
            ),
            pin(PinKind::KeyChangeFirst, "1111 1111 1111 1111 1111", None),
        ]);
        assert_eq!(
            lines(&receipt)[1..],
            [
                "1. Key Change PIN #1: 1111 1111 1111 1111 1111",
                "2. Key Change PIN #2: 2222 2222 2222 2222 2222",
                "3. Free Units PIN: 6559 0769 8171 3340 3636",
                "4. Something new: 7777 7777",
            ]
        );
        assert!(lines(&receipt)[0].contains("first, in this order, before any other PIN"));
    }

    #[test]
    fn a_slip_that_is_not_complete_says_so_above_everything() {
        let receipt = Receipt {
            missing: 1,
            ..Receipt::of(vec![pin(
                PinKind::Electricity,
                "65590769817133403636",
                None,
            )])
        };
        assert!(lines(&receipt)[0].starts_with("NOT COMPLETE: 1 PIN(s)"));
        assert_eq!(lines(&receipt).len(), 2);
        assert_eq!(lines(&Receipt::default()), Vec::<String>::new());
    }

    #[test]
    fn a_voucher_is_printed_with_its_serial_and_its_end_and_no_control_characters() {
        let voucher = Pin {
            serial: Some("139506\u{1b}@".into()),
            expires: Some("2027-01-31".into()),
            ..pin(PinKind::Voucher, "AB\n12", Some("\u{7}MTN R10"))
        };
        assert_eq!(
            lines(&Receipt::of(vec![voucher])),
            ["1. MTN R10: AB12, serial 139506@, expires 2027-01-31"]
        );
    }

    #[test]
    fn the_debug_form_and_the_passwords_of_files_are_kept_out() {
        let receipt = Receipt::of(vec![pin(PinKind::FilePassword, "open-sesame", None)]);
        assert_eq!(receipt.expose_for_print().to_string(), "");
        let receipt = Receipt::of(vec![pin(PinKind::Voucher, "12345678", None)]);
        assert_eq!(format!("{:?}", receipt.expose_for_print()), "Slip(1 PINs)");
    }
}
