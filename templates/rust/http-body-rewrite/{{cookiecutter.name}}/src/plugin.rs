use std::rc::Rc;

use log::{error, warn};
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType};

use crate::body::Body;
use crate::host::{respond, Counter};
use crate::settings::Settings;

const REWRITTEN: &str = "{{ cookiecutter._root_id }}.rewritten";

/// The plugin: holds its configuration, and counts the bodies that it changed.
#[derive(Default)]
pub struct Plugin {
    settings: Rc<Settings>,
    rewritten: Counter,
}

impl Context for Plugin {}

impl RootContext for Plugin {
    fn on_configure(&mut self, _size: usize) -> bool {
        let configuration = self.get_plugin_configuration().unwrap_or_default();
        match Settings::parse(&configuration) {
            Ok(settings) => {
                self.settings = Rc::new(settings);
                self.rewritten = Counter::define(REWRITTEN);
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
        let settings = &self.settings;
        Some(Box::new(Stream {
            max_bytes: settings.max_bytes,
            request: Body::of_request(Rc::clone(&settings.request), self.rewritten),
            response: Body::of_response(Rc::clone(&settings.response), self.rewritten),
        }))
    }
}

/// One request and its response.
struct Stream {
    max_bytes: usize,
    request: Body,
    response: Body,
}

impl Context for Stream {}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _count: usize, end_of_stream: bool) -> Action {
        self.request.begin(end_of_stream);
        Action::Continue
    }

    fn on_http_request_body(&mut self, size: usize, end_of_stream: bool) -> Action {
        if self.request.gives_up(size, self.max_bytes) {
            respond(413, vec![], "the body is too large\n");
            return Action::Pause;
        }
        self.request.take(size, end_of_stream)
    }

    fn on_http_request_trailers(&mut self, _count: usize) -> Action {
        self.request.finish();
        Action::Continue
    }

    fn on_http_response_headers(&mut self, _count: usize, end_of_stream: bool) -> Action {
        self.response.begin(end_of_stream);
        Action::Continue
    }

    fn on_http_response_body(&mut self, size: usize, end_of_stream: bool) -> Action {
        if self.response.gives_up(size, self.max_bytes) {
            // Its headers are with the client already: nothing else could be answered.
            let most = self.max_bytes;
            warn!("a response stays as it is: it is longer than {most} bytes");
        }
        self.response.take(size, end_of_stream)
    }

    fn on_http_response_trailers(&mut self, _count: usize) -> Action {
        self.response.finish();
        Action::Continue
    }
}
