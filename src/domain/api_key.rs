//! What a key says about itself before anybody looks it up.

use super::Problem;

/// Test and live are two stores that share nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Play money, sandbox gateways, test clocks.
    Test,
    /// Real money.
    Live,
}

impl Mode {
    /// `test` or `live`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
        }
    }

    /// From its name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "test" => Some(Self::Test),
            "live" => Some(Self::Live),
            _ => None,
        }
    }
}

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// Everything.
    #[default]
    Full,
    /// Reading only.
    ReadOnly,
}

impl Scope {
    /// `full` or `read_only`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::ReadOnly => "read_only",
        }
    }

    /// From its name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "full" => Some(Self::Full),
            "read_only" => Some(Self::ReadOnly),
            _ => None,
        }
    }
}

/// The mode a key stands for: `sk_test_…` and `sk_live_…` say it themselves;
/// any other key of 24 to 128 printable characters that a shop brings along
/// stands for `fallback`.
pub fn mode_of(key: &str, fallback: Mode) -> Result<Mode, Problem> {
    let printable = key.len() <= 128 && key.bytes().all(|b| b.is_ascii_graphic());
    let named = if key.starts_with("sk_test_") {
        Some((Mode::Test, 9))
    } else if key.starts_with("sk_live_") {
        Some((Mode::Live, 24))
    } else {
        None
    };
    let (mode, least) = named.unwrap_or((fallback, 24));
    if printable && key.len() >= least {
        return Ok(mode);
    }
    Err(Problem::new(
        "must be sk_test_… or sk_live_…, or 24 to 128 printable characters without spaces",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_name_their_mode() {
        assert_eq!(mode_of("sk_test_1", Mode::Live), Ok(Mode::Test));
        assert_eq!(mode_of("sk_live_0123456789abcdef", Mode::Test), Ok(Mode::Live));
        assert_eq!(mode_of("a-token-that-a-shop-brings", Mode::Test), Ok(Mode::Test));
        for bad in [
            "",
            "sk_live_short",
            "short",
            "has a space in its middle 1234",
            &"x".repeat(129),
        ] {
            assert!(mode_of(bad, Mode::Test).is_err());
        }
    }
}
