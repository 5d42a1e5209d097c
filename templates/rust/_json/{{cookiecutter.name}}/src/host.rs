//! What the plugin asks of its host. What the host refuses is logged: the stream goes on, since a
//! panic would take the whole VM down.

#![allow(dead_code)] // not every plugin answers in the upstream's place

use log::warn;
use proxy_wasm::hostcalls;
use proxy_wasm::types::{MetricType, Status};

/// A metric that only grows.
#[derive(Clone, Copy, Default)]
pub struct Counter(Option<u32>);

impl Counter {
    pub fn define(name: &str) -> Self {
        Self(hostcalls::define_metric(MetricType::Counter, name).ok())
    }

    pub fn increment(self) {
        if let Some(metric) = self.0 {
            note("counting", hostcalls::increment_metric(metric, 1));
        }
    }
}

/// Logs what was refused.
pub fn note(what: &str, answer: Result<(), Status>) {
    if let Err(status) = answer {
        warn!("{what} was refused by the host: {status:?}");
    }
}

/// Answers the client in the upstream's place; the callback that does so returns `Action::Pause`.
pub fn respond(status: u32, headers: Vec<(&str, &str)>, body: &str) {
    let answer = hostcalls::send_http_response(status, headers, Some(body.as_bytes()));
    note("the answer", answer);
}
