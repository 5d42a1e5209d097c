use std::rc::Rc;

use log::{error, warn};
use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType, MapType};

use crate::greeting;

/// The plugin: its configuration is the text of a header.
#[derive(Default)]
pub struct Plugin {
    greeting: Rc<str>,
}

impl Context for Plugin {}

impl RootContext for Plugin {
    fn on_configure(&mut self, _size: usize) -> bool {
        let configuration = self.get_plugin_configuration().unwrap_or_default();
        match greeting::parse(&configuration) {
            Ok(text) => {
                self.greeting = text.into();
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
            greeting: Rc::clone(&self.greeting),
        }))
    }
}

/// One request and its response.
struct Stream {
    greeting: Rc<str>,
}

impl Context for Stream {}

impl HttpContext for Stream {
    fn on_http_response_headers(&mut self, _count: usize, _end_of_stream: bool) -> Action {
        if !self.greeting.is_empty() {
            let map = MapType::HttpResponseHeaders;
            if let Err(status) = hostcalls::set_map_value(map, "x-greeting", Some(&self.greeting)) {
                warn!("x-greeting refused by the host: {status:?}");
            }
        }
        Action::Continue
    }
}
