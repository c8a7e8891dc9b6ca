//! Payment credentials at rest: AES-256-GCM under a key that lies outside of
//! the database.
//!
//! A sealed text is a version byte, the id of its key (4 bytes), a nonce
//! (12 bytes), and the ciphertext with its tag. Store and payment method are
//! its associated data: moved to another row it does not open.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aes_gcm::{
    Aes256Gcm,
    aead::{Aead, KeyInit, Payload},
};
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::port::{Ids, StoreRecord};
use crate::{
    domain::{api_key::Mode, id::PaymentMethodId, secret::Secret},
    error::{Code, Error, Result},
};

const VERSION: u8 = 1;
const KEY_BYTES: usize = 32;
const ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 12;
/// Keys that may be given: the one in use, and older ones.
const MAX_KEYS: usize = 16;

type KeyBytes = Zeroizing<[u8; KEY_BYTES]>;

/// A key with the id that sealed texts name it by.
#[derive(Clone)]
struct Key {
    id: [u8; ID_BYTES],
    bytes: KeyBytes,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        *self.bytes == *other.bytes
    }
}

impl Key {
    fn new(bytes: KeyBytes) -> Self {
        let id = digest(&[b"encryption key id", &*bytes]);
        Self {
            id: [id[0], id[1], id[2], id[3]],
            bytes,
        }
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*self.bytes).into())
    }
}

/// Keys as somebody configured them: the first encrypts, all decrypt.
#[derive(Clone, PartialEq)]
pub struct Keys(Vec<Key>);

impl Keys {
    /// Reads keys of 32 bytes as base64, separated by commas.
    ///
    /// # Errors
    ///
    /// `configuration_invalid`; the text is never quoted.
    pub fn parse(given: &str) -> Result<Self> {
        let refused = || {
            Error::new(
                Code::ConfigurationInvalid,
                "encryptionKey must be 32 bytes as base64, such as `openssl rand -base64 32` prints; older keys may follow after commas",
            )
            .with_param("encryptionKey")
        };
        let keys: Option<Vec<Key>> = given.split(',').map(|text| read(text.trim()).map(Key::new)).collect();
        keys.filter(|keys| (1..=MAX_KEYS).contains(&keys.len()))
            .map(Self)
            .ok_or_else(refused)
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(***)")
    }
}

/// One key as base64, of either alphabet, padded or not.
fn read(text: &str) -> Option<KeyBytes> {
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if text.contains(['-', '_']) {
        &alphabet::URL_SAFE
    } else {
        &alphabet::STANDARD
    };
    let decoded = Zeroizing::new(GeneralPurpose::new(alphabet, lenient).decode(text).ok()?);
    decoded.as_slice().try_into().ok().map(Zeroizing::new)
}

/// Where a test store's key comes from when none was given.
pub trait TestKey: Send + Sync {
    /// The key, made at its first use; `None` where there is no place to keep
    /// one, and the store's own secret stands in. May wait for the disk.
    ///
    /// # Errors
    ///
    /// `encryption_key_missing` when it cannot be read or kept.
    fn key(&self) -> Result<Option<KeyBytes>>;
}

/// No place to keep a key.
pub struct NoTestKey;

impl TestKey for NoTestKey {
    fn key(&self) -> Result<Option<KeyBytes>> {
        Ok(None)
    }
}

/// A key in memory, for databases that end with the process.
pub struct MemoryKey(pub Arc<dyn Ids>);

impl TestKey for MemoryKey {
    fn key(&self) -> Result<Option<KeyBytes>> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        self.0.fill(&mut *bytes);
        Ok(Some(bytes))
    }
}

/// Seals and opens payment credentials.
pub struct Vault {
    known: Mutex<Known>,
    test_key: Box<dyn TestKey>,
}

#[derive(Default)]
struct Known {
    given: Option<Keys>,
    /// What `test_key` gave, once it was asked.
    own: Option<Option<Key>>,
}

impl Vault {
    /// A vault with the keys that were given, if any.
    pub fn new(given: Option<Keys>, test_key: impl TestKey + 'static) -> Self {
        Self {
            known: Mutex::new(Known { given, own: None }),
            test_key: Box::new(test_key),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the keys of another client of the same engine.
    ///
    /// # Errors
    ///
    /// `configuration_invalid` when it has others already: which of them
    /// encrypts would depend on who was first.
    pub fn adopt(&self, given: Option<Keys>) -> Result<()> {
        let Some(given) = given else { return Ok(()) };
        let mut known = self.known();
        match &known.given {
            Some(keys) if *keys != given => Err(Error::new(
                Code::ConfigurationInvalid,
                "this process has the database open with another encryptionKey: give all clients of a database the same",
            )
            .with_param("encryptionKey")),
            Some(_) => Ok(()),
            None => {
                known.given = Some(given);
                Ok(())
            }
        }
    }

    /// Fails where [`Vault::seal`] would for want of a key. May wait for the
    /// disk at the first time, so it is asked before a transaction.
    ///
    /// # Errors
    ///
    /// `encryption_key_missing`.
    pub fn check(&self, store: &StoreRecord) -> Result<()> {
        self.key(store).map(drop)
    }

    /// The key that encrypts.
    fn key(&self, store: &StoreRecord) -> Result<Key> {
        let mut known = self.known();
        if let Some(first) = known.given.as_ref().and_then(|keys| keys.0.first()) {
            return Ok(first.clone());
        }
        if store.mode == Mode::Live {
            return Err(Error::new(
                Code::EncryptionKeyMissing,
                "a live store keeps payment credentials only under a key of yours: set PROYECTA_ENCRYPTION_KEY to 32 random bytes as base64, such as `openssl rand -base64 32` prints, and keep a copy",
            )
            .with_param("encryptionKey"));
        }
        let own = match &known.own {
            Some(own) => own.clone(),
            None => {
                let own = self.test_key.key()?.map(Key::new);
                known.own = Some(own.clone());
                own
            }
        };
        Ok(own.unwrap_or_else(|| derived(store)))
    }

    /// Encrypts a credential for one payment method.
    ///
    /// # Errors
    ///
    /// As [`Vault::check`].
    pub fn seal(&self, store: &StoreRecord, method: &PaymentMethodId, text: &Secret, ids: &dyn Ids) -> Result<Vec<u8>> {
        let key = self.key(store)?;
        let mut nonce = [0; NONCE_BYTES];
        ids.fill(&mut nonce);
        let aad = associated(store, method);
        let payload = Payload {
            msg: text.expose().as_bytes(),
            aad: &aad,
        };
        let sealed = key
            .cipher()
            .encrypt(&nonce.into(), payload)
            .map_err(|_| Error::internal("a payment credential could not be sealed"))?;
        Ok([&[VERSION][..], &key.id, &nonce, &sealed].concat())
    }

    /// Decrypts what [`Vault::seal`] made for the same store and payment method.
    ///
    /// # Errors
    ///
    /// `encryption_key_missing`, `encryption_key_unknown` when it was sealed
    /// under a key that nobody gave, and `internal` for a damaged row.
    pub fn open(&self, store: &StoreRecord, method: &PaymentMethodId, sealed: &[u8]) -> Result<Secret> {
        let damaged = || Error::internal(format!("the credential of {} is damaged", method.as_str()));
        let (head, rest) = sealed.split_at_checked(1 + ID_BYTES).ok_or_else(damaged)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_BYTES).ok_or_else(damaged)?;
        if head[0] != VERSION {
            return Err(damaged());
        }
        let key = self.key_called(store, &head[1..])?.ok_or_else(|| {
            Error::new(
                Code::EncryptionKeyUnknown,
                format!(
                    "payment method {} was encrypted under a key that is not here: add it to PROYECTA_ENCRYPTION_KEY behind the present one, after a comma",
                    method.as_str()
                ),
            )
            .with_param("encryptionKey")
        })?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| damaged())?;
        let aad = associated(store, method);
        let payload = Payload { msg: sealed, aad: &aad };
        let plain = key.cipher().decrypt(&nonce.into(), payload).map_err(|_| damaged())?;
        String::from_utf8(plain).map(Secret::new).map_err(|_| damaged())
    }

    fn key_called(&self, store: &StoreRecord, id: &[u8]) -> Result<Option<Key>> {
        let given = self.known().given.clone();
        let given = given.iter().flat_map(|keys| &keys.0).find(|key| key.id == id).cloned();
        if given.is_some() || store.mode == Mode::Live {
            return Ok(given);
        }
        // What a test store kept before it was given a key.
        let own = match self.known().own.clone() {
            Some(own) => own,
            None => self.test_key.key()?.map(Key::new),
        };
        self.known().own = Some(own.clone());
        Ok(own.into_iter().chain([derived(store)]).find(|key| key.id == id))
    }
}

/// A test store's key where there is no place for a file: what it protects is
/// the sandbox's, and worth nothing.
fn derived(store: &StoreRecord) -> Key {
    Key::new(Zeroizing::new(digest(&[b"test encryption key", &store.secret])))
}

fn associated(store: &StoreRecord, method: &PaymentMethodId) -> Vec<u8> {
    digest(&[store.id.as_str().as_bytes(), method.as_str().as_bytes()]).to_vec()
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{id::StoreId, instant::Instant},
        engine::system::SystemIds,
    };

    const ONE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const OTHER: &str = "__________________________________________8";

    fn store(mode: Mode) -> StoreRecord {
        StoreRecord {
            no: 1,
            id: StoreId::trusted("store_1"),
            mode,
            timezone: "UTC".to_owned(),
            currency: "KRW".to_owned(),
            secret: [7; 32],
            version: 1,
            created_at: Instant::from_micros(0),
            updated_at: Instant::from_micros(0),
        }
    }

    fn method(id: &str) -> PaymentMethodId {
        PaymentMethodId::trusted(id)
    }

    fn vault(keys: &str) -> Vault {
        Vault::new(Some(Keys::parse(keys).expect("keys")), NoTestKey)
    }

    fn seal(vault: &Vault, store: &StoreRecord) -> Vec<u8> {
        let secret = Secret::new("sbx_1".to_owned());
        vault
            .seal(store, &method("pm_1"), &secret, &SystemIds::default())
            .expect("sealing")
    }

    fn opens(vault: &Vault, store: &StoreRecord, id: &str, sealed: &[u8]) -> std::result::Result<String, Code> {
        let opened = vault.open(store, &method(id), sealed);
        opened
            .map(|secret| secret.expose().to_owned())
            .map_err(|error| error.code())
    }

    #[test]
    fn keys_are_thirty_two_bytes_of_base64() {
        for good in [ONE, OTHER, &ONE[..43], &format!("{ONE}, {OTHER}")] {
            assert!(Keys::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            ",",
            "short",
            &format!("{ONE},"),
            &ONE[..40],
            "0123456789abcdef0123456789abcdef",
        ] {
            let error = Keys::parse(bad).expect_err(bad);
            assert_eq!(error.code(), Code::ConfigurationInvalid);
            assert!(bad.len() < 5 || !error.message().contains(bad));
        }
        assert_eq!(format!("{:?}", Keys::parse(ONE).expect("a key")), "Keys(***)");
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let live = store(Mode::Live);
        let vault = vault(ONE);
        let sealed = seal(&vault, &live);
        assert!(!sealed.windows(5).any(|part| part == b"sbx_1"));
        assert_ne!(sealed, seal(&vault, &live), "every nonce is another");
        assert_eq!(opens(&vault, &live, "pm_1", &sealed), Ok("sbx_1".to_owned()));
        assert_eq!(opens(&vault, &live, "pm_2", &sealed), Err(Code::Internal));
        let other = StoreRecord {
            id: StoreId::trusted("store_2"),
            ..live.clone()
        };
        assert_eq!(opens(&vault, &other, "pm_1", &sealed), Err(Code::Internal));
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(opens(&vault, &live, "pm_1", &damaged).is_err(), "byte {at}");
            assert!(opens(&vault, &live, "pm_1", &sealed[..at]).is_err(), "{at} bytes");
        }
    }

    #[test]
    fn older_keys_open_and_the_first_one_seals() {
        let live = store(Mode::Live);
        let old = seal(&vault(ONE), &live);
        let both = vault(&format!("{OTHER},{ONE}"));
        assert_eq!(opens(&both, &live, "pm_1", &old), Ok("sbx_1".to_owned()));
        let new = seal(&both, &live);
        assert_eq!(opens(&vault(OTHER), &live, "pm_1", &new), Ok("sbx_1".to_owned()));
        assert_eq!(
            opens(&vault(OTHER), &live, "pm_1", &old),
            Err(Code::EncryptionKeyUnknown)
        );
    }

    #[test]
    fn a_live_store_needs_a_key_and_a_test_store_finds_one() {
        let vault = Vault::new(None, NoTestKey);
        let code = vault.check(&store(Mode::Live)).map_err(|error| error.code());
        assert_eq!(code, Err(Code::EncryptionKeyMissing));
        let test = store(Mode::Test);
        let sealed = seal(&vault, &test);
        assert_eq!(opens(&vault, &test, "pm_1", &sealed), Ok("sbx_1".to_owned()));
        // It is given a key later, and knows what it kept before.
        vault
            .adopt(Some(Keys::parse(ONE).expect("a key")))
            .expect("the first key");
        assert_eq!(opens(&vault, &test, "pm_1", &sealed), Ok("sbx_1".to_owned()));
        assert!(vault.adopt(Some(Keys::parse(ONE).expect("a key"))).is_ok());
        assert!(vault.adopt(Some(Keys::parse(OTHER).expect("a key"))).is_err());
        let memory = Vault::new(None, MemoryKey(Arc::new(SystemIds::default())));
        let sealed = seal(&memory, &test);
        assert_eq!(opens(&memory, &test, "pm_1", &sealed), Ok("sbx_1".to_owned()));
    }
}
