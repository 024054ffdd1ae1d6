//! RICA: registrations and agents. What is personal is read from a file or standard input, never from an argument, which every user of the
//! machine can see.

mod form;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use recharge::Msisdn;
use recharge::smartcall::{Client, Iccid, RicaReference, RicaStatus, SubmitError, Submitted};
use serde_json::json;

use super::read_failed;
use super::session::Session;
use crate::exit::{Exit, Failure};
use crate::printer::{Printer, on_one_line};

/// Registers SIMs and RICA agents, and asks where registrations stand
#[derive(Debug, Args)]
pub(crate) struct RicaArgs {
    #[command(subcommand)]
    command: RicaCommand,
}

#[derive(Debug, Subcommand)]
enum RicaCommand {
    /// Registers a SIM and the person who uses it; sent once
    ///
    /// The file is a JSON object: agent, network (1 Vodacom, 2 MTN ...), alternative_contact; sim with iccid, or msisdn and last_four, or
    /// starter_pack and last_four; person with first_name, surname, address1, address2, address3 (optional), postal_code, country, and either
    /// id_number or passport, nationality and passport_expires.
    Register(FormArgs),
    /// Asks where the registration of a SIM stands
    Status {
        /// The SIM's serial number
        #[arg(long)]
        iccid: Iccid,

        /// The reference that the registration got
        #[arg(value_name = "REF")]
        reference: RicaReference,
    },
    /// Asks what a number is as a RICA agent
    Agent {
        /// The number
        msisdn: Msisdn,
    },
    /// Registers a RICA agent; sent once
    ///
    /// The file is a JSON object: msisdn, person as for register, and the paths of three images of at most 300 kB: id_document, face,
    /// proof_of_address.
    RegisterAgent(FormArgs),
    /// Asks where the registration of an agent stands
    AgentStatus {
        /// The reference that the registration got
        #[arg(value_name = "REF")]
        reference: RicaReference,
    },
}

#[derive(Debug, Args)]
struct FormArgs {
    /// The file; - for standard input
    #[arg(value_name = "FILE.json")]
    file: PathBuf,
}

pub(super) async fn run(
    session: &Session,
    args: RicaArgs,
    printer: &Printer,
) -> Result<Exit, Failure> {
    match args.command {
        RicaCommand::Register(args) => {
            let registration = form::registration(&args.file)?;
            let work = async |client: &Client| {
                submitted(client.submit_registration(&registration).await, printer)
            };
            session.reading(work).await
        }
        RicaCommand::RegisterAgent(args) => {
            let registration = form::agent(&args.file)?;
            let work = async |client: &Client| {
                submitted(client.register_agent(&registration).await, printer)
            };
            session.reading(work).await
        }
        RicaCommand::Status { iccid, reference } => {
            let work = async |client: &Client| {
                let status = client.rica_status(&iccid, &reference).await;
                told_status(&reference, status.map_err(read_failed)?, printer)
            };
            session.reading(work).await
        }
        RicaCommand::AgentStatus { reference } => {
            let work = async |client: &Client| {
                let status = client.agent_registration_status(&reference).await;
                told_status(&reference, status.map_err(read_failed)?, printer)
            };
            session.reading(work).await
        }
        RicaCommand::Agent { msisdn } => {
            let work = async |client: &Client| agent(client, msisdn, printer).await;
            session.reading(work).await
        }
    }
}

/// What became of a submission. No money moves by one, but a person waits for it.
fn submitted(result: Result<Submitted, SubmitError>, printer: &Printer) -> Result<Exit, Failure> {
    let told = |outcome: &str,
                reference: Option<&str>,
                code: Option<i64>,
                message: Option<&str>| {
        let plain = [reference, message].into_iter().flatten();
        let plain: Vec<String> = plain.map(on_one_line).collect();
        printer.value(
            &json!({ "outcome": outcome, "rica_reference": reference, "code": code, "message": message }),
            &format!("{outcome}  {}", plain.join("  ")),
        )
    };
    match result {
        Ok(Submitted::Accepted(reference)) => {
            told(
                "accepted",
                reference.as_ref().map(RicaReference::as_str),
                None,
                None,
            )?;
            Ok(Exit::Success)
        }
        Ok(Submitted::Refused(refusal)) => {
            let code = refusal.code.map(|code| code.number());
            told("refused", None, code, Some(&refusal.message))?;
            Ok(Exit::Refused)
        }
        Ok(Submitted::Unknown(unknown)) => {
            let message = format!("{}; {}", unknown.reason, unknown.enquiry);
            told("unknown", None, None, Some(&message))?;
            Ok(Exit::Open)
        }
        Err(SubmitError::Invalid(invalid)) => Err(invalid.into()),
        Err(error) => Err(Failure::other(error)),
    }
}

fn told_status(
    reference: &RicaReference,
    status: RicaStatus,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let message = status
        .message
        .as_deref()
        .map(on_one_line)
        .unwrap_or_default();
    let plain = format!(
        "{}  {}  {message}",
        reference.as_str(),
        on_one_line(&status.status)
    );
    printer.value(
        &json!({ "rica_reference": reference.as_str(), "status": status.status, "message": status.message }),
        plain.trim_end(),
    )?;
    Ok(Exit::Success)
}

async fn agent(client: &Client, msisdn: Msisdn, printer: &Printer) -> Result<Exit, Failure> {
    let agent = client.rica_agent(msisdn).await.map_err(read_failed)?;
    let word = |told: Option<bool>| match told {
        Some(true) => "yes",
        Some(false) => "no",
        None => "not said",
    };
    printer.value(
        &json!({
            "msisdn": msisdn.to_string(), "is_agent": agent.is_agent, "enabled": agent.enabled,
            "under_master_dealer": agent.under_master_dealer,
        }),
        &format!(
            "{msisdn}  agent: {}, enabled: {}, under your master dealer: {}",
            word(agent.is_agent),
            word(agent.enabled),
            word(agent.under_master_dealer)
        ),
    )?;
    Ok(Exit::Success)
}
