//! `recharge smartcall`: its options. The commands of each group stand beside what they do.

use std::path::PathBuf;

use clap::{Subcommand, value_parser};
use recharge::Msisdn;

use crate::smartcall::{
    AccountCommand, CatalogueCommand, DoctorArgs, ElectricityArgs, HintArgs, MoniceArgs,
    OrdersArgs, PaymentCommand, RechargeCommand, ReconcileArgs, RicaArgs, SubmissionCommand,
    UtilityCommand, VouchersArgs,
};

/// Sells, enquires and recovers through Smartcall V3 (South Africa).
///
/// Credentials come from the environment, SMARTCALL_USERNAME and SMARTCALL_PASSWORD, or from a file;
/// never from an argument. The account that pays is SMARTCALL_ACCOUNT.
#[derive(Debug, clap::Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct SmartcallArgs {
    /// The base URL of a host, with /webservice; once for each host (default: production's two)
    #[arg(long = "base-url", global = true, value_name = "URL")]
    pub(crate) base_urls: Vec<String>,

    /// The Smartload account that pays (default: SMARTCALL_ACCOUNT)
    #[arg(long, global = true, value_name = "MSISDN")]
    pub(crate) account: Option<Msisdn>,

    /// A file with SMARTCALL_USERNAME, SMARTCALL_PASSWORD and SMARTCALL_ACCOUNT, as NAME=value lines or
    /// as a JSON object, that only its owner can read; it goes before the environment
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) credentials: Option<PathBuf>,

    /// Trusts this certificate (PEM or DER) beside those of the operating system
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) root_certificate: Option<PathBuf>,

    /// How long one request may take (default: 60000)
    #[arg(long, global = true, value_name = "MS", value_parser = value_parser!(u64).range(1..=MS_MAX))]
    pub(crate) timeout_ms: Option<u64>,

    /// How long "does not exist" is not believed after a request in doubt (default: 120000). Must exceed
    /// the longest time that the service needs for one recharge
    #[arg(long, global = true, value_name = "MS", value_parser = value_parser!(u64).range(0..=MS_MAX))]
    pub(crate) settle_ms: Option<u64>,

    /// How long one recharge is worked on before it is handed over as pending or unresolved
    /// (default: 600000). It stays open in the journal
    #[arg(long, global = true, value_name = "MS", value_parser = value_parser!(u64).range(1..=MS_MAX))]
    pub(crate) deadline_ms: Option<u64>,

    /// Always given; `None` once it was taken out
    #[command(subcommand)]
    pub(crate) command: Option<SmartcallCommand>,
}

/// A week: the service forgets a reference after that.
pub(super) const MS_MAX: u64 = 7 * 24 * 60 * 60 * 1000;

#[derive(Debug, Subcommand)]
pub(crate) enum SmartcallCommand {
    Doctor(DoctorArgs),
    /// Asks whether the service is there; needs no credentials
    Ping,
    #[command(flatten)]
    Account(AccountCommand),
    #[command(flatten)]
    Catalogue(CatalogueCommand),
    #[command(flatten)]
    Utilities(UtilityCommand),
    #[command(flatten)]
    Recharges(RechargeCommand),
    #[command(flatten)]
    Submissions(SubmissionCommand),
    Electricity(ElectricityArgs),
    Vouchers(VouchersArgs),
    Orders(OrdersArgs),
    Monice(MoniceArgs),
    #[command(flatten)]
    Payments(PaymentCommand),
    Hint(HintArgs),
    Rica(RicaArgs),
    Reconcile(ReconcileArgs),
}
