//! Table 10: what the service says to a registration.

macro_rules! codes {
    ($($number:literal $name:ident $text:literal;)*) => {
        /// A code of Table 10 (chapter 16.9), or one that is in no table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum RicaCode {
            $(#[doc = concat!("`", $number, "`: ", $text, ".")] $name,)*
            /// In no table.
            Other(i64),
        }

        impl RicaCode {
            /// All codes of the table, in its order.
            pub const TABLE: &'static [Self] = &[$(Self::$name),*];

            /// The code with a number.
            #[must_use]
            pub fn new(number: i64) -> Self {
                match number {
                    $($number => Self::$name,)*
                    _ => Self::Other(number),
                }
            }

            /// Its number.
            #[must_use]
            pub fn number(self) -> i64 {
                match self {
                    $(Self::$name => $number,)*
                    Self::Other(number) => number,
                }
            }

            /// The vendor's text; `None` if it is in no table.
            #[must_use]
            pub fn text(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some($text),)*
                    Self::Other(_) => None,
                }
            }
        }
    };
}

codes! {
    0 Success "SUCCESS";
    1 AgentMsisdnInvalid "Agent MSISDN is not a valid MSISDN";
    2 AgentNotRica "Agent MSISDN is not a RICA Agent";
    3 AgentNoDealer "Agent MSISDN is not a SmartLoad Dealer";
    4 EventCodeInvalid "The event code is not valid";
    5 SimIdentifierTypeInvalid "SIM Identifier type is not valid";
    6 SimSerialInvalid "SIM Serial No is not valid";
    7 LastFourMissing "Last four digits of the ICCID were not provided for either MSISDN or SPACK";
    8 FirstNameInvalid "First name is not valid";
    9 LastNameInvalid "Last name is not valid";
    10 IdTypeInvalid "ID Type is not valid";
    11 IdNumberInvalid "ID number is not a valid SA ID number or Passport number";
    12 NationalityInvalid "ID Nationality code is not valid";
    13 CountryInvalid "Country of residence is not valid";
    14 Address1Invalid "Address1 cannot be blank or empty or a post box address and must be longer than 5 characters";
    15 BulkInsertFailed "Failed to insert record into dbo.Bulk_Submission";
    16 InsertFailed "Failed to insert record into dbo.Submission";
    17 DuplicateBatch "Duplicate Batch";
    18 AgentEmailMissing "Agent email address was not provided";
    19 DuplicateSubscriber "Subscriber duplicated in batch";
    20 PreviousIdTypeMissing "Previous ID Type is compulsory for a change of ownership";
    21 PreviousIdMissing "The Previous owners ID/Passport is compulsory for a change of ownership";
    22 PreviousIdInvalid "The Previous owners ID/Passport is not valid";
    23 Address3Invalid "Invalid data captured for Address Line 3";
    24 BusinessIdMissing "Personal ID details required for Business Registration";
    25 BusinessIdTypeMissing "Personal ID Type is compulsory for Business Registration and must be N or P";
    26 BusinessIdInvalid "Personal ID Number for Business Registration is not valid";
    27 BusinessNationalityInvalid "Personal ID Nationality for the Business Registrations is not valid";
    28 TooManySims "ID used in too many registrations-Only 100 SIMs per ID number allowed";
    29 StarterPackNotOurs "We cannot register this starter,make sure you buy Smartcall VSP2.";
    30 ClientMustDial "Please ask the client to dial *130*7422*22# to complete the RICA registration.";
    31 NetworkInvalid "The network ID is invalid";
    32 Address2Invalid "Address2 cannot be blank or empty or a post box address and must be longer than 3 characters";
    33 CellNumberOnly "This function may only be done using the cell number.";
    34 NoDeregistrations "We can no longer process deregistrations";
    35 NoBoxNumbers "You can no longer RICA using the box number.";
    36 BeingProcessed "A registration request for this SIM has already been received and is being processed.";
    37 CannotPortToSim "We cannot port to the SIM card No you have captured";
    38 PortCodeInvalid "The Port Authorisation code is not valid";
    39 NoPortRequest "We do not have a record of a Port Request captured by you for this cell number";
    40 PortAlreadyAuthorised "The Port Authorisation for this cell number has already been captured";
    41 PortExists "The port request already exists";
    42 PortNumberInvalid "The Port cell number is not a valid cell number";
    43 PortsUnavailable "Ports are currently not available on the selected network";
    44 CellCSerialOnly "On Cell C, only the RICA Serial No may be used for Port and RICA";
    45 PortDataDiffers "The data on the RICA registration referenced does not match the data on the port";
    46 IdTypeNotOfNetwork "The ID Type selected is not valid for the Network selected";
    47 PortAndRicaOnly "Only a Port AND RICA is allowed";
    48 PortNeedsRegistration "A Port is only allowed on a SIM registration event";
    49 PortNotAwaited "There is no port request on record for the cell number that requires an authorisation code.";
    50 PassportExpiryMissing "The passport expiry date is required";
    51 AlternateContactMissing "A valid alternate contact number is required";
    52 CellCRicaSerialOnly "This function may only be done using a valid Cell C RICA Serial";
    53 VodacomSimOnly "This function may only be done using a valid Vodacom/VSP2 SIM Card No.";
    54 PortNotCreated "Failed to create the Port Request";
    55 PassportExpired "The passport expiry date should be in the future";
    56 SouthAfricanPassport "An SA passport cannot be used";
    57 PortNotOnNetwork "The port functionality is currently not available for this network.";
    58 PortFailed "The port request failed";
    59 PostalCodeInvalid "Invalid postal code";
    60 PassportNumberInvalid "Invalid passport number";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The beginnings of the vendor's texts, from 0 on.
    #[rustfmt::skip]
    const DOCUMENT: [&str; 61] = [
        "SUCCESS", "Agent MSISDN is not a valid MSISDN", "Agent MSISDN is not a RICA", "Agent MSISDN is not a SmartLoad", "The event code",
        "SIM Identifier type", "SIM Serial No", "Last four digits", "First name", "Last name", "ID Type is not valid", "ID number",
        "ID Nationality", "Country of residence", "Address1", "Failed to insert record into dbo.Bulk", "Failed to insert record into dbo.Sub",
        "Duplicate Batch", "Agent email", "Subscriber duplicated", "Previous ID Type", "The Previous owners ID/Passport is compulsory",
        "The Previous owners ID/Passport is not valid", "Invalid data captured for Address Line 3", "Personal ID details", "Personal ID Type",
        "Personal ID Number", "Personal ID Nationality", "ID used in too many", "We cannot register", "Please ask the client", "The network ID",
        "Address2", "This function may only be done using the cell", "We can no longer", "You can no longer", "A registration request",
        "We cannot port", "The Port Authorisation code", "We do not have", "The Port Authorisation for", "The port request already",
        "The Port cell number", "Ports are currently", "On Cell C", "The data on the RICA", "The ID Type selected", "Only a Port", "A Port is only",
        "There is no port", "The passport expiry date is required", "A valid alternate", "This function may only be done using a valid Cell C",
        "This function may only be done using a valid Vodacom", "Failed to create", "The passport expiry date should", "An SA passport",
        "The port functionality", "The port request failed", "Invalid postal", "Invalid passport",
    ];

    #[test]
    fn each_row_of_table_10_is_known_with_its_text() {
        assert_eq!(RicaCode::TABLE.len(), DOCUMENT.len());
        for (number, (code, text)) in (0..).zip(RicaCode::TABLE.iter().zip(DOCUMENT)) {
            assert_eq!(RicaCode::new(number), *code);
            assert_eq!(code.number(), number);
            let told = code.text().expect("a text");
            assert!(told.starts_with(text), "{number}: {told}");
        }
    }

    #[test]
    fn an_unknown_code_survives() {
        for number in [-1, 61, 1010, i64::MAX, i64::MIN] {
            let code = RicaCode::new(number);
            assert_eq!(code, RicaCode::Other(number));
            assert_eq!((code.number(), code.text()), (number, None));
        }
    }
}
