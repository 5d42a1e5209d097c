//! A Proxy-Wasm plugin: a host loads the module and calls it.

mod fields;
mod host;
mod plugin;
mod rules;
mod settings;
mod syntax;

use proxy_wasm::traits::RootContext;
use proxy_wasm::types::LogLevel;

// The macro's functions are what the host calls.
#[allow(unsafe_code)]
mod entry {
    use super::*;

    proxy_wasm::main! {{ "{{" }}
        proxy_wasm::set_log_level(LogLevel::Trace);
        proxy_wasm::set_root_context(|_| -> Box<dyn RootContext> {
            Box::new(plugin::HttpHeaders::default())
        });
    {{ "}}" }}
}
