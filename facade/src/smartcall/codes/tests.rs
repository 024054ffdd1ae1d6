use super::Standing::{Done, Failed, Pending, Retryable, Unclear};
use super::*;

/// Code, standing, and the beginning of the vendor's text.
type Rows = &'static [(&'static str, Standing, &'static str)];

/// The rows of chapter 16.
#[rustfmt::skip]
const DOCUMENT: &[(Table, Rows)] = &[
    (Table::Response, &[
        ("SUCCESS", Pending, "Submitted"), ("SYS_ERROR", Unclear, "Typically a fault"), ("APP_ERROR", Failed, "Typically a problem"),
        ("INV_REQUEST", Failed, "There was a problem"), ("PART_SUCCESS", Pending, "Not all"), ("FAILURE", Failed, "All the recharges"),
        ("BATCH_LIMIT_EXCEEDED", Failed, "The maximum number"),
    ]),
    (Table::Status, &[
        ("0", Done, "A successful"), ("1", Retryable, "Typically a fault"), ("2", Failed, "Typically a problem"), ("3", Pending, "Submitted to the network"),
    ]),
    (Table::Recharge, &[
        ("2", Retryable, "General System Error"), ("3", Failed, "Invalid owner Cell No"), ("5", Failed, "Invalid recharge network"),
        ("6", Failed, "Invalid recharge Cell No"), ("8", Failed, "A meter number is compulsory"), ("9", Failed, "Invalid Offering ID"),
        ("10", Failed, "Pinless Indicator Error"), ("12", Failed, "The Owner Cell No is no longer"), ("15", Failed, "Insufficient funds"),
        ("16", Retryable, "A recharge with this meter no. has been received"), ("17", Failed, "The prevend has expired"),
        ("18", Failed, "Error (No Stock)"), ("19", Failed, "The quantity must be"), ("1001", Unclear, "Duplicate recharge"),
        ("1002", Pending, "Recharge still being processed"), ("1003", Failed, "Generic recharge failure"), ("1004", Pending, "Recharge response timed out"),
        ("1005", Unclear, "ClientReference does not exist"), ("1006", Pending, "Recharge Timeout"), ("1007", Failed, "Recharge parameter validation"),
        ("1008", Unclear, "Recharge does not exist"), ("2001", Unclear, "Batch order does not exist"),
    ]),
    (Table::Cancel, &[
        ("0", Pending, "The cancellation was accepted"), ("1", Failed, "Invalid channel"), ("2", Unclear, "General System Error"),
        ("3", Failed, "The client reference is not linked"), ("4", Failed, "The Smartload reference number"), ("5", Failed, "A voucher recharge"),
        ("6", Failed, "The recharge could not be cancelled"), ("100", Failed, "Invalid request message"),
    ]),
    (Table::Transaction, &[
        ("1", Pending, "Submitted to Smartcall"), ("2", Pending, "Submitted to the network"), ("3", Done, "The recharge was successfully"),
        ("4", Failed, "The recharge failed"), ("5", Failed, "The recharge was cancelled"),
    ]),
    (Table::Vodacom, &[
        ("00", Done, "Approved"), ("03", Failed, "Invalid Service Provider"), ("10", Pending, "Delay"), ("12", Failed, "Invalid Recharge ("),
        ("13", Failed, "Invalid Recharge Denomination"), ("15", Failed, "Invalid Financial"), ("22", Retryable, "Vodacom related problem"),
        ("26", Unclear, "Duplicate"), ("39", Failed, "No credit"), ("42", Failed, "Invalid MSISDN"), ("61", Failed, "Exceeds"),
        ("91", Unclear, "Vodacom related problem"),
    ]),
    (Table::Mtn, &[
        ("0000", Done, "Request was Successful"), ("1800", Failed, "MSISDN Validation"), ("1801", Failed, "Violation of Law"),
        ("1802", Failed, "Maximum Rate"), ("1803", Failed, "Invalid Processing"), ("1804", Failed, "Unknown Merchant"),
        ("1805", Failed, "Recharge Failed"), ("1806", Failed, "Merchant Account"), ("1807", Failed, "Unknown Bundle"),
        ("1808", Failed, "System Audit"), ("1809", Failed, "Transaction Amount"), ("1810", Failed, "Business Rule"),
        ("1811", Failed, "Subscriber Barred"), ("1812", Failed, "Subscriber not RICA'd"), ("1813", Failed, "Merchant limit"),
        ("5814", Failed, "Reconciliation Date"), ("9280", Failed, "Request Format"), ("9281", Retryable, "System Error"),
        ("9999", Unclear, "Generic Error"),
    ]),
    (Table::CellC, &[
        ("0", Done, "Successful"), ("-3", Unclear, "Transaction already submitted"), ("-4", Failed, "Trade partner not"),
        ("1", Failed, "Subscriber can't"), ("2", Failed, "Trade-partner"), ("3", Failed, "Insufficient Funds"),
        ("5", Failed, "Subscriber package"), ("6", Unclear, "Transaction time-out"), ("7", Failed, "Subscriber chose"),
        ("8", Failed, "Subscriber not allowed"), ("9", Failed, "Unsuccessful"), ("11", Failed, "Unsuccessful"),
    ]),
    (Table::Telkom, &[
        ("MPR-001", Failed, "Invalid Merchant"), ("MPR-002", Failed, "Invalid Product"), ("MPR-003", Failed, "Merchant is not allowed"),
        ("MPR-004", Failed, "Recharge Amount"), ("MPR-007", Failed, "MSISDN Account Status"), ("MPR-008", Failed, "MSISDN's Account Type"),
        ("MPR-011", Failed, "No Pinless"), ("MPR-012", Failed, "Recharge request denied. Merchant"), ("MPR-013", Failed, "Service pack"),
        ("MPR-020", Failed, "Recharge request declined"), ("MPR-021", Failed, "Recharge request denied. Subscriber"),
        ("MPR-030", Failed, "An error occurred"), ("MPR-035", Retryable, "Previous recharge"), ("MPR-040", Unclear, "Recharge with provided"),
        ("MPR-050", Failed, "Recharge is in a state"), ("MPR-070", Failed, "Recharge Request Denied"), ("MPR-080", Unclear, "No recharge record"),
        ("MPR-081", Unclear, "The recharge record"), ("MPR-100", Failed, "Ping successful"),
    ]),
];

/// What only an earlier document has, or a recording.
const EARLIER: &[(Table, &[&str])] = &[
    (
        Table::Recharge,
        &["1", "4", "7", "11", "14", "99", "9999", "400"],
    ),
    (Table::Cancel, &["7", "8", "9"]),
    (Table::Transaction, &["SUCESSFUL"]),
    (
        Table::FundsTransfer,
        &[
            "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12",
        ],
    ),
];

#[test]
fn each_row_of_the_document_is_known_with_its_meaning() {
    let (mut tables, mut rows) = (0, 0);
    for (table, codes) in DOCUMENT {
        tables += 1;
        assert_eq!(table.number(), Some(tables));
        for (text, standing, explanation) in *codes {
            rows += 1;
            let code = Code::new(*table, text);
            assert_eq!(code.as_str(), *text, "{table:?}");
            assert_eq!(code.standing(), *standing, "{code:?}");
            let told = code.explanation().expect("an explanation");
            assert!(told.starts_with(explanation), "{code:?}: {told}");
        }
    }
    assert_eq!((tables, rows), (9, 108));
}

#[test]
fn nothing_else_is_known_but_what_an_earlier_document_or_a_recording_has() {
    for table in Table::ALL {
        let listed = |rows: &[(Table, Vec<&'static str>)]| {
            let of_table = rows.iter().filter(|(each, _)| *each == table);
            of_table
                .flat_map(|(_, codes)| codes.clone())
                .collect::<Vec<_>>()
        };
        let document: Vec<_> = DOCUMENT
            .iter()
            .map(|(table, rows)| (*table, rows.iter().map(|row| row.0).collect()))
            .collect();
        let earlier: Vec<_> = EARLIER
            .iter()
            .map(|(table, codes)| (*table, codes.to_vec()))
            .collect();
        let mut expected = [listed(&document), listed(&earlier)].concat();
        let mut known: Vec<_> = table.codes().map(|code| code.to_string()).collect();
        expected.sort_unstable();
        known.sort_unstable();
        assert_eq!(known, expected, "{table:?}");
    }
}

#[test]
fn what_only_an_earlier_document_has_is_not_final() {
    for (table, codes) in EARLIER {
        for text in *codes {
            let code = Code::new(*table, text);
            assert!(code.is_known(), "{code:?}");
            // Both were recorded, or are a spelling of what the document has.
            let recorded = (*table, *text) == (Table::Cancel, "7") || *text == "SUCESSFUL";
            assert_eq!(code.is_final(), recorded, "{code:?}");
        }
    }
}

#[test]
fn an_unknown_code_survives_as_it_came_and_is_never_final() {
    for table in Table::ALL {
        for text in [
            "",
            " ",
            "777777",
            "-1",
            "MPR-999",
            "SUCCESSFULLY",
            "0x0",
            "+0",
            "é",
            "99999999999999999999",
        ] {
            let code = Code::new(table, text);
            assert_eq!((code.as_str(), code.is_known()), (text, false), "{code:?}");
            assert_eq!(code.standing(), Unclear, "{code:?}");
            assert!(!code.is_final() && !code.is_pending() && !code.is_retryable());
            assert_eq!(code.explanation(), None);
        }
    }
}

#[test]
fn a_code_is_recognised_with_its_blanks_its_zeros_and_its_name() {
    for (table, text, meant) in [
        (Table::Vodacom, "0", "00"),
        (Table::Vodacom, "3", "03"),
        (Table::Mtn, "0", "0000"),
        (Table::CellC, "00", "0"),
        (Table::CellC, "-03", "-3"),
        (Table::Recharge, " 1001 ", "1001"),
        (Table::Response, "Success", "SUCCESS"),
        (Table::Telkom, "mpr-035", "MPR-035"),
        (Table::Status, "SYSTEM_ERROR", "1"),
        (Table::Transaction, "PENDING", "2"),
        (Table::Transaction, "Successful", "3"),
    ] {
        let code = Code::new(table, text);
        assert_eq!(code.as_str(), meant, "{table:?} {text}");
        assert_eq!(code, Code::new(table, meant));
    }
    assert_eq!(Code::new(Table::Recharge, 1001_i64).as_str(), "1001");
}

#[test]
fn one_number_means_something_else_in_each_table() {
    let explained = |table| Code::new(table, 7).explanation();
    assert_ne!(explained(Table::Recharge), explained(Table::Cancel));
    assert_ne!(explained(Table::Cancel), explained(Table::FundsTransfer));
    assert_ne!(explained(Table::Recharge), explained(Table::CellC));
    assert_eq!(explained(Table::Vodacom), None);
    assert_ne!(Code::new(Table::Recharge, 7), Code::new(Table::Cancel, 7));
}
