//! The JSON schemas of the hand-written types. They are here because nobody but this test needs them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::codec::{Each, Keyed, Maybe, Number, Text};
use crate::{Field, Json};

macro_rules! schema {
    ([$($generic:ident)?] $ty:ty, $generator:ident => $schema:expr) => {
        impl$(<$generic: JsonSchema>)? JsonSchema for $ty {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($ty).into()
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

schema!([T] Field<T>, generator => generator.subschema_for::<T>());
schema!([] Json, _generator => json_schema!({}));
schema!([] Number, _generator => json_schema!({ "type": "number" }));
schema!([] Text, _generator => json_schema!({ "type": "string", "format": "decimal" }));
schema!([C] Each<C>, generator => {
    let items = generator.subschema_for::<C>();
    json_schema!({ "type": "array", "items": items })
});
schema!([C] Keyed<C>, generator => {
    let values = generator.subschema_for::<C>();
    json_schema!({ "type": "object", "additionalProperties": values })
});
schema!([C] Maybe<C>, generator => generator.subschema_for::<C>());
