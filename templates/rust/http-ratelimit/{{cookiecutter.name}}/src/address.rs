//! Addresses as the host writes them: with the port.

/// The address alone: of `10.0.0.1:4711`, of `[2001:db8::1]:4711`. What is written in neither way,
/// such as the path of a socket, stays as it is.
pub fn without_port(address: &str) -> &str {
    if let Some(inside) = address.strip_prefix('[') {
        return inside.split_once(']').map_or(address, |(host, _)| host);
    }
    match address.split_once(':') {
        Some((host, port)) if !port.contains(':') => host,
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_loses_its_port() {
        for (address, expected) in [
            ("10.0.0.1:4711", "10.0.0.1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("/run/proxy.sock", "/run/proxy.sock"),
            ("[half", "[half"),
            ("", ""),
        ] {
            assert_eq!(without_port(address), expected);
        }
    }
}
