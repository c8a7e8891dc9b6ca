//! Texts that nobody may see.

use zeroize::Zeroizing;

/// A text that is wiped from memory when it is dropped. `Debug` shows nothing
/// of it, and it cannot be serialised.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a text over; no copy of it is made.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for whoever has to pass it on.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_nothing() {
        let secret = Secret::new("4000000000000002".to_owned());
        assert_eq!(format!("{secret:?}"), "***");
        assert_eq!(secret.expose().len(), 16);
    }
}
