//! The answers of a mock: one function for each that is documented, under the name of its status.

use heck::ToSnakeCase as _;
use proc_macro2::Ident;
use quote::{format_ident, quote};
use serde_json::Value;
use syn::{ImplItem, Type, parse_quote};

use super::Error;
use crate::emit::table::{resolved, status_row, type_names};

/// One documented answer.
pub(super) struct Answer {
    /// As in the table of operations: `0` is `default`, one digit a class.
    pub(super) status: u16,
    /// As in the table of operations.
    name: String,
    media: String,
}

/// All documented answers of an operation.
pub(super) fn answers(
    openapi: &Value,
    operation: &Value,
    given: &Value,
    id: &str,
) -> Result<Vec<Answer>, Error> {
    let mut answers = Vec::new();
    for (status, schema) in operation["x-responses"].as_object().into_iter().flatten() {
        let Some(row) = status_row(status) else {
            return Err(Error::pass(
                format!("operation {id}"),
                format!("status {status}"),
            ));
        };
        let response = resolved(openapi, &given["responses"][status]);
        for name in type_names(schema) {
            let media = media(response, &name);
            answers.push(Answer {
                status: row,
                name,
                media,
            });
        }
    }
    Ok(answers)
}

/// What the answer says that it is: what is documented, JSON for a type and no JSON for bytes.
fn media(response: &Value, name: &str) -> String {
    let bytes = name == "bytes";
    let content = response["content"].as_object().into_iter().flatten();
    let found = content
        .map(|(media, _)| media)
        .find(|media| media.contains("json") != bytes && !media.contains('*'));
    found.cloned().unwrap_or_else(|| match bytes {
        true => "application/octet-stream".to_owned(),
        false => "application/json".to_owned(),
    })
}

impl Answer {
    /// The function of a `then` that gives this answer.
    pub(super) fn function(&self, alone: bool, place: &str) -> Result<ImplItem, Error> {
        let mut name = self.status_name();
        if !alone {
            let suffix = match self.name.as_str() {
                "" => "empty".to_owned(),
                ty => ty.to_snake_case(),
            };
            name = format!("{name}_{suffix}");
        }
        let name = format_ident!("{name}");
        let media = &self.media;
        // The status is an argument where the document leaves it open.
        let open = (self.status < 100).then(|| quote!(status: u16,));
        let row = self.status;
        let status = match open {
            Some(_) => quote!(crate::mock::in_class(#row, status)),
            None => quote!(#row),
        };
        let (value, call) = match self.name.as_str() {
            "" => (None, quote!(crate::mock::empty(self.0, #status))),
            "bytes" => (
                Some(quote!(value: impl AsRef<[u8]>)),
                quote!(crate::mock::raw(self.0, #status, #media, value.as_ref())),
            ),
            ty => {
                let ty = borrowed(ty).ok_or_else(|| {
                    Error::pass(place, format!("an answer of the unknown type {ty}"))
                })?;
                (
                    Some(quote!(value: &#ty)),
                    quote!(crate::mock::json(self.0, #status, #media, value)),
                )
            }
        };
        let doc = match self.name.as_str() {
            "" => format!(" {}, without a body.", self.status_text()),
            "bytes" => format!(" {}, with these bytes (`{media}`).", self.status_text()),
            _ => format!(" {}, with this as `{media}`.", self.status_text()),
        };
        Ok(parse_quote! {
            #[doc = #doc]
            pub fn #name(self, #open #value) -> Self {
                Self(#call)
            }
        })
    }

    fn status_text(&self) -> String {
        match self.status {
            0 => "Any other status".to_owned(),
            class @ 1..=9 => format!("A status from {class}00 to {class}99"),
            status => format!("Status {status}"),
        }
    }

    fn status_name(&self) -> String {
        let name = match self.status {
            0 => "default_response",
            1 => "informational",
            2 => "success",
            3 => "redirect",
            4 => "client_error",
            5 => "server_error",
            status => {
                let known = http::StatusCode::from_u16(status).ok();
                match known.and_then(|status| status.canonical_reason()) {
                    Some(reason) => return reason.to_snake_case(),
                    None => return format!("status_{status}"),
                }
            }
        };
        name.to_owned()
    }
}

/// What a type is referred to as: a list as a slice, a text as `str`.
fn borrowed(name: &str) -> Option<Type> {
    match inside(name, "Vec<") {
        Some(item) => {
            let item = rust_type(item)?;
            Some(parse_quote!([#item]))
        }
        None if name == "String" => Some(parse_quote!(str)),
        None => rust_type(name),
    }
}

/// The type by its name in the table of operations.
fn rust_type(name: &str) -> Option<Type> {
    if let Some(item) = inside(name, "Vec<") {
        let item = rust_type(item)?;
        return Some(parse_quote!(::std::vec::Vec<#item>));
    }
    if let Some(value) = inside(name, "BTreeMap<String, ") {
        let value = rust_type(value)?;
        return Some(parse_quote!(::std::collections::BTreeMap<::std::string::String, #value>));
    }
    match name {
        "String" => Some(parse_quote!(::std::string::String)),
        "bool" => Some(parse_quote!(bool)),
        "i64" => Some(parse_quote!(i64)),
        "Json" => Some(parse_quote!(crate::Json)),
        _ => {
            let name: Ident = syn::parse_str(name).ok()?;
            Some(parse_quote!(types::#name))
        }
    }
}

fn inside<'a>(name: &'a str, before: &str) -> Option<&'a str> {
    name.strip_prefix(before)?.strip_suffix('>')
}
