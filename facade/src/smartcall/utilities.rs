//! The utilities (chapter 13): on which network a SIM is, and whether the networks are up. Reads; a network's name and its state are open
//! words, so that one that is added is readable without a new version.

use std::collections::BTreeMap;
use std::fmt;

use recharge_bindings::Field;

use super::accounts::{checked, missing, success};
use super::client::Client;
use super::reading::text;
use crate::domain::{LocalTime, Msisdn};
use crate::error::ReadError;
use crate::recovery::Class;
use crate::transport::delivery::delivery;

/// Reads of chapter 13.
pub(super) const CLASSES: &[(&str, Class)] = &[
    ("getSimNetwork", Class::Read),
    ("getNetworkHealth", Class::Read),
    ("getRicaHealth", Class::Read),
];

/// A mobile network, as the health reports name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum MobileNetwork {
    /// `vodacom`
    Vodacom,
    /// `mtn`
    Mtn,
    /// `cellc`
    CellC,
    /// `telkom`
    Telkom,
    /// `virgin`
    Virgin,
    /// Another, by the service's name for it.
    Other(String),
}

impl MobileNetwork {
    fn named(name: &str) -> Self {
        match name {
            "vodacom" => Self::Vodacom,
            "mtn" => Self::Mtn,
            "cellc" => Self::CellC,
            "telkom" => Self::Telkom,
            "virgin" => Self::Virgin,
            _ => Self::Other(name.to_owned()),
        }
    }

    /// The service's name for it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Vodacom => "vodacom",
            Self::Mtn => "mtn",
            Self::CellC => "cellc",
            Self::Telkom => "telkom",
            Self::Virgin => "virgin",
            Self::Other(name) => name,
        }
    }
}

/// Whether Smartcall reaches a network.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Health {
    /// `UP`
    Up,
    /// `DOWN`
    Down,
    /// Another word, as it came; the JSON text if it is no word.
    Other(String),
}

impl Health {
    fn read(field: &Field<String>) -> Option<Self> {
        let word = match field {
            Field::Absent => return None,
            Field::Null => "null",
            Field::Value(word) => word,
            Field::Other(raw) => raw.get(),
        };
        Some(match word.trim() {
            word if word.eq_ignore_ascii_case("UP") => Self::Up,
            word if word.eq_ignore_ascii_case("DOWN") => Self::Down,
            _ => Self::Other(word.to_owned()),
        })
    }

    /// Whether it is up, as far as the word is known.
    #[must_use]
    pub fn is_up(&self) -> bool {
        *self == Self::Up
    }
}

/// On which network a SIM is (chapter 13 a).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimNetwork {
    /// Who was asked about.
    pub msisdn: Msisdn,
    /// The network's name, as the service writes it: `MTN`, `Telkom Mobile`.
    pub network: String,
    /// Whether the number was ported to it, if the answer says so.
    pub ported: Option<bool>,
    /// When that was found out, in South African local time as it came: `2018-10-27 09:46:51`.
    pub queried_at: Option<String>,
}

impl SimNetwork {
    /// When that was found out, if it is written as usual.
    #[must_use]
    pub fn queried(&self) -> Option<LocalTime> {
        self.queried_at.as_ref()?.parse().ok()
    }
}

/// A subscriber's number is personal: [`Msisdn`] hides it.
impl fmt::Debug for SimNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimNetwork")
            .field("msisdn", &self.msisdn)
            .field("network", &self.network)
            .field("ported", &self.ported)
            .field("queried_at", &self.queried_at)
            .finish()
    }
}

impl Client {
    /// On which network a SIM is, which is not told by its number since numbers are ported (`GET /utilities/simnetwork/{msisdn}`,
    /// chapter 13 a).
    ///
    /// # Errors
    /// When the service does not let us in, does not say, answers about another number, or does not answer.
    pub async fn sim_network(&self, msisdn: Msisdn) -> Result<SimNetwork, ReadError> {
        self.let_in().await?;
        let answer = self.raw().get_sim_network(&msisdn.to_string()).await;
        let body = checked(success(delivery(answer).await)?, |body| &body.error)?;
        let another = body.msisdn.value().is_some_and(|told| {
            let told = told.trim().parse::<Msisdn>();
            told.is_ok_and(|told| told != msisdn)
        });
        if another {
            return Err(ReadError::Unreadable(
                "the answer is about another number".into(),
            ));
        }
        Ok(SimNetwork {
            msisdn,
            network: text(&body.network).ok_or_else(|| missing(&body, "a network"))?,
            ported: body.ported.copied(),
            queried_at: text(&body.query_date),
        })
    }

    /// Whether Smartcall reaches the networks, by network (`GET /utilities/health`, chapter 13 b). A network that the answer does not name
    /// is not in the map.
    ///
    /// # Errors
    /// When the service does not let us in, or does not answer.
    pub async fn network_health(&self) -> Result<BTreeMap<MobileNetwork, Health>, ReadError> {
        self.let_in().await?;
        let answer = self.raw().get_network_health().await;
        let body = success(delivery(answer).await)?;
        let named = [
            ("vodacom", &body.vodacom),
            ("mtn", &body.mtn),
            ("cellc", &body.cellc),
            ("telkom", &body.telkom),
            ("virgin", &body.virgin),
        ];
        health(named, &body.extra).ok_or_else(|| missing(&body, "networks"))
    }

    /// Whether the networks process RICA registrations, by network (`GET /utilities/ricahealth`, chapter 13 c). A network that the answer
    /// does not name is not in the map.
    ///
    /// # Errors
    /// When the service does not let us in, or does not answer.
    pub async fn rica_health(&self) -> Result<BTreeMap<MobileNetwork, Health>, ReadError> {
        self.let_in().await?;
        let answer = self.raw().get_rica_health().await;
        let body = success(delivery(answer).await)?;
        let named = [
            ("vodacom", &body.vodacom),
            ("mtn", &body.mtn),
            ("cellc", &body.cellc),
            ("telkom", &body.telkom),
        ];
        health(named, &body.extra).ok_or_else(|| missing(&body, "networks"))
    }
}

/// The members that name a network; `None` if that is none, or the body is an error, whose members name none.
fn health<'a>(
    named: impl IntoIterator<Item = (&'a str, &'a Field<String>)>,
    extra: &'a BTreeMap<String, Field<String>>,
) -> Option<BTreeMap<MobileNetwork, Health>> {
    let error = ["code", "error", "responseDescription"];
    if error.iter().any(|member| extra.contains_key(*member)) {
        return None;
    }
    let others = extra.iter().map(|(name, field)| (name.as_str(), field));
    let map: BTreeMap<_, _> = named
        .into_iter()
        .chain(others)
        .filter_map(|(name, field)| Some((MobileNetwork::named(name), Health::read(field)?)))
        .collect();
    (!map.is_empty()).then_some(map)
}
