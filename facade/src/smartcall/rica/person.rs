//! **The rule: what Table 10 would refuse is refused before a person's data leave the house.** None of it is printed.

use std::fmt;
use std::str::FromStr;

use recharge_bindings::smartcall::types;

use crate::domain::{Date, Msisdn};
use crate::error::Invalid;

/// The longest text of any kind. No document gives a limit; this one keeps a mistake small.
const TEXT_MAX: usize = 100;
/// How long a passport must still be valid (chapter 11 a).
const PASSPORT_MONTHS_MIN: u16 = 3;

/// A text with something in it, on one line, without blanks around it.
fn line(text: &str, invalid: Invalid) -> Result<Box<str>, Invalid> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > TEXT_MAX || text.chars().any(char::is_control) {
        return Err(invalid);
    }
    Ok(text.into())
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A code of a country: letters, in capitals.
fn country_code(text: &str, invalid: Invalid) -> Result<Box<str>, Invalid> {
    let plain = matches!(text.len(), 2 | 3) && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    if !plain {
        return Err(invalid);
    }
    Ok(text.to_ascii_uppercase().into())
}

fn is_south_africa(code: &str) -> bool {
    matches!(code, "ZA" | "ZAF")
}

/// By what a person is identified: a South African identity number, or a passport of another country.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity(Document);

#[derive(Clone, PartialEq, Eq)]
enum Document {
    National(Box<str>),
    Passport {
        number: Box<str>,
        nationality: Box<str>,
        expires: Date,
    },
}

impl Identity {
    /// A South African identity number: 13 digits. Whether it is somebody's is the service's to say (code 11).
    ///
    /// # Errors
    /// When it is anything else.
    pub fn south_african(number: &str) -> Result<Self, Invalid> {
        if number.len() != 13 || !all_digits(number) {
            return Err(Invalid::new("id_number", "must be 13 digits"));
        }
        Ok(Self(Document::National(number.into())))
    }

    /// A passport: its number, the code of its country (two or three letters), and the last day of its validity. That it is valid for three
    /// more months is checked when it is sent.
    ///
    /// # Errors
    /// When the number or the country has another form, or the country is South Africa, whose passports cannot be used (code 56).
    pub fn passport(number: &str, nationality: &str, expires: Date) -> Result<Self, Invalid> {
        let plain = (1..=20).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !plain {
            return Err(Invalid::new(
                "passport_number",
                "must be 1 to 20 letters and digits",
            ));
        }
        let nationality = country_code(
            nationality,
            Invalid::new("nationality", "must be a country code of 2 or 3 letters"),
        )?;
        if is_south_africa(&nationality) {
            return Err(Invalid::new(
                "nationality",
                "must not be South Africa: its passports cannot be used, its identity numbers can",
            ));
        }
        Ok(Self(Document::Passport {
            number: number.into(),
            nationality,
            expires,
        }))
    }

    /// Whether it may be used today.
    pub(super) fn check(&self, today: Date) -> Result<(), Invalid> {
        match &self.0 {
            Document::Passport { expires, .. }
                if *expires < today.months_later(PASSPORT_MONTHS_MIN) =>
            {
                Err(Invalid::new(
                    "passport_expiry_date",
                    "must be at least three months ahead",
                ))
            }
            _ => Ok(()),
        }
    }

    /// With the nationality that code 12 asks for. No document says whether country codes have two letters or three, so South Africa's is
    /// as long as the one in the address.
    pub(super) fn wire(&self, residence: &Address) -> types::IdDetails {
        let south_africa = if residence.country.len() == 3 {
            "ZAF"
        } else {
            "ZA"
        };
        match &self.0 {
            Document::National(number) => types::IdDetails {
                id_type: "N".to_owned().into(),
                id_number: number.to_string().into(),
                id_nationality: south_africa.to_owned().into(),
                ..types::IdDetails::default()
            },
            Document::Passport {
                number,
                nationality,
                expires,
            } => types::IdDetails {
                id_type: "P".to_owned().into(),
                id_number: number.to_string().into(),
                id_nationality: nationality.to_string().into(),
                passport_expiry_date: expires.to_string().into(),
                ..types::IdDetails::default()
            },
        }
    }
}

/// Personal: only its kind is printed.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Document::National(_) => "[identity number]",
            Document::Passport { .. } => "[passport]",
        })
    }
}

/// Where a person lives. No post box.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    lines: [Box<str>; 2],
    line3: Option<Box<str>>,
    postal_code: Box<str>,
    country: Box<str>,
}

impl Address {
    /// Two lines (street, then suburb or town), the postal code, and the code of the country (two or three letters).
    ///
    /// # Errors
    /// When the first line has fewer than 6 characters or the second fewer than 4 (codes 14 and 32), either is a post box or longer than 100
    /// characters, the postal code is none (4 digits in South Africa, code 59), or the country is no code.
    pub fn new(
        line1: &str,
        line2: &str,
        postal_code: &str,
        country: &str,
    ) -> Result<Self, Invalid> {
        let country = country_code(
            country,
            Invalid::new("country", "must be a country code of 2 or 3 letters"),
        )?;
        let postal = if is_south_africa(&country) {
            postal_code.len() == 4 && all_digits(postal_code)
        } else {
            (1..=10).contains(&postal_code.len())
                && postal_code
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-'))
                && postal_code.bytes().any(|byte| byte.is_ascii_alphanumeric())
        };
        if !postal {
            return Err(Invalid::new(
                "postal_code",
                "must be 4 digits in South Africa, up to 10 letters and digits elsewhere",
            ));
        }
        let first = Invalid::new(
            "address1",
            "must be 6 to 100 characters on one line, and no post box",
        );
        let second = Invalid::new(
            "address2",
            "must be 4 to 100 characters on one line, and no post box",
        );
        Ok(Self {
            lines: [residence(line1, 6, first)?, residence(line2, 4, second)?],
            line3: None,
            postal_code: postal_code.into(),
            country,
        })
    }

    /// With a third line.
    ///
    /// # Errors
    /// When it is empty, has line breaks, or more than 100 characters.
    pub fn with_line3(mut self, line3: &str) -> Result<Self, Invalid> {
        let invalid = Invalid::new("address3", "must be 1 to 100 characters on one line");
        self.line3 = Some(line(line3, invalid)?);
        Ok(self)
    }

    pub(super) fn wire(&self) -> types::AddressDetails {
        let [address1, address2] = &self.lines;
        types::AddressDetails {
            address1: address1.to_string().into(),
            address2: address2.to_string().into(),
            address3: self.line3.as_ref().map(|line| line.to_string()).into(),
            postal_code: self.postal_code.to_string().into(),
            country: types::Country {
                country_code: self.country.to_string().into(),
                ..types::Country::default()
            }
            .into(),
            ..types::AddressDetails::default()
        }
    }
}

/// A line of an address where somebody can live.
fn residence(text: &str, length_min: usize, invalid: Invalid) -> Result<Box<str>, Invalid> {
    let text = line(text, invalid.clone())?;
    if text.chars().count() < length_min || is_post_box(&text) {
        return Err(invalid);
    }
    Ok(text)
}

fn is_post_box(text: &str) -> bool {
    let text = text.to_lowercase();
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let has = |wanted: &[&str]| words.windows(wanted.len()).any(|each| each == wanted);
    [
        &["po", "box"][..],
        &["p", "o", "box"],
        &["post", "box"],
        &["post", "office", "box"],
        &["postal", "box"],
        &["pobox"],
        &["postbox"],
        &["posbus"],
    ]
    .iter()
    .any(|wanted| has(wanted))
}

/// Personal: nothing of it is printed.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[address]")
    }
}

/// Somebody to be registered.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    pub(super) first_name: Box<str>,
    pub(super) surname: Box<str>,
    pub(super) identity: Identity,
    pub(super) address: Address,
}

impl Person {
    /// A name, an identity and a residence.
    ///
    /// # Errors
    /// When a name is empty, has line breaks, or more than 100 characters.
    pub fn new(
        first_name: &str,
        surname: &str,
        identity: Identity,
        address: Address,
    ) -> Result<Self, Invalid> {
        let rule = "must be 1 to 100 characters on one line";
        Ok(Self {
            first_name: line(first_name, Invalid::new("first_name", rule))?,
            surname: line(surname, Invalid::new("surname", rule))?,
            identity,
            address,
        })
    }
}

/// Personal: only the kind of identity is printed.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person")
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// The serial number of a SIM: 19 or 20 digits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Iccid(Box<str>);

impl Iccid {
    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Iccid {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if !matches!(text.len(), 19 | 20) || !all_digits(text) {
            return Err(Invalid::new("iccid", "must be 19 or 20 digits"));
        }
        Ok(Self(text.into()))
    }
}

/// A SIM is somebody's: the debug form shows its last three digits only.
impl fmt::Debug for Iccid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "******{}", &self.0[self.0.len() - 3..])
    }
}

/// The SIM to be registered.
#[derive(Clone, PartialEq, Eq)]
pub struct Sim(Named);

#[derive(Clone, PartialEq, Eq)]
enum Named {
    Iccid(Iccid),
    Msisdn(Msisdn, Box<str>),
    StarterPack(Box<str>, Box<str>),
}

impl Sim {
    /// By its serial number.
    #[must_use]
    pub fn iccid(iccid: Iccid) -> Self {
        Self(Named::Iccid(iccid))
    }

    /// By its number, with the last four digits of its serial number (code 7).
    ///
    /// # Errors
    /// When these are not four digits.
    pub fn msisdn(msisdn: Msisdn, last_four: &str) -> Result<Self, Invalid> {
        Ok(Self(Named::Msisdn(msisdn, last_four_of(last_four)?)))
    }

    /// By its starter pack, with the last four digits of its serial number (code 7).
    ///
    /// # Errors
    /// When the pack's number is not 1 to 30 letters and digits, or the last four are not four digits.
    pub fn starter_pack(number: &str, last_four: &str) -> Result<Self, Invalid> {
        let plain = (1..=30).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !plain {
            return Err(Invalid::new(
                "starter_pack",
                "must be 1 to 30 letters and digits",
            ));
        }
        Ok(Self(Named::StarterPack(
            number.into(),
            last_four_of(last_four)?,
        )))
    }

    /// Its number, if it is named by it.
    pub(super) fn number(&self) -> Option<Msisdn> {
        match &self.0 {
            Named::Msisdn(msisdn, _) => Some(*msisdn),
            _ => None,
        }
    }

    /// Type, identifier, and the last four digits.
    pub(super) fn wire(&self) -> (&'static str, String, Option<String>) {
        match &self.0 {
            Named::Iccid(iccid) => ("ICCID", iccid.0.to_string(), None),
            Named::Msisdn(msisdn, last) => ("MSISDN", msisdn.to_string(), Some(last.to_string())),
            Named::StarterPack(number, last) => {
                ("SPACK", number.to_string(), Some(last.to_string()))
            }
        }
    }
}

fn last_four_of(text: &str) -> Result<Box<str>, Invalid> {
    if text.len() != 4 || !all_digits(text) {
        return Err(Invalid::new(
            "last_four",
            "must be the last 4 digits of the ICCID",
        ));
    }
    Ok(text.into())
}

/// A SIM is somebody's: only its kind is printed.
impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Named::Iccid(_) => "[SIM by ICCID]",
            Named::Msisdn(..) => "[SIM by MSISDN]",
            Named::StarterPack(..) => "[SIM by starter pack]",
        })
    }
}

/// A picture of a document or a face.
#[derive(Clone, PartialEq, Eq)]
pub struct Image(Box<[u8]>);

impl Image {
    /// The largest image, in bytes before base64: 300 kB (chapter 11 d).
    pub const BYTES_MAX: usize = 300_000;

    /// The bytes of an image file.
    ///
    /// # Errors
    /// When there are none, or more than [`Image::BYTES_MAX`].
    pub fn new(bytes: impl Into<Box<[u8]>>) -> Result<Self, Invalid> {
        let bytes = bytes.into();
        if bytes.is_empty() || bytes.len() > Self::BYTES_MAX {
            return Err(Invalid::new(
                "image",
                "must have 1 to 300000 bytes (300 kB)",
            ));
        }
        Ok(Self(bytes))
    }

    pub(super) fn wire(&self) -> String {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(&self.0)
    }
}

/// Personal: only its size is printed.
impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[image of {} bytes]", self.0.len())
    }
}

#[cfg(test)]
mod tests;
