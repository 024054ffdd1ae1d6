//! The rows. Texts are the vendor's where they are short, and shortened where they are not.

use super::Standing::{self, Done, Failed, Pending, Retryable, Unclear};
use super::Table;

/// One row of a table.
pub(super) struct Row {
    pub(super) code: &'static str,
    /// Another way of writing it: the name of a number.
    name: Option<&'static str>,
    pub(super) standing: Standing,
    pub(super) explanation: &'static str,
}

impl Row {
    /// Whether this is the row of a code: by its number, or by its letters whatever their case.
    pub(super) fn is(&self, text: &str) -> bool {
        let written = |known: &str| match (number(known), number(text)) {
            (Some(known), Some(text)) => known == text,
            _ => known.eq_ignore_ascii_case(text),
        };
        written(self.code) || self.name.is_some_and(written)
    }
}

/// A number in plain digits, however many zeros stand before it. A sign other than minus is no number here.
fn number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

const fn row(code: &'static str, standing: Standing, explanation: &'static str) -> Row {
    Row {
        code,
        name: None,
        standing,
        explanation,
    }
}

const fn named(
    code: &'static str,
    name: &'static str,
    standing: Standing,
    explanation: &'static str,
) -> Row {
    Row {
        code,
        name: Some(name),
        standing,
        explanation,
    }
}

pub(super) fn rows(table: Table) -> &'static [Row] {
    match table {
        Table::Response => RESPONSE,
        Table::Status => STATUS,
        Table::Recharge => RECHARGE,
        Table::Cancel => CANCEL,
        Table::Transaction => TRANSACTION,
        Table::Vodacom => VODACOM,
        Table::Mtn => MTN,
        Table::CellC => CELL_C,
        Table::Telkom => TELKOM,
        Table::FundsTransfer => FUNDS_TRANSFER,
    }
}

#[rustfmt::skip]
const RESPONSE: &[Row] = &[
    row("SUCCESS", Pending, "Submitted to Smartcall, and no more than that; the final status is found out by enquiry"),
    // Somewhere between Smartcall and the network: on which side of the sale, nothing says.
    row("SYS_ERROR", Unclear, "Typically a fault on the interface between Smartcall and the relevant mobile network"),
    row("APP_ERROR", Failed, "Typically a problem with the content of the recharge request"),
    row("INV_REQUEST", Failed, "There was a problem with the content of the prevend request"),
    row("PART_SUCCESS", Pending, "Not all the recharges of the batch were taken in"),
    row("FAILURE", Failed, "All the recharges of the batch were unsuccessful"),
    row("BATCH_LIMIT_EXCEEDED", Failed, "The maximum number of recharges in a batch has been exceeded (100)"),
];

#[rustfmt::skip]
const STATUS: &[Row] = &[
    named("0", "SUCCESS", Done, "A successful recharge"),
    named("1", "SYSTEM_ERROR", Retryable, "Typically a fault on the interface between Smartcall and the relevant mobile network; can be retried with a new client reference"),
    named("2", "BUSINESS_ERROR", Failed, "Typically a problem with the content of the recharge request; should not be retried"),
    named("3", "NETWORK_PENDING", Pending, "Submitted to the network, which has not responded; query until the status is final, in rare cases on the following day"),
];

#[rustfmt::skip]
const RECHARGE: &[Row] = &[
    row("2", Retryable, "General System Error, recharge failed"),
    row("3", Failed, "Invalid owner Cell No provided"),
    row("5", Failed, "Invalid recharge network"),
    row("6", Failed, "Invalid recharge Cell No provided"),
    row("8", Failed, "A meter number is compulsory for an electricity recharge"),
    row("9", Failed, "Invalid Offering ID (product code)"),
    row("10", Failed, "Pinless Indicator Error: Smartload only distributes vouchers on the selected network"),
    row("12", Failed, "The Owner Cell No is no longer an active SMARTLOAD dealer"),
    row("15", Failed, "Insufficient funds in the SmartLoad wallet"),
    // Recorded with the text of the five-minute rule too (FAQ 11).
    row("16", Retryable, "A recharge with this meter no. has been received, or one with the same Cell No and amount in the last 5 minutes; wait for it before retrying"),
    row("17", Failed, "The prevend has expired"),
    row("18", Failed, "Error (No Stock)"),
    row("19", Failed, "The quantity must be greater than 0"),
    // "Failure" in the table. After a lost answer the first of the two is most likely this very sale.
    row("1001", Unclear, "Duplicate recharge (usually when customer recharge ID is re-used)"),
    row("1002", Pending, "Recharge still being processed"),
    row("1003", Failed, "Generic recharge failure"),
    row("1004", Pending, "Recharge response timed out, query to validate if recharge was submitted"),
    // "Failure" in the table, of the enquiry: that the sale is not seen is no proof that it was not made.
    row("1005", Unclear, "ClientReference does not exist"),
    row("1006", Pending, "Recharge Timeout, Please query recharge for status"),
    row("1007", Failed, "Recharge parameter validation failure"),
    row("1008", Unclear, "Recharge does not exist"),
    row("2001", Unclear, "Batch order does not exist"),
    // From here on: the document of the version before.
    row("1", Unclear, "Invalid channel code"),
    row("4", Unclear, "Invalid owner PIN"),
    row("7", Unclear, "It must be indicated whether this is a recharge on airtime, data bundle, sms bundle or electricity"),
    row("11", Unclear, "The Owner Cell No is not a SMARTLOAD dealer or the PIN is incorrect"),
    row("14", Unclear, "The correct discount could not be determined"),
    row("99", Unclear, "System maintenance in progress"),
    row("9999", Unclear, "Unexpected error"),
    // Recorded with HTTP 403.
    row("400", Unclear, "The supplied Smartload ID is not registered to your account"),
];

#[rustfmt::skip]
const CANCEL: &[Row] = &[
    // Recorded: the enquiry went on to say "pending" after it.
    named("0", "SUCCESS", Pending, "The cancellation was accepted; the enquiry says when it has happened"),
    row("1", Failed, "Invalid channel code"),
    row("2", Unclear, "General System Error"),
    row("3", Failed, "The client reference is not linked to a Smartload reference number (invalid client reference number)"),
    row("4", Failed, "The Smartload reference number is not valid"),
    row("5", Failed, "A voucher recharge cannot be cancelled because a PIN has been issued"),
    row("6", Failed, "The recharge could not be cancelled because it has already been attempted at the network"),
    row("100", Failed, "Invalid request message. No transaction references supplied"),
    // Recorded, and in the document of the version before.
    row("7", Done, "The recharge has already been cancelled"),
    // From here on: the document of the version before.
    row("8", Unclear, "The recharge is at the network already"),
    row("9", Unclear, "Free basic electricity cannot be cancelled"),
];

#[rustfmt::skip]
const TRANSACTION: &[Row] = &[
    named("1", "REQUESTED", Pending, "Submitted to Smartcall, and not yet submitted to the relevant network"),
    named("2", "PENDING", Pending, "Submitted to the network, without a final status yet; resolved by queries to the network, or by its report of the following day"),
    named("3", "SUCCESSFUL", Done, "The recharge was successfully processed by the relevant network"),
    named("4", "FAILED", Failed, "The recharge failed to be processed by the relevant network"),
    named("5", "CANCELLED", Failed, "The recharge was cancelled by the client before it was submitted to the network"),
    // The spelling of the version before.
    row("SUCESSFUL", Done, "The recharge was successfully processed by the relevant network"),
];

#[rustfmt::skip]
const VODACOM: &[Row] = &[
    row("00", Done, "Approved validation or Recharge completed successfully"),
    row("03", Failed, "Invalid Service Provider Id"),
    row("10", Pending, "Delay in processing the recharge"),
    row("12", Failed, "Invalid Recharge (e.g. Recharge attempt without activation, Business rule violation)"),
    row("13", Failed, "Invalid Recharge Denomination"),
    row("15", Failed, "Invalid Financial Institution Id"),
    row("22", Retryable, "Vodacom related problem: the transaction was not successfully processed due to a problem on the back-end system"),
    row("26", Unclear, "Duplicate recharge attempted"),
    row("39", Failed, "No credit account"),
    row("42", Failed, "Invalid MSISDN"),
    row("61", Failed, "Exceeds withdrawal limit"),
    // It may have responded to nobody, and recharged all the same.
    row("91", Unclear, "Vodacom related problem: the back-end system is either unavailable or did not respond in time"),
];

#[rustfmt::skip]
const MTN: &[Row] = &[
    row("0000", Done, "Request was Successful: successful recharge or MSISDN validation"),
    row("1800", Failed, "MSISDN Validation Failed: the MSISDN failed the applicable validation checks"),
    row("1801", Failed, "Violation of Law"),
    row("1802", Failed, "Maximum Rate Violation: maximum transaction rate exceeded"),
    row("1803", Failed, "Invalid Processing Code: the processing code provided is not supported"),
    row("1804", Failed, "Unknown Merchant: the merchant does not exist"),
    row("1805", Failed, "Recharge Failed"),
    row("1806", Failed, "Merchant Account Blocked: the merchant account is disabled"),
    row("1807", Failed, "Unknown Bundle: bundle purchase not allowed or configured"),
    row("1808", Failed, "System Audit Trace Number Error: it does not conform to specification or was not found"),
    row("1809", Failed, "Transaction Amount not allowed: above the maximum or below the minimum"),
    row("1810", Failed, "Business Rule Violation: not possible on this subscriber's account by the rules of MTN"),
    row("1811", Failed, "Subscriber Barred: the MSISDN is valid but the requested action is not allowed"),
    row("1812", Failed, "Subscriber not RICA'd"),
    row("1813", Failed, "Merchant limit exceeded: the overall trading limit, to be arranged with MTN"),
    row("5814", Failed, "Reconciliation Date Failure: data for the date specified is not available"),
    row("9280", Failed, "Request Format Error"),
    row("9281", Retryable, "System Error: the request has failed due to an internal server error"),
    row("9999", Unclear, "Generic Error: unspecified"),
];

#[rustfmt::skip]
const CELL_C: &[Row] = &[
    row("0", Done, "Successful Transaction"),
    row("-3", Unclear, "Transaction already submitted (Duplicate)"),
    row("-4", Failed, "Trade partner not authorised for recharge type"),
    row("1", Failed, "Subscriber can't be recharged, please contact 140 (e.g. MSISDN doesn't exist on the network)"),
    row("2", Failed, "Trade-partner authentication failed"),
    row("3", Failed, "Insufficient Funds in Trade partner account"),
    row("5", Failed, "Subscriber package doesn't allow a recharge (e.g. a Post Paid subscriber)"),
    row("6", Unclear, "Transaction time-out"),
    row("7", Failed, "Subscriber chose airtime from an incompatible Service Provider"),
    row("8", Failed, "Subscriber not allowed to recharge on CellC network"),
    row("9", Failed, "Unsuccessful Transaction"),
    row("11", Failed, "Unsuccessful Transaction"),
];

#[rustfmt::skip]
const TELKOM: &[Row] = &[
    row("MPR-001", Failed, "Invalid Merchant: the MerchantID specified in the request is unknown"),
    row("MPR-002", Failed, "Invalid Product: the ProductID specified is unknown or unsupported"),
    row("MPR-003", Failed, "Merchant is not allowed to recharge product"),
    row("MPR-004", Failed, "Recharge Amount is not in the range allowed for the merchant"),
    row("MPR-007", Failed, "MSISDN Account Status is not valid: not one that may be recharged"),
    row("MPR-008", Failed, "MSISDN's Account Type is not valid: neither prepaid nor hybrid"),
    row("MPR-011", Failed, "No Pinless Recharge concept exists for the recharge reference number: an unsolicited request"),
    row("MPR-012", Failed, "Recharge request denied. Merchant daily limit has been exceeded"),
    row("MPR-013", Failed, "Service pack and/or amount does not match"),
    row("MPR-020", Failed, "Recharge request declined. Not allowed to recharge cents"),
    row("MPR-021", Failed, "Recharge request denied. Subscriber daily recharge limit has been exceeded"),
    row("MPR-030", Failed, "An error occurred validating the account against the Product Platform"),
    row("MPR-035", Retryable, "Previous recharge is pending - Please retry later"),
    // Of cancellations: one that is completed was done.
    row("MPR-040", Unclear, "Recharge with provided Transaction Reference Number (TRN) is either unknown or is completed"),
    row("MPR-050", Failed, "Recharge is in a state that does not allow for completion"),
    row("MPR-070", Failed, "Recharge Request Denied. Account credit limit has been exceeded"),
    // Of queries: not found is not the same as not done.
    row("MPR-080", Unclear, "No recharge record found for TRN/SessionID"),
    row("MPR-081", Unclear, "The recharge record found does not belong to the MerchantID"),
    row("MPR-100", Failed, "Ping successful: the amount was 0"),
];

/// The document of the version before; this one's has no table for it.
#[rustfmt::skip]
const FUNDS_TRANSFER: &[Row] = &[
    row("1", Unclear, "Invalid owner Cell No"),
    row("2", Unclear, "Invalid owner PIN"),
    row("3", Unclear, "Invalid transfer Cell No"),
    row("4", Unclear, "The amount must be between R5 and R100000"),
    row("5", Unclear, "The amount must be greater than 0"),
    row("6", Unclear, "A transfer to the own number"),
    row("7", Unclear, "Not enough credit"),
    row("8", Unclear, "The owner is not enabled"),
    row("9", Unclear, "System error"),
    row("10", Unclear, "The recipient is no dealer"),
    row("11", Unclear, "A possible duplicate within the last hour"),
    row("12", Unclear, "Invalid channel code"),
];
