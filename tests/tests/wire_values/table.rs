use super::*;

#[test]
fn a_status_by_itself_counts_more_than_its_class_and_that_more_than_default() {
    let mut operation = *smartcall::operation("ping").unwrap();
    operation.responses = &[(4, "Class"), (404, "A"), (404, "B"), (0, "Default")];
    let types = |status| operation.types(status).collect::<Vec<_>>();
    assert_eq!(types(404), ["A", "B"]);
    assert_eq!(types(400), ["Class"]);
    assert_eq!(types(500), ["Default"]);
    operation.responses = &[(200, "A")];
    assert_eq!(operation.types(500).count(), 0);
}

#[test]
fn the_table_says_what_a_refused_recharge_looks_like() {
    let types = |id, status| {
        smartcall::operation(id)
            .unwrap()
            .types(status)
            .collect::<Vec<_>>()
    };
    assert_eq!(types("createRecharge", 400), ["Error"]);
    assert_eq!(types("createSyncRecharge", 400), ["SyncRechargeResponse"]);
    assert_eq!(types("createSyncRecharge", 401), ["AuthResponse"]);
    assert!(smartcall::operation("nothing").is_none());
}

#[test]
fn no_method_that_sells_is_said_to_be_safe() {
    for operation in smartcall::OPERATIONS.iter().chain(hot::OPERATIONS) {
        // A report that is fetched with POST.
        let reads = operation.method == "GET" || operation.id == "getCashup";
        assert_eq!(operation.safe, reads, "{}", operation.id);
    }
}
