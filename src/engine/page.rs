//! Pages, and the cursors between them.
//!
//! A cursor is sealed with the store's key: it shows nothing of the names and
//! addresses it stands between, and one that was changed, or is of another
//! store or another query, does not open.

use aes_gcm::{
    Aes256Gcm,
    aead::{Aead, KeyInit, Payload},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use super::{port::StoreRecord, to_json};
use crate::error::{Code, Error, Result};

/// A page of objects, as every front answers it.
#[derive(Debug, Serialize)]
pub(super) struct Page<T> {
    data: Vec<T>,
    #[serde(rename = "hasMore")]
    has_more: bool,
    #[serde(rename = "nextCursor")]
    next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<i64>,
}

impl<T: Serialize> Page<T> {
    /// Of what it shows, and the cursor behind that if there is more.
    pub(super) fn of(data: Vec<T>, next_cursor: Option<String>) -> Self {
        Self {
            data,
            has_more: next_cursor.is_some(),
            next_cursor,
            total: None,
        }
    }

    /// From one row more than a page holds; `cursor` makes the cursor behind
    /// the last row shown.
    pub(super) fn new<R>(
        mut rows: Vec<R>,
        limit: usize,
        total: Option<i64>,
        cursor: impl FnOnce(&R) -> Result<String>,
        answer: impl FnMut(R) -> T,
    ) -> Result<Self> {
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = match rows.last() {
            Some(last) if has_more => Some(cursor(last)?),
            _ => None,
        };
        Ok(Self {
            data: rows.into_iter().map(answer).collect(),
            has_more,
            next_cursor,
            total,
        })
    }
}

/// Seals a position; `query` is whatever must be the same on the next page.
pub(super) fn seal<P: Serialize>(store: &StoreRecord, query: &str, position: &P) -> Result<String> {
    let plain = to_json(position)?;
    // The nonce follows from what is sealed: equal cursors are equal texts,
    // and no two different ones share a nonce.
    let nonce = digest(&[&store.secret, query.as_bytes(), plain.as_bytes()]);
    let nonce: [u8; 12] = std::array::from_fn(|index| nonce[index]);
    let sealed = cipher(store)
        .encrypt(
            &nonce.into(),
            Payload {
                msg: plain.as_bytes(),
                aad: query.as_bytes(),
            },
        )
        .map_err(|_| Error::internal("a cursor could not be sealed"))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat()))
}

/// Opens a cursor that [`seal`] made for the same store and query.
pub(super) fn open<P: DeserializeOwned>(store: &StoreRecord, query: &str, cursor: &str) -> Result<P> {
    let refused = || {
        Error::new(
            Code::CursorInvalid,
            "cursor does not belong to this list: pass nextCursor back unchanged, with the same filters, sort and API key, or start without one",
        )
        .with_param("cursor")
    };
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor.trim()).map_err(|_| refused())?;
    let (nonce, sealed) = bytes.split_at_checked(12).ok_or_else(refused)?;
    let nonce: [u8; 12] = nonce.try_into().map_err(|_| refused())?;
    let plain = cipher(store)
        .decrypt(
            &nonce.into(),
            Payload {
                msg: sealed,
                aad: query.as_bytes(),
            },
        )
        .map_err(|_| refused())?;
    serde_json::from_slice(&plain).map_err(|_| refused())
}

fn cipher(store: &StoreRecord) -> Aes256Gcm {
    let key = digest(&[b"cursor", &store.secret]);
    Aes256Gcm::new(&key.into())
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
