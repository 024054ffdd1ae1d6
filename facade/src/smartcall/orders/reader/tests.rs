//! Files as the vendor's, and files as nobody should send them.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipWriter};

use super::*;

const PASSWORD: &str = "aB3dEf7hJk";
const HEAD: &str = "Pin,Batch,VoucherNumber,Expiry Date,Voucher description\r\n";

fn options() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)
}

fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        let options = options().with_aes_encryption(AesMode::Aes256, PASSWORD);
        writer.start_file(*name, options).expect("a member");
        writer.write_all(content).expect("written");
    }
    writer.finish().expect("an archive").into_inner()
}

fn read(archive: impl Into<Vec<u8>>, password: &str) -> Result<FileVouchers, VoucherFileError> {
    FileVouchers::read(Cursor::new(archive.into()), &password.into())
}

fn of(csv: &str) -> Result<FileVouchers, VoucherFileError> {
    read(archive(&[("15_68651491.csv", csv.as_bytes())]), PASSWORD)
}

fn codes(read: &FileVouchers) -> Vec<&str> {
    read.vouchers
        .iter()
        .map(|voucher| voucher.pin.code.expose())
        .collect()
}

#[test]
fn a_file_gives_its_vouchers_in_its_order_with_all_that_is_said_of_them() {
    let read = of(&format!(
        "{HEAD}713457265222 ,52659281,13950628970,2027-01-31,MTN R10\r\n0001,,,,\r\n"
    ))
    .expect("read");
    assert_eq!(
        (codes(&read), read.unreadable),
        (vec!["713457265222", "0001"], 0)
    );
    let first = &read.vouchers[0];
    assert_eq!(first.batch.as_deref(), Some("52659281"));
    assert_eq!(first.pin.serial.as_deref(), Some("13950628970"));
    assert_eq!(first.pin.expires.as_deref(), Some("2027-01-31"));
    assert_eq!(first.pin.description.as_deref(), Some("MTN R10"));
    assert_eq!(
        (first.pin.kind, read.vouchers[1].pin.serial.clone()),
        (PinKind::Voucher, None)
    );
}

#[test]
fn columns_are_found_by_their_names_however_they_are_written() {
    for csv in [
        "\u{feff}PIN;Voucher description;Expiry  date;VOUCHER NUMBER\n1234;MTN R10;2027-01-31;99\n",
        "\"Voucher description\",\"pin\",\"VoucherNumber\",\"ExpiryDate\"\n\"MTN R10\",\"1234\",\"99\",2027-01-31",
        "VoucherNumber\tExpiry Date\tPin\tVoucher description\tNew\n99\t2027-01-31\t1234\tMTN R10\tx\n",
    ] {
        let read = of(csv).expect(csv);
        let voucher = &read.vouchers[0].pin;
        assert_eq!(
            (voucher.code.expose(), voucher.serial.as_deref()),
            ("1234", Some("99")),
            "{csv}"
        );
        assert_eq!(voucher.expires.as_deref(), Some("2027-01-31"), "{csv}");
        assert_eq!(voucher.description.as_deref(), Some("MTN R10"), "{csv}");
    }
}

#[test]
fn a_row_that_cannot_be_read_costs_no_other_and_is_counted() {
    let read = of(&format!("{HEAD}1,b,n,e,d\r\n,b,n,e,d\r\n\r\n   \r\n2\r\n\"3\",b,n,e,\"R10, \"\"new\"\"\"\r\n4,b,n,e,R10, and more\r\n")).expect("read");
    assert_eq!(
        (codes(&read), read.unreadable),
        (vec!["1", "2", "3", "4"], 1)
    );
    let described: Vec<_> = read
        .vouchers
        .iter()
        .map(|voucher| voucher.pin.description.as_deref())
        .collect();
    assert_eq!(
        described,
        [Some("d"), None, Some("R10, \"new\""), Some("R10, and more")]
    );
    // Where the description is not the last column, nobody knows which cell is which.
    let read = of("Voucher description,Pin\nR10, new,1\nR10,2\n").expect("read");
    assert_eq!((codes(&read), read.unreadable), (vec!["2"], 1));
    // A letter that is no UTF-8 costs a PIN, and a description its letter.
    let mut csv = HEAD.as_bytes().to_vec();
    csv.extend_from_slice(b"1\xff,b,n,e,d\r\n2,b,n,e,caf\xe9\r\n");
    let read = read_bytes(&csv);
    assert_eq!((codes(&read), read.unreadable), (vec!["2"], 1));
}

fn read_bytes(csv: &[u8]) -> FileVouchers {
    read(archive(&[("v.csv", csv)]), PASSWORD).expect("read")
}

#[test]
fn another_password_is_told_as_such() {
    let archive = archive(&[("v.csv", HEAD.as_bytes())]);
    let mut told = Vec::new();
    for password in ["", "aB3dEf7hJ", "AB3DEF7HJK", "aB3dEf7hJk "] {
        told.push(read(archive.clone(), password).expect_err(password));
    }
    // One in 65,536 passes the check of the password, and is found out by the content.
    use VoucherFileError::{Damaged, Password};
    assert!(
        told.iter().all(|error| matches!(error, Password | Damaged)),
        "{told:?}"
    );
    assert!(
        told.iter().any(|error| matches!(error, Password)),
        "{told:?}"
    );
}

#[test]
fn a_file_that_is_cut_anywhere_or_changed_is_damaged_and_never_half_read() {
    let rows: String = (0..200)
        .map(|nth| format!("{nth:012},b,n,e,d\r\n"))
        .collect();
    let whole = archive(&[("v.csv", format!("{HEAD}{rows}").as_bytes())]);
    for length in (0..whole.len()).step_by(41) {
        let error = read(&whole[..length], PASSWORD).expect_err("cut");
        assert!(
            matches!(error, VoucherFileError::Damaged),
            "{length}: {error:?}"
        );
    }
    // Within the encrypted content, wherever: what authenticates it does not agree.
    for place in (60..whole.len() - 200).step_by(29) {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        let error = read(changed, PASSWORD).expect_err("changed");
        assert!(
            matches!(
                error,
                VoucherFileError::Damaged | VoucherFileError::Password
            ),
            "{place}: {error:?}"
        );
    }
    for foreign in ["", "PK", "<html></html>", r#"{"code":2001,"message":"x"}"#] {
        let error = read(foreign, PASSWORD).expect_err(foreign);
        assert!(
            matches!(error, VoucherFileError::Damaged),
            "{foreign}: {error:?}"
        );
    }
}

#[test]
fn what_would_unfold_without_end_is_refused() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("v.csv", options()).expect("a member");
    writer.write_all(&vec![b'0'; 1 << 20]).expect("written");
    let bomb = writer.finish().expect("an archive").into_inner();
    assert!(bomb.len() < 1 << 14, "{}", bomb.len());
    let unpack = |limit| unpack(Cursor::new(&bomb), &PASSWORD.into(), limit).map(|csv| csv.len());
    let error = unpack((1 << 20) - 1).expect_err("a bomb");
    assert!(
        matches!(error, VoucherFileError::TooLarge { limit: 1_048_575 }),
        "{error:?}"
    );
    assert_eq!(unpack(1 << 20).expect("within the limit"), 1 << 20);
}

#[test]
fn a_file_without_one_csv_or_without_pins_is_foreign() {
    let csv = HEAD.as_bytes();
    for (members, expected) in [
        (vec![], 0),
        (vec![("readme.txt", csv)], 0),
        (vec![("a.csv", csv), ("b.CSV", csv)], 2),
    ] {
        let error = read(archive(&members), PASSWORD).expect_err("foreign");
        assert!(
            matches!(error, VoucherFileError::Members { found } if found == expected),
            "{error:?}"
        );
    }
    for csv in [
        "",
        "\r\n",
        "713457265222,52659281,13950628970\r\n",
        "Pins,Batch\n1,2\n",
        "<html>",
    ] {
        let error = of(csv).expect_err(csv);
        assert!(
            matches!(error, VoucherFileError::Columns),
            "{csv}: {error:?}"
        );
        assert!(!format!("{error} {error:?}").contains("713457265222"));
    }
}

#[test]
fn the_debug_form_shows_no_pin() {
    let read = of(&format!("{HEAD}713457265222,b,n,e,d\r\n")).expect("read");
    assert!(!format!("{read:?}").contains("713457265222"));
}

#[test]
fn a_file_is_opened_from_the_disk_and_one_that_is_not_there_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("15_68651491.zip");
    let missing = FileVouchers::open(&path, &PASSWORD.into()).expect_err("not there");
    assert!(matches!(missing, VoucherFileError::Disk(_)), "{missing:?}");
    std::fs::write(
        &path,
        archive(&[("v.csv", format!("{HEAD}1,b,n,e,d").as_bytes())]),
    )
    .expect("written");
    let read = FileVouchers::open(&path, &PASSWORD.into()).expect("read");
    assert_eq!(codes(&read), ["1"]);
}
