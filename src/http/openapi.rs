//! The OpenAPI document.

use crate::ops::Op;

/// The OpenAPI 3.1 document of the API below `base_path`, as JSON.
pub fn document(base_path: &str) -> String {
    let paths: serde_json::Map<_, _> = Op::ALL
        .iter()
        .map(|op| (format!("{base_path}{}", op.declaration().path), serde_json::json!({})))
        .collect();
    serde_json::json!({ "openapi": "3.1.0", "paths": paths }).to_string()
}
