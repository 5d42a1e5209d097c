//! The counts of all addresses, in the proxy's shared data.

use std::time::{SystemTime, UNIX_EPOCH};

use log::warn;
use proxy_wasm::hostcalls;
use proxy_wasm::types::Status;

use crate::host::note;
use crate::settings::Settings;
use crate::window::{Verdict, Window};

const TRIES: u32 = 16;

/// Counts a request of `address`. Returns 0 if it may pass, else the seconds until one may.
pub fn seconds_to_wait(address: &str, settings: &Settings) -> u64 {
    let key = format!("{{ cookiecutter._root_id }}/{address}");
    for _ in 0..TRIES {
        let (found, cas) = hostcalls::get_shared_data(&key).unwrap_or_default();
        let window = Window::parse(&found.unwrap_or_default());
        let counted = match window.count(now(), settings) {
            Verdict::Counted(counted) => counted.to_string(),
            Verdict::Wait(seconds) => return seconds,
        };
        match hostcalls::set_shared_data(&key, Some(counted.as_bytes()), cas) {
            Err(Status::CasMismatch) => {} // another worker was quicker
            answer => {
                note("counting a request", answer);
                return 0;
            }
        }
    }
    warn!("a request of {address} passes uncounted: other workers were quicker {TRIES} times");
    0
}

fn now() -> u64 {
    let time = hostcalls::get_current_time().unwrap_or(SystemTime::UNIX_EPOCH);
    let elapsed = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
}
