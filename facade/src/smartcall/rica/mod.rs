//! RICA, the registration of who uses a SIM (chapter 11): registrations and their status, agents and theirs.
//!
//! [`submit_registration`](Client::submit_registration) and [`register_agent`](Client::register_agent) are sent once, never again by
//! themselves; what became of them is [`Submitted`]. Registrations of businesses, and ports, are left to the
//! [bindings](Client::raw): no document says how their members belong together.

mod codes;
mod person;
mod submitted;

use std::fmt;

use recharge_bindings::smartcall::types;

pub use codes::RicaCode;
pub use person::{Address, Iccid, Identity, Image, Person, Sim};
pub use submitted::{NotKnown, RicaReference, RicaRefusal, SubmitError, Submitted};

use super::accounts::{checked, missing, success};
use super::client::Client;
use super::reading::text;
use super::sales::Counter;
use crate::auth::NoToken;
use crate::domain::{Date, Msisdn};
use crate::error::{Invalid, ReadError};
use crate::recovery::{Class, Delivery, Host, Obstacle};
use crate::transport::delivery::{Answer, delivery};
use submitted::outcome;

/// Chapter 11.
pub(super) const CLASSES: &[(&str, Class)] = &[
    ("submitRegistration", Class::Blind),
    ("getRicaStatus", Class::Read),
    ("queryAgent", Class::Read),
    ("registerAgent", Class::Blind),
    ("getAgentRegistrationStatus", Class::Read),
];

const REGISTRATION_TELLS: &str = "no enquiry finds a registration without its reference: submit it again by hand, and code 36 says that the \
    first one was taken in and is being processed";
const AGENT_TELLS: &str = "Client::rica_agent (queryAgent) says whether the number has become an agent; until then, ask the service";

/// The registration of a SIM and of the person who uses it (chapter 11 a).
#[derive(Clone, PartialEq, Eq)]
pub struct Registration {
    agent: Msisdn,
    person: Person,
    sim: Sim,
    network: u32,
    alternative_contact: Msisdn,
}

impl Registration {
    /// Who registers (the RICA agent), whom, with which SIM, on which network (by its id in the catalogue: 1 Vodacom, 2 MTN …), and at which
    /// other number the person can be reached (mandatory since version 1.2.3).
    ///
    /// # Errors
    /// When the network is zero, or the other number is the SIM's own.
    pub fn new(
        agent: Msisdn,
        person: Person,
        sim: Sim,
        network: u32,
        alternative_contact: Msisdn,
    ) -> Result<Self, Invalid> {
        if network == 0 {
            return Err(Invalid::new("network", "must be a network id above zero"));
        }
        if sim.number() == Some(alternative_contact) {
            return Err(Invalid::new(
                "alternative_contact",
                "must be another number than the SIM's own",
            ));
        }
        Ok(Self {
            agent,
            person,
            sim,
            network,
            alternative_contact,
        })
    }

    fn wire(&self) -> types::RegistrationRequest {
        let (registration_type, subscriber_id, last_four) = self.sim.wire();
        let network = types::NetworkRef {
            id: i64::from(self.network).into(),
            ..types::NetworkRef::default()
        };
        let mut request = types::RegistrationRequest::new(
            self.agent.to_string(),
            self.alternative_contact.to_string(),
            self.person.first_name.to_string(),
            self.person.identity.wire(&self.person.address),
            network,
            registration_type.to_owned().into(),
            self.person.address.wire(),
            subscriber_id,
            self.person.surname.to_string(),
        );
        request.last4_iccid = last_four.into();
        request
    }
}

/// Personal: only kinds are printed.
impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("person", &self.person)
            .field("sim", &self.sim)
            .field("network", &self.network)
            .finish_non_exhaustive()
    }
}

/// The registration of a new RICA agent (chapter 11 d). Not generally available: the service's sales department enables it.
#[derive(Clone, PartialEq, Eq)]
pub struct AgentRegistration {
    /// Who becomes an agent.
    pub person: Person,
    /// The agent's number.
    pub msisdn: Msisdn,
    /// The identity document.
    pub id_document: Image,
    /// The person's face.
    pub face: Image,
    /// The proof of address.
    pub proof_of_address: Image,
}

impl AgentRegistration {
    fn wire(&self, account: Msisdn) -> types::AgentRegistrationRequest {
        types::AgentRegistrationRequest {
            smartload_id: account.to_string().into(),
            first_name: self.person.first_name.to_string().into(),
            surname: self.person.surname.to_string().into(),
            msisdn: self.msisdn.to_string().into(),
            id_details: self.person.identity.wire(&self.person.address).into(),
            residential_address: self.person.address.wire().into(),
            id_document_image: self.id_document.wire().into(),
            face_image: self.face.wire().into(),
            proof_of_address_image: self.proof_of_address.wire().into(),
            ..types::AgentRegistrationRequest::default()
        }
    }
}

/// Personal: only kinds and sizes are printed.
impl fmt::Debug for AgentRegistration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentRegistration")
            .field("person", &self.person)
            .field("id_document", &self.id_document)
            .field("face", &self.face)
            .field("proof_of_address", &self.proof_of_address)
            .finish_non_exhaustive()
    }
}

/// Where a registration stands. The document names no states: the words are the service's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RicaStatus {
    /// The state.
    pub status: String,
    /// What the service says to it; of a failed registration, what to correct.
    pub message: Option<String>,
}

/// What a number is as an agent (chapter 11 c). A part that the answer leaves out is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RicaAgent {
    /// Whether it is a Smartcall RICA agent.
    pub is_agent: Option<bool>,
    /// Whether the agent is enabled.
    pub enabled: Option<bool>,
    /// Whether the agent is under this client's master dealer.
    pub under_master_dealer: Option<bool>,
}

impl Client {
    /// Submits a registration (`POST /smartrica/registrations`, chapter 11 a). **Sent once**; a lost answer is
    /// [`Submitted::Unknown`]. If this future is dropped before it ends, it is not known either.
    ///
    /// # Errors
    /// An error means that nothing was taken in: the passport is valid for less than three months, the service did not let us in, or no
    /// host could be reached.
    pub async fn submit_registration(
        &self,
        registration: &Registration,
    ) -> Result<Submitted, SubmitError> {
        registration.person.identity.check(self.today())?;
        let request = registration.wire();
        let delivery = self
            .send_once(async |counter| {
                counter
                    .deliver(counter.bindings.submit_registration(&request))
                    .await
            })
            .await?;
        outcome(delivery, REGISTRATION_TELLS)
    }

    /// Submits the registration of an agent (`POST /smartrica/agent`, chapter 11 d). **Sent once**; a lost answer is
    /// [`Submitted::Unknown`]. If this future is dropped before it ends, it is not known either.
    ///
    /// # Errors
    /// An error means that nothing was taken in: the passport is valid for less than three months, the service did not let us in, or no
    /// host could be reached.
    pub async fn register_agent(
        &self,
        registration: &AgentRegistration,
    ) -> Result<Submitted, SubmitError> {
        registration.person.identity.check(self.today())?;
        let request = registration.wire(self.account());
        let delivery = self
            .send_once(async |counter| {
                counter
                    .deliver(counter.bindings.register_agent(&request))
                    .await
            })
            .await?;
        outcome(delivery, AGENT_TELLS)
    }

    /// Where the registration of a SIM stands (`GET /smartrica/status/…`, chapter 11 b).
    ///
    /// # Errors
    /// When the service does not let us in, does not say, or does not answer.
    pub async fn rica_status(
        &self,
        iccid: &Iccid,
        reference: &RicaReference,
    ) -> Result<RicaStatus, ReadError> {
        self.let_in().await?;
        let account = self.payer();
        let answer = self
            .raw()
            .get_rica_status(&account, iccid.as_str(), reference.as_str())
            .await;
        let body = checked(success(delivery(answer).await)?, |body| &body.error)?;
        Ok(RicaStatus {
            status: text(&body.status).ok_or_else(|| missing(&body, "a status"))?,
            message: text(&body.status_message),
        })
    }

    /// What a number is as a RICA agent (`GET /smartrica/agentquery/…`, chapter 11 c).
    ///
    /// # Errors
    /// When the service does not let us in, says nothing of it, or does not answer.
    pub async fn rica_agent(&self, msisdn: Msisdn) -> Result<RicaAgent, ReadError> {
        self.let_in().await?;
        let account = self.payer();
        let answer = self.raw().query_agent(&account, &msisdn.to_string()).await;
        let body = checked(success(delivery(answer).await)?, |body| &body.error)?;
        let agent = RicaAgent {
            is_agent: body.rica_agent.copied(),
            enabled: body.enabled.copied(),
            under_master_dealer: body.master_dealer_agent.copied(),
        };
        match (agent.is_agent, agent.enabled, agent.under_master_dealer) {
            (None, None, None) => Err(missing(&body, "anything about an agent")),
            _ => Ok(agent),
        }
    }

    /// Where the registration of an agent stands (`GET /smartrica/agent/regstatus/…`, chapter 11 e). One that has failed is submitted anew
    /// with what the message asks for corrected.
    ///
    /// # Errors
    /// When the service does not let us in, does not say, or does not answer.
    pub async fn agent_registration_status(
        &self,
        reference: &RicaReference,
    ) -> Result<RicaStatus, ReadError> {
        self.let_in().await?;
        let answer = self
            .raw()
            .get_agent_registration_status(reference.as_str())
            .await;
        let body = checked(success(delivery(answer).await)?, |body| &body.error)?;
        Ok(RicaStatus {
            status: text(&body.status).ok_or_else(|| missing(&body, "a status"))?,
            message: text(&body.status_message),
        })
    }

    fn today(&self) -> Date {
        Date::in_south_africa(self.lines().ambient.wall())
    }

    /// Sends a submission to the first host that a connection can be made to: to the next only when nothing of it was sent.
    async fn send_once<T>(
        &self,
        send: impl AsyncFn(Counter<'_>) -> Delivery<Answer<T>>,
    ) -> Result<Delivery<Answer<T>>, SubmitError> {
        let mut obstacle = Obstacle("there is no host".into());
        for host in (0..self.lines().hosts.count()).map(Host) {
            match self.lines().tokens.get(host).await {
                Ok(_) => {}
                Err(NoToken::Denied(denial)) => return Err(SubmitError::Denied(denial)),
                Err(NoToken::Unreachable(why)) => {
                    obstacle = why;
                    continue;
                }
            }
            let Some(counter) = self.counter(host) else {
                break;
            };
            match send(counter).await {
                Delivery::NotSent(why) => obstacle = why,
                sent => return Ok(sent),
            }
        }
        Err(SubmitError::NotSent(obstacle))
    }
}
