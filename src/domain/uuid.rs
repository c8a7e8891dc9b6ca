//! UUIDs: what a shop that moves here calls its products and prices, and the
//! other form of the 128 bits of our own ids.

use super::Problem;

/// 128 bits, shown as `01939d53-5c00-7000-8000-000000000000`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(u128);

impl Uuid {
    /// From 128 bits.
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// The 128 bits.
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// Reads the form with four hyphens, in either case.
    ///
    /// # Errors
    ///
    /// A problem for any other text.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let refused = || Problem::new("must be a UUID such as 01939d53-5c00-7000-8000-000000000000");
        let text = text.trim();
        let mut bits: u128 = 0;
        let mut place = 0;
        for byte in text.bytes() {
            if matches!(place, 8 | 13 | 18 | 23) {
                if byte != b'-' {
                    return Err(refused());
                }
            } else {
                let digit = char::from(byte).to_digit(16).ok_or_else(refused)?;
                if place >= 36 {
                    return Err(refused());
                }
                bits = bits << 4 | u128::from(digit);
            }
            place += 1;
        }
        if place == 36 { Ok(Self(bits)) } else { Err(refused()) }
    }
}

impl std::fmt::Display for Uuid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |shift: u32, digits: u32| (self.0 >> shift) & ((1_u128 << (4 * digits)) - 1);
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            part(96, 8),
            part(80, 4),
            part(64, 4),
            part(48, 4),
            part(0, 12)
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn what_is_shown_reads_as_the_same(bits in any::<u128>()) {
            let shown = Uuid::from_bits(bits).to_string();
            prop_assert_eq!(Uuid::parse(&shown), Ok(Uuid::from_bits(bits)));
            prop_assert_eq!(Uuid::parse(&shown.to_uppercase()), Ok(Uuid::from_bits(bits)));
        }
    }

    #[test]
    fn only_the_form_with_hyphens_in_their_places() {
        for bad in [
            "",
            "01939d535c0070008000000000000000",
            "01939d53-5c00-7000-8000-00000000000",
            "01939d53-5c00-7000-8000-0000000000000",
            "01939d53-5c00-7000-80000-00000000000",
            "01939d5g-5c00-7000-8000-000000000000",
            "{01939d53-5c00-7000-8000-000000000000}",
            "01939d53-5c00-7000-8000-00000000000é",
        ] {
            assert!(Uuid::parse(bad).is_err(), "{bad}");
        }
    }
}
