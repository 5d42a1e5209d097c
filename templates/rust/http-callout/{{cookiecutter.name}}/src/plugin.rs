use std::rc::Rc;

use log::{error, warn};
use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType, MapType, Status};

use crate::host::{note, respond, Counter};
use crate::settings::Settings;

const USER: &str = "x-auth-user";
const CHALLENGE: &str = "www-authenticate";
const ALLOWED: &str = "{{ cookiecutter._root_id }}.allowed";
const DENIED: &str = "{{ cookiecutter._root_id }}.denied";
const FAILED: &str = "{{ cookiecutter._root_id }}.failed";

/// The plugin: holds its configuration, and counts what became of its questions.
#[derive(Clone, Default)]
pub struct Plugin {
    settings: Rc<Settings>,
    allowed: Counter,
    denied: Counter,
    failed: Counter,
}

impl Context for Plugin {}

impl RootContext for Plugin {
    fn on_configure(&mut self, _size: usize) -> bool {
        let configuration = self.get_plugin_configuration().unwrap_or_default();
        match Settings::parse(&configuration) {
            Ok(settings) => {
                self.settings = Rc::new(settings);
                self.allowed = Counter::define(ALLOWED);
                self.denied = Counter::define(DENIED);
                self.failed = Counter::define(FAILED);
                true
            }
            Err(problem) => {
                error!("configuration refused: {problem}");
                false
            }
        }
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }

    fn create_http_context(&self, _id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Stream {
            plugin: self.clone(),
        }))
    }
}

/// One request and its response.
struct Stream {
    plugin: Plugin,
}

impl Context for Stream {
    fn on_http_call_response(
        &mut self,
        _token: u32,
        headers: usize,
        _body: usize,
        _trailers: usize,
    ) {
        let status = if headers == 0 { 0 } else { status() };
        match status {
            200 => self.allow(),
            400..=499 => self.deny(status),
            _ => {
                if self.fail(&format!("status {status}")) {
                    go_on();
                }
            }
        }
    }
}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _count: usize, _end_of_stream: bool) -> Action {
        let removed = hostcalls::remove_map_value(MapType::HttpRequestHeaders, USER);
        note("removing x-auth-user", removed);
        match self.ask() {
            Ok(_token) => Action::Pause,
            Err(problem) => {
                if self.fail(&format!("it cannot be asked: {problem:?}")) {
                    Action::Continue
                } else {
                    Action::Pause
                }
            }
        }
    }
}

impl Stream {
    fn ask(&self) -> Result<u32, Status> {
        let settings = &self.plugin.settings;
        let passed = [
            (":method", "x-original-method"),
            (":path", "x-original-path"),
            ("authorization", "authorization"),
        ];
        let values = passed.map(|(name, passed_as)| (passed_as, request_header(name)));
        let mut headers = vec![
            (":method", "GET"),
            (":authority", settings.authority.as_str()),
            (":path", settings.path.as_str()),
        ];
        for (name, value) in &values {
            headers.extend(value.as_deref().map(|value| (*name, value)));
        }
        self.dispatch_http_call(&settings.cluster, headers, None, vec![], settings.timeout)
    }

    fn allow(&self) {
        if let Some(user) = answer_header(USER) {
            let map = MapType::HttpRequestHeaders;
            let set = hostcalls::set_map_value_bytes(map, USER, Some(&user));
            note("setting x-auth-user", set);
        }
        self.plugin.allowed.increment();
        go_on();
    }

    fn deny(&self, status: u32) {
        let challenge = answer_header(CHALLENGE).map(text);
        let headers = challenge.iter().map(|value| (CHALLENGE, value.as_str()));
        self.plugin.denied.increment();
        let body = "denied by the authorization service\n";
        respond(status, headers.collect(), body);
    }

    /// Counts and logs a failure. Returns whether the request goes on; else it is answered.
    fn fail(&self, reason: &str) -> bool {
        self.plugin.failed.increment();
        warn!("the authorization service failed: {reason}");
        if !self.plugin.settings.is_open {
            respond(503, vec![], "the authorization service failed\n");
        }
        self.plugin.settings.is_open
    }
}

fn go_on() {
    note("going on", hostcalls::resume_http_request());
}

/// A header of the request. The SDK sends only text: what is not UTF-8 becomes U+FFFD.
fn request_header(name: &str) -> Option<String> {
    let value = hostcalls::get_map_value_bytes(MapType::HttpRequestHeaders, name);
    value.ok().flatten().map(text)
}

fn answer_header(name: &str) -> Option<Vec<u8>> {
    let value = hostcalls::get_map_value_bytes(MapType::HttpCallResponseHeaders, name);
    value.ok().flatten()
}

/// The status of the answer; 0 if it has none.
fn status() -> u32 {
    let status = answer_header(":status").map(text);
    status
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_default()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}
