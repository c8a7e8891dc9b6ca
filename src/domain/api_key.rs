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
        return if checksum_fits(key) { Ok(mode) } else { Err(mistyped()) };
    }
    Err(Problem::new(
        "must be sk_test_… or sk_live_…, or 24 to 128 printable characters without spaces",
    ))
}

/// What a key that was copied badly is refused with.
fn mistyped() -> Problem {
    Problem::new("is mistyped: its checksum does not fit, so copy it again as a whole")
}

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Characters of a key that are random: 178 bits.
const RANDOM: usize = 30;
/// Characters that tell whether the others were copied well.
const CHECKSUM: usize = 6;

fn prefix(mode: Mode) -> &'static str {
    match mode {
        Mode::Test => "sk_test_",
        Mode::Live => "sk_live_",
    }
}

/// A new key out of 32 unpredictable bytes: `sk_test_` or `sk_live_`, 30
/// random characters, and a checksum of 6 over all before it.
pub fn generate(mode: Mode, random: &[u8; 32]) -> String {
    let mut key = String::with_capacity(prefix(mode).len() + RANDOM + CHECKSUM);
    key.push_str(prefix(mode));
    // The bytes are one number of 256 bits, written to base 62: every
    // character is equally likely to one part in 2^77.
    let mut number = *random;
    for _ in 0..RANDOM {
        let mut rest = 0_u32;
        for byte in &mut number {
            let part = rest << 8 | u32::from(*byte);
            *byte = (part / 62) as u8;
            rest = part % 62;
        }
        key.push(char::from(BASE62[rest as usize]));
    }
    let sum = checksum(&key);
    key.push_str(&sum);
    key
}

/// CRC-32 of a text as 6 characters to base 62.
fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [b'0'; CHECKSUM];
    for slot in digits.iter_mut().rev() {
        *slot = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// False for a key that looks like one of ours and was copied badly. Keys of
/// another length or with other characters are not ours and have no checksum.
pub fn checksum_fits(key: &str) -> bool {
    let ours = [Mode::Test, Mode::Live].into_iter().find_map(|mode| {
        let rest = key.strip_prefix(prefix(mode))?;
        (rest.len() == RANDOM + CHECKSUM && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(())
    });
    match ours {
        Some(()) => {
            let (text, sum) = key.split_at(key.len() - CHECKSUM);
            checksum(text) == sum
        }
        None => true,
    }
}

/// How a key begins and ends, to tell it from others: `sk_test_…x1Yz`. Of a
/// short key only the beginning, for the rest could be guessed.
pub fn hint(key: &str) -> String {
    let named = [Mode::Test, Mode::Live].map(prefix);
    let start = named.into_iter().find(|prefix| key.starts_with(prefix)).unwrap_or("");
    let rest: Vec<char> = key[start.len()..].chars().collect();
    let end = if rest.len() < 16 { rest.len() } else { rest.len() - 4 };
    format!("{start}…{}", rest[end..].iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_key_we_make_is_taken_and_one_wrong_character_is_noticed(
            random in any::<[u8; 32]>(), live in any::<bool>(), at in 8..44_usize, other in 0..62_usize,
        ) {
            let mode = if live { Mode::Live } else { Mode::Test };
            let key = generate(mode, &random);
            prop_assert_eq!(key.len(), 44);
            prop_assert_eq!(mode_of(&key, Mode::Test), Ok(mode));
            let mut typed = key.clone().into_bytes();
            typed[at] = BASE62[other];
            let typed = String::from_utf8_lossy(&typed).into_owned();
            prop_assert_eq!(checksum_fits(&typed), typed == key);
            prop_assert_eq!(mode_of(&typed, Mode::Test).is_ok(), typed == key);
        }

        #[test]
        fn two_neighbours_swapped_are_noticed(random in any::<[u8; 32]>(), at in 8..43_usize) {
            let key = generate(Mode::Test, &random);
            let mut typed = key.clone().into_bytes();
            typed.swap(at, at + 1);
            let typed = String::from_utf8_lossy(&typed).into_owned();
            prop_assert_eq!(checksum_fits(&typed), typed == key);
        }

        #[test]
        fn a_hint_gives_away_four_characters_at_most(key in "[!-~]{1,128}") {
            let shown = hint(&key);
            let secret = shown.rsplit('…').next().unwrap_or_default();
            prop_assert!(secret.len() == 4 && key.ends_with(secret) && key.len() >= 16 || secret.is_empty());
        }
    }

    #[test]
    fn random_bytes_reach_every_character_of_a_key() {
        let mut seen = vec![std::collections::HashSet::new(); RANDOM];
        for seed in 0..4_000_u32 {
            use sha2::Digest;
            let random: [u8; 32] = sha2::Sha256::digest(seed.to_le_bytes()).into();
            for (at, c) in generate(Mode::Test, &random)[8..38].chars().enumerate() {
                seen[at].insert(c);
            }
        }
        assert!(seen.iter().all(|found| found.len() == 62));
    }

    #[test]
    fn hints() {
        assert_eq!(hint(&generate(Mode::Live, &[7; 32]))[..11], *"sk_live_…");
        assert_eq!(hint("sk_test_1"), "sk_test_…");
        assert_eq!(hint("a-token-that-a-shop-brings"), "…ings");
    }

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
