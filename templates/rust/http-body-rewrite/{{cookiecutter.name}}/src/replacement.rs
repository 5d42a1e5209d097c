//! What is done with bytes, without a proxy.

/// Bytes that are looked for, and what is put in their place.
#[derive(Debug, PartialEq)]
pub struct Replacement {
    pub find: Vec<u8>,
    pub replace: Vec<u8>,
}

impl Replacement {
    /// `body` with each occurrence replaced, from the front on; None if there is none.
    fn apply(&self, body: &[u8]) -> Option<Vec<u8>> {
        let mut result = Vec::with_capacity(body.len());
        let mut rest = body;
        while let Some(place) = self.place_in(rest) {
            result.extend_from_slice(&rest[..place]);
            result.extend_from_slice(&self.replace);
            rest = &rest[place + self.find.len()..];
        }
        if rest.len() == body.len() {
            return None;
        }
        result.extend_from_slice(rest);
        Some(result)
    }

    fn place_in(&self, body: &[u8]) -> Option<usize> {
        body.windows(self.find.len())
            .position(|bytes| bytes == self.find)
    }
}

/// What all replacements make of `body`, in their order; None if none had anything to do.
pub fn replace_all(body: &[u8], replacements: &[Replacement]) -> Option<Vec<u8>> {
    let mut changed: Option<Vec<u8>> = None;
    for replacement in replacements {
        let current = changed.as_deref().unwrap_or(body);
        if let Some(next) = replacement.apply(current) {
            changed = Some(next);
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacements_are_made_in_their_order() {
        let replacements = [("aa", "b"), ("bb", "")].map(|(find, replace)| Replacement {
            find: find.into(),
            replace: replace.into(),
        });

        for (body, expected) in [
            (&b""[..], None),
            (b"a", None),
            (b"b\xffb", None),
            (b"aa", Some(&b"b"[..])),
            (b"aaaaa", Some(b"a")),
            (b"aab", Some(b"")),
        ] {
            assert_eq!(replace_all(body, &replacements).as_deref(), expected);
        }
    }
}
