//! A pulled document can take the place of a saved one without a hand upon it: everything here goes by content, and
//! nothing depends on our own wording.
//!
//! The crate carries the documents of both services as they were saved, and the corrections that lie over them:
//!
//! | | document | corrections |
//! |---|---|---|
//! | [`Api::Smartcall`] | `smartcall/swagger.json`, Swagger 2.0 | `smartcall/overlay.yaml` |
//! | [`Api::Hot`] | `hot/openapi.yaml`, OpenAPI 3.0 | `hot/overlay.yaml` |
//!
//! [`openapi`] is what comes out: OpenAPI 3.0, corrected. [`corrected`] runs the same steps on any two texts: [`read`],
//! convert if it is Swagger 2.0, apply the [`Overlay`]. Nothing here does any I/O, and nothing panics.
//!
//! ```
//! use recharge_spec::{Api, evidence, openapi};
//!
//! let document = openapi(Api::Hot)?;
//! let part = &document["components"]["schemas"]["StockItem"]["properties"]["amount"];
//! assert_eq!(evidence::grade_of(part), Some(evidence::Grade::Client));
//! # Ok::<(), recharge_spec::Error>(())
//! ```

pub mod diff;
mod document;
#[cfg(feature = "emit")]
pub mod emit;
mod error;
pub mod evidence;
pub mod grade;
mod json;
pub mod normalise;
mod overlay;
pub mod report;
mod swagger2;

use std::fmt;

use serde_json::Value;

pub use document::{Document, Format, read};
pub use error::{Error, Problem};
pub use overlay::{Effect, Overlay, Unmatched};

/// The services whose documents this crate carries.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Api {
    /// Smartcall V3, South Africa.
    Smartcall,
    /// HOT Recharge v3, Zimbabwe.
    Hot,
}

impl Api {
    /// Both services.
    pub const ALL: [Self; 2] = [Self::Smartcall, Self::Hot];

    /// The name of the service in paths and commands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Smartcall => "smartcall",
            Self::Hot => "hot",
        }
    }

    /// Where the document is saved, from the root of this crate.
    pub fn document_path(self) -> &'static str {
        match self {
            Self::Smartcall => "smartcall/swagger.json",
            Self::Hot => "hot/openapi.yaml",
        }
    }

    /// The document as it was saved.
    pub fn document(self) -> &'static str {
        match self {
            Self::Smartcall => include_str!("../smartcall/swagger.json"),
            Self::Hot => include_str!("../hot/openapi.yaml"),
        }
    }

    /// Where the overlay is saved, from the root of this crate.
    pub fn overlay_path(self) -> &'static str {
        match self {
            Self::Smartcall => "smartcall/overlay.yaml",
            Self::Hot => "hot/overlay.yaml",
        }
    }

    /// The corrections to the document.
    pub fn overlay(self) -> &'static str {
        match self {
            Self::Smartcall => include_str!("../smartcall/overlay.yaml"),
            Self::Hot => include_str!("../hot/overlay.yaml"),
        }
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The saved document of a service as OpenAPI 3.0, corrected by its overlay.
pub fn openapi(api: Api) -> Result<Value, Error> {
    let corrected = corrected(api.document().as_bytes(), api.overlay().as_bytes())?;
    Ok(corrected.openapi)
}

/// A document as OpenAPI 3.0, corrected by an overlay.
#[derive(Clone, Debug, PartialEq)]
pub struct Corrected {
    /// The document.
    pub openapi: Value,
    /// The corrections that found nothing to correct.
    pub unmatched: Vec<Unmatched>,
    /// The schemas, as JSON pointers, which the document refers to and does not define. Each has become any value.
    pub undefined: Vec<String>,
}

/// Reads `document`, converts it if it is Swagger 2.0, and applies `overlay`.
pub fn corrected(document: &[u8], overlay: &[u8]) -> Result<Corrected, Error> {
    let mut openapi = read(document)?.into_openapi()?;
    let unmatched = Overlay::read(overlay)?.apply(&mut openapi)?;
    let undefined = undefined(&openapi);
    Ok(Corrected {
        openapi,
        unmatched,
        undefined,
    })
}

fn undefined(openapi: &Value) -> Vec<String> {
    let schemas = openapi["components"]["schemas"].as_object();
    let schemas = schemas.into_iter().flatten();
    let undefined = schemas.filter(|(_, schema)| schema.get(swagger2::UNDEFINED).is_some());
    undefined
        .map(|(name, _)| format!("/components/schemas/{name}"))
        .collect()
}

#[cfg(test)]
mod tests;
