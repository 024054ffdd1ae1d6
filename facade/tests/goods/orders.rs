//! Vouchers as a file: ordered once, there whole or not at all, and its password nowhere.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use recharge::smartcall::{FileError, VoucherOrder};
use recharge::{PinKind, ReadError};
use serde_json::{Value, json};

use crate::support::Route::{Enquiry, Order, OrderFile, RecreateFile};
use crate::support::*;
use crate::*;

const FILE_PASSWORD: &str = "aB3dEf7hJk";

fn order() -> VoucherOrder {
    VoucherOrder::new("66".parse().unwrap(), 3).unwrap()
}

fn answer(password: Value, recharge: Value) -> Reply {
    json_reply(
        200,
        json!({"error": null, "responseCode": "SUCCESS", "recharge": recharge, "filePassword": password}),
    )
}

fn ordered() -> Reply {
    answer(
        json!(FILE_PASSWORD),
        json!({"orderReferenceId": 987_654_321, "balance": 99574.75}),
    )
}

fn found(status_id: &str) -> Reply {
    json_reply(
        200,
        json!({"error": null, "responseCode": "SUCCESS", "transaction": {
            "recipientMsisdn": ACCOUNT, "reference": "987654321", "amount": "R30.00", "statusId": status_id,
        }}),
    )
}

/// What passes for an archive until it is opened.
fn archive() -> Vec<u8> {
    [b"PK\x03\x04".to_vec(), vec![7; 100_000]].concat()
}

fn file() -> Reply {
    Reply::Bytes(200, archive())
}

fn filed(request: &Request) -> Reply {
    match request.route {
        Order => ordered(),
        Enquiry => found("SUCCESSFUL"),
        OrderFile => file(),
        _ => well(request),
    }
}

#[tokio::test]
async fn an_order_is_sent_once_and_its_answer_has_the_password() {
    let shop = Shop::open(filed).await;
    let order = order().with_reference(reference("my-reference"));
    let sale = vended(shop.client.order_voucher_file(&order).await);
    assert_eq!(
        (codes(&sale.receipt), sale.receipt.missing),
        (vec![FILE_PASSWORD], 0)
    );
    assert_eq!(sale.receipt.pins[0].kind, PinKind::FilePassword);
    assert_eq!(sale.provider_reference.as_deref(), Some("987654321"));
    assert_eq!(sale.balance, Some("99574.75".parse().unwrap()));
    assert_eq!(
        shop.service.log(Order)[0].json(),
        json!({"smartloadId": ACCOUNT, "clientReference": "my-reference", "productId": 66, "quantity": 3})
    );
    assert_eq!(
        (shop.service.count(Enquiry), shop.service.count(OrderFile)),
        (0, 0)
    );
    let again = vended(shop.client.order_voucher_file(&order).await);
    assert_eq!(
        (codes(&again.receipt), shop.service.count(Order)),
        (vec![], 1)
    );
}

#[tokio::test]
async fn a_file_is_not_the_vouchers_that_the_answer_gives_whatever_they_have_in_common() {
    let shop = Shop::open(filed).await;
    let order = order().with_reference(reference("my-reference"));
    vended(shop.client.order_voucher_file(&order).await);
    let told = shop.client.buy_vouchers(&order).await;
    assert!(
        matches!(told, Err(recharge::Error::ReferenceTaken { .. })),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_lost_order_is_proved_by_the_transaction_or_by_the_file_and_never_sent_again() {
    for (what, reply) in lost_answers() {
        for transaction in [found("SUCCESSFUL"), found("PENDING"), not_seen(), html(500)] {
            let (reply, enquiry) = (reply.clone(), transaction.clone());
            let shop = Shop::open(move |request| match request.route {
                Order => reply.clone(),
                Enquiry => enquiry.clone(),
                _ => filed(request),
            })
            .await;
            let sale = vended(shop.client.order_voucher_file(&order()).await);
            // Who has lost the password has the file made again.
            assert_eq!(
                (codes(&sale.receipt), sale.receipt.missing),
                (vec![], 1),
                "{what}"
            );
            assert_eq!(shop.service.count(Order), 1, "{what}");
        }
    }
}

#[tokio::test]
async fn an_order_that_nothing_proves_stays_unresolved_and_is_not_sent_again() {
    for (transaction, file) in [
        (not_seen(), bare(400, 2001)),
        (not_seen(), html(500)),
        (html(500), bare(400, 2001)),
        (html(500), Reply::Close),
        // Another sale under the same reference.
        (found("SUCCESSFUL"), bare(400, 2001)),
        (
            not_seen(),
            text_reply(200, "text/html", "<html>no file</html>"),
        ),
    ] {
        let (enquiry, asked) = (transaction.clone(), file.clone());
        let shop = Shop::open(move |request| match request.route {
            Order => Reply::Close,
            Enquiry => enquiry.clone(),
            OrderFile => asked.clone(),
            _ => well(request),
        })
        .await;
        let order = order();
        unresolved(shop.client.order_voucher_file(&order).await);
        unresolved(shop.client.order_voucher_file(&order).await);
        assert_eq!(shop.service.count(Order), 1, "{transaction:?} {file:?}");
        assert!(shop.row(order.reference()).await.end.is_none());
    }
}

#[tokio::test]
async fn an_order_that_is_worked_on_is_pending_until_there_is_a_file() {
    let shop = Shop::open(|request| match (request.route, request.number) {
        (Order, _) => Reply::Close,
        (Enquiry, _) => not_seen(),
        (OrderFile, ..6) => bare(400, 1002),
        _ => filed(request),
    })
    .await;
    vended(shop.client.order_voucher_file(&order()).await);
    assert_eq!(shop.service.count(Order), 1);
}

#[tokio::test]
async fn a_success_without_password_and_reference_is_settled_and_one_without_password_is_ordered() {
    let shop = Shop::open(|request| match request.route {
        Order => answer(Value::Null, Value::Null),
        _ => filed(request),
    })
    .await;
    assert_eq!(
        vended(shop.client.order_voucher_file(&order()).await)
            .receipt
            .missing,
        1
    );
    assert_eq!(shop.service.count(Enquiry), 1);

    let shop = Shop::open(|request| match request.route {
        Order => answer(Value::Null, json!({"orderReferenceId": 987_654_321})),
        _ => filed(request),
    })
    .await;
    assert_eq!(
        vended(shop.client.order_voucher_file(&order()).await)
            .receipt
            .missing,
        1
    );
    assert_eq!(shop.service.count(Enquiry), 0);
}

#[tokio::test]
async fn an_order_that_is_refused_is_refused() {
    let shop = Shop::open(|request| match request.route {
        Order => bare(400, 18),
        _ => well(request),
    })
    .await;
    assert_eq!(
        refused(shop.client.order_voucher_file(&order()).await).code,
        Some(18)
    );
}

/// What lies in a folder.
fn names(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap();
    names
        .map(|name| name.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[tokio::test]
async fn a_file_takes_its_place_whole_and_for_its_user_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vouchers.zip");
    std::fs::write(&path, "the file before").unwrap();
    let shop = Shop::open(filed).await;
    let downloaded = shop
        .client
        .download_voucher_file(&reference("my-reference"), &path)
        .await
        .unwrap();
    assert_eq!(
        (downloaded.path.as_path(), downloaded.bytes),
        (path.as_path(), 100_004)
    );
    assert_eq!(std::fs::read(&path).unwrap(), archive());
    assert_eq!(names(folder.path()), ["vouchers.zip"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(
        shop.service.log(OrderFile)[0].path,
        format!("/webservice/smartload/batchorders/{ACCOUNT}/my-reference")
    );
}

#[tokio::test]
async fn a_file_that_is_cut_off_leaves_nothing_behind_and_is_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vouchers.zip");
    let cut = Arc::new(AtomicBool::new(true));
    let still = Arc::clone(&cut);
    let shop = Shop::open(move |request| match request.route {
        OrderFile if still.load(Ordering::SeqCst) => {
            Reply::Cut(200, "PK\u{3}\u{4}half of it".into())
        }
        _ => filed(request),
    })
    .await;
    let error = shop
        .client
        .download_voucher_file(&reference("r"), &path)
        .await;
    assert!(
        matches!(error, Err(FileError::Read(ReadError::Unreachable(_)))),
        "{error:?}"
    );
    assert_eq!(names(folder.path()), Vec::<String>::new());
    assert_eq!(shop.service.count(OrderFile), 2, "each host once");
    cut.store(false, Ordering::SeqCst);
    shop.client
        .download_voucher_file(&reference("r"), &path)
        .await
        .unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), archive());
}

#[tokio::test]
async fn the_other_host_and_a_new_token_give_the_file_too() {
    let folder = tempfile::tempdir().unwrap();
    for first in [
        html(500),
        Reply::Close,
        bare(400, 2001),
        bare(400, 1002),
        unauthorised("Token validation failed"),
    ] {
        let shop = Shop::open(move |request| match (request.route, request.number) {
            (OrderFile, 1) => first.clone(),
            _ => filed(request),
        })
        .await;
        let path = folder.path().join("vouchers.zip");
        shop.client
            .download_voucher_file(&reference("r"), &path)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn why_there_is_no_file_is_told_by_its_type() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vouchers.zip");
    type Expected = fn(&FileError) -> bool;
    let rows: Vec<(Reply, Expected)> = vec![
        (bare(400, 2001), |error| {
            matches!(error, FileError::DoesNotExist)
        }),
        (bare(200, 2001), |error| {
            matches!(error, FileError::DoesNotExist)
        }),
        (bare(400, 1002), |error| {
            matches!(error, FileError::NotReady)
        }),
        (bare(400, 7), |error| {
            matches!(
                error,
                FileError::Read(ReadError::Service { code: Some(7), .. })
            )
        }),
        (html(200), |error| matches!(error, FileError::NotAnArchive)),
        (text_reply(200, "application/zip", ""), |error| {
            matches!(error, FileError::NotAnArchive)
        }),
        (text_reply(200, "application/zip", "P"), |error| {
            matches!(error, FileError::NotAnArchive)
        }),
        (text_reply(200, "text/plain", "x".repeat(70_000)), |error| {
            matches!(error, FileError::NotAnArchive)
        }),
        (html(500), |error| {
            matches!(
                error,
                FileError::Read(ReadError::Service { status: 500, .. })
            )
        }),
        (Reply::Close, |error| {
            matches!(error, FileError::Read(ReadError::Unreachable(_)))
        }),
        (unauthorised("Token validation failed"), |error| {
            matches!(error, FileError::Read(ReadError::Denied(_)))
        }),
    ];
    for (reply, expected) in rows {
        let answer = reply.clone();
        let shop = Shop::open(move |request| match request.route {
            OrderFile => answer.clone(),
            _ => filed(request),
        })
        .await;
        let error = shop
            .client
            .download_voucher_file(&reference("r"), &path)
            .await
            .expect_err("no file");
        assert!(expected(&error), "{reply:?}: {error:?}");
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }
    let shop = Shop::open(filed).await;
    for nowhere in [
        folder.path().join("no/such/folder.zip"),
        folder.path().join(".."),
        "".into(),
    ] {
        let error = shop
            .client
            .download_voucher_file(&reference("r"), &nowhere)
            .await
            .expect_err("no place");
        assert!(
            matches!(error, FileError::Disk(_)),
            "{nowhere:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_file_is_made_again_under_a_new_password_when_that_is_asked_for() {
    let shop = Shop::open(|request| match (request.route, request.number) {
        (RecreateFile, 1) => json_reply(200, json!({"error": null, "responseCode": "SUCCESS", "filePassword": FILE_PASSWORD, "orderReferenceId": 4711})),
        (RecreateFile, 2) => bare(400, 2001),
        (RecreateFile, 3) => json_reply(200, json!({"error": null, "responseCode": "SUCCESS", "filePassword": null})),
        (RecreateFile, _) => Reply::Close,
        _ => well(request),
    })
    .await;
    let recreate = || async {
        shop.client
            .recreate_voucher_file(&reference("my-reference"))
            .await
    };
    let file = recreate().await.unwrap();
    assert_eq!(
        (file.password.expose(), file.number.as_deref()),
        (FILE_PASSWORD, Some("4711"))
    );
    assert_eq!(
        shop.service.log(RecreateFile)[0].json(),
        json!({"smartloadId": ACCOUNT, "clientReference": "my-reference"})
    );
    let error = recreate().await;
    assert!(matches!(error, Err(FileError::DoesNotExist)), "{error:?}");
    let error = recreate().await;
    assert!(
        matches!(error, Err(FileError::Read(ReadError::Unreadable(_)))),
        "{error:?}"
    );
    let error = recreate().await;
    assert!(
        matches!(error, Err(FileError::Read(ReadError::Unreachable(_)))),
        "{error:?}"
    );
    // It voids a password, so it is never sent again by itself.
    assert_eq!(shop.service.count(RecreateFile), 4);
}
