//! Types: what the generator's become, and how their values are written in JSON.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{GenericArgument, PathArguments, Type, parse_quote};

use super::generator;

/// A type as it shall be, and the codec that writes it.
pub(super) struct Written {
    pub(super) ty: Type,
    pub(super) codec: TokenStream,
    pub(super) plain: bool,
}

impl Written {
    pub(super) fn plain(ty: Type) -> Self {
        Self {
            ty,
            codec: quote!(crate::codec::Plain),
            plain: true,
        }
    }

    fn by(ty: Type, codec: TokenStream) -> Self {
        Self {
            ty,
            codec,
            plain: false,
        }
    }

    /// The same inside of something that `wrapper` writes.
    fn inside(self, ty: Type, wrapper: &str) -> Self {
        let wrapper = Ident::new(wrapper, Span::call_site());
        let codec = &self.codec;
        match self.plain {
            true => Self::plain(ty),
            false => Self::by(ty, quote!(crate::codec::#wrapper<#codec>)),
        }
    }
}

/// Translates a type of the generator.
pub(super) fn written(ty: &Type) -> Written {
    let Type::Path(path) = ty else {
        return Written::plain(ty.clone());
    };
    let Some(last) = path.path.segments.last() else {
        return Written::plain(ty.clone());
    };
    let arguments: Vec<&Type> = match &last.arguments {
        PathArguments::AngleBracketed(list) => list
            .args
            .iter()
            .filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    match (last.ident.to_string().as_str(), arguments.as_slice()) {
        (generator::NUMBER, []) => Written::by(
            parse_quote!(::rust_decimal::Decimal),
            quote!(crate::codec::Number),
        ),
        (generator::TEXT, []) => Written::by(
            parse_quote!(::rust_decimal::Decimal),
            quote!(crate::codec::Text),
        ),
        ("Value", []) => Written::plain(parse_quote!(crate::Json)),
        ("Map", _) => Written::plain(parse_quote!(crate::Extra)),
        ("Option", [inner]) => field(written(inner)),
        ("Vec", [inner]) => {
            let inner = written(inner);
            let item = &inner.ty;
            let ty = parse_quote!(::std::vec::Vec<#item>);
            inner.inside(ty, "Each")
        }
        ("BTreeMap", [_, inner]) => {
            let inner = value_of_map(inner);
            let value = &inner.ty;
            let ty = parse_quote!(::std::collections::BTreeMap<::std::string::String, #value>);
            inner.inside(ty, "Keyed")
        }
        _ => Written::plain(ty.clone()),
    }
}

pub(super) fn field(inner: Written) -> Written {
    let value = &inner.ty;
    let ty = parse_quote!(crate::Field<#value>);
    inner.inside(ty, "Maybe")
}

/// A value of an open map is a field, so that one odd value does not make all others unreadable; any JSON never is odd.
pub(super) fn value_of_map(ty: &Type) -> Written {
    let value = match inner_of(ty, "Option") {
        Some(inner) => written(&inner),
        None => written(ty),
    };
    if value.ty == parse_quote!(crate::Json) {
        return value;
    }
    field(value)
}

pub(super) fn inner_of(ty: &Type, wrapper: &str) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(list) = &last.arguments else {
        return None;
    };
    match list.args.last()? {
        GenericArgument::Type(inner) if last.ident == wrapper => Some(inner.clone()),
        _ => None,
    }
}
