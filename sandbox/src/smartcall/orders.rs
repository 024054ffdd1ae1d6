//! Orders of vouchers that come as a file: chapters 10 l, m and n.
//!
//! The answer to the order brings the password, the download a zip with AES (WinZip's, of 256 bits) around one CSV of the
//! vouchers. A file that is recreated has the same vouchers under a new password and a new number; the old password is void.
//!
//! undocumented:
//! * The file is ready after a while ([`Builder::file_after`](crate::Builder::file_after)); the money is debited at once. A
//!   download before that is 1002 with HTTP 400. A reference that is no order of this account is 2001, for as long as one asks.
//! * The refusals of an order are those of a purchase of vouchers.
//! * The number of a recreated file is that of no transaction. A file can be recreated before it is ready.
//! * A download gives the same bytes each time; the archive and its member are called `REFERENCE_NUMBER`, with the characters
//!   of the reference that are letters, digits, `-` and `_`.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use axum::body::Body as HttpBody;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipWriter};

use super::call::{Get, Post};
use super::request::{Member, text};
use super::selling::{Recharge, sell};
use super::vouchers::{self, Voucher};
use super::wire::{self, ErrorBody};
use crate::clock::{ms, south_african_time};
use crate::desk::VoucherFile;
use crate::faults::hash_of;
use crate::ledger::{Ending, Ledger};
use crate::rules::{Api, Refusal};
use crate::view::{Entry, EntryKind, Status};
use crate::world::World;

/// The numbers of files that were made anew begin here.
const RECREATED: u64 = 900_000_000;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OrderAnswer {
    error: Option<ErrorBody>,
    response_code: &'static str,
    recharge: Option<Recharge>,
    file_password: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FileBody {
    smartload_id: Member,
    client_reference: Member,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FileAnswer {
    error: Option<ErrorBody>,
    response_code: &'static str,
    file_password: String,
    order_reference_id: u64,
}

/// `POST /smartload/batchorders`.
pub(super) async fn order(call: Post) -> Result<Response, Response> {
    let world = &call.world;
    let body: vouchers::Body = call.read()?;
    let buyer = call.buyer(&body.smartload_id)?;
    let order = body.order(world, buyer, EntryKind::BatchOrder);
    let order = order.map_err(wire::bad_request)?;
    let ready = |now_ms: i64| Ending::Pending {
        submitted_ms: now_ms,
        due_ms: now_ms.saturating_add(ms(world.settings.delays.file)),
        succeeds: true,
    };
    let sold = sell(world, Api::Asynchronous, order, |_| Ok(()), ready).await;
    let sold = sold.map_err(wire::bad_request)?;
    let file = file_of(world, &sold.row);
    Ok(wire::ok(&OrderAnswer {
        error: None,
        response_code: "SUCCESS",
        recharge: Some(Recharge::from(&sold)),
        file_password: file.password,
    }))
}

/// `GET /smartload/batchorders/{smartloadId}/{clientReference}`.
pub(super) async fn download(call: Get<2>) -> Result<Response, Response> {
    let world = &call.world;
    let [smartload_id, reference] = &call.path;
    let account = world.account(smartload_id)?;
    let ledger = world.settled();
    let row = find(&ledger, &account, reference, call.host, world.now_ms());
    let row = row.map_err(wire::bad_request)?;
    if row.status != Status::Successful {
        let refusal = Refusal::new(1002, "Recharge still being processed");
        return Err(wire::bad_request(refusal));
    }
    let file = file_of(world, row);
    let name = name_of(row, file.reference);
    let archive = archive(world, row, file, &name);
    let archive =
        archive.map_err(|_| wire::bad_request(Refusal::new(2, "General System Error")))?;
    let mut response = Response::new(HttpBody::from(archive));
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    let octets = HeaderValue::from_static("application/octet-stream");
    headers.insert(CONTENT_TYPE, octets);
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.zip\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// `POST /smartload/batchfile`.
pub(super) async fn recreate(call: Post) -> Result<Response, Response> {
    let world = &call.world;
    let body: FileBody = call.read()?;
    let account = call.buyer(&body.smartload_id)?.account;
    let reference = text(&body.client_reference);
    let ledger = world.settled();
    let row = find(&ledger, &account, &reference, call.host, world.now_ms());
    let row = row.map_err(wire::bad_request)?;
    let mut desk = world.desk();
    desk.recreated += 1;
    let file = fresh(row, RECREATED + desk.recreated);
    desk.files.insert(key(row), file.clone());
    Ok(wire::ok(&FileAnswer {
        error: None,
        response_code: "SUCCESS",
        file_password: file.password,
        order_reference_id: file.reference,
    }))
}

/// The order that a host shows under a client's reference.
fn find<'a>(
    ledger: &'a Ledger,
    account: &str,
    reference: &str,
    host: usize,
    now_ms: i64,
) -> Result<&'a Entry, Refusal> {
    let is_order = |row: &&Entry| {
        row.kind == EntryKind::BatchOrder && row.is_alive() && row.is_visible(host, now_ms)
    };
    let row = ledger.by_reference(account, reference).rev().find(is_order);
    row.ok_or_else(|| Refusal::new(2001, "Batch order does not exist"))
}

fn key(row: &Entry) -> (String, String) {
    (row.account.clone(), row.reference.clone())
}

/// The file as it was made last. If an order was sold twice, the file is that of the later one.
fn file_of(world: &World, row: &Entry) -> VoucherFile {
    let mut desk = world.desk();
    let is_of_this = |file: &&VoucherFile| {
        file.reference > RECREATED || file.reference == row.smartload_reference
    };
    let known = desk.files.get(&key(row)).filter(is_of_this).cloned();
    known.unwrap_or_else(|| {
        let file = fresh(row, row.smartload_reference);
        desk.files.insert(key(row), file.clone());
        file
    })
}

fn fresh(row: &Entry, reference: u64) -> VoucherFile {
    VoucherFile {
        reference,
        password: password(row, reference),
        archive: Bytes::new(),
    }
}

/// Twelve characters that nobody mistakes for one another.
fn password(row: &Entry, reference: u64) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    let order = row.smartload_reference.to_string();
    let letter = |nth: u64| {
        let hash = hash_of(&["file", &order, &reference.to_string(), &nth.to_string()]);
        let index = usize::try_from(hash % LETTERS.len() as u64).unwrap_or_default();
        char::from(LETTERS[index])
    };
    (0..12).map(letter).collect()
}

fn name_of(row: &Entry, reference: u64) -> String {
    let is_plain = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    let client: String = row.reference.chars().filter(is_plain).collect();
    format!("{client}_{reference}")
}

/// Made at the first download, and kept.
fn archive(world: &World, row: &Entry, mut file: VoucherFile, name: &str) -> ZipResult<Bytes> {
    if file.archive.is_empty() {
        file.archive = zipped(&csv(row), name, &file.password)?.into();
        world.desk().files.insert(key(row), file.clone());
    }
    Ok(file.archive)
}

fn zipped(csv: &str, name: &str, password: &str) -> ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .with_aes_encryption(AesMode::Aes256, password);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(format!("{name}.csv"), options)?;
    writer.write_all(csv.as_bytes())?;
    Ok(writer.finish()?.into_inner())
}

fn csv(row: &Entry) -> String {
    let mut csv = "Pin,Batch,VoucherNumber,Expiry Date,Voucher description\r\n".to_owned();
    for voucher in Voucher::all(row) {
        let expiry = south_african_time(voucher.expiry_date);
        let expiry = expiry.split(' ').next().unwrap_or_default();
        let (pin, batch) = (voucher.voucher_pin.trim(), voucher.batch_number.trim());
        let (ticket, product) = (voucher.ticket_number.trim(), row.product_name);
        // Writing to a text cannot fail.
        let _ = write!(csv, "{pin},{batch},{ticket},{expiry},{product}\r\n");
    }
    csv
}
