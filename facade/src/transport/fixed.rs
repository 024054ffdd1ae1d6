//! What the calls about tokens pass through: they are sent once, with one fixed authorization or none.

use std::time::Duration;

use recharge_bindings::{Answer, Operation, Prepared, Wire};
use reqwest::header::{AUTHORIZATION, HeaderValue};

/// Sends once, with one fixed authorization.
#[derive(Debug)]
pub(crate) struct Fixed {
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) timeout: Duration,
}

impl Wire for Fixed {
    fn prepare<'a>(
        &'a self,
        request: &'a mut reqwest::Request,
        _: &'static Operation,
    ) -> Prepared<'a> {
        *request.timeout_mut() = Some(self.timeout);
        if let Some(authorization) = &self.authorization {
            let headers = request.headers_mut();
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        Prepared::Ready(Ok(()))
    }

    fn send<'a>(
        &'a self,
        _: &'a reqwest::Client,
        request: reqwest::Request,
        _: &'static Operation,
    ) -> Answer<'a> {
        Answer::Plain(request)
    }
}
