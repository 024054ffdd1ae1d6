//! **The rule: a form is refused by the member and the rule that it breaks, before anything is sent.**

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use recharge::smartcall::{Address, AgentRegistration, Identity, Image, Person, Registration, Sim};
use recharge::{Date, Invalid, Msisdn};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::exit::Failure;

/// A form needs less than 2 kB.
const FORM_BYTES_MAX: u64 = 64 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegistrationForm {
    agent: String,
    network: u32,
    alternative_contact: String,
    sim: SimForm,
    person: PersonForm,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgentForm {
    msisdn: String,
    person: PersonForm,
    id_document: PathBuf,
    face: PathBuf,
    proof_of_address: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SimForm {
    iccid: Option<String>,
    msisdn: Option<String>,
    starter_pack: Option<String>,
    last_four: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonForm {
    first_name: String,
    surname: String,
    id_number: Option<String>,
    passport: Option<String>,
    nationality: Option<String>,
    passport_expires: Option<String>,
    address1: String,
    address2: String,
    address3: Option<String>,
    postal_code: String,
    country: String,
}

/// Reads the registration of a SIM.
pub(super) fn registration(path: &Path) -> Result<Registration, Failure> {
    let form: RegistrationForm = read(path)?;
    let contact = named("alternative_contact", &form.alternative_contact)?;
    let registration = Registration::new(
        named("agent", &form.agent)?,
        form.person.person()?,
        form.sim.sim()?,
        form.network,
        contact,
    );
    Ok(registration?)
}

/// Reads the registration of an agent, with its images.
pub(super) fn agent(path: &Path) -> Result<AgentRegistration, Failure> {
    let form: AgentForm = read(path)?;
    Ok(AgentRegistration {
        person: form.person.person()?,
        msisdn: named("msisdn", &form.msisdn)?,
        id_document: image("id_document", &form.id_document)?,
        face: image("face", &form.face)?,
        proof_of_address: image("proof_of_address", &form.proof_of_address)?,
    })
}

impl SimForm {
    fn sim(&self) -> Result<Sim, Failure> {
        let last_four = || {
            let missing =
                Failure::usage("sim.last_four must be given beside msisdn or starter_pack");
            self.last_four.as_deref().ok_or(missing)
        };
        match (&self.iccid, &self.msisdn, &self.starter_pack) {
            (Some(iccid), None, None) => Ok(Sim::iccid(iccid.parse()?)),
            (None, Some(msisdn), None) => {
                Ok(Sim::msisdn(named("sim.msisdn", msisdn)?, last_four()?)?)
            }
            (None, None, Some(pack)) => Ok(Sim::starter_pack(pack, last_four()?)?),
            _ => Err(Failure::usage(
                "sim must be given by one of iccid, msisdn and starter_pack",
            )),
        }
    }
}

impl PersonForm {
    fn person(&self) -> Result<Person, Failure> {
        let address = Address::new(
            &self.address1,
            &self.address2,
            &self.postal_code,
            &self.country,
        )?;
        let address = match &self.address3 {
            Some(line) => address.with_line3(line)?,
            None => address,
        };
        let identity = self.identity()?;
        Ok(Person::new(
            &self.first_name,
            &self.surname,
            identity,
            address,
        )?)
    }

    fn identity(&self) -> Result<Identity, Failure> {
        let passport = (&self.passport, &self.nationality, &self.passport_expires);
        match (&self.id_number, passport) {
            (Some(number), (None, None, None)) => Ok(Identity::south_african(number)?),
            (None, (Some(number), Some(nationality), Some(expires))) => {
                let expires: Date = expires.parse().map_err(|invalid: Invalid| {
                    Failure::usage(format!("passport_expires {}", invalid.rule()))
                })?;
                Ok(Identity::passport(number, nationality, expires)?)
            }
            _ => Err(Failure::usage(
                "person must have either id_number, or passport, nationality and passport_expires",
            )),
        }
    }
}

fn named(member: &str, text: &str) -> Result<Msisdn, Failure> {
    text.parse()
        .map_err(|invalid: Invalid| Failure::usage(format!("{member} {}", invalid.rule())))
}

fn image(member: &str, path: &Path) -> Result<Image, Failure> {
    let problem =
        |error: &dyn Display| Failure::usage(format!("{member} {}: {error}", path.display()));
    // One byte more than is allowed, so that more is seen as such and not cut.
    let bytes = limited(
        File::open(path).map_err(|error| problem(&error))?,
        Image::BYTES_MAX as u64 + 1,
    )
    .map_err(|error| problem(&error))?;
    Image::new(bytes).map_err(|invalid| problem(&invalid.rule()))
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let problem = |error: &dyn Display| Failure::usage(format!("FILE {}: {error}", path.display()));
    let bytes = if path.as_os_str() == "-" {
        limited(io::stdin().lock(), FORM_BYTES_MAX)
    } else {
        File::open(path).and_then(|file| limited(file, FORM_BYTES_MAX))
    };
    let bytes = Zeroizing::new(bytes.map_err(|error| problem(&error))?);
    serde_json::from_slice(&bytes).map_err(|error| problem(&error))
}

fn limited(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
