use std::rc::Rc;

use log::{debug, error, info};
use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType, MapType};

use crate::host::{note, Counter};
use crate::rules::{HeaderMap, Rules};
use crate::settings::Settings;

const REQUESTS: &str = "{{ cookiecutter._root_id }}.requests";

/// The plugin: holds its configuration and counts the requests of all its streams.
#[derive(Default)]
pub struct HttpHeaders {
    settings: Rc<Settings>,
    requests: Counter,
}

impl Context for HttpHeaders {}

impl RootContext for HttpHeaders {
    fn on_configure(&mut self, _size: usize) -> bool {
        let configuration = self.get_plugin_configuration().unwrap_or_default();
        match Settings::parse(&configuration) {
            Ok(settings) => {
                self.settings = Rc::new(settings);
                self.requests = Counter::define(REQUESTS);
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
            settings: Rc::clone(&self.settings),
            requests: self.requests,
        }))
    }
}

/// One request and its response.
struct Stream {
    settings: Rc<Settings>,
    requests: Counter,
}

impl Context for Stream {}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _count: usize, _end_of_stream: bool) -> Action {
        self.requests.increment();
        let map = HostMap(MapType::HttpRequestHeaders);
        info!("{} {}", map.text(":method"), map.text(":path"));
        apply(&self.settings.request, map);
        Action::Continue
    }

    fn on_http_response_headers(&mut self, _count: usize, _end_of_stream: bool) -> Action {
        let map = HostMap(MapType::HttpResponseHeaders);
        debug!("answered {}", map.text(":status"));
        apply(&self.settings.response, map);
        Action::Continue
    }
}

fn apply(rules: &Rules, mut map: HostMap) {
    rules.apply(&mut map);
}

/// A header map of the host. Values are bytes: the SDK's own text functions panic at what is not UTF-8.
struct HostMap(MapType);

impl HostMap {
    /// The header's first value, for people; "-" where there is none.
    fn text(&self, name: &str) -> String {
        match hostcalls::get_map_value_bytes(self.0, name) {
            Ok(Some(value)) => String::from_utf8_lossy(&value).into_owned(),
            _ => "-".to_owned(),
        }
    }
}

impl HeaderMap for HostMap {
    fn remove(&mut self, name: &str) {
        note("a change", hostcalls::remove_map_value(self.0, name));
    }

    fn replace(&mut self, name: &str, value: &str) {
        let set = hostcalls::set_map_value(self.0, name, Some(value));
        note("a change", set);
    }

    fn add(&mut self, name: &str, value: &str) {
        note("a change", hostcalls::add_map_value(self.0, name, value));
    }
}
