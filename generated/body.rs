//! Bodies of answers: from the bytes that arrived to their types.
//!
//! Rule: **JSON is looked at where it lies.** A member is found as a piece of the text and read from there; nothing is
//! copied but what is kept.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use progenitor_client::{Error as Failure, ResponseValue};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::Error;
use serde_json::value::RawValue;

use crate::{Field, Json};

/// What a body, or a part of one, can be read as.
pub(crate) trait Body: Sized {
    /// Reads a value from its JSON text.
    ///
    /// # Errors
    /// When the value is of another type.
    fn read(raw: &RawValue) -> Result<Self, Error>;

    /// Reads a whole body.
    ///
    /// # Errors
    /// When it is not JSON, or of another type.
    fn read_text(json: &str) -> Result<Self, Error> {
        Self::read(serde_json::from_str(json)?)
    }
}

/// Takes in a documented success.
pub(crate) async fn whole<T: Body>(
    mut response: reqwest::Response,
) -> Result<ResponseValue<T>, Failure> {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let bytes = response.bytes().await.map_err(Failure::ResponseBodyError)?;
    match read(&bytes) {
        Ok(body) => Ok(ResponseValue::new(body, status, headers)),
        Err(error) => Err(Failure::InvalidResponsePayload(bytes, error)),
    }
}

/// Reads a body.
pub(crate) fn read<T: Body>(bytes: &[u8]) -> Result<T, Error> {
    match std::str::from_utf8(bytes) {
        Ok(json) => T::read_text(json),
        // Fails, and says where.
        Err(_) => T::read(serde_json::from_slice(bytes)?),
    }
}

/// For who does not read the body of an answer, but a value inside of something else.
pub(crate) fn deserialize<'de, T: Body, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    T::read(&raw).map_err(de::Error::custom)
}

/// The text that a JSON string stands for.
pub(crate) fn text(raw: &RawValue) -> Result<Cow<'_, str>, Error> {
    let inside = raw.get().strip_prefix('"');
    match inside.and_then(|rest| rest.strip_suffix('"')) {
        Some(plain) if !plain.contains('\\') => Ok(Cow::Borrowed(plain)),
        _ => serde_json::from_str(raw.get()).map(Cow::Owned),
    }
}

impl Body for String {
    fn read(raw: &RawValue) -> Result<Self, Error> {
        text(raw).map(Cow::into_owned)
    }
}

impl Body for Json {
    fn read(raw: &RawValue) -> Result<Self, Error> {
        Ok(raw.to_owned().into())
    }
}

impl<T: Body> Body for Field<T> {
    fn read(raw: &RawValue) -> Result<Self, Error> {
        Ok(Self::read::<crate::codec::Plain>(Cow::Borrowed(raw)))
    }
}

impl<T: Body> Body for Box<T> {
    fn read(raw: &RawValue) -> Result<Self, Error> {
        T::read(raw).map(Self::new)
    }
}

impl<T: Body> Body for Vec<T> {
    fn read(raw: &RawValue) -> Result<Self, Error> {
        let mut list = Self::new();
        elements(raw.get(), &mut |item| {
            list.push(T::read(item)?);
            Ok(())
        })?;
        Ok(list)
    }
}

impl<T: Body> Body for BTreeMap<String, T> {
    fn read(raw: &RawValue) -> Result<Self, Error> {
        let mut map = Self::new();
        entries(raw.get(), &mut |name, value| {
            map.insert(name, T::read(value)?);
            Ok(())
        })?;
        Ok(map)
    }
}

/// As `serde` reads them.
macro_rules! scalars {
    ($($scalar:ty),*) => {
        $(impl Body for $scalar {
            fn read(raw: &RawValue) -> Result<Self, Error> {
                serde_json::from_str(raw.get())
            }
        })*
    };
}
scalars!(
    (),
    bool,
    char,
    i8,
    i16,
    i32,
    i64,
    u8,
    u16,
    u32,
    u64,
    f32,
    f64
);
scalars!(
    std::num::NonZeroU8,
    std::num::NonZeroU16,
    std::num::NonZeroU32,
    std::num::NonZeroU64
);

/// What is done with each piece of a list.
type Take<'a, 'f> = &'f mut dyn FnMut(&'a RawValue) -> Result<(), Error>;

/// Goes through the elements of a JSON array.
pub(crate) fn elements<'a>(json: &'a str, take: Take<'a, '_>) -> Result<(), Error> {
    struct Elements<'a, 'f>(Take<'a, 'f>, PhantomData<&'a str>);
    impl<'a> Visitor<'a> for Elements<'a, '_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a sequence")
        }

        fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<(), A::Error> {
            while let Some(item) = list.next_element::<&'a RawValue>()? {
                (self.0)(item).map_err(de::Error::custom)?;
            }
            Ok(())
        }
    }
    let mut deserializer = serde_json::Deserializer::from_str(json);
    deserializer.deserialize_seq(Elements(take, PhantomData))?;
    deserializer.end()
}

/// What is done with each entry of an open map.
type Enter<'a, 'f> = &'f mut dyn FnMut(String, &'a RawValue) -> Result<(), Error>;

/// Goes through the members of a JSON object that is an open map.
pub(crate) fn entries<'a>(json: &'a str, enter: Enter<'a, '_>) -> Result<(), Error> {
    struct Entries<'a, 'f>(Enter<'a, 'f>);
    impl<'a> Visitor<'a> for Entries<'a, '_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some((name, value)) = map.next_entry::<String, &'a RawValue>()? {
                (self.0)(name, value).map_err(de::Error::custom)?;
            }
            Ok(())
        }
    }
    let mut deserializer = serde_json::Deserializer::from_str(json);
    deserializer.deserialize_map(Entries(enter))?;
    deserializer.end()
}
