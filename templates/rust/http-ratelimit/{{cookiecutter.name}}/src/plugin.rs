use std::rc::Rc;

use log::error;
use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType};

use crate::address::without_port;
use crate::host::{respond, Counter};
use crate::limiter::seconds_to_wait;
use crate::settings::Settings;

const ALLOWED: &str = "{{ cookiecutter._root_id }}.allowed";
const LIMITED: &str = "{{ cookiecutter._root_id }}.limited";

/// The plugin: holds its configuration, and counts what passed and what did not.
#[derive(Clone, Default)]
pub struct Plugin {
    settings: Rc<Settings>,
    allowed: Counter,
    limited: Counter,
}

impl Context for Plugin {}

impl RootContext for Plugin {
    fn on_configure(&mut self, _size: usize) -> bool {
        let configuration = self.get_plugin_configuration().unwrap_or_default();
        match Settings::parse(&configuration) {
            Ok(settings) => {
                self.settings = Rc::new(settings);
                self.allowed = Counter::define(ALLOWED);
                self.limited = Counter::define(LIMITED);
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

impl Context for Stream {}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _count: usize, _end_of_stream: bool) -> Action {
        let wait = seconds_to_wait(without_port(&source()), &self.plugin.settings);
        if wait == 0 {
            self.plugin.allowed.increment();
            return Action::Continue;
        }
        self.plugin.limited.increment();
        let wait = wait.to_string();
        let headers = vec![("retry-after", wait.as_str())];
        respond(429, headers, "too many requests\n");
        Action::Pause
    }
}

/// The client's address, with its port, if the host knows it.
fn source() -> String {
    match hostcalls::get_property(vec!["source", "address"]) {
        Ok(Some(address)) => String::from_utf8_lossy(&address).into_owned(),
        _ => "unknown".to_owned(),
    }
}
