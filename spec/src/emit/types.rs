//! The types of bodies: how they are read, written and printed.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Fields, Item, ItemEnum, ItemStruct, Type, parse_quote};

use super::written::{Written, field, inner_of, value_of_map, written};
use super::{Error, Options, generator};

/// Rewrites the module `types`: the definitions stay, all that the generator implements for them goes, and the macros
/// of the hand-written part take its place.
pub(super) fn rewrite(
    file: &mut syn::File,
    secrets: &BTreeSet<String>,
    options: &Options,
    bodies: &mut Bodies,
) -> Result<(), Error> {
    Signatures.visit_file_mut(file);
    let mut pass = Pass {
        secrets,
        options,
        bodies,
    };
    for item in types_of(file)? {
        let kept = match std::mem::replace(item, Item::Verbatim(TokenStream::new())) {
            Item::Struct(definition) => pass.definition(definition)?,
            Item::Enum(definition) => pass.open_enum(definition)?,
            // Implementations, and modules that only they use.
            _ => TokenStream::new(),
        };
        *item = Item::Verbatim(kept);
    }
    // Reparsed, so that the printer formats it.
    for item in &mut file.items {
        if let Item::Mod(module) = item
            && let Some((_, items)) = &mut module.content
            && module.ident == "types"
        {
            let tokens = quote!(#(#items)*);
            let parsed: syn::File =
                syn::parse2(tokens).map_err(|error| Error::pass("types", error.to_string()))?;
            *items = parsed.items;
        }
    }
    Ok(())
}

fn types_of(file: &mut syn::File) -> Result<&mut Vec<Item>, Error> {
    file.items
        .iter_mut()
        .find_map(|item| match item {
            Item::Mod(module) if module.ident == "types" => {
                module.content.as_mut().map(|(_, items)| items)
            }
            _ => None,
        })
        .ok_or_else(|| Error::pass("the generated code", "has no module `types`"))
}

/// Checks that every component has its type, under its own name.
pub(super) fn complete(file: &syn::File, document: &Value) -> Result<(), Error> {
    let mut file = file.clone();
    let names: BTreeSet<String> = types_of(&mut file)?
        .iter()
        .filter_map(|item| match item {
            Item::Struct(definition) => Some(definition.ident.to_string()),
            Item::Enum(definition) => Some(definition.ident.to_string()),
            _ => None,
        })
        .collect();
    let schemas = document["components"]["schemas"]
        .as_object()
        .into_iter()
        .flatten();
    for (name, _) in schemas {
        if !names.contains(name) {
            return Err(Error::pass(
                format!("schema {name}"),
                "has no type of its name",
            ));
        }
    }
    Ok(())
}

/// The bodies of macro calls. The printer does not format those, so they are put in after it.
#[derive(Default)]
pub(super) struct Bodies(Vec<String>);

impl Bodies {
    /// Stands for a body until [`Bodies::fill`].
    fn add(&mut self, head: String, rows: &[String]) -> Ident {
        let rows: String = rows
            .iter()
            .map(|row| format!("            {row};\n"))
            .collect();
        self.0.push(format!("{head} {{\n{rows}        }}"));
        format_ident!("__body_{}_", self.0.len() - 1)
    }

    /// Puts the bodies where they belong.
    pub(super) fn fill(&self, mut code: String) -> String {
        for (n, body) in self.0.iter().enumerate() {
            code = code.replace(&format!("__body_{n}_"), body);
        }
        code
    }
}

/// Tokens as a reader would write them: a path without blanks.
fn text(tokens: &TokenStream) -> String {
    tokens.to_string().replace(' ', "")
}

struct Pass<'a> {
    secrets: &'a BTreeSet<String>,
    options: &'a Options,
    bodies: &'a mut Bodies,
}

impl Pass<'_> {
    fn definition(&mut self, definition: ItemStruct) -> Result<TokenStream, Error> {
        match &definition.fields {
            Fields::Named(_) => self.object(definition),
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => self.newtype(definition),
            _ => Err(Error::pass(
                definition.ident.to_string(),
                "a struct of an unexpected shape",
            )),
        }
    }

    fn object(&mut self, definition: ItemStruct) -> Result<TokenStream, Error> {
        let name = &definition.ident;
        let docs = docs(&definition.attrs);
        let mut fields = Vec::new();
        let mut rows = Vec::new();
        let mut required = Vec::new();
        let mut extra = None;
        for field_of in &definition.fields {
            let ident = field_of
                .ident
                .clone()
                .ok_or_else(|| Error::pass(name.to_string(), "a field without a name"))?;
            let serde = serde_of(&field_of.attrs);
            if serde.flatten {
                let value = value_of_map(
                    &inner_of(&field_of.ty, "BTreeMap")
                        .unwrap_or(parse_quote!(::serde_json::Value)),
                );
                extra = Some((ident, value));
                continue;
            }
            let wire = serde
                .rename
                .unwrap_or_else(|| ident.to_string().trim_start_matches("r#").to_owned());
            let inner = match inner_of(&field_of.ty, "Option") {
                Some(inner) => written(&inner),
                None => written(&field_of.ty),
            };
            let (mode, ty, codec) = if serde.optional {
                (
                    "optional",
                    field(Written::plain(inner.ty.clone())).ty,
                    inner.codec.clone(),
                )
            } else {
                let whole = written(&field_of.ty);
                required.push((ident.clone(), whole.ty.clone()));
                ("required", whole.ty, whole.codec)
            };
            let docs = self::docs(&field_of.attrs);
            let schema = self.schema_of_field(&wire, serde.optional, &inner);
            fields.push(quote!(#(#docs)* #schema pub #ident: #ty,));
            let secret = match self.secrets.contains(&wire.to_lowercase()) {
                true => ", secret",
                false => "",
            };
            rows.push(format!("{mode} {ident} {wire:?} {}{secret}", text(&codec)));
        }
        let (extra, value) = extra.unwrap_or_else(|| {
            (
                format_ident!("extra"),
                Written::plain(parse_quote!(crate::Json)),
            )
        });
        let value_ty = &value.ty;
        rows.insert(0, format!("extra {extra} {}", text(&value.codec)));
        let body = self.bodies.add(name.to_string(), &rows);
        let derive = self.derive(required.is_empty().then(|| quote!(Default)));
        let skip = self
            .options
            .json_schema
            .then(|| match value.ty == parse_quote!(crate::Json) {
                true => quote!(#[schemars(skip)]),
                false => quote!(#[schemars(flatten)]),
            });
        let new = constructor(&definition, &required, &extra);
        Ok(quote! {
            #(#docs)*
            #derive
            pub struct #name {
                #(#fields)*
                /// Members that the specification does not name.
                #skip
                pub #extra: ::std::collections::BTreeMap<::std::string::String, #value_ty>,
            }
            #new
            crate::object::object! { #body }
        })
    }

    fn newtype(&mut self, definition: ItemStruct) -> Result<TokenStream, Error> {
        let name = &definition.ident;
        let docs = docs(&definition.attrs);
        let ty = definition.fields.iter().map(|field| &field.ty).next();
        let ty = ty.ok_or_else(|| Error::pass(name.to_string(), "an empty struct"))?;
        let inner = written(ty);
        let (ty, codec) = (&inner.ty, &inner.codec);
        let rows = [
            format!("value {}", text(&quote!(#ty))),
            format!("by {}", text(codec)),
        ];
        let body = self.bodies.add(name.to_string(), &rows);
        let derive = self.derive(Some(quote!(Debug)));
        let schema = self.schema_of_codec(&inner);
        Ok(quote! {
            #(#docs)*
            #derive
            pub struct #name(#schema pub #ty);
            crate::object::newtype! { #body }
        })
    }

    fn open_enum(&mut self, definition: ItemEnum) -> Result<TokenStream, Error> {
        let name = &definition.ident;
        let docs = docs(&definition.attrs);
        let mut variants = Vec::new();
        let mut rows = Vec::new();
        for variant in &definition.variants {
            if !matches!(variant.fields, Fields::Unit) {
                return Err(Error::pass(
                    name.to_string(),
                    "an enum whose variants hold data",
                ));
            }
            let ident = &variant.ident;
            let wire = serde_of(&variant.attrs)
                .rename
                .unwrap_or_else(|| ident.to_string());
            let doc = format!("`{wire}`");
            let schema = self
                .options
                .json_schema
                .then(|| quote!(#[schemars(rename = #wire)]));
            variants.push(quote!(#[doc = #doc] #schema #ident,));
            rows.push(format!("{ident} {wire:?}"));
        }
        let body = self.bodies.add(name.to_string(), &rows);
        let derive = self.derive(Some(quote!(Debug, Eq, PartialOrd, Ord, Hash)));
        let untagged = self
            .options
            .json_schema
            .then(|| quote!(#[schemars(untagged)]));
        Ok(quote! {
            #(#docs)*
            #derive
            pub enum #name {
                #(#variants)*
                /// A value that the specification does not name.
                #untagged
                Other(::std::string::String),
            }
            crate::object::open_enum! { #body }
        })
    }

    fn derive(&self, more: Option<TokenStream>) -> TokenStream {
        let schema = self
            .options
            .json_schema
            .then(|| quote!(::schemars::JsonSchema,));
        quote!(#[derive(Clone, PartialEq, #schema #more)])
    }

    /// What `schemars` cannot see: the name on the wire, and how money is written.
    fn schema_of_field(&self, wire: &str, optional: bool, inner: &Written) -> Option<TokenStream> {
        self.options.json_schema.then(|| {
            let default = optional.then(|| quote!(, default));
            let schema = self.schema_of_codec(inner);
            quote!(#[schemars(rename = #wire #default)] #schema)
        })
    }

    fn schema_of_codec(&self, inner: &Written) -> Option<TokenStream> {
        let codec = inner.codec.to_string();
        (self.options.json_schema && !inner.plain).then(|| quote!(#[schemars(with = #codec)]))
    }
}

/// `new`, for a body that cannot be without some members: those are its arguments, in the order of their names.
fn constructor(
    definition: &ItemStruct,
    required: &[(Ident, Type)],
    extra: &Ident,
) -> Option<TokenStream> {
    if required.is_empty() {
        return None;
    }
    let name = &definition.ident;
    let arguments = required.iter().map(|(ident, ty)| quote!(#ident: #ty));
    let all = definition
        .fields
        .iter()
        .filter_map(|field| field.ident.as_ref());
    let rest = all
        .filter(|ident| *ident != extra && !required.iter().any(|(required, _)| required == *ident))
        .map(|ident| quote!(#ident: crate::Field::Absent));
    let idents = required.iter().map(|(ident, _)| ident);
    Some(quote! {
        impl #name {
            /// With what must be there, and nothing else.
            pub fn new(#(#arguments),*) -> Self {
                Self {
                    #(#idents,)*
                    #(#rest,)*
                    #extra: ::std::default::Default::default(),
                }
            }
        }
    })
}

/// What the generator told serde about a field or variant.
#[derive(Default)]
struct Serde {
    rename: Option<String>,
    optional: bool,
    flatten: bool,
}

fn serde_of(attributes: &[Attribute]) -> Serde {
    let mut serde = Serde::default();
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
    {
        // Unknown words are skipped with their value.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("flatten") {
                serde.flatten = true;
            } else if meta.path.is_ident("default") || meta.path.is_ident("skip_serializing_if") {
                serde.optional = true;
            }
            if let Ok(value) = meta.value() {
                let text: syn::Expr = value.parse()?;
                if let syn::Expr::Lit(literal) = text
                    && let syn::Lit::Str(text) = literal.lit
                    && meta.path.is_ident("rename")
                {
                    serde.rename = Some(text.value());
                }
            }
            Ok(())
        });
    }
    serde
}

/// The documentation, one attribute a line, without the schema that the generator appends to it.
fn docs(attributes: &[Attribute]) -> Vec<Attribute> {
    let mut text = String::new();
    for attribute in attributes {
        if let syn::Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let syn::Expr::Lit(literal) = &pair.value
            && let syn::Lit::Str(line) = &literal.lit
        {
            text.push_str(&line.value());
            text.push('\n');
        }
    }
    let text = text
        .split("<details>")
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned();
    let lines = text.lines().map(|line| match line.trim() {
        "" => String::new(),
        line => format!(" {line}"),
    });
    lines.map(|line| parse_quote!(#[doc = #line])).collect()
}

/// Writes all documentation line by line.
pub(super) struct Lines;

impl VisitMut for Lines {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        let docs = docs(attributes);
        attributes.retain(|attribute| !attribute.path().is_ident("doc"));
        attributes.splice(0..0, docs);
    }
}

/// Money and any JSON in the signatures of methods.
pub(super) struct Signatures;

impl VisitMut for Signatures {
    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        // The types have a pass of their own.
        if module.ident != "types" {
            visit_mut::visit_item_mod_mut(self, module);
        }
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(path) = ty
            && let Some(last) = path.path.segments.last()
        {
            let name = last.ident.to_string();
            if name == generator::NUMBER || name == generator::TEXT {
                *ty = parse_quote!(::rust_decimal::Decimal);
                return;
            }
            if path
                .path
                .segments
                .first()
                .is_some_and(|first| first.ident == "serde_json")
            {
                match name.as_str() {
                    "Value" => *ty = parse_quote!(crate::Json),
                    "Map" => *ty = parse_quote!(crate::Extra),
                    _ => {}
                }
                return;
            }
        }
        visit_mut::visit_type_mut(self, ty);
    }
}
