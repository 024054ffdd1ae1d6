//! The long way to read a body: all members of an object are copied into a map first, and typed one after the other.
//! Slow and plain; this is what the short way is held against.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Error;
use serde_json::value::RawValue;

use crate::codec::{Each, Keyed, Maybe, Number, Plain, Text};
use crate::field::Field;
use crate::json::Json;

/// What can be read the long way.
pub(crate) trait Slow: Sized {
    fn slow<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// A value that `serde_json` reads the long way.
pub(crate) struct Slowly<T>(pub(crate) T);

impl<'de, T: Slow> Deserialize<'de> for Slowly<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::slow(deserializer).map(Self)
    }
}

macro_rules! as_serde_does {
    ($($ty:ty),*) => {
        $(impl Slow for $ty {
            fn slow<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::deserialize(deserializer)
            }
        })*
    };
}
as_serde_does!(String, bool, i32, i64, Json);

impl<T: Slow> Slow for Vec<T> {
    fn slow<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let list = Vec::<Slowly<T>>::deserialize(deserializer)?;
        Ok(list.into_iter().map(|Slowly(item)| item).collect())
    }
}

impl<T: Slow> Slow for BTreeMap<String, T> {
    fn slow<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = BTreeMap::<String, Slowly<T>>::deserialize(deserializer)?;
        let plain = map.into_iter().map(|(name, Slowly(value))| (name, value));
        Ok(plain.collect())
    }
}

impl<T: Slow> Slow for Field<T> {
    fn slow<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(field::<T, Plain>(&raw))
    }
}

/// A codec, the long way.
pub(crate) trait Reads<T> {
    fn read(raw: &RawValue) -> Result<T, Error>;
}

impl<T: Slow> Reads<T> for Plain {
    fn read(raw: &RawValue) -> Result<T, Error> {
        serde_json::from_str::<Slowly<T>>(raw.get()).map(|Slowly(value)| value)
    }
}

impl Reads<Decimal> for Number {
    fn read(raw: &RawValue) -> Result<Decimal, Error> {
        let text = raw.get();
        if !text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
            return Err(Error::custom("no number"));
        }
        let exact = match text.contains(['e', 'E']) {
            true => Decimal::from_scientific(text),
            false => Decimal::from_str_exact(text),
        };
        exact.map_err(Error::custom)
    }
}

impl Reads<Decimal> for Text {
    fn read(raw: &RawValue) -> Result<Decimal, Error> {
        let text: String = serde_json::from_str(raw.get())?;
        let value = Decimal::from_str_exact(&text).map_err(Error::custom)?;
        match value.to_string() == text {
            true => Ok(value),
            false => Err(Error::custom("written otherwise")),
        }
    }
}

impl<T, C: Reads<T>> Reads<Vec<T>> for Each<C> {
    fn read(raw: &RawValue) -> Result<Vec<T>, Error> {
        let items: Vec<Box<RawValue>> = serde_json::from_str(raw.get())?;
        items.iter().map(|item| C::read(item)).collect()
    }
}

impl<T, C: Reads<T>> Reads<BTreeMap<String, T>> for Keyed<C> {
    fn read(raw: &RawValue) -> Result<BTreeMap<String, T>, Error> {
        let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(raw.get())?;
        let read = |(name, value): (String, Box<RawValue>)| Ok((name, C::read(&value)?));
        members.into_iter().map(read).collect()
    }
}

impl<T, C: Reads<T>> Reads<Field<T>> for Maybe<C> {
    fn read(raw: &RawValue) -> Result<Field<T>, Error> {
        Ok(field::<T, C>(raw))
    }
}

fn field<T, C: Reads<T>>(raw: &RawValue) -> Field<T> {
    if raw.get() == "null" {
        return Field::Null;
    }
    C::read(raw).map_or_else(|_| Field::Other(raw.to_owned()), Field::Value)
}

#[allow(dead_code)] // Only specifications with a named list or map need it.
pub(crate) fn newtype<'de, T, C: Reads<T>, D: Deserializer<'de>>(
    deserializer: D,
    name: &str,
) -> Result<T, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    C::read(&raw).map_err(|_| D::Error::custom(format_args!("not a {name}")))
}

/// The members of a JSON object that were not asked for yet.
pub(crate) struct Object(BTreeMap<String, Box<RawValue>>);

impl Object {
    pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Members)
    }

    pub(crate) fn optional<T, C: Reads<T>>(&mut self, name: &str) -> Field<T> {
        self.0
            .remove(name)
            .map_or(Field::Absent, |raw| field::<T, C>(&raw))
    }

    pub(crate) fn required<T, C: Reads<T>, E: serde::de::Error>(
        &mut self,
        name: &'static str,
    ) -> Result<T, E> {
        let raw = self.0.remove(name).ok_or_else(|| E::missing_field(name))?;
        C::read(&raw).map_err(|_| E::custom(format_args!("member `{name}` is of another type")))
    }

    pub(crate) fn rest<T, C: Reads<T>, E: serde::de::Error>(
        self,
    ) -> Result<BTreeMap<String, T>, E> {
        let read =
            |(name, raw): (String, Box<RawValue>)| Ok((name, C::read(&raw).map_err(E::custom)?));
        self.0.into_iter().map(read).collect()
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        let mut members = BTreeMap::<String, Box<RawValue>>::new();
        while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
            let value = match members.remove(&name) {
                Some(before) if before.get() != value.get() => {
                    let both = format!("[{},{}]", before.get(), value.get());
                    RawValue::from_string(both).map_err(A::Error::custom)?
                }
                _ => value,
            };
            members.insert(name, value);
        }
        Ok(Object(members))
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Object, E> {
        Err(E::custom("a string where a JSON object was expected"))
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Object, E> {
        Err(E::custom("a number where a JSON object was expected"))
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Object, E> {
        self.visit_u64(0)
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Object, E> {
        self.visit_u64(0)
    }
}
