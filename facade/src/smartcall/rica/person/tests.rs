use super::*;

const LONG: &str = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

fn address() -> Address {
    Address::new("12 Long Street", "Gardens", "8001", "za").expect("an address")
}

/// Field and rule of a refusal.
fn refused<T>(told: Result<T, Invalid>) -> (&'static str, &'static str) {
    match told {
        Ok(_) => ("", "accepted"),
        Err(invalid) => (invalid.field(), invalid.rule()),
    }
}

#[test]
fn an_identity_number_is_13_digits() {
    for number in [
        "",
        "800101500908",
        "80010150090877",
        "800101500908x",
        " 8001015009087",
        "8001015009087 ",
        "८००१०१५००९०८७",
    ] {
        assert_eq!(
            refused(Identity::south_african(number)),
            ("id_number", "must be 13 digits"),
            "{number}"
        );
    }
    let wire = Identity::south_african("8001015009087")
        .expect("a number")
        .wire(&address());
    assert_eq!(wire.id_type.as_deref(), Some("N"));
    assert_eq!(wire.id_number.as_deref(), Some("8001015009087"));
    assert_eq!(wire.id_nationality.as_deref(), Some("ZA"));
    assert!(wire.passport_expiry_date.is_absent());
    let three = Address::new("12 Long Street", "Gardens", "8001", "ZAF").expect("an address");
    let wire = Identity::south_african("8001015009087")
        .expect("a number")
        .wire(&three);
    assert_eq!(wire.id_nationality.as_deref(), Some("ZAF"));
}

#[test]
fn a_passport_is_another_countrys() {
    let expires = date("2030-01-31");
    for (number, nationality, field, rule) in [
        ("", "ZW", "passport_number", "1 to 20 letters"),
        ("AB 123", "ZW", "passport_number", "1 to 20 letters"),
        ("AB-123", "ZW", "passport_number", "1 to 20 letters"),
        (
            "123456789012345678901",
            "ZW",
            "passport_number",
            "1 to 20 letters",
        ),
        ("AB123", "", "nationality", "country code"),
        ("AB123", "Z", "nationality", "country code"),
        ("AB123", "ZIMB", "nationality", "country code"),
        ("AB123", "Z1", "nationality", "country code"),
        ("AB123", "ZA", "nationality", "South Africa"),
        ("AB123", "zaf", "nationality", "South Africa"),
    ] {
        let told = refused(Identity::passport(number, nationality, expires));
        assert_eq!(told.0, field, "{number} {nationality}");
        assert!(told.1.contains(rule), "{told:?}");
    }
    let wire = Identity::passport("AB123", "zw", expires)
        .expect("a passport")
        .wire(&address());
    assert_eq!(wire.id_type.as_deref(), Some("P"));
    assert_eq!(wire.id_nationality.as_deref(), Some("ZW"));
    assert_eq!(wire.passport_expiry_date.as_deref(), Some("2030-01-31"));
}

#[test]
fn a_passport_is_valid_for_three_more_months() {
    let today = date("2026-11-30");
    for (expires, good) in [
        ("2026-11-29", false),
        ("2026-11-30", false),
        ("2027-02-27", false),
        ("2027-02-28", true),
        ("2027-03-01", true),
        ("2036-01-01", true),
    ] {
        let passport = Identity::passport("AB123", "ZW", date(expires)).expect("a passport");
        let told = refused(passport.check(today));
        if good {
            assert_eq!(told.1, "accepted", "{expires}");
        } else {
            assert_eq!(told.0, "passport_expiry_date", "{expires}");
            assert!(told.1.contains("three months"));
        }
    }
    let number = Identity::south_african("8001015009087").expect("a number");
    assert!(number.check(today).is_ok());
}

#[test]
fn an_address_is_one_where_somebody_can_live() {
    for (line1, line2, postal_code, country, field, rule) in [
        ("", "Gardens", "8001", "ZA", "address1", "6 to 100"),
        ("     ", "Gardens", "8001", "ZA", "address1", "6 to 100"),
        ("1 Long", "", "8001", "ZA", "address2", "4 to 100"),
        ("1 Lon", "Gardens", "8001", "ZA", "address1", "6 to 100"),
        ("  1 Lon  ", "Gardens", "8001", "ZA", "address1", "6 to 100"),
        (
            "1 Long\nStreet",
            "Gardens",
            "8001",
            "ZA",
            "address1",
            "one line",
        ),
        (LONG, "Gardens", "8001", "ZA", "address1", "6 to 100"),
        (
            "PO Box 1234",
            "Gardens",
            "8001",
            "ZA",
            "address1",
            "post box",
        ),
        (
            "P.O. Box 1234",
            "Gardens",
            "8001",
            "ZA",
            "address1",
            "post box",
        ),
        (
            "p o box 1234",
            "Gardens",
            "8001",
            "ZA",
            "address1",
            "post box",
        ),
        (
            "Post Office Box 12",
            "Gardens",
            "8001",
            "ZA",
            "address1",
            "post box",
        ),
        (
            "Postbox 1234",
            "Gardens",
            "8001",
            "ZA",
            "address1",
            "post box",
        ),
        (
            "Posbus 1234",
            "Gardens",
            "8001",
            "ZA",
            "address1",
            "post box",
        ),
        (
            "1 Long Street",
            "POBox 7",
            "8001",
            "ZA",
            "address2",
            "post box",
        ),
        ("1 Long Street", "Gar", "8001", "ZA", "address2", "4 to 100"),
        ("1 Long Street", LONG, "8001", "ZA", "address2", "4 to 100"),
        (
            "1 Long Street",
            "Gardens",
            "",
            "ZA",
            "postal_code",
            "4 digits",
        ),
        (
            "1 Long Street",
            "Gardens",
            "800",
            "ZA",
            "postal_code",
            "4 digits",
        ),
        (
            "1 Long Street",
            "Gardens",
            "80011",
            "ZAF",
            "postal_code",
            "4 digits",
        ),
        (
            "1 Long Street",
            "Gardens",
            "800a",
            "ZA",
            "postal_code",
            "4 digits",
        ),
        (
            "1 Long Street",
            "Gardens",
            " - ",
            "ZW",
            "postal_code",
            "elsewhere",
        ),
        (
            "1 Long Street",
            "Gardens",
            "12345678901",
            "GB",
            "postal_code",
            "elsewhere",
        ),
        (
            "1 Long Street",
            "Gardens",
            "8001",
            "",
            "country",
            "country code",
        ),
        (
            "1 Long Street",
            "Gardens",
            "8001",
            "27",
            "country",
            "country code",
        ),
    ] {
        let told = refused(Address::new(line1, line2, postal_code, country));
        assert_eq!(
            told.0, field,
            "{line1} | {line2} | {postal_code} | {country}"
        );
        assert!(told.1.contains(rule), "{told:?}");
    }
    for (line1, line2, postal_code, country) in [
        ("1 Long", "Town", "8001", "ZA"),
        ("12 Boxwood Lane", "Poland Road", "8001", "ZAF"),
        ("12 Long Street", "Leeds", "SW1A 1AA", "GB"),
    ] {
        assert!(
            Address::new(line1, line2, postal_code, country).is_ok(),
            "{line1}"
        );
    }
    for line3 in ["", " ", "a\tb", LONG] {
        assert_eq!(
            refused(address().with_line3(line3)).0,
            "address3",
            "{line3}"
        );
    }
    let wire = address().with_line3("Cape Town").expect("a line").wire();
    assert_eq!(wire.address3.as_deref(), Some("Cape Town"));
    let country = wire.country.value().expect("a country");
    assert_eq!(country.country_code.as_deref(), Some("ZA"));
}

#[test]
fn a_person_has_two_names() {
    let identity = Identity::south_african("8001015009087").expect("a number");
    for (first, last, field) in [
        ("", "Doe", "first_name"),
        (" ", "Doe", "first_name"),
        ("Ja\nne", "Doe", "first_name"),
        (LONG, "Doe", "first_name"),
        ("Jane", "", "surname"),
        ("Jane", "\u{7f}", "surname"),
        ("Jane", LONG, "surname"),
    ] {
        let told = refused(Person::new(first, last, identity.clone(), address()));
        assert_eq!(told, (field, "must be 1 to 100 characters on one line"));
    }
    assert!(Person::new("Ñandú-Zoë", "van der Merwe", identity, address()).is_ok());
}

#[test]
fn a_sim_is_named_by_19_or_20_digits_or_by_its_last_four() {
    for text in [
        "",
        "891100000001024012",
        "891100000001024012345",
        "8911000000010240123x",
    ] {
        let told = refused(text.parse::<Iccid>());
        assert_eq!(told, ("iccid", "must be 19 or 20 digits"), "{text}");
    }
    let msisdn: Msisdn = "0821234567".parse().expect("a number");
    for last in ["", "123", "12345", "12a4", "१२३४"] {
        assert_eq!(refused(Sim::msisdn(msisdn, last)).0, "last_four", "{last}");
        assert_eq!(
            refused(Sim::starter_pack("AB1", last)).0,
            "last_four",
            "{last}"
        );
    }
    for pack in ["", "A B", "A-1", &"1".repeat(31)] {
        assert_eq!(
            refused(Sim::starter_pack(pack, "1234")).0,
            "starter_pack",
            "{pack}"
        );
    }
    let iccid: Iccid = "8911000000010240123".parse().expect("19 digits");
    assert_eq!(
        Sim::iccid(iccid).wire(),
        ("ICCID", "8911000000010240123".into(), None)
    );
    assert_eq!(
        Sim::msisdn(msisdn, "1234").expect("a sim").wire(),
        ("MSISDN", "27821234567".into(), Some("1234".into()))
    );
    assert_eq!(
        Sim::starter_pack("AB1", "1234").expect("a sim").wire(),
        ("SPACK", "AB1".into(), Some("1234".into()))
    );
}

#[test]
fn an_image_has_at_most_300_kilobytes() {
    assert_eq!(refused(Image::new([])).0, "image");
    assert!(Image::new(vec![0; Image::BYTES_MAX]).is_ok());
    let told = refused(Image::new(vec![0; Image::BYTES_MAX + 1]));
    assert_eq!(told, ("image", "must have 1 to 300000 bytes (300 kB)"));
    assert_eq!(Image::new(*b"face").expect("an image").wire(), "ZmFjZQ==");
}

#[test]
fn nothing_of_a_person_is_printed() {
    let passport = Identity::passport("AB987654", "ZW", date("2030-01-31")).expect("a passport");
    let person = Person::new("Jane", "Doe", passport, address()).expect("a person");
    let iccid: Iccid = "8911000000010240123".parse().expect("19 digits");
    let sim = Sim::starter_pack("PACK77", "0123").expect("a sim");
    let image = Image::new(*b"face").expect("an image");
    let printed = format!(
        "{person:?} {:?} {iccid:?} {sim:?} {image:?} {:?}",
        address(),
        Sim::iccid(iccid.clone())
    );
    for personal in [
        "Jane", "Doe", "AB987654", "ZW", "2030", "Long", "Gardens", "8001", "891100", "PACK77",
        "face",
    ] {
        assert!(!printed.contains(personal), "{personal}: {printed}");
    }
}
