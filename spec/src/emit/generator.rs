//! The generator, kept from taking the process with it.
//!
//! Rule: **a panic of the generator is an error that names the operation.** It panics on parts of OpenAPI that it does
//! not know; whoever changed a document needs to hear which part.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use proc_macro2::TokenStream;
use progenitor_impl::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TagStyle};
use quote::quote;
use schemars::schema::{InstanceType, SchemaObject};
use serde_json::{Map, Value, json};

use super::Error;

/// Stand-ins for money in the generator's output; the types pass replaces them.
pub(super) const NUMBER: &str = "__MoneyNumber";
pub(super) const TEXT: &str = "__MoneyText";

pub(super) fn generate(document: &Value) -> Result<TokenStream, Error> {
    attempt(document)?.or_else(|reason| {
        Err(Error::Generator {
            culprit: culprit(document)?,
            reason,
        })
    })
}

/// The mocks of a document whose bindings are in the module `path`.
pub(super) fn mocks(document: &Value, path: &str) -> Result<TokenStream, Error> {
    let spec: openapiv3::OpenAPI = serde_json::from_value(document.clone())?;
    let generated = quietly(|| {
        Generator::new(&settings())
            .httpmock(&spec, path)
            .map_err(|error| error.to_string())
    });
    generated.or_else(|reason| {
        // Mostly what it fails at here it fails at there, too.
        Err(Error::Generator {
            culprit: culprit(document)?,
            reason,
        })
    })
}

/// One run. The outer error is a document that cannot be parsed, the inner one is the generator's.
fn attempt(document: &Value) -> Result<Result<TokenStream, String>, Error> {
    let spec: openapiv3::OpenAPI = serde_json::from_value(document.clone())?;
    Ok(quietly(|| {
        Generator::new(&settings())
            .generate_tokens(&spec)
            .map_err(|error| error.to_string())
    }))
}

fn settings() -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    let money = |format: Option<&str>, kind| SchemaObject {
        instance_type: Some(kind),
        format: format.map(str::to_owned),
        ..SchemaObject::default()
    };
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_tag(TagStyle::Merged)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(::std::sync::Arc<dyn crate::Wire>))
        .with_map_type("::std::collections::BTreeMap")
        .with_conversion(
            money(None, InstanceType::Number.into()),
            NUMBER,
            [progenitor_impl::TypeImpl::Display].into_iter(),
        )
        .with_conversion(
            money(Some("decimal"), InstanceType::String.into()),
            TEXT,
            [progenitor_impl::TypeImpl::Display].into_iter(),
        );
    settings
}

/// Finds what the generator fails at, by trying the parts alone.
fn culprit(document: &Value) -> Result<String, Error> {
    let fails = |document: &Value| Ok::<bool, Error>(attempt(document)?.is_err());
    let mut bare = document.clone();
    bare["paths"] = json!({});
    let mut alone = bare.clone();
    if fails(&bare)? {
        // Not an operation: a schema. Take away the schemas that it fails without, one by one.
        return Ok(match schema_culprit(document, &bare, &fails)? {
            Some(name) => format!("schema {name}{}", users(document, &name)),
            None => "the schemas together".to_owned(),
        });
    }
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            alone["paths"] = json!({ path: { method: operation } });
            if fails(&alone)? {
                let id = operation["operationId"].as_str().unwrap_or_default();
                return Ok(format!("operation {id} ({} {path})", method.to_uppercase()));
            }
        }
    }
    Ok("the operations together".to_owned())
}

/// The schema without which, all others being opened one after another, the generator no longer fails.
fn schema_culprit(
    document: &Value,
    bare: &Value,
    fails: &impl Fn(&Value) -> Result<bool, Error>,
) -> Result<Option<String>, Error> {
    let empty = Map::new();
    let schemas = document["components"]["schemas"]
        .as_object()
        .unwrap_or(&empty);
    for name in schemas.keys() {
        let mut without = bare.clone();
        without["components"]["schemas"][name] = json!({});
        if !fails(&without)? {
            return Ok(Some(name.clone()));
        }
    }
    Ok(None)
}

/// Which operations name a schema.
fn users(document: &Value, schema: &str) -> String {
    let reference = format!("\"#/components/schemas/{schema}\"");
    let operations = document["paths"].as_object().into_iter().flatten();
    let operations = operations.flat_map(|(_, item)| item.as_object().into_iter().flatten());
    let ids: Vec<&str> = operations
        .filter(|(_, operation)| operation.to_string().contains(&reference))
        .filter_map(|(_, operation)| operation["operationId"].as_str())
        .collect();
    match ids.is_empty() {
        true => String::new(),
        false => format!(" (of operation {})", ids.join(", ")),
    }
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`; a panic becomes its message. The message is not printed: the hook that would print it is replaced once
/// for the process by one that hands on, unless the panicking thread is in here.
pub(super) fn quietly<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                usual(info);
            }
        }));
    });
    QUIET.set(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(false);
    result.unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or(panic.downcast_ref::<&str>().copied());
        Err(format!("panic: {}", text.unwrap_or("no message")))
    })
}
