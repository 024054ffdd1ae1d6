//! **The rule: what cannot be taken back is done only for a person who said so, and a secret is typed where nobody sees it.**

use std::env;
use std::io::{self, BufRead, IsTerminal};

use recharge::Secret;

use crate::exit::{Failure, note};

/// Asks whether to do it, unless `yes` was given. Where nobody can be asked, `--yes` must be.
pub(crate) fn confirm(what_happens: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(format!(
            "--yes must be given where nobody can be asked: {what_happens}"
        )));
    }
    note(format!("{what_happens}\nType yes to go on:"));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if answer.trim() == "yes" {
        Ok(())
    } else {
        Err(Failure::usage("not done: it was not confirmed"))
    }
}

/// A secret from the environment, else asked for at the terminal without showing it. Never an argument: those are seen by every user.
pub(crate) fn secret(variable: &str, what: &str) -> Result<Secret, Failure> {
    if let Ok(given) = env::var(variable)
        && !given.is_empty()
    {
        return Ok(Secret::new(given));
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(format!(
            "{variable} must be set where nobody can be asked for {what}"
        )));
    }
    let typed = rpassword::prompt_password(format!("{what}: "))?;
    Ok(Secret::new(typed))
}
