//! RICA: chapter 11. SIMs are registered by agents, and agents by dealers.
//!
//! Which requests are good is decided in [`checks`], by the codes of Table 10.
//!
//! undocumented:
//! * A refusal is a bare error with HTTP 400 and the code of Table 10. What the table has no code for is 1007: an image that is
//!   no base64, is empty or has more than 300 kB.
//! * Every account of the user is an enabled agent under its own master dealer. Of the two dealers who are not the user's the
//!   first is an enabled agent of somebody else, the second one of the user's who is disabled. Nobody else is an agent: 2; and
//!   nobody but the agents named here is a dealer: an agent who is disabled may not register: 2.
//! * A registration is PENDING for a while ([`Builder::rica_after`](crate::Builder::rica_after)), then REGISTERED. While it is
//!   pending the same SIM is 36; after 100 SIMs of one identity it is 28.
//! * The status wants the account, the number of the SIM and the reference to fit together: else 1008. The number may be what
//!   was registered, or any ICCID of 19 or 20 digits if that was no ICCID.
//! * An agent is PENDING for a while, then APPROVED, or FAILED if the number ends in 0. An unknown id is 1008.
//! * `responseCode` is SUCCESS, not the "Success" that one client compares with.

mod checks;

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::call::{Get, Post};
use super::request::{Member, text};
use super::wire::{self, ErrorBody};
use crate::clock::ms;
use crate::desk::Registration;
use crate::rules::{self, Refusal, invalid};
use crate::world::World;
use checks::{Address, Agent, Identity, Subscriber};

const LARGEST_IMAGE: usize = 300 * 1024;
const SIMS_OF_ONE_IDENTITY: usize = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RegistrationBody {
    agent_id: Member,
    first_name: Member,
    surname: Member,
    id_details: Member,
    registration_type: Member,
    subscriber_id: Member,
    #[serde(rename = "last4Iccid")]
    last4_iccid: Member,
    residential_address: Member,
    network: Member,
    business_owner_id_details: Member,
    alt_contact_number: Member,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AgentBody {
    smartload_id: Member,
    first_name: Member,
    surname: Member,
    msisdn: Member,
    id_details: Member,
    residential_address: Member,
    id_document_image: Member,
    face_image: Member,
    proof_of_address_image: Member,
}

/// The members of every answer here, and those of one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<T> {
    error: Option<ErrorBody>,
    response_code: &'static str,
    #[serde(flatten)]
    rest: T,
}

fn answer(rest: impl Serialize) -> Response {
    wire::ok(&Answer {
        error: None,
        response_code: "SUCCESS",
        rest,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Registered {
    rica_reference: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RicaStatus {
    rica_reference: String,
    status: &'static str,
    status_message: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AgentStanding {
    rica_agent: bool,
    enabled: bool,
    master_dealer_agent: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AgentRegistered {
    agent_registration_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AgentStatus {
    agent_registration_id: String,
    status: &'static str,
    status_message: &'static str,
}

/// `POST /smartrica/registrations`.
pub(super) async fn register(call: Post) -> Result<Response, Response> {
    let body: RegistrationBody = call.read()?;
    let now_ms = call.world.now_ms();
    let agent = rules::msisdn(&text(&body.agent_id));
    let agent = agent.map(|agent| standing(&call.world, &agent));
    let subscriber = Subscriber {
        first_name: text(&body.first_name),
        surname: text(&body.surname),
        identity: Identity::read(&body.id_details),
        kind: text(&body.registration_type),
        sim: text(&body.subscriber_id),
        last4: text(&body.last4_iccid),
        address: Address::read(&body.residential_address),
        network: checks::network(&body.network),
        business: body
            .business_owner_id_details
            .is_some()
            .then(|| Identity::read(&body.business_owner_id_details))
            .filter(|identity| !identity.is_empty()),
        contact: text(&body.alt_contact_number),
    };
    checks::agent(agent).map_err(wire::bad_request)?;
    checks::subscriber(&call.world, &subscriber, now_ms).map_err(wire::bad_request)?;
    let rica_reference = enter(&call.world, subscriber, now_ms).map_err(wire::bad_request)?;
    Ok(answer(Registered { rica_reference }))
}

/// Takes a registration that is good, unless the SIM or the identity has had enough.
fn enter(world: &World, subscriber: Subscriber, now_ms: i64) -> Result<String, Refusal> {
    let mut desk = world.desk();
    let known = &desk.registrations;
    let is_same = |known: &&Registration| known.subscriber == subscriber.sim;
    if let Some(known) = known.iter().rev().find(is_same)
        && is_pending(world, known.at_ms, now_ms)
    {
        return Err(checks::refusal(36));
    }
    let id_number = subscriber.identity.number;
    let sims = known.iter().filter(|known| known.id_number == id_number);
    if sims.count() >= SIMS_OF_ONE_IDENTITY {
        return Err(checks::refusal(28));
    }
    desk.registrations.push(Registration {
        subscriber: subscriber.sim,
        id_number,
        at_ms: now_ms,
    });
    Ok(format!("RICA{:08}", desk.registrations.len()))
}

/// `GET /smartrica/status/{smartloadId}/{iccid}/{ricaReference}`.
pub(super) async fn status(call: Get<3>) -> Result<Response, Response> {
    let [smartload_id, iccid, rica_reference] = call.path;
    call.world.account(&smartload_id)?;
    if !checks::is_iccid(&iccid) {
        return Err(wire::bad_request(checks::refusal(6)));
    }
    let registration = numbered(&rica_reference, "RICA")
        .and_then(|nth| call.world.desk().registrations.get(nth).cloned());
    let fits =
        |known: &Registration| known.subscriber == iccid || !checks::is_iccid(&known.subscriber);
    let registration = registration.filter(fits).ok_or_else(unknown)?;
    let pending = is_pending(&call.world, registration.at_ms, call.world.now_ms());
    let (status, status_message) = match pending {
        true => ("PENDING", "The registration is being processed"),
        false => ("REGISTERED", "SUCCESS"),
    };
    Ok(answer(RicaStatus {
        rica_reference,
        status,
        status_message,
    }))
}

/// `GET /smartrica/agentquery/{smartloadId}/{msisdn}`.
pub(super) async fn query_agent(call: Get<2>) -> Result<Response, Response> {
    let [smartload_id, msisdn] = &call.path;
    call.world.account(smartload_id)?;
    let msisdn = rules::msisdn(msisdn).ok_or_else(|| wire::bad_request(checks::refusal(1)))?;
    let agent = standing(&call.world, &msisdn);
    Ok(answer(AgentStanding {
        rica_agent: agent.exists,
        enabled: agent.enabled,
        master_dealer_agent: agent.is_ours,
    }))
}

/// `POST /smartrica/agent`.
pub(super) async fn register_agent(call: Post) -> Result<Response, Response> {
    let body: AgentBody = call.read()?;
    // The account is optional; one that is named has to be the user's.
    if !text(&body.smartload_id).is_empty() {
        call.buyer(&body.smartload_id)?;
    }
    let now_ms = call.world.now_ms();
    let msisdn = applicant(&body, now_ms).map_err(wire::bad_request)?;
    let mut desk = call.world.desk();
    desk.agents.push((msisdn, now_ms));
    let agent_registration_id = format!("AGENT{:08}", desk.agents.len());
    Ok(answer(AgentRegistered {
        agent_registration_id,
    }))
}

/// The number of somebody who can become an agent.
fn applicant(body: &AgentBody, now_ms: i64) -> Result<String, Refusal> {
    let msisdn = rules::msisdn(&text(&body.msisdn)).ok_or_else(|| checks::refusal(1))?;
    checks::names(&text(&body.first_name), &text(&body.surname))?;
    checks::identity(&Identity::read(&body.id_details), now_ms)?;
    checks::address(&Address::read(&body.residential_address))?;
    for (name, image) in [
        ("idDocumentImage", &body.id_document_image),
        ("faceImage", &body.face_image),
        ("proofOfAddressImage", &body.proof_of_address_image),
    ] {
        let bytes = STANDARD.decode(text(image)).unwrap_or_default();
        if bytes.is_empty() || bytes.len() > LARGEST_IMAGE {
            return Err(invalid(&format!("{name} must be an image of up to 300 kB")));
        }
    }
    Ok(msisdn)
}

/// `GET /smartrica/agent/regstatus/{agentRegistrationId}`.
pub(super) async fn agent_status(call: Get<1>) -> Result<Response, Response> {
    let [agent_registration_id] = call.path;
    let agent = numbered(&agent_registration_id, "AGENT")
        .and_then(|nth| call.world.desk().agents.get(nth).cloned());
    let (msisdn, at_ms) = agent.ok_or_else(unknown)?;
    let pending = is_pending(&call.world, at_ms, call.world.now_ms());
    let (status, status_message) = match (pending, msisdn.ends_with('0')) {
        (true, _) => ("PENDING", "The registration is being processed"),
        (false, true) => ("FAILED", "The ID document is not readable"),
        (false, false) => ("APPROVED", "SUCCESS"),
    };
    Ok(answer(AgentStatus {
        agent_registration_id,
        status,
        status_message,
    }))
}

fn standing(world: &World, msisdn: &str) -> Agent {
    let dealers = &world.settings.dealers;
    if world.ledger().has_account(msisdn) {
        return Agent::new(true, true);
    }
    match dealers.iter().position(|dealer| dealer == msisdn) {
        Some(0) => Agent::new(true, false),
        Some(_) => Agent::new(false, true),
        None => Agent::default(),
    }
}

fn is_pending(world: &World, since_ms: i64, now_ms: i64) -> bool {
    now_ms < since_ms.saturating_add(ms(world.settings.delays.rica))
}

/// The place in its list of what is called by a prefix and its number, counted from 1.
fn numbered(name: &str, prefix: &str) -> Option<usize> {
    let number: usize = name.strip_prefix(prefix)?.parse().ok()?;
    number.checked_sub(1)
}

fn unknown() -> Response {
    let message = "The RICA registration does not exist";
    wire::bad_request(Refusal::new(1008, message))
}
