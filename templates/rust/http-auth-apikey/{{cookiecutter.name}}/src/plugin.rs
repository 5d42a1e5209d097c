use std::rc::Rc;

use log::error;
use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType, MapType};

use crate::host::{note, respond, Counter};
use crate::keys::owner_of;
use crate::settings::Settings;

const CLIENT: &str = "x-api-client";
const ALLOWED: &str = "{{ cookiecutter._root_id }}.allowed";
const DENIED: &str = "{{ cookiecutter._root_id }}.denied";

/// The plugin: holds its configuration, and counts who came in and who did not.
#[derive(Clone, Default)]
pub struct Plugin {
    settings: Rc<Settings>,
    allowed: Counter,
    denied: Counter,
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
        let settings = &self.plugin.settings;
        // Keys are bytes: the SDK's functions for text panic at what is not UTF-8.
        let Some(key) = self.get_http_request_header_bytes(&settings.header) else {
            return self.deny("an API key is needed\n");
        };
        let Some(owner) = owner_of(&key, &settings.clients) else {
            return self.deny("the API key is not known\n");
        };
        let map = MapType::HttpRequestHeaders;
        let removed = hostcalls::remove_map_value(map, &settings.header);
        note("removing the key", removed);
        let set = hostcalls::set_map_value(map, CLIENT, Some(owner));
        note("naming the client", set);
        self.plugin.allowed.increment();
        Action::Continue
    }
}

impl Stream {
    fn deny(&self, reason: &str) -> Action {
        let Settings { header, realm, .. } = &*self.plugin.settings;
        let challenge = format!("ApiKey realm=\"{realm}\", header=\"{header}\"");
        respond(401, vec![("www-authenticate", &challenge)], reason);
        self.plugin.denied.increment();
        Action::Pause
    }
}
