//! Bodies: how the generated structs are read, written and printed.
//!
//! Rule: **what came in goes out.** Unknown members are kept in `extra`; the reason why this is not `serde`'s `flatten`
//! is that `flatten` passes through a buffer in which numbers are floats.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde_json::value::RawValue;

use crate::Field;
use crate::codec::{As, Reads, Writes};

/// The members of a JSON object that were not asked for yet. Where two members with one name say different things, readers differ on
/// which one counts; here neither does: both are kept, in a list, which is no value of any member's type.
#[derive(Debug)]
pub(crate) struct Object(BTreeMap<String, Box<RawValue>>);

impl Object {
    /// Reads an object.
    ///
    /// # Errors
    /// When it is not a JSON object. The error does not say what it was instead: that could be a secret.
    pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
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
                        None => value,
                        Some(before) => both(&before, value).map_err(serde::de::Error::custom)?,
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
        // Not `deserialize_map`: that would refuse anything else itself, and quote it.
        deserializer.deserialize_any(Members)
    }

    /// Takes a member that need not be there.
    pub(crate) fn optional<T, C: Reads<T>>(&mut self, name: &str) -> Field<T> {
        self.0
            .remove(name)
            .map_or(Field::Absent, |raw| Field::read::<C>(&raw))
    }

    /// Takes a member that must be there.
    ///
    /// # Errors
    /// When it is not there, or is of another type. The error names the member and not its value.
    pub(crate) fn required<T, C: Reads<T>, E: serde::de::Error>(
        &mut self,
        name: &'static str,
    ) -> Result<T, E> {
        let raw = self.0.remove(name).ok_or_else(|| E::missing_field(name))?;
        C::read(&raw).map_err(|_| E::custom(format_args!("member `{name}` is of another type")))
    }

    /// Takes all that is left.
    ///
    /// # Errors
    /// Never with the codecs of this crate: what is left is always a field or any JSON.
    pub(crate) fn rest<T, C: Reads<T>, E: serde::de::Error>(
        self,
    ) -> Result<BTreeMap<String, T>, E> {
        let read =
            |(name, raw): (String, Box<RawValue>)| Ok((name, C::read(&raw).map_err(E::custom)?));
        self.0.into_iter().map(read).collect()
    }
}

/// Two values of one member.
fn both(before: &RawValue, value: Box<RawValue>) -> Result<Box<RawValue>, serde_json::Error> {
    if before.get() == value.get() {
        return Ok(value);
    }
    RawValue::from_string(format!("[{},{}]", before.get(), value.get()))
}

/// Writes a member, unless it is absent.
pub(crate) fn write_optional<T, C: Writes<T>, M: SerializeMap>(
    map: &mut M,
    name: &str,
    field: &Field<T>,
) -> Result<(), M::Error> {
    match field {
        Field::Absent => Ok(()),
        Field::Null => map.serialize_entry(name, &()),
        Field::Value(value) => write_required::<T, C, M>(map, name, value),
        Field::Other(raw) => map.serialize_entry(name, raw),
    }
}

/// Writes a member.
pub(crate) fn write_required<T, C: Writes<T>, M: SerializeMap>(
    map: &mut M,
    name: &str,
    value: &T,
) -> Result<(), M::Error> {
    map.serialize_entry(name, &As::<T, C>::new(value))
}

/// Reads, writes and prints a generated struct.
macro_rules! object {
    ($name:ident {
        extra $extra:ident $extra_codec:ty;
        $($mode:ident $field:ident $wire:literal $codec:ty $(, $secret:ident)?;)*
    }) => {
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                #[allow(unused_mut)]
                let mut object = crate::object::Object::read(deserializer)?;
                Ok(Self {
                    $($field: crate::object::object!(@read $mode object $wire $codec),)*
                    $extra: object.rest::<_, $extra_codec, D::Error>()?,
                })
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                use ::serde::ser::SerializeMap as _;
                let mut map = serializer.serialize_map(None)?;
                $(crate::object::object!(@write $mode map $wire $codec, &self.$field);)*
                for (name, value) in &self.$extra {
                    crate::object::write_required::<_, $extra_codec, _>(&mut map, name, value)?;
                }
                map.end()
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                let mut out = f.debug_struct(stringify!($name));
                $(crate::object::object!(@debug $mode out, stringify!($field), &self.$field $(, $secret)?);)*
                if !self.$extra.is_empty() {
                    // What is not known could be a secret: names only.
                    out.field(stringify!($extra), &self.$extra.keys().collect::<::std::vec::Vec<_>>());
                }
                out.finish()
            }
        }
    };
    (@read optional $object:ident $wire:literal $codec:ty) => { $object.optional::<_, $codec>($wire) };
    (@read required $object:ident $wire:literal $codec:ty) => { $object.required::<_, $codec, D::Error>($wire)? };
    (@write optional $map:ident $wire:literal $codec:ty, $value:expr) => {
        crate::object::write_optional::<_, $codec, _>(&mut $map, $wire, $value)?
    };
    (@write required $map:ident $wire:literal $codec:ty, $value:expr) => {
        crate::object::write_required::<_, $codec, _>(&mut $map, $wire, $value)?
    };
    (@debug $mode:ident $out:ident, $name:expr, $value:expr) => { $out.field($name, $value) };
    (@debug optional $out:ident, $name:expr, $value:expr, secret) => { $out.field($name, &$value.redacted()) };
    (@debug required $out:ident, $name:expr, $value:expr, secret) => {
        $out.field($name, &crate::field::Redacted)
    };
}
pub(crate) use object;

/// A generated type that is written as the value inside.
#[allow(unused_macros)] // Only specifications with a named list or map need it.
macro_rules! newtype {
    ($name:ident { value $inner:ty; by $codec:ty; }) => {
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let raw = <::std::boxed::Box<::serde_json::value::RawValue> as ::serde::Deserialize>::deserialize(deserializer)?;
                <$codec as crate::codec::Reads<$inner>>::read(&raw)
                    .map(Self)
                    .map_err(|_| ::serde::de::Error::custom(concat!("not a ", stringify!($name))))
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                <$codec as crate::codec::Writes<$inner>>::write(&self.0, serializer)
            }
        }

        impl ::std::ops::Deref for $name {
            type Target = $inner;
            fn deref(&self) -> &$inner {
                &self.0
            }
        }

        impl ::std::convert::From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }
    };
}
#[allow(unused_imports)]
pub(crate) use newtype;

/// A generated enum of texts, which takes any other text too.
#[allow(unused_macros)] // Only specifications with a closed list of values need it.
macro_rules! open_enum {
    ($name:ident { $($variant:ident $wire:literal;)* }) => {
        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($wire => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let text = <::std::string::String as ::serde::Deserialize>::deserialize(deserializer)?;
                Ok(Self::from(text.as_str()))
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}
#[allow(unused_imports)]
pub(crate) use open_enum;
