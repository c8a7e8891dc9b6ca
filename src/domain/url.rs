//! Addresses of pages and of sites, as a merchant writes them down.
//!
//! Only what a browser opens safely: `https`, or `http` on this machine for
//! whoever is still building. Hosts are ASCII, as browsers send them.

use super::Problem;

/// Most characters of an address.
pub const MAX_CHARACTERS: usize = 2048;

const NO_URL: &str = "must be an https address such as https://shop.example.com/page (http only on localhost)";
const NO_ORIGIN: &str =
    "must be an origin such as https://shop.example.com: scheme, host and port, and nothing behind them";

/// The parts of an address: scheme and host in lower case.
struct Parts<'a> {
    scheme: &'static str,
    host: String,
    port: Option<u16>,
    rest: &'a str,
}

/// Checks the address of a page.
///
/// # Errors
///
/// A problem when it is none, has a user name or password, or is `http` on
/// another machine.
pub fn checked(given: &str) -> Result<String, Problem> {
    let text = bounded(given)?;
    split(text).map(|_| text.to_owned()).ok_or_else(|| Problem::new(NO_URL))
}

/// Checks an origin and gives it as browsers write it: in lower case, without
/// the scheme's own port and without a slash at the end.
///
/// # Errors
///
/// A problem as in [`checked`], and when anything follows the port.
pub fn origin(given: &str) -> Result<String, Problem> {
    let parts = split(bounded(given)?).filter(|parts| matches!(parts.rest, "" | "/"));
    let Parts { scheme, host, port, .. } = parts.ok_or_else(|| Problem::new(NO_ORIGIN))?;
    let implied = if scheme == "https" { 443 } else { 80 };
    Ok(match port.filter(|port| *port != implied) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    })
}

/// The origin of a page's address, for policies of browsers; `None` when it is
/// no such address, or its host an IPv6 address, which policies cannot name.
pub fn origin_of(page: &str) -> Option<String> {
    let Parts { scheme, host, port, .. } = split(bounded(page).ok()?).filter(|parts| is_name(&parts.host))?;
    Some(match port {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    })
}

fn bounded(given: &str) -> Result<&str, Problem> {
    let text = given.trim();
    if text.len() > MAX_CHARACTERS {
        return Err(Problem::new(format!("must have at most {MAX_CHARACTERS} characters")));
    }
    Ok(text)
}

fn split(text: &str) -> Option<Parts<'_>> {
    let (scheme, behind) = text.split_once("://")?;
    let scheme = ["https", "http"]
        .into_iter()
        .find(|known| scheme.eq_ignore_ascii_case(known))?;
    let (authority, rest) = behind.split_at(behind.find(['/', '?', '#']).unwrap_or(behind.len()));
    // A backslash is a slash to browsers, so what follows it would be another host.
    let is_odd = |character: char| character.is_whitespace() || character.is_control() || character == '\\';
    if rest.contains(is_odd) {
        return None;
    }
    let (host, port) = match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => {
            let (host, port) = authority.split_at(colon);
            (host, Some(port_of(port.get(1..)?)?))
        }
        _ => (authority, None),
    };
    let host = host.to_ascii_lowercase();
    let fits = is_name(&host) || is_ipv6(&host);
    (fits && (scheme == "https" || is_loopback(&host))).then_some(Parts {
        scheme,
        host,
        port,
        rest,
    })
}

fn port_of(digits: &str) -> Option<u16> {
    let all = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|port| all && *port > 0)
}

/// A name, or an IPv4 address, which looks like one.
fn is_name(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(label)
}

fn is_ipv6(host: &str) -> bool {
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    inside.is_some_and(|inside| {
        (2..=45).contains(&inside.len())
            && inside.contains(':')
            && inside
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'))
    })
}

/// Whether it is this machine.
fn is_loopback(host: &str) -> bool {
    let of_ipv4 = || {
        let parts: Vec<Option<u8>> = host.split('.').map(|part| part.parse().ok()).collect();
        parts.len() == 4 && parts.first() == Some(&Some(127)) && parts.iter().all(Option::is_some)
    };
    host == "localhost" || host.ends_with(".localhost") || host == "[::1]" || of_ipv4()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_https_or_on_this_machine() {
        for good in [
            "https://shop.example.com",
            "https://shop.example.com/pay?a=1&b=%20#top",
            "HTTPS://Shop.Example.com:8443/",
            "https://xn--9d0bm53e.kr/결제",
            "https://[2001:db8::1]/x",
            "http://localhost:3000/recover",
            "http://app.localhost",
            "http://127.0.0.1:8080",
            "http://[::1]:3000",
        ] {
            assert_eq!(checked(good).as_deref(), Ok(good), "{good}");
        }
        for bad in [
            "",
            "shop.example.com",
            "//shop.example.com",
            "https://",
            "https:///page",
            "http://shop.example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://127.0.0.256",
            "ftp://shop.example.com",
            "javascript:alert(1)//https://x",
            "data:text/html,https://x.example",
            "https://user:password@shop.example.com",
            "https://shop.example.com:0",
            "https://shop.example.com:65536",
            "https://shop.example.com:+80",
            "https://shop.example.com:",
            "https://-shop.example.com",
            "https://shop..example.com",
            "https://예시.한국",
            "https://shop.example.com/a b",
            "https://shop.example.com\\@evil.example",
            "https://shop.example.com/\\evil.example",
            "https://shop.example.com/\0",
            "https://[nothing]",
            "https://a b.example.com",
        ] {
            assert!(checked(bad).is_err(), "{bad}");
        }
        assert!(checked(&format!("https://a.example/{}", "x".repeat(MAX_CHARACTERS))).is_err());
    }

    #[test]
    fn a_page_has_an_origin() {
        for (page, origin) in [
            ("https://Cdn.Example.com/a.png?x;y", Some("https://cdn.example.com")),
            ("http://localhost:3000/a", Some("http://localhost:3000")),
            ("https://[2001:db8::1]/a", None),
            ("javascript:alert(1)", None),
            ("https://a.example;script-src *", None),
        ] {
            assert_eq!(origin_of(page).as_deref(), origin, "{page}");
        }
    }

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (given, written) in [
            ("https://Shop.Example.com/", "https://shop.example.com"),
            ("https://shop.example.com:443", "https://shop.example.com"),
            ("https://shop.example.com:8443", "https://shop.example.com:8443"),
            ("http://localhost:80", "http://localhost"),
            (" http://[::1]:3000 ", "http://[::1]:3000"),
        ] {
            assert_eq!(origin(given).as_deref(), Ok(written), "{given}");
            assert_eq!(origin(written).as_deref(), Ok(written), "{given}");
        }
        for bad in [
            "*",
            "null",
            "https://*.example.com",
            "https://shop.example.com/page",
            "https://shop.example.com?x",
            "https://shop.example.com#x",
            "http://shop.example.com",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }
}
