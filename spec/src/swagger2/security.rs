//! Every kind of security has a counterpart: OpenAPI 3.0 only regroups the words.

use serde_json::{Map, Value, json};

use super::{is_extension, object, section, unknown};
use crate::error::{Error, Place};

/// The security schemes of the document.
pub(super) fn schemes(document: &Value) -> Result<Map<String, Value>, Error> {
    let definitions = Place::ROOT.name("securityDefinitions");
    section(document, "securityDefinitions")?
        .into_iter()
        .map(|(name, scheme)| Ok((name.clone(), convert(scheme, &definitions.name(name))?)))
        .collect()
}

fn convert(scheme: &Value, place: &Place<'_>) -> Result<Value, Error> {
    let mut converted = match scheme["type"].as_str() {
        Some("basic") => json!({ "type": "http", "scheme": "basic" }),
        Some("apiKey") => json!({ "type": "apiKey", "name": scheme["name"], "in": scheme["in"] }),
        Some("oauth2") => json!({ "type": "oauth2", "flows": flows(scheme, place)? }),
        _ => {
            return Err(Error::malformed(
                &place.name("type"),
                "the type of a security scheme is basic, apiKey or oauth2",
            ));
        }
    };
    for (name, value) in object(scheme, place)? {
        match name.as_str() {
            "description" => converted[name] = value.clone(),
            "type" | "name" | "in" | "flow" | "authorizationUrl" | "tokenUrl" | "scopes" => {}
            extension if is_extension(extension) => converted[name] = value.clone(),
            _ => return Err(unknown(place, name)),
        }
    }
    Ok(converted)
}

fn flows(scheme: &Value, place: &Place<'_>) -> Result<Value, Error> {
    let (name, urls): (&str, &[&str]) = match scheme["flow"].as_str() {
        Some("implicit") => ("implicit", &["authorizationUrl"]),
        Some("password") => ("password", &["tokenUrl"]),
        Some("application") => ("clientCredentials", &["tokenUrl"]),
        Some("accessCode") => ("authorizationCode", &["authorizationUrl", "tokenUrl"]),
        _ => {
            return Err(Error::malformed(
                &place.name("flow"),
                "a flow is implicit, password, application or accessCode",
            ));
        }
    };
    let mut flow = Map::new();
    for url in urls {
        if let Some(address) = scheme.get(*url) {
            flow.insert((*url).to_owned(), address.clone());
        }
    }
    let scopes = scheme.get("scopes").cloned().unwrap_or_else(|| json!({}));
    flow.insert("scopes".into(), scopes);
    Ok(json!({ name: flow }))
}
