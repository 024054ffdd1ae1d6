//! What generated code offers, item by item, so that two versions can be compared without a compiler.
//!
//! Rule: **what code can name is an item, and its text is what code can depend on.**

use std::collections::BTreeMap;

use quote::ToTokens;
use syn::{Fields, FnArg, ImplItem, Item as Syntax, Pat, ReturnType};

/// Something that code can name.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Item {
    /// A method of the client.
    Method(String),
    /// A type.
    Type(String),
    /// A field of a type.
    Field(String, String),
    /// A variant of an enum.
    Variant(String, String),
    /// A function of a type: `new`.
    Function(String, String),
    /// All fields of a type, as a literal without a rest has to name them.
    Literal(String),
}

impl std::fmt::Display for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Method(name) => write!(f, "fn {name}"),
            Self::Type(name) => write!(f, "types::{name}"),
            Self::Field(of, name) => write!(f, "types::{of}.{name}"),
            Self::Variant(of, name) | Self::Function(of, name) => write!(f, "types::{of}::{name}"),
            Self::Literal(name) => write!(f, "types::{name} {{ .. }}"),
        }
    }
}

/// Every item of generated code, with its text.
pub type Surface = BTreeMap<Item, String>;

/// Reads generated code.
///
/// # Errors
/// When it is not Rust.
pub fn read(code: &str) -> Result<Surface, String> {
    let file = syn::parse_file(code).map_err(|error| error.to_string())?;
    let mut surface = Surface::new();
    for item in &file.items {
        match item {
            Syntax::Mod(module) if module.ident == "types" => {
                let items = module.content.iter().flat_map(|(_, items)| items);
                items.for_each(|item| of_types(item, &mut surface));
            }
            Syntax::Impl(block) if block.trait_.is_none() => {
                for (name, text) in functions(block) {
                    surface.insert(Item::Method(name), text);
                }
            }
            _ => {}
        }
    }
    Ok(surface)
}

fn of_types(item: &Syntax, surface: &mut Surface) {
    match item {
        Syntax::Struct(item) => {
            let name = item.ident.to_string();
            surface.insert(Item::Type(name.clone()), "struct".to_owned());
            if let Fields::Named(fields) = &item.fields {
                let mut all = Vec::new();
                for field in &fields.named {
                    let member = field
                        .ident
                        .as_ref()
                        .map(ToString::to_string)
                        .unwrap_or_default();
                    surface.insert(Item::Field(name.clone(), member.clone()), text(&field.ty));
                    all.push(member);
                }
                surface.insert(Item::Literal(name), all.join(", "));
            } else {
                surface.insert(Item::Literal(name), text(&item.fields));
            }
        }
        Syntax::Enum(item) => {
            let name = item.ident.to_string();
            surface.insert(Item::Type(name.clone()), "enum".to_owned());
            for variant in &item.variants {
                let item = Item::Variant(name.clone(), variant.ident.to_string());
                surface.insert(item, text(&variant.fields));
            }
        }
        Syntax::Impl(block) if block.trait_.is_none() => {
            let of = text(&block.self_ty);
            for (name, text) in functions(block) {
                surface.insert(Item::Function(of.clone(), name), text);
            }
        }
        _ => {}
    }
}

/// The public functions of a block with their arguments and what they return.
fn functions(block: &syn::ItemImpl) -> Vec<(String, String)> {
    let functions = block.items.iter().filter_map(|item| match item {
        ImplItem::Fn(function) if matches!(function.vis, syn::Visibility::Public(_)) => {
            Some(&function.sig)
        }
        _ => None,
    });
    functions
        .map(|signature| {
            let arguments = signature
                .inputs
                .iter()
                .filter_map(|argument| match argument {
                    // Arguments go by position; `self` is always there.
                    FnArg::Typed(argument) => match &*argument.pat {
                        Pat::Ident(name) => Some(format!("{}: {}", name.ident, text(&argument.ty))),
                        _ => Some(text(&argument.ty)),
                    },
                    FnArg::Receiver(_) => None,
                });
            let arguments: Vec<String> = arguments.collect();
            let returned = match &signature.output {
                ReturnType::Type(_, ty) => text(ty),
                ReturnType::Default => "()".to_owned(),
            };
            (
                signature.ident.to_string(),
                format!("({}) -> {returned}", arguments.join(", ")),
            )
        })
        .collect()
}

/// A part of the code without blanks and without the paths of well-known types.
fn text(part: &impl ToTokens) -> String {
    let text = part.to_token_stream().to_string().replace(' ', "");
    let known = [
        "::std::string::",
        "::std::option::",
        "::std::vec::",
        "::std::collections::",
        "crate::",
        "types::",
    ];
    known.iter().fold(text, |text, path| text.replace(path, ""))
}

/// An item that is gone, or is another one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// Which.
    pub item: Item,
    /// What it was; nothing when it is new.
    pub was: Option<String>,
    /// What it is; nothing when it is gone.
    pub is: Option<String>,
}

/// What differs between two surfaces.
pub fn compare(old: &Surface, new: &Surface) -> Vec<Change> {
    let names: std::collections::BTreeSet<&Item> = old.keys().chain(new.keys()).collect();
    let changes = names.into_iter().map(|item| Change {
        item: item.clone(),
        was: old.get(item).cloned(),
        is: new.get(item).cloned(),
    });
    changes.filter(|change| change.was != change.is).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const CODE: &str = "
        pub mod types {
            pub struct Sale { pub amount: crate::Field<::std::string::String>, pub extra: u8 }
            pub enum State { Done, Other(::std::string::String) }
            impl Sale { pub fn new(amount: u8) -> Self { todo!() } fn hidden() {} }
        }
        impl Client { pub async fn get_sale<'a>(&'a self, id: &'a str) -> Result<types::Sale, ()> { todo!() } }
    ";

    #[test]
    fn everything_that_code_can_name_is_an_item() {
        let items: Vec<String> = read(CODE)
            .unwrap()
            .iter()
            .map(|(item, text)| format!("{item} {text}"))
            .collect();
        assert_eq!(
            items,
            [
                "fn get_sale (id: &'astr) -> Result<Sale,()>",
                "types::Sale struct",
                "types::State enum",
                "types::Sale.amount Field<String>",
                "types::Sale.extra u8",
                "types::State::Done ",
                "types::State::Other (String)",
                "types::Sale::new (amount: u8) -> Self",
                "types::Sale { .. } amount, extra",
            ]
        );
    }

    #[test]
    fn a_field_that_is_gone_is_seen_with_the_literal_that_named_it() {
        let old = read(CODE).unwrap();
        let new = read(&CODE.replace(", pub extra: u8", "")).unwrap();
        let changes: Vec<String> = compare(&old, &new)
            .iter()
            .map(|change| change.item.to_string())
            .collect();
        assert_eq!(changes, ["types::Sale.extra", "types::Sale { .. }"]);
    }
}
