//! What happens to one body: held back until it is whole, then changed.

use std::rc::Rc;

use proxy_wasm::hostcalls;
use proxy_wasm::types::{Action, BufferType, MapType};

use crate::host::{note, Counter};
use crate::replacement::{replace_all, Replacement};

/// The body of a request, or of a response.
pub struct Body {
    map: MapType,
    buffer: BufferType,
    replacements: Rc<[Replacement]>,
    rewritten: Counter,
    is_on: bool,
    held: usize,
}

impl Body {
    pub fn of_request(replacements: Rc<[Replacement]>, rewritten: Counter) -> Self {
        let (map, buffer) = (MapType::HttpRequestHeaders, BufferType::HttpRequestBody);
        Self::new(map, buffer, replacements, rewritten)
    }

    pub fn of_response(replacements: Rc<[Replacement]>, rewritten: Counter) -> Self {
        let (map, buffer) = (MapType::HttpResponseHeaders, BufferType::HttpResponseBody);
        Self::new(map, buffer, replacements, rewritten)
    }

    fn new(
        map: MapType,
        buffer: BufferType,
        replacements: Rc<[Replacement]>,
        rewritten: Counter,
    ) -> Self {
        Self {
            map,
            buffer,
            replacements,
            rewritten,
            is_on: false,
            held: 0,
        }
    }

    /// Looks at the headers, and takes the length away where a body follows that may change.
    pub fn begin(&mut self, end_of_stream: bool) {
        if end_of_stream || self.replacements.is_empty() {
            return;
        }
        let encoding = hostcalls::get_map_value_bytes(self.map, "content-encoding");
        if let Ok(Some(encoding)) = encoding {
            if !encoding.eq_ignore_ascii_case(b"identity") {
                return;
            }
        }
        let removed = hostcalls::remove_map_value(self.map, "content-length");
        note("removing content-length", removed);
        self.is_on = true;
    }

    /// Whether the body is held back and longer than `most` bytes; if so, it is let be.
    pub fn gives_up(&mut self, size: usize, most: usize) -> bool {
        let is_too_long = self.is_on && size > most;
        self.is_on &= !is_too_long;
        is_too_long
    }

    /// Takes what there is of the body, `size` bytes in all.
    pub fn take(&mut self, size: usize, end_of_stream: bool) -> Action {
        if !self.is_on {
            return Action::Continue;
        }
        self.held = size;
        if !end_of_stream {
            return Action::Pause;
        }
        self.finish();
        Action::Continue
    }

    /// Changes the body, which is whole now: at its end, or at the trailers behind it.
    pub fn finish(&mut self) {
        if !self.is_on || self.held == 0 {
            return;
        }
        self.is_on = false;
        let bytes = hostcalls::get_buffer(self.buffer, 0, self.held);
        let Ok(Some(bytes)) = bytes else { return };
        if let Some(changed) = replace_all(&bytes, &self.replacements) {
            let replaced = hostcalls::set_buffer(self.buffer, 0, self.held, &changed);
            note("changing a body", replaced);
            self.rewritten.increment();
        }
    }
}
