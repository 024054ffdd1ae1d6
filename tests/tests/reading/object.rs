//! The macros of the bindings, which give each type its slow reading as well.

pub(crate) use crate::real::{members, optional, required, rest, write_optional, write_required};

macro_rules! object {
    (@$($inner:tt)*) => { crate::real::object!(@$($inner)*) };
    (slow optional $object:ident $wire:literal $codec:ty) => { $object.optional::<_, $codec>($wire) };
    (slow required $object:ident $wire:literal $codec:ty) => { $object.required::<_, $codec, D::Error>($wire)? };
    ($name:ident {
        extra $extra:ident $extra_codec:ty;
        $($mode:ident $field:ident $wire:literal $codec:ty $(, $secret:ident)?;)*
    }) => {
        crate::real::object! {
            $name {
                extra $extra $extra_codec;
                $($mode $field $wire $codec $(, $secret)?;)*
            }
        }

        impl crate::slow::Slow for $name {
            fn slow<'de, D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let mut object = crate::slow::Object::read(deserializer)?;
                Ok(Self {
                    $($field: crate::object::object!(slow $mode object $wire $codec),)*
                    $extra: object.rest::<_, $extra_codec, D::Error>()?,
                })
            }
        }
    };
}
pub(crate) use object;

#[allow(unused_macros)] // Only specifications with a named list or map need it.
macro_rules! newtype {
    ($name:ident { value $inner:ty; by $codec:ty; }) => {
        crate::real::newtype! { $name { value $inner; by $codec; } }

        impl crate::slow::Slow for $name {
            fn slow<'de, D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                crate::slow::newtype::<$inner, $codec, D>(deserializer, stringify!($name)).map(Self)
            }
        }
    };
}
#[allow(unused_imports)]
pub(crate) use newtype;

#[allow(unused_macros)] // Only specifications with a closed list of values need it.
macro_rules! open_enum {
    ($name:ident { $($variant:ident $wire:literal;)* }) => {
        crate::real::open_enum! { $name { $($variant $wire;)* } }

        impl crate::slow::Slow for $name {
            fn slow<'de, D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let text: ::std::string::String = ::serde::Deserialize::deserialize(deserializer)?;
                Ok(Self::from(text.as_str()))
            }
        }
    };
}
#[allow(unused_imports)]
pub(crate) use open_enum;
