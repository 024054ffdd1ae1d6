//! What the sandbox answers to the least that the document allows.

use std::collections::BTreeMap;

use recharge_bindings::Operation;
use recharge_sandbox::Sandbox;
use recharge_spec::Api;
use serde_json::{Map, Value, json};

use crate::schema;
use crate::shop::SUBSCRIBER;
use crate::table::{Service, services};

/// The status that each operation is answered with.
pub(crate) async fn statuses(service: &Service) -> BTreeMap<&'static str, u16> {
    let sandbox = Sandbox::builder()
        .seed(7)
        .token_limit(1000)
        .start()
        .await
        .unwrap();
    let mut caller = Caller {
        service,
        http: reqwest::Client::new(),
        base: match service.api {
            Api::Smartcall => sandbox.base_urls().remove(0),
            Api::Hot => sandbox.hot_base_urls().remove(0),
        },
        values: values(service, &sandbox),
        basic: (sandbox.username().to_owned(), sandbox.password().to_owned()),
    };
    let mut statuses = BTreeMap::new();
    for operation in service.operations {
        caller.log_in().await;
        let status = caller.call(operation).await.0;
        statuses.insert(operation.id, status);
    }
    sandbox.shutdown().await;
    statuses
}

/// What a parameter or a member is given, by its name, where the document alone does not give a value that means something.
fn values(service: &Service, sandbox: &Sandbox) -> BTreeMap<&'static str, Value> {
    let both = [
        ("clientReference", json!("one")),
        ("agentReference", json!("one")),
        ("AgentReference", json!("one")),
        ("originalReference", json!("one")),
        ("amount", json!(10)),
        ("msisdn", json!(SUBSCRIBER)),
        ("deviceId", json!(SUBSCRIBER)),
        ("smsRecipientMsisdn", json!(SUBSCRIBER)),
    ];
    let own = match service.api {
        Api::Smartcall => vec![
            ("smartloadId", json!(sandbox.account())),
            ("productId", json!(62)),
            ("networkId", json!(1)),
        ],
        Api::Hot => vec![
            ("AccessCode", json!(sandbox.hot_access_code())),
            ("Password", json!(sandbox.hot_password())),
            ("AccountTypeId", json!(3)),
            ("ProductId", json!(100)),
            ("productId", json!(100)),
            ("target", json!("0772000001")),
        ],
    };
    both.into_iter().chain(own).collect()
}

struct Caller<'a> {
    service: &'a Service,
    http: reqwest::Client,
    base: String,
    values: BTreeMap<&'static str, Value>,
    basic: (String, String),
}

impl Caller<'_> {
    /// Logs in, so that no operation is refused for what another did to its token.
    async fn log_in(&mut self) {
        let (id, members) = match self.service.api {
            Api::Smartcall => ("authenticate", [("accessToken", "accessToken"); 2]),
            Api::Hot => (
                "login",
                [("token", "token"), ("refreshToken", "refreshToken")],
            ),
        };
        let login = self.service.operations.iter().find(|one| one.id == id);
        let (status, body) = self.call(login.unwrap()).await;
        assert_eq!(status, 200, "{body}");
        let body: Value = serde_json::from_str(&body).unwrap();
        for (name, member) in members {
            self.values.insert(name, body[member].clone());
        }
    }

    async fn call(&self, operation: &Operation) -> (u16, String) {
        let mut path = String::new();
        for segment in operation.path.split('/').skip(1) {
            path.push('/');
            let name = segment
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'));
            match name {
                None => path.push_str(segment),
                Some(name) => path.push_str(&self.segment(operation, name)),
            }
        }
        let url = format!("{}{path}", self.base);
        let mut request = self.http.request(operation.method.parse().unwrap(), url);
        request = match operation.security {
            [] => request,
            ["basic", ..] => request.basic_auth(&self.basic.0, Some(&self.basic.1)),
            _ => {
                let token = self.values.get("accessToken").or(self.values.get("token"));
                request.bearer_auth(token.and_then(Value::as_str).unwrap())
            }
        };
        let documented = self.service.documented(operation);
        let body = self.service.resolved(&documented["requestBody"]);
        let content = &body["content"]["application/json"]["schema"];
        if !content.is_null() {
            let least = self.least(content, "");
            let wrong = schema::violations(self.service, content, &least);
            assert!(wrong.is_empty(), "{}: {least}: {wrong:?}", operation.id);
            request = request.json(&least);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    fn segment(&self, operation: &Operation, name: &str) -> String {
        let parameters = self.service.parameters(operation);
        let parameter = parameters.iter().find(|one| one["name"] == name).unwrap();
        match self.least(&parameter["schema"], name) {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }

    /// The least value of a schema: what must be there, and no more.
    fn least(&self, schema: &Value, name: &str) -> Value {
        if let Some(value) = self.values.get(name) {
            let is_text = value.is_string() || schema["type"] != "string";
            return if is_text {
                value.clone()
            } else {
                json!(value.to_string())
            };
        }
        let schema = self.service.resolved(schema);
        if let Some(first) = schema["enum"].as_array().and_then(|all| all.first()) {
            return first.clone();
        }
        for known in ["example", "x-example", "default"] {
            if let Some(value) = schema.get(known) {
                return value.clone();
            }
        }
        match schema["type"].as_str() {
            Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
            Some("boolean") => json!(true),
            Some("array") => json!([self.least(&schema["items"], "")]),
            Some("string") => text(schema),
            _ => {
                let required = schema["required"].as_array().into_iter().flatten();
                let members = required.filter_map(Value::as_str).map(|name| {
                    (
                        name.to_owned(),
                        self.least(&schema["properties"][name], name),
                    )
                });
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}

fn text(schema: &Value) -> Value {
    json!(match schema["format"].as_str() {
        Some("date") => "2027-01-02",
        Some("date-time") => "2027-01-02T03:04:05Z",
        Some("byte") => "AA==",
        _ => "one",
    })
}

#[tokio::test]
async fn the_sandbox_answers_every_operation_as_it_is_documented() {
    for service in services() {
        for (id, status) in statuses(service).await {
            let operation = service.operations.iter().find(|one| one.id == id).unwrap();
            let documented = operation.types(status).next().is_some();
            let found = status != 404 && documented;
            assert!(found, "{} {id} is answered with {status}", service.api);
        }
    }
}
