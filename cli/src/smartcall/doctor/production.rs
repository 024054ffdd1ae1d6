//! The vendor's questions before production (chapter 19), answered from what is configured and what was found.

use super::journal::Kept;
use super::{Check, Patient};

/// What to do for a test service, and why that is a warning: nothing that was found here says anything of production.
const NOT_PRODUCTION: &str = "leave --base-url away when you go live: production's two hosts are the default. Until then there is nothing to do";

pub(super) fn check(patient: &Patient<'_>, kept: &Kept, on_list: bool) -> Vec<Check> {
    vec![
        stored(
            "production: stores the Smartload reference of each sale",
            kept.sold,
            kept.with_reference,
        ),
        stored(
            "production: stores the balance after each sale",
            kept.sold,
            kept.with_balance,
        ),
        account(patient),
        credentials(patient),
        notifications(on_list),
        urls(patient),
        failover(patient),
    ]
}

/// An answer that is lost, and found out by enquiry, tells no balance: that some lack it is no mistake.
fn stored(question: &'static str, sold: usize, with: usize) -> Check {
    let reason = if sold == 0 {
        "yes, the journal does; it holds no sale yet".to_owned()
    } else {
        format!(
            "yes, the journal does: {with} of {sold} sales have it (an enquiry after a lost answer may not tell it)"
        )
    };
    let how = "counted in the journal";
    if sold > 0 && with == 0 {
        return Check::warning(question, format!("no: none of {sold} sales has it"), how)
            .advise("look at the answers of the service: they may have changed");
    }
    Check::ok(question, reason, how)
}

fn account(patient: &Patient<'_>) -> Check {
    const QUESTION: &str = "production: has a live Smartload account";
    match (patient.in_production(), patient.account_is_known) {
        (true, true) => Check::ok(QUESTION, "yes", "production told the account's balance"),
        (true, false) => Check::failed(
            QUESTION,
            "production does not know the account",
            "asked production for its balance",
        )
        .advise("ask Smartcall's sales for one, also if you are a master dealer or have one"),
        (false, _) => Check::warning(
            QUESTION,
            "not known: these are not production's hosts",
            "looked at the base URLs",
        )
        .advise(NOT_PRODUCTION),
    }
}

fn credentials(patient: &Patient<'_>) -> Check {
    const QUESTION: &str = "production: has live credentials";
    match (patient.in_production(), patient.open.is_empty()) {
        (true, false) => Check::ok(QUESTION, "yes", "production let us in"),
        (true, true) => Check::failed(QUESTION, "production does not let us in", "tried to log in").advise(
            "write to developers@smartcall.co.za with the user name that you want and the account's number",
        ),
        (false, _) => Check::warning(QUESTION, "not known: these are not production's hosts", "looked at the base URLs")
            .advise(NOT_PRODUCTION),
    }
}

fn notifications(on_list: bool) -> Check {
    const QUESTION: &str =
        "production: is on the list for notifications of maintenance and outages";
    if on_list {
        return Check::ok(QUESTION, "yes", "you said so, by --on-notification-list");
    }
    Check::warning(QUESTION, "not known", "only you can tell").advise(
        "write to developers@smartcall.co.za with names and addresses, then say --on-notification-list here",
    )
}

fn urls(patient: &Patient<'_>) -> Check {
    const QUESTION: &str = "production: uses production's URLs";
    let how = "looked at the base URLs";
    if patient.in_production() {
        return Check::ok(QUESTION, "yes", how);
    }
    Check::warning(QUESTION, "no: these are other hosts", how).advise(NOT_PRODUCTION)
}

fn failover(patient: &Patient<'_>) -> Check {
    const QUESTION: &str = "production: can fail over to another host";
    let (configured, open) = (patient.base_urls.len(), patient.open.len());
    let how = "logged in to each host by itself";
    if configured < 2 {
        return Check::warning(
            QUESTION,
            "no: one host is configured",
            "looked at the base URLs",
        )
        .advise("give --base-url once for each of the two hosts");
    }
    if open < 2 {
        return Check::warning(
            QUESTION,
            format!("not now: {open} of {configured} hosts let us in"),
            how,
        )
        .advise("mend the host that failed above");
    }
    Check::ok(
        QUESTION,
        format!("yes: {open} of {configured} hosts let us in"),
        how,
    )
}
