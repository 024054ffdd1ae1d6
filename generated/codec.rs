//! How a value is written in JSON, when its Rust type does not say it.
//!
//! Rule: **the digits of money are those that were sent.** They are read from the text of the JSON document and written
//! as such, so neither a float nor a feature of `serde_json` that would change it for everybody else comes between.

#![allow(dead_code)] // A specification needs some of these, seldom all.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use serde_json::Error;
use serde_json::value::RawValue;

use crate::Field;
use crate::body::{Body, elements, entries, text};

/// A way to read a `T`.
pub(crate) trait Reads<T> {
    /// Reads a value from its JSON text.
    ///
    /// # Errors
    /// When the text is not a `T`.
    fn read(raw: &RawValue) -> Result<T, Error>;
}

/// A way to write a `T`.
pub(crate) trait Writes<T> {
    /// Writes a value.
    ///
    /// # Errors
    /// When the serializer fails.
    fn write<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error>;
}

/// As its type says.
#[derive(Debug)]
pub(crate) struct Plain;

impl<T: Body> Reads<T> for Plain {
    fn read(raw: &RawValue) -> Result<T, Error> {
        T::read(raw)
    }
}

impl<T: Serialize> Writes<T> for Plain {
    fn write<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }
}

/// Money as a JSON number: `100000.0000`.
#[derive(Debug)]
pub(crate) struct Number;

impl Reads<Decimal> for Number {
    fn read(raw: &RawValue) -> Result<Decimal, Error> {
        let text = raw.get();
        if !text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
            return Err(not_money());
        }
        let exact = match text.contains(['e', 'E']) {
            true => Decimal::from_scientific(text),
            false => Decimal::from_str_exact(text),
        };
        exact.map_err(|_| not_money())
    }
}

impl Writes<Decimal> for Number {
    fn write<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        let digits = value.array_string();
        let raw: &RawValue =
            serde_json::from_str(digits.as_ref()).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

/// Money as a JSON string: `"450.00"`. A string that would be written otherwise (`"R450.00"`, `" 5"`) is not money.
#[derive(Debug)]
pub(crate) struct Text;

impl Reads<Decimal> for Text {
    fn read(raw: &RawValue) -> Result<Decimal, Error> {
        let text = text(raw)?;
        let value = Decimal::from_str_exact(&text).map_err(|_| not_money())?;
        if value.array_string().as_ref() == text {
            Ok(value)
        } else {
            Err(not_money())
        }
    }
}

impl Writes<Decimal> for Text {
    fn write<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }
}

/// A list of values that are written by `C`.
#[derive(Debug)]
pub(crate) struct Each<C>(PhantomData<C>);

impl<T, C: Reads<T>> Reads<Vec<T>> for Each<C> {
    fn read(raw: &RawValue) -> Result<Vec<T>, Error> {
        let mut list = Vec::new();
        elements(raw.get(), &mut |item| {
            list.push(C::read(item)?);
            Ok(())
        })?;
        Ok(list)
    }
}

impl<T, C: Writes<T>> Writes<Vec<T>> for Each<C> {
    fn write<S: Serializer>(value: &Vec<T>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(value.iter().map(As::<T, C>::new))
    }
}

/// An open map of values that are written by `C`.
#[derive(Debug)]
pub(crate) struct Keyed<C>(PhantomData<C>);

impl<T, C: Reads<T>> Reads<BTreeMap<String, T>> for Keyed<C> {
    fn read(raw: &RawValue) -> Result<BTreeMap<String, T>, Error> {
        let mut map = BTreeMap::new();
        entries(raw.get(), &mut |name, value| {
            map.insert(name, C::read(value)?);
            Ok(())
        })?;
        Ok(map)
    }
}

impl<T, C: Writes<T>> Writes<BTreeMap<String, T>> for Keyed<C> {
    fn write<S: Serializer>(value: &BTreeMap<String, T>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            value
                .iter()
                .map(|(name, value)| (name, As::<T, C>::new(value))),
        )
    }
}

/// A field whose value is written by `C`.
#[derive(Debug)]
pub(crate) struct Maybe<C>(PhantomData<C>);

impl<T, C: Reads<T>> Reads<Field<T>> for Maybe<C> {
    fn read(raw: &RawValue) -> Result<Field<T>, Error> {
        Ok(Field::read::<C>(Cow::Borrowed(raw)))
    }
}

impl<T, C: Writes<T>> Writes<Field<T>> for Maybe<C> {
    fn write<S: Serializer>(value: &Field<T>, serializer: S) -> Result<S::Ok, S::Error> {
        value.write::<C, S>(serializer)
    }
}

/// A value together with the way to write it.
pub(crate) struct As<'a, T, C>(&'a T, PhantomData<C>);

impl<'a, T, C> As<'a, T, C> {
    pub(crate) fn new(value: &'a T) -> Self {
        Self(value, PhantomData)
    }
}

impl<T, C: Writes<T>> Serialize for As<'_, T, C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        C::write(self.0, serializer)
    }
}

fn not_money() -> Error {
    serde::de::Error::custom("not an amount that can be held exactly")
}
