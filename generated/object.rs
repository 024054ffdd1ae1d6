//! Bodies: how the generated structs are read, written and printed.
//!
//! Rule: **what came in goes out.** Unknown members are kept in `extra`; the reason why this is not `serde`'s `flatten`
//! is that `flatten` passes through a buffer in which numbers are floats.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde_json::Error;
use serde_json::value::RawValue;

use crate::Field;
use crate::codec::{As, Reads, Writes};

/// A member, where it lies in the text of the body.
pub(crate) type Member<'a> = Option<Cow<'a, RawValue>>;

/// The members that were not asked for.
pub(crate) type Others<'a> = BTreeMap<String, Cow<'a, RawValue>>;

/// Finds the members of an object: those that have a name in `names` at the same place in `found`, and returns the
/// others. Where two members with one name say different things, readers differ on which one counts; here neither does:
/// both are kept, in a list, which is no value of any member's type.
///
/// # Errors
/// When it is not a JSON object. The error does not say what it was instead: that could be a secret.
pub(crate) fn members<'a>(
    json: &'a str,
    names: &'static [&'static str],
    found: &mut [Member<'a>],
) -> Result<Others<'a>, Error> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    // Not `deserialize_map`: that would refuse anything else itself, and quote it.
    let others = deserializer.deserialize_any(Members { names, found })?;
    deserializer.end()?;
    Ok(others)
}

struct Members<'a, 'f> {
    names: &'static [&'static str],
    found: &'f mut [Member<'a>],
}

impl<'a> Visitor<'a> for Members<'a, '_> {
    type Value = Others<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Others<'a>, A::Error> {
        let mut others = Others::new();
        while let Some(name) = map.next_key_seed(Names(self.names))? {
            let value: &'a RawValue = map.next_value()?;
            match name {
                Name::Known(place) => {
                    if let Some(member) = self.found.get_mut(place) {
                        *member = Some(joined(member.take(), value).map_err(A::Error::custom)?);
                    }
                }
                Name::Other(name) => {
                    let value = joined(others.remove(&name), value).map_err(A::Error::custom)?;
                    others.insert(name, value);
                }
            }
        }
        Ok(others)
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Others<'a>, E> {
        Err(E::custom("a string where a JSON object was expected"))
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Others<'a>, E> {
        Err(E::custom("a number where a JSON object was expected"))
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Others<'a>, E> {
        self.visit_u64(0)
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Others<'a>, E> {
        self.visit_u64(0)
    }
}

/// The name of a member: its place among those that are asked for, or itself.
enum Name {
    Known(usize),
    Other(String),
}

struct Names(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Names {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Names {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Name, E> {
        let place = self.0.iter().position(|known| *known == name);
        Ok(place.map_or_else(|| Name::Other(name.to_owned()), Name::Known))
    }
}

/// A member that need not be there.
pub(crate) fn optional<T, C: Reads<T>>(member: Member<'_>) -> Field<T> {
    member.map_or(Field::Absent, Field::read::<C>)
}

/// A member that must be there.
///
/// # Errors
/// When it is not there, or is of another type. The error names the member and not its value.
pub(crate) fn required<T, C: Reads<T>>(member: Member<'_>, name: &'static str) -> Result<T, Error> {
    let raw = member.ok_or_else(|| Error::missing_field(name))?;
    C::read(&raw).map_err(|_| Error::custom(format_args!("member `{name}` is of another type")))
}

/// All that was not asked for.
///
/// # Errors
/// Never with the codecs of this crate: what is left is always a field or any JSON.
pub(crate) fn rest<T, C: Reads<T>>(others: Others<'_>) -> Result<BTreeMap<String, T>, Error> {
    let read = |(name, raw): (String, Cow<'_, RawValue>)| Ok((name, C::read(&raw)?));
    others.into_iter().map(read).collect()
}

/// What a member says, after what it said before.
fn joined<'a>(before: Member<'a>, value: &'a RawValue) -> Result<Cow<'a, RawValue>, Error> {
    match before {
        None => Ok(Cow::Borrowed(value)),
        Some(before) if before.get() == value.get() => Ok(before),
        Some(before) => both(&before, value).map(Cow::Owned),
    }
}

/// Two values of one member.
fn both(before: &RawValue, value: &RawValue) -> Result<Box<RawValue>, Error> {
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
        impl crate::body::Body for $name {
            fn read(raw: &::serde_json::value::RawValue) -> ::std::result::Result<Self, ::serde_json::Error> {
                Self::read_text(raw.get())
            }

            fn read_text(json: &str) -> ::std::result::Result<Self, ::serde_json::Error> {
                const NAMES: &[&str] = &[$($wire),*];
                let mut found = [const { None }; NAMES.len()];
                let others = crate::object::members(json, NAMES, &mut found)?;
                let [$($field),*] = found;
                Ok(Self {
                    $($field: crate::object::object!(@read $mode $field $wire $codec),)*
                    $extra: crate::object::rest::<_, $extra_codec>(others)?,
                })
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                crate::body::deserialize(deserializer)
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
    (@read optional $member:ident $wire:literal $codec:ty) => { crate::object::optional::<_, $codec>($member) };
    (@read required $member:ident $wire:literal $codec:ty) => { crate::object::required::<_, $codec>($member, $wire)? };
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
        impl crate::body::Body for $name {
            fn read(
                raw: &::serde_json::value::RawValue,
            ) -> ::std::result::Result<Self, ::serde_json::Error> {
                <$codec as crate::codec::Reads<$inner>>::read(raw)
                    .map(Self)
                    .map_err(|_| ::serde::de::Error::custom(concat!("not a ", stringify!($name))))
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                crate::body::deserialize(deserializer)
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
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

        impl crate::body::Body for $name {
            fn read(raw: &::serde_json::value::RawValue) -> ::std::result::Result<Self, ::serde_json::Error> {
                crate::body::text(raw).map(|text| Self::from(&*text))
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
