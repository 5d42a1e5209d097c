//! The requests of one address since its window began, without a proxy.

use std::fmt;
use std::time::Duration;

use crate::settings::Settings;

/// Times are nanoseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Window {
    start: u64,
    requests: u64,
}

/// What becomes of a request.
#[derive(Debug, PartialEq)]
pub enum Verdict {
    /// It passes, and this is its window now.
    Counted(Window),
    /// It does not: so many whole seconds are left until the window ends.
    Wait(u64),
}

impl Window {
    /// The window that a text describes; an empty one if it describes none.
    pub fn parse(text: &[u8]) -> Self {
        let parts = || {
            let (start, requests) = std::str::from_utf8(text).ok()?.split_once(' ')?;
            Some(Self {
                start: start.parse().ok()?,
                requests: requests.parse().ok()?,
            })
        };
        parts().unwrap_or_default()
    }

    /// Counts a request at `now`, which may begin a new window.
    pub fn count(self, now: u64, settings: &Settings) -> Verdict {
        let length = nanoseconds(settings.window);
        let is_over = now < self.start || now - self.start >= length;
        let window = if is_over {
            Self {
                start: now,
                requests: 0,
            }
        } else {
            self
        };
        if window.requests >= settings.requests {
            let left = length - (now - window.start);
            return Verdict::Wait(left.div_ceil(nanoseconds(Duration::from_secs(1))));
        }
        Verdict::Counted(Self {
            requests: window.requests + 1,
            ..window
        })
    }
}

impl fmt::Display for Window {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.start, self.requests)
    }
}

/// The longest window is a day: far from what 64 bits hold.
fn nanoseconds(duration: Duration) -> u64 {
    duration.as_secs() * 1_000_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_limit_is_reached_and_a_window_ends() {
        let settings = Settings {
            requests: 2,
            window: Duration::from_secs(3),
        };
        let start = 1_000_000 * SECOND;
        let mut window = Window::default();

        for (now, wait) in [
            (start, 0),
            (start + SECOND, 0),
            (start + SECOND, 2),
            (start + SECOND + 1, 2),
            (start + 2 * SECOND + 1, 1),
            (start + 3 * SECOND - 1, 1),
            (start + 3 * SECOND, 0),
            (start + 4 * SECOND, 0),
            (start - SECOND, 0), // the clock was put back
        ] {
            match Window::parse(window.to_string().as_bytes()).count(now, &settings) {
                Verdict::Counted(counted) => {
                    assert_eq!(wait, 0, "{now}");
                    window = counted;
                }
                Verdict::Wait(seconds) => assert_eq!(seconds, wait, "{now}"),
            }
        }
    }

    #[test]
    fn what_is_no_window_is_an_empty_one() {
        for text in ["", "x", "1", "1 x", "99999999999999999999 1"] {
            assert_eq!(Window::parse(text.as_bytes()), Window::default());
        }
        assert_eq!(Window::parse(b"\xff 1"), Window::default());
    }
}
