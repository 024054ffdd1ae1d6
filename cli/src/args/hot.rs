//! `recharge hot`: its options. The commands stand beside what they do.

use std::path::PathBuf;

use clap::value_parser;

use super::MS_MAX;
use crate::hot::HotCommand;

/// Sells, reserves, enquires and recovers through HOT Recharge v3 (Zimbabwe).
///
/// Credentials come from the environment, HOT_ACCESS_CODE and HOT_PASSWORD, or from a file; never from an argument. Nothing is ever sent twice:
/// what cannot be settled by enquiry is told as unresolved. Amounts are in the currency of the product's wallet.
#[derive(Debug, clap::Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct HotArgs {
    /// The base URL, with /api/v3 (default: production's)
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) base_url: Option<String>,

    /// A file with HOT_ACCESS_CODE and HOT_PASSWORD, as NAME=value lines or as a JSON object, that only its owner can read; it goes before the
    /// environment
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) credentials: Option<PathBuf>,

    /// Trusts this certificate (PEM or DER) beside those of the operating system
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) root_certificate: Option<PathBuf>,

    /// How long one request may take (default: 60000)
    #[arg(long, global = true, value_name = "MS", value_parser = value_parser!(u64).range(1..=MS_MAX))]
    pub(crate) timeout_ms: Option<u64>,

    /// How long a failure or "not found" is not believed after a request in doubt (default: 120000)
    #[arg(long, global = true, value_name = "MS", value_parser = value_parser!(u64).range(0..=MS_MAX))]
    pub(crate) settle_ms: Option<u64>,

    /// How long one recharge is worked on before it is handed over as pending or unresolved (default: 600000). It stays open in the journal
    #[arg(long, global = true, value_name = "MS", value_parser = value_parser!(u64).range(1..=MS_MAX))]
    pub(crate) deadline_ms: Option<u64>,

    /// Always given; `None` once it was taken out
    #[command(subcommand)]
    pub(crate) command: Option<HotCommand>,
}
