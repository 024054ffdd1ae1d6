//! A member of an answer.

use std::borrow::Cow;
use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::codec::{Plain, Reads, Writes};

/// A member of a body, as it came.
///
/// Rule: **reading never fails and never loses anything.** A specification can be wrong about a member; that must not
/// turn a sale into an answer that cannot be read.
#[derive(Clone, Default)]
pub enum Field<T> {
    /// The member is not there.
    #[default]
    Absent,
    /// The member is `null`.
    Null,
    /// The member is what the specification says.
    Value(T),
    /// The member is something else, verbatim.
    Other(Box<RawValue>),
}

impl<T> Field<T> {
    /// The value, when the member is what the specification says.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The value by itself, when the member is what the specification says.
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The JSON text, when the member is neither absent, nor null, nor what the specification says.
    pub fn other(&self) -> Option<&RawValue> {
        match self {
            Self::Other(raw) => Some(raw),
            _ => None,
        }
    }

    /// Whether the member is not there.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether the member is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The same field, with a reference to the value.
    pub fn as_ref(&self) -> Field<&T> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Value(value) => Field::Value(value),
            Self::Other(raw) => Field::Other(raw.clone()),
        }
    }

    /// What the value derefs to: `Option<&str>` of a `Field<String>`.
    pub fn as_deref(&self) -> Option<&T::Target>
    where
        T: std::ops::Deref,
    {
        self.value().map(T::deref)
    }

    /// A copy of the value.
    pub fn copied(&self) -> Option<T>
    where
        T: Copy,
    {
        self.value().copied()
    }

    /// What is printed of a secret: whether it is there.
    pub(crate) fn redacted(&self) -> Field<Redacted> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Value(_) | Self::Other(_) => Field::Value(Redacted),
        }
    }

    pub(crate) fn read<C: Reads<T>>(raw: Cow<'_, RawValue>) -> Self {
        if raw.get() == "null" {
            return Self::Null;
        }
        C::read(&raw).map_or_else(|_| Self::Other(raw.into_owned()), Self::Value)
    }

    pub(crate) fn write<C: Writes<T>, S: Serializer>(
        &self,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent | Self::Null => serializer.serialize_unit(),
            Self::Value(value) => C::write(value, serializer),
            Self::Other(raw) => raw.serialize(serializer),
        }
    }
}

/// Stands for a secret.
pub(crate) struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

impl<T> From<T> for Field<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<T> From<Option<T>> for Field<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

impl<T: PartialEq> PartialEq for Field<T> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Absent, Self::Absent) | (Self::Null, Self::Null) => true,
            (Self::Value(a), Self::Value(b)) => a == b,
            (Self::Other(a), Self::Other(b)) => a.get() == b.get(),
            _ => false,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Field<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("Absent"),
            Self::Null => f.write_str("Null"),
            Self::Value(value) => value.fmt(f),
            // Nobody knows what is in it, so it is not printed.
            Self::Other(raw) => write!(f, "Other({} bytes)", raw.get().len()),
        }
    }
}

/// Reads JSON only: through `serde_json`, from text, bytes or a value.
impl<'de, T: DeserializeOwned> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if raw.get() == "null" {
            return Ok(Self::Null);
        }
        Ok(serde_json::from_str(raw.get()).map_or_else(|_| Self::Other(raw), Self::Value))
    }
}

/// An absent field has no place in JSON by itself; it is written as `null`. The bodies of this crate leave it out.
impl<T: Serialize> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.write::<Plain, S>(serializer)
    }
}
