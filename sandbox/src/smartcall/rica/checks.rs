//! Which registrations are refused, and by which code of Table 10: the first that applies, in the order below.
//!
//! | codes | of |
//! |---|---|
//! | 1, 2 | the agent |
//! | 5, 6, 7 | the SIM: MSISDN, ICCID or SPACK; the last four digits of the ICCID for the first and the last |
//! | 8, 9 | the names |
//! | 10, 11, 12, 50, 55, 56, 60 | the identity: N for the national one, P for a passport, which must be valid for three months |
//! | 14, 32, 59, 13 | the address |
//! | 31, 51 | the network, the other contact number |
//! | 25, 26, 27 | the person behind a business |

use serde::Deserialize;

use super::super::request::{Member, integer, text};
use crate::clock::{day_of, months_after, parse_day};
use crate::rules::{Refusal, msisdn};
use crate::world::World;

/// The refusal that a code stands for.
pub(super) fn refusal(code: i32) -> Refusal {
    let message = match code {
        1 => "Agent MSISDN is not a valid MSISDN",
        2 => "Agent MSISDN is not a RICA Agent",
        5 => "SIM Identifier type is not valid",
        6 => "SIM Serial No is not valid",
        7 => "Last four digits of the ICCID were not provided for either MSISDN or SPACK",
        8 => "First name is not valid",
        9 => "Last name is not valid",
        10 => "ID Type is not valid",
        11 => "ID number is not a valid SA ID number or Passport number",
        12 => "ID Nationality code is not valid",
        13 => "Country of residence is not valid",
        14 => {
            "Address1 cannot be blank or empty or a post box address and must be longer than 5 characters"
        }
        25 => "Personal ID Type is compulsory for Business Registration and must be N or P",
        26 => "Personal ID Number for Business Registration is not valid",
        27 => "Personal ID Nationality for the Business Registrations is not valid",
        28 => "ID used in too many registrations-Only 100 SIMs per ID number allowed",
        31 => "The network ID is invalid",
        32 => {
            "Address2 cannot be blank or empty or a post box address and must be longer than 3 characters"
        }
        36 => {
            "A registration request for this SIM has already been received and is being processed."
        }
        50 => "The passport expiry date is required",
        51 => "A valid alternate contact number is required",
        55 => "The passport expiry date should be in the future",
        56 => "An SA passport cannot be used",
        59 => "Invalid postal code",
        60 => "Invalid passport number",
        _ => "The registration is not valid",
    };
    Refusal::new(code, message)
}

/// Refuses with a code unless something holds.
fn must(holds: bool, code: i32) -> Result<(), Refusal> {
    holds.then_some(()).ok_or_else(|| refusal(code))
}

/// What somebody is to RICA.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Agent {
    pub(super) exists: bool,
    pub(super) enabled: bool,
    /// Under the user's master dealer.
    pub(super) is_ours: bool,
}

impl Agent {
    pub(super) const fn new(enabled: bool, is_ours: bool) -> Self {
        Self {
            exists: true,
            enabled,
            is_ours,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct IdentityBody {
    id_number: Member,
    id_type: Member,
    passport_expiry_date: Member,
    id_nationality: Member,
}

/// Who somebody is.
#[derive(Debug, Clone, Default)]
pub(super) struct Identity {
    pub(super) number: String,
    kind: String,
    expires: String,
    nationality: String,
}

impl Identity {
    pub(super) fn read(member: &Member) -> Self {
        let body: IdentityBody = inner(member);
        Self {
            number: text(&body.id_number),
            kind: text(&body.id_type),
            expires: text(&body.passport_expiry_date),
            nationality: text(&body.id_nationality),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.number.is_empty() && self.kind.is_empty() && self.nationality.is_empty()
    }

    /// `Some(true)` for a passport.
    fn is_passport(&self) -> Option<bool> {
        match self.kind.to_ascii_lowercase().as_str() {
            "n" | "national" | "id" => Some(false),
            "p" | "passport" => Some(true),
            _ => None,
        }
    }

    fn is_national_number(&self) -> bool {
        self.number.len() == 13 && is_digits(&self.number)
    }

    fn has_nationality(&self) -> bool {
        (2..=3).contains(&self.nationality.len()) && is_letters(&self.nationality)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AddressBody {
    address1: Member,
    address2: Member,
    postal_code: Member,
    country: Member,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Country {
    country_code: Member,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NetworkRef {
    id: Member,
}

/// Where somebody lives.
#[derive(Debug, Clone, Default)]
pub(super) struct Address {
    first: String,
    second: String,
    postal_code: String,
    country: String,
}

impl Address {
    pub(super) fn read(member: &Member) -> Self {
        let body: AddressBody = inner(member);
        let country: Country = inner(&body.country);
        Self {
            first: text(&body.address1),
            second: text(&body.address2),
            postal_code: text(&body.postal_code),
            country: text(&country.country_code),
        }
    }
}

/// The id of a network, of which nothing else is sent.
pub(super) fn network(member: &Member) -> Option<i64> {
    let network: NetworkRef = inner(member);
    integer(&network.id)
}

/// The members of a member; empty if it is no object.
fn inner<T: serde::de::DeserializeOwned + Default>(member: &Member) -> T {
    let raw = member.as_deref().map(serde_json::value::RawValue::get);
    let raw = raw.filter(|raw| raw.starts_with('{'));
    raw.and_then(|raw| serde_json::from_str(raw).ok())
        .unwrap_or_default()
}

/// A SIM and whose it is to be.
#[derive(Debug)]
pub(super) struct Subscriber {
    pub(super) first_name: String,
    pub(super) surname: String,
    pub(super) identity: Identity,
    pub(super) kind: String,
    pub(super) sim: String,
    pub(super) last4: String,
    pub(super) address: Address,
    pub(super) network: Option<i64>,
    pub(super) business: Option<Identity>,
    pub(super) contact: String,
}

/// `None` is no number at all.
pub(super) fn agent(agent: Option<Agent>) -> Result<(), Refusal> {
    let agent = agent.ok_or_else(|| refusal(1))?;
    must(agent.exists && agent.enabled, 2)
}

/// All of a registration but its agent.
pub(super) fn subscriber(
    world: &World,
    subscriber: &Subscriber,
    now_ms: i64,
) -> Result<(), Refusal> {
    sim(subscriber)?;
    names(&subscriber.first_name, &subscriber.surname)?;
    identity(&subscriber.identity, now_ms)?;
    address(&subscriber.address)?;
    let network = subscriber.network;
    must(
        network.is_some_and(|id| world.catalogue.network(id).is_some()),
        31,
    )?;
    must(msisdn(&subscriber.contact).is_some(), 51)?;
    subscriber.business.as_ref().map_or(Ok(()), business)
}

fn sim(subscriber: &Subscriber) -> Result<(), Refusal> {
    let sim = &subscriber.sim;
    let (is_good, needs_last4) = match subscriber.kind.to_ascii_uppercase().as_str() {
        "MSISDN" => (msisdn(sim).is_some(), true),
        "ICCID" => (is_iccid(sim), false),
        "SPACK" => (!sim.is_empty() && sim.len() <= 22 && is_digits(sim), true),
        _ => return Err(refusal(5)),
    };
    must(is_good, 6)?;
    let has_last4 = subscriber.last4.len() == 4 && is_digits(&subscriber.last4);
    must(has_last4 || !needs_last4, 7)
}

/// 19 or 20 digits; one client sends 22, which a recording of the older operation has too.
pub(super) fn is_iccid(text: &str) -> bool {
    (19..=22).contains(&text.len()) && is_digits(text)
}

pub(super) fn names(first: &str, last: &str) -> Result<(), Refusal> {
    let is_name = |name: &str| !name.is_empty() && !name.chars().any(|c| c.is_ascii_digit());
    must(is_name(first), 8)?;
    must(is_name(last), 9)
}

pub(super) fn identity(identity: &Identity, now_ms: i64) -> Result<(), Refusal> {
    let is_passport = identity.is_passport().ok_or_else(|| refusal(10))?;
    must(identity.has_nationality(), 12)?;
    if !is_passport {
        return must(identity.is_national_number(), 11);
    }
    let is_number = identity.number.chars().all(char::is_alphanumeric);
    must(is_number && (5..=20).contains(&identity.number.len()), 60)?;
    let is_own = matches!(
        identity.nationality.to_ascii_uppercase().as_str(),
        "ZA" | "ZAF"
    );
    must(!is_own, 56)?;
    must(!identity.expires.is_empty(), 50)?;
    let expires = parse_day(&identity.expires);
    let earliest = months_after(day_of(now_ms), 3);
    must(expires.is_some_and(|expires| expires >= earliest), 55)
}

pub(super) fn address(address: &Address) -> Result<(), Refusal> {
    must(is_street(&address.first, 5), 14)?;
    must(is_street(&address.second, 3), 32)?;
    let code = &address.postal_code;
    must(code.len() == 4 && is_digits(code), 59)?;
    let country = &address.country;
    must((2..=3).contains(&country.len()) && is_letters(country), 13)
}

fn business(identity: &Identity) -> Result<(), Refusal> {
    let is_passport = identity.is_passport().ok_or_else(|| refusal(25))?;
    let is_number = match is_passport {
        true => !identity.number.is_empty(),
        false => identity.is_national_number(),
    };
    must(is_number, 26)?;
    must(identity.has_nationality(), 27)
}

/// Longer than so many characters, and no post box.
fn is_street(line: &str, longer_than: usize) -> bool {
    let plain: String = line.chars().filter(|c| c.is_alphanumeric()).collect();
    let plain = plain.to_ascii_lowercase();
    let is_box = plain.starts_with("pobox") || plain.starts_with("postbox");
    line.chars().count() > longer_than && !is_box
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_letters(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphabetic())
}
