//! Where payers reach the hosted pages.

use std::sync::{PoisonError, RwLock};

use super::{Engine, port::StoreRecord};
use crate::{
    domain::api_key::Mode,
    error::{Code, Error, Result},
};

/// Starts a page server of its own and tells its address, such as
/// `http://127.0.0.1:4711`. Called again it gives the same one.
type Start = Box<dyn Fn() -> Result<String> + Send + Sync>;

/// The address of the pages, as far as it is known.
#[derive(Default)]
pub(super) struct Pages {
    /// What somebody has said.
    public: RwLock<Option<String>>,
    /// That of a server which was started for test stores: on this machine, so
    /// of no use to a live one.
    own: RwLock<Option<String>>,
    start: RwLock<Option<Start>>,
}

fn read<T: Clone>(lock: &RwLock<Option<T>>) -> Option<T> {
    lock.read().unwrap_or_else(PoisonError::into_inner).clone()
}

fn write<T>(lock: &RwLock<Option<T>>, value: Option<T>) {
    *lock.write().unwrap_or_else(PoisonError::into_inner) = value;
}

impl Pages {
    fn known(&self) -> Option<String> {
        read(&self.public).or_else(|| read(&self.own))
    }

    /// The address of a checkout page; below the root where nobody has said
    /// yet where pages are.
    pub(super) fn url(&self, token: &str) -> String {
        format!("{}/checkout/{token}", self.known().unwrap_or_default())
    }
}

impl Engine {
    /// Says where the pages are reached from outside: `public_url` is where the
    /// host answers, `base_path` where the API is mounted there; one that the
    /// URL ends with is not added again. The latest that was said counts.
    ///
    /// # Errors
    ///
    /// `configuration_invalid` unless it is an http or https URL.
    pub fn set_public_url(&self, public_url: &str, base_path: &str) -> Result<()> {
        let url = public_url.trim().trim_end_matches('/');
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let odd =
            |character: char| character.is_whitespace() || character.is_control() || "?#\\\"<>".contains(character);
        if host.is_none_or(|host| host.is_empty() || host.starts_with('/')) || url.contains(odd) {
            return Err(Error::new(
                Code::ConfigurationInvalid,
                "publicUrl must be an http or https URL without a query, such as https://shop.example.com",
            )
            .with_param("publicUrl"));
        }
        let path = base_path.trim_end_matches('/');
        let base = match url.ends_with(path) {
            true => url.to_owned(),
            false => format!("{url}{path}"),
        };
        write(&self.pages.public, Some(base));
        Ok(())
    }

    /// Gives test stores a page server of their own: `start` is called when a
    /// page is wanted and nobody has said where pages are. It takes the place of
    /// what was given before.
    pub fn on_first_page(&self, start: impl Fn() -> Result<String> + Send + Sync + 'static) {
        write(&self.pages.start, Some(Box::new(start)));
        write(&self.pages.own, None);
    }

    /// Where the pages of a store are, without a slash at the end. May start
    /// a server, and wait for that.
    ///
    /// # Errors
    ///
    /// `public_url_missing` for a live store that nobody gave an address.
    pub fn page_base(&self, store: &StoreRecord) -> Result<String> {
        if let Some(base) = read(&self.pages.public) {
            return Ok(base);
        }
        if store.mode == Mode::Live {
            return Err(Error::new(
                Code::PublicUrlMissing,
                "a live store needs an address for its pages: set PROYECTA_PUBLIC_URL, or pass publicUrl, to where handler or the server can be reached, such as https://shop.example.com",
            )
            .with_param("publicUrl"));
        }
        if let Some(base) = read(&self.pages.own) {
            return Ok(base);
        }
        let start = self.pages.start.read().unwrap_or_else(PoisonError::into_inner);
        match &*start {
            None => Ok(String::new()),
            Some(start) => {
                let base = start()?;
                write(&self.pages.own, Some(base.clone()));
                Ok(base)
            }
        }
    }
}
