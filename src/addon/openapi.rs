//! The OpenAPI document, for programs that want it without a server.

use napi_derive::napi;

/// The OpenAPI 3.1 document of the HTTP API, as JSON; `basePath` is where the
/// API is mounted, empty for the root.
#[napi]
pub fn openapi(base_path: String) -> String {
    crate::http::openapi::document(&base_path)
}
