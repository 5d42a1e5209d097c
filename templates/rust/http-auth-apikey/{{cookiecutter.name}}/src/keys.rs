//! Whose a key is.

/// Somebody who may come in.
#[derive(Debug, PartialEq)]
pub struct Client {
    pub name: String,
    pub key: String,
}

/// Whose key it is; every key is compared, so that the time taken tells nothing.
pub fn owner_of<'a>(key: &[u8], clients: &'a [Client]) -> Option<&'a str> {
    let mut owner = None;
    for client in clients {
        if are_equal(key, client.key.as_bytes()) {
            owner = Some(client.name.as_str());
        }
    }
    owner
}

/// Whether all bytes are equal; takes as long whichever differ.
fn are_equal(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let pairs = left.iter().zip(right);
    // Keeps the compiler from leaving the loop early.
    let difference = pairs.fold(0, |sum, (a, b)| std::hint::black_box(sum | (a ^ b)));
    difference == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_its_owner() {
        let clients = ["alice", "bob"].map(|name| Client {
            name: name.to_owned(),
            key: format!("{name}-key-for-tests"),
        });

        for (key, owner) in [
            ("alice-key-for-tests", Some("alice")),
            ("bob-key-for-tests", Some("bob")),
            ("", None),
            ("alice-key-for-test", None),
            ("alice-key-for-tests0", None),
            ("Alice-key-for-tests", None),
        ] {
            assert_eq!(owner_of(key.as_bytes(), &clients), owner, "{key}");
        }
    }
}
