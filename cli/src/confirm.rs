//! **The rule: what cannot be taken back is done only for a person who said so.**

use std::io::{self, BufRead, IsTerminal};

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
