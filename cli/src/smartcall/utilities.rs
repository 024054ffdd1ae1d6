//! The utilities: on which network a SIM is, and which networks are up.

use std::collections::BTreeMap;

use clap::Subcommand;
use recharge::Msisdn;
use recharge::smartcall::{Client, Health, MobileNetwork};
use serde_json::json;

use super::read_failed;
use super::session::Session;
use crate::exit::{Exit, Failure};
use crate::printer::{Printer, on_one_line};

/// Reads about networks and SIMs.
#[derive(Debug, Subcommand)]
pub(crate) enum UtilityCommand {
    /// Asks on which network a number is now, ported or not
    Sim {
        /// The number
        msisdn: Msisdn,
    },
    /// Prints which networks the service reaches; exit code 5 if one is not up
    Health {
        /// Asks which networks take RICA registrations instead
        #[arg(long)]
        rica: bool,
    },
}

pub(super) async fn run(
    session: &Session,
    command: UtilityCommand,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let work = async |client: &Client| match command {
        UtilityCommand::Sim { msisdn } => sim(client, msisdn, printer).await,
        UtilityCommand::Health { rica: false } => {
            told(client.network_health().await.map_err(read_failed)?, printer)
        }
        UtilityCommand::Health { rica: true } => {
            told(client.rica_health().await.map_err(read_failed)?, printer)
        }
    };
    session.reading(work).await
}

async fn sim(client: &Client, msisdn: Msisdn, printer: &Printer) -> Result<Exit, Failure> {
    let sim = client.sim_network(msisdn).await.map_err(read_failed)?;
    let ported = match sim.ported {
        Some(true) => "  ported",
        _ => "",
    };
    printer.value(
        &json!({
            "msisdn": msisdn.to_string(), "network": sim.network, "ported": sim.ported, "queried_at": sim.queried_at,
        }),
        &format!("{msisdn}  {}{ported}", on_one_line(&sim.network)),
    )?;
    Ok(Exit::Success)
}

fn told(health: BTreeMap<MobileNetwork, Health>, printer: &Printer) -> Result<Exit, Failure> {
    let mut exit = Exit::Success;
    for (network, health) in &health {
        if !health.is_up() {
            exit = exit.and(Exit::Warned);
        }
        let (network, word) = (network.name(), word(health));
        printer.value(
            &json!({ "network": network, "health": word }),
            &format!("{:<12}  {}", on_one_line(network), on_one_line(word)),
        )?;
    }
    Ok(exit)
}

pub(super) fn word(health: &Health) -> &str {
    match health {
        Health::Up => "UP",
        Health::Down => "DOWN",
        Health::Other(word) => word,
        _ => "unknown",
    }
}
