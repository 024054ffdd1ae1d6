//! **The rule: each object is one line, flushed at once, so that a kill loses nothing that was told.**

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::args::Output;
use crate::report::Report;

/// Writes outcomes to standard output, and progress to standard error if that is a terminal.
pub(crate) struct Printer {
    output: Output,
    headed: bool,
    bar: Option<ProgressBar>,
}

impl Printer {
    pub(crate) fn new(output: Output) -> Self {
        Self {
            output,
            headed: false,
            bar: None,
        }
    }

    pub(crate) fn is_table(&self) -> bool {
        self.output == Output::Table
    }

    /// One recharge.
    pub(crate) fn report(&mut self, report: &Report) -> io::Result<()> {
        match self.output {
            Output::Json => self.line(&serde_json::to_string(report)?),
            Output::Table => {
                if !std::mem::replace(&mut self.headed, true) {
                    self.line(&row([
                        "REFERENCE",
                        "MSISDN",
                        "PRODUCT",
                        "AMOUNT",
                        "SENT",
                        "OUTCOME",
                        "PROVIDER REF",
                        "MESSAGE",
                    ]))?;
                }
                self.line(&table_row(report))
            }
        }
    }

    /// Something else than a recharge.
    pub(crate) fn value(&self, json: &impl Serialize, plain: &str) -> io::Result<()> {
        match self.output {
            Output::Json => self.line(&serde_json::to_string(json)?),
            Output::Table => self.line(plain),
        }
    }

    /// One line on standard output.
    pub(crate) fn line(&self, line: &str) -> io::Result<()> {
        self.beside_the_bar(|| {
            let mut out = io::stdout().lock();
            writeln!(out, "{line}")?;
            out.flush()
        })
    }

    /// One line for people, on standard error.
    pub(crate) fn note(&self, line: &str) {
        self.beside_the_bar(|| crate::exit::note(line));
    }

    /// Begins to show progress towards `length`.
    pub(crate) fn start_progress(&mut self, length: u64) {
        // On a terminal, rows scroll above the bar.
        if io::stderr().is_terminal() {
            let bar = ProgressBar::new(length);
            if let Ok(style) = ProgressStyle::with_template(
                "{spinner} [{elapsed}] {bar:24} {percent}% of the file  {wide_msg}",
            ) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            self.bar = Some(bar);
        }
    }

    pub(crate) fn progress(&self, position: u64, message: &impl Display) {
        if let Some(bar) = &self.bar {
            bar.set_position(position);
            bar.set_message(message.to_string());
        }
    }

    pub(crate) fn end_progress(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn beside_the_bar<R>(&self, write: impl FnOnce() -> R) -> R {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }
}

fn table_row(report: &Report) -> String {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let code = report
        .code
        .map(|code| format!("{code}: "))
        .unwrap_or_default();
    let message = report
        .message
        .as_ref()
        .map(|message| format!("{code}{}", on_one_line(message)));
    row([
        &report.reference,
        &or_dash(&report.msisdn),
        &or_dash(&report.product.map(|product| product.to_string())),
        &or_dash(&report.amount),
        &report.attempts.to_string(),
        report.outcome.word(),
        &or_dash(&report.provider_reference),
        &message.unwrap_or_default(),
    ])
}

/// The columns are as wide as what they usually hold, because rows are printed as they come.
fn row(
    [
        reference,
        msisdn,
        product,
        amount,
        sent,
        outcome,
        provider,
        message,
    ]: [&str; 8],
) -> String {
    let line = format!(
        "{reference:<36}  {msisdn:<11}  {product:>7}  {amount:>9}  {sent:>4}  {outcome:<10}  {provider:<12}  {message}"
    );
    line.trim_end().to_owned()
}

/// What a service says must not move the cursor of a terminal.
pub(crate) fn on_one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
