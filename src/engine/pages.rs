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
    base: RwLock<Option<String>>,
    start: RwLock<Option<Start>>,
}

impl Pages {
    fn known(&self) -> Option<String> {
        self.base.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The address of a checkout page; below the root where nobody has said
    /// yet where pages are.
    pub(super) fn url(&self, token: &str) -> String {
        format!("{}/checkout/{token}", self.known().unwrap_or_default())
    }

    fn set(&self, base: String) {
        *self.base.write().unwrap_or_else(PoisonError::into_inner) = Some(base);
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
        self.pages.set(match url.ends_with(path) {
            true => url.to_owned(),
            false => format!("{url}{path}"),
        });
        Ok(())
    }

    /// Gives test stores a page server of their own: `start` is called when a
    /// page is wanted and nobody has said where pages are.
    pub fn on_first_page(&self, start: impl Fn() -> Result<String> + Send + Sync + 'static) {
        *self.pages.start.write().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(start));
    }

    /// Where the pages of a store are, without a slash at the end. May start
    /// a server, and wait for that.
    ///
    /// # Errors
    ///
    /// `public_url_missing` for a live store that nobody gave an address.
    pub fn page_base(&self, store: &StoreRecord) -> Result<String> {
        if let Some(base) = self.pages.known() {
            return Ok(base);
        }
        if store.mode == Mode::Live {
            return Err(Error::new(
                Code::PublicUrlMissing,
                "a live store needs an address for its pages: set PROYECTA_PUBLIC_URL, or pass publicUrl, to where handler or the server can be reached, such as https://shop.example.com",
            )
            .with_param("publicUrl"));
        }
        let start = self.pages.start.read().unwrap_or_else(PoisonError::into_inner);
        match &*start {
            None => Ok(String::new()),
            Some(start) => {
                let base = start()?;
                self.pages.set(base.clone());
                Ok(base)
            }
        }
    }
}
