//! What is claimed of an operation.

use std::pin::Pin;
use std::sync::LazyLock;

use recharge_bindings::Operation;
use recharge_spec::Api;
use serde_json::Value;

use crate::shop::Shop;

/// A claim, or the reason why there is none.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Claim<T> {
    Is(T),
    #[expect(
        dead_code,
        reason = "every operation has both; one of a document that was pulled anew may not"
    )]
    Not(&'static str),
}

/// Calls one function of the facade. What comes of it does not matter; what is sent does.
pub(crate) type Drive = for<'a> fn(&'a Shop) -> Work<'a>;
pub(crate) type Work<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// What is claimed of one operation.
pub(crate) struct Row {
    /// By its name in the document.
    pub(crate) operation: &'static str,
    /// The function, and a call of it.
    pub(crate) facade: Claim<(&'static str, Drive)>,
    /// The words of the command, without `recharge`.
    pub(crate) command: Claim<&'static str>,
}

/// A row: the operation, the function, a call of it by the name of a shop, and the command.
macro_rules! row {
    ($operation:literal, $function:literal, $shop:ident => $call:expr, $command:expr) => {{
        fn drive($shop: &Shop) -> Work<'_> {
            Box::pin(async move {
                let _ = $call;
            })
        }
        Row {
            operation: $operation,
            facade: Claim::Is(($function, drive as Drive)),
            command: $command,
        }
    }};
    ($operation:literal, not $reason:expr, $command:expr) => {
        Row {
            operation: $operation,
            facade: Claim::Not($reason),
            command: $command,
        }
    };
}
pub(crate) use row;

/// One of the services.
pub(crate) struct Service {
    pub(crate) api: Api,
    /// What its paths have before those of the document.
    pub(crate) base: &'static str,
    pub(crate) openapi: Value,
    pub(crate) operations: &'static [Operation],
    pub(crate) rows: &'static [Row],
}

pub(crate) static SMARTCALL: LazyLock<Service> = LazyLock::new(|| Service {
    api: Api::Smartcall,
    base: "/webservice",
    openapi: recharge_spec::openapi(Api::Smartcall).unwrap(),
    operations: recharge_bindings::smartcall::OPERATIONS,
    rows: crate::smartcall::TABLE,
});

pub(crate) static HOT: LazyLock<Service> = LazyLock::new(|| Service {
    api: Api::Hot,
    base: "/api/v3",
    openapi: recharge_spec::openapi(Api::Hot).unwrap(),
    operations: recharge_bindings::hot::OPERATIONS,
    rows: crate::hot::TABLE,
});

pub(crate) fn services() -> [&'static Service; 2] {
    [&SMARTCALL, &HOT]
}

impl Service {
    /// The operation that a request of this method and path is of.
    pub(crate) fn operation(&self, method: &str, path: &str) -> Option<&'static Operation> {
        let path = path.strip_prefix(self.base)?;
        let matching = self
            .operations
            .iter()
            .filter(|operation| operation.matches(method, path));
        matching.min_by_key(|operation| operation.path.matches('{').count())
    }

    /// What the document says of an operation.
    pub(crate) fn documented(&self, operation: &Operation) -> &Value {
        let method = operation.method.to_lowercase();
        &self.openapi["paths"][operation.path][method]
    }

    /// The parameters of an operation, those of its path among them.
    pub(crate) fn parameters<'a>(&'a self, operation: &Operation) -> Vec<&'a Value> {
        let of_path = &self.openapi["paths"][operation.path]["parameters"];
        let own = &self.documented(operation)["parameters"];
        let all = [own, of_path].into_iter().filter_map(Value::as_array);
        all.flatten().map(|one| self.resolved(one)).collect()
    }

    pub(crate) fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let pointer = value["$ref"].as_str().and_then(|at| at.strip_prefix('#'));
        let target = pointer.and_then(|pointer| self.openapi.pointer(pointer));
        target.unwrap_or(value)
    }
}
