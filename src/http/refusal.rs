//! The answer to a request when there is no engine that could give one.

use axum::{body::Body, http::Response};

use super::{
    app::dress,
    refused::Refused,
    request_id::{RequestIds, text},
};
use crate::{
    engine::{
        port::{Clock, Ids},
        system::{SystemClock, SystemIds},
    },
    error::Error,
};

/// Why an [`App`](super::App) could not be made, as it would have answered.
pub fn refusal(error: Error) -> Response<Body> {
    let start = SystemIds::default().uuid(SystemClock.now());
    let name = RequestIds::new(start).fresh();
    let mut response = Refused::from(error).response(text(&name));
    dress(response.headers_mut(), &name);
    response
}
