//! A document to change.

use serde_json::{Value, json};

/// A service with one of everything.
pub(crate) fn service() -> Value {
    json!({
        "openapi": "3.0.3",
        "info": { "title": "Sales", "version": "1" },
        "servers": [{ "url": "https://a.example" }],
        "security": [{ "key": [] }],
        "paths": {
            "/sales/{id}": {
                "get": {
                    "operationId": "getSale",
                    "parameters": [
                        { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
                        { "name": "limit", "in": "query", "schema": { "type": "integer", "format": "int32" } },
                        { "name": "sort", "in": "query", "schema": { "type": "string", "enum": ["up", "down"] } },
                        { "name": "lines", "in": "query", "style": "form", "explode": false,
                          "schema": { "type": "array", "items": { "type": "string" } } },
                    ],
                    "responses": {
                        "200": {
                            "description": "",
                            "headers": { "Etag": { "schema": { "type": "string" } } },
                            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Sale" } } }
                        },
                        "404": { "description": "" }
                    }
                }
            },
            "/sales": {
                "post": {
                    "operationId": "sell",
                    "requestBody": {
                        "required": true,
                        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Order" } } }
                    },
                    "responses": {
                        "200": {
                            "description": "",
                            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Sale" } } }
                        }
                    }
                }
            }
        },
        "components": {
            "securitySchemes": { "key": { "type": "apiKey", "in": "header", "name": "X-Key" } },
            "schemas": {
                "Order": {
                    "type": "object",
                    "required": ["product"],
                    "properties": {
                        "product": { "type": "integer", "format": "int64" },
                        "amount": { "type": "number" },
                        "note": { "type": "string", "maxLength": 20 },
                        "kind": { "type": "string", "enum": ["air", "data"] }
                    }
                },
                "Sale": {
                    "type": "object",
                    "required": ["reference"],
                    "properties": {
                        "reference": { "type": "string" },
                        "amount": { "type": "number" },
                        "state": { "type": "string", "enum": ["done", "open"] },
                        "network": { "type": "string", "x-known-values": ["A", "B"] },
                        "lines": { "type": "array", "items": { "$ref": "#/components/schemas/Line" } }
                    }
                },
                "Line": {
                    "type": "object",
                    "properties": { "pin": { "type": "string" }, "cents": { "type": "integer", "format": "int32" } }
                }
            }
        }
    })
}
