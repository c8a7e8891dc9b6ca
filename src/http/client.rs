//! Who is at the other end, behind proxies that we trust.

use std::net::IpAddr;

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The address of the client. `X-Forwarded-For` counts as far as those who
/// wrote it are trusted: from the right, the first address that is none of
/// theirs.
pub(super) fn address(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(&address.to_canonical()));
    let peer = peer?;
    if trusted.is_empty() || !is_trusted(&peer) {
        return Some(peer);
    }
    let written: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let mut nearest = peer;
    for hop in written.into_iter().rev() {
        // What a trusted proxy passed on but is no address tells nothing.
        let Some(address) = parse(hop.trim()) else { break };
        nearest = address;
        if !is_trusted(&address) {
            break;
        }
    }
    Some(nearest)
}

/// An address, also with a port behind it.
fn parse(hop: &str) -> Option<IpAddr> {
    hop.parse()
        .ok()
        .or_else(|| hop.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_speak_for_others() {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        let seen = |peer: &str, forwarded: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append("x-forwarded-for", axum::http::HeaderValue::from_static(value));
            }
            address(Some(peer.parse().unwrap()), &headers, &trusted)
                .unwrap()
                .to_string()
        };
        assert_eq!(seen("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(seen("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &["203.0.113.9, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &["198.51.100.7", "10.2.3.4"]), "198.51.100.7");
        assert_eq!(
            seen("10.0.0.1", &["198.51.100.7, not an address, 10.2.3.4"]),
            "10.2.3.4"
        );
        assert_eq!(seen("::1", &["[2001:db8::1]:99"]), "2001:db8::1");
        assert_eq!(seen("::ffff:10.0.0.1", &[]), "::ffff:10.0.0.1");
        assert_eq!(address(None, &HeaderMap::new(), &trusted), None);
    }
}
