//! Typed ids: a prefix and 26 characters of Crockford base32 of a UUIDv7, or
//! a caller's own text behind the prefix.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Problem, uuid::Uuid};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Odd, so that its multiples meet only after 2^128 of them; otherwise any
/// number (the golden ratio's digits).
const STEP: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

/// The `n`-th of many numbers from one random start, none of them twice: for
/// names that are made too often to ask for randomness each time.
pub fn nth(start: u128, n: u64) -> u128 {
    start.wrapping_add(u128::from(n).wrapping_mul(STEP))
}

/// Writes 128 bits as 26 characters; their order is the order of the numbers.
pub fn encode(bits: u128) -> String {
    let mut out = [0_u8; 26];
    for (position, slot) in out.iter_mut().enumerate() {
        let shift = 5 * (25 - position);
        *slot = ALPHABET[((bits >> shift) & 31) as usize];
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Reads the 128 bits back from the part behind the prefix; `None` for a
/// caller's own id.
pub fn decode(text: &str) -> Option<u128> {
    if text.len() != 26 {
        return None;
    }
    let mut bits: u128 = 0;
    for (position, byte) in text.bytes().enumerate() {
        let digit = ALPHABET.iter().position(|&c| c == byte)? as u128;
        if position == 0 && digit > 7 {
            return None;
        }
        bits = bits << 5 | digit;
    }
    Some(bits)
}

/// Checks `prefix` + 1 to 60 of `A-Z a-z 0-9 _ -`.
pub fn check(text: &str, prefix: &str) -> Result<(), Problem> {
    let refused = || {
        Problem::new(format!(
            "must be an id such as {prefix}01h5… : {prefix} and 1 to 60 letters, digits, _ or -"
        ))
    };
    let rest = text.strip_prefix(prefix).ok_or_else(refused)?;
    let fits = (1..=60).contains(&rest.len())
        && rest
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if fits { Ok(()) } else { Err(refused()) }
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// What every such id starts with.
            pub const PREFIX: &'static str = $prefix;

            /// A new id of 128 bits made by the caller (a UUIDv7).
            pub fn from_bits(bits: u128) -> Self {
                Self(format!(concat!($prefix, "{}"), encode(bits)))
            }

            /// Checks an id that came from outside.
            pub fn parse(text: &str) -> Result<Self, Problem> {
                check(text, $prefix)?;
                Ok(Self(text.to_owned()))
            }

            /// Takes an id that is known to be good, such as a stored one.
            pub fn trusted(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The id as text, prefix included.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The UUID of the same 128 bits; `None` for a caller's own id.
            pub fn uuid(&self) -> Option<Uuid> {
                decode(self.0.strip_prefix($prefix)?).map(Uuid::from_bits)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self)
            }
        }
    };
}

id_type!(
    /// A customer: `cus_…`.
    CustomerId, "cus_"
);
id_type!(
    /// A custom field's definition: `fld_…`.
    CustomFieldId, "fld_"
);
id_type!(
    /// A sign-up form's settings: `form_…`.
    SignupFormId, "form_"
);
id_type!(
    /// A store's settings: `set_…`.
    SettingsId, "set_"
);
id_type!(
    /// An event: `evt_…`.
    EventId, "evt_"
);
id_type!(
    /// A test clock: `clk_…`.
    ClockId, "clk_"
);
id_type!(
    /// A store: `store_…`.
    StoreId, "store_"
);
id_type!(
    /// An API key's record: `key_…` (not the key itself).
    ApiKeyId, "key_"
);

id_type!(
    /// A product: `prod_…`.
    ProductId, "prod_"
);
id_type!(
    /// A price of a product: `var_…` (a variant, in Proyecta's words).
    PriceId, "var_"
);
id_type!(
    /// A feature: `feat_…`.
    FeatureId, "feat_"
);
id_type!(
    /// A coupon: `coup_…`.
    CouponId, "coup_"
);
id_type!(
    /// One value of a product's option: `opt_…`.
    OptionId, "opt_"
);
id_type!(
    /// A subscription: `sub_…`.
    SubscriptionId, "sub_"
);
id_type!(
    /// An item of a subscription: `si_…`.
    SubscriptionItemId, "si_"
);
id_type!(
    /// An order: `ord_…`.
    OrderId, "ord_"
);
id_type!(
    /// An item of an order: `oi_…`.
    OrderItemId, "oi_"
);
id_type!(
    /// A payment: `pay_…`.
    PaymentId, "pay_"
);
id_type!(
    /// A payment method: `pm_…`.
    PaymentMethodId, "pm_"
);
id_type!(
    /// A checkout session: `cs_…`.
    CheckoutSessionId, "cs_"
);
id_type!(
    /// An entry of what was used: `use_…`.
    UsageId, "use_"
);
id_type!(
    /// An entry of a credit balance: `crd_…`.
    CreditId, "crd_"
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn ids_keep_their_bits_and_their_order(a in any::<u128>(), b in any::<u128>()) {
            prop_assert_eq!(decode(&encode(a)), Some(a));
            prop_assert_eq!(a.cmp(&b), encode(a).cmp(&encode(b)));
            prop_assert!(CustomerId::parse(CustomerId::from_bits(a).as_str()).is_ok());
        }
    }

    #[test]
    fn own_ids() {
        for good in ["cus_1", "cus_User-42_x", &format!("cus_{}", "a".repeat(60))] {
            assert!(CustomerId::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "cus_",
            "user_1",
            "cus_a b",
            "cus_é",
            "CUS_1",
            &format!("cus_{}", "a".repeat(61)),
        ] {
            assert!(CustomerId::parse(bad).is_err(), "{bad}");
        }
    }
}
