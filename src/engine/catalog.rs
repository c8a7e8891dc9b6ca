//! What the use cases about products, prices, features and coupons share:
//! looking up, refusing, saving with the event, and lists.

use serde::Serialize;

use super::{
    Context, changed_members,
    customers::Outcome,
    page::{self, Page},
    port::{CatalogFilter, CatalogList, Entry, Position, Stamp, Tx},
    to_json,
};
use crate::{
    domain::text,
    error::{Code, Error, Result},
    ops::{
        catalog::{ProductSort, ProductSortKey},
        param::Loose,
    },
};

/// A kind of object, with the words for it.
pub(super) struct Noun {
    /// As in `product.created`, and as the kind of its numbers.
    pub(super) name: &'static str,
    /// The parameter with its id.
    pub(super) param: &'static str,
    /// The operation that lists it.
    list: &'static str,
    not_found: Code,
    taken: Code,
    created: &'static str,
    updated: &'static str,
    deleted: &'static str,
}

pub(super) const PRODUCT: Noun = Noun {
    name: "product",
    param: "productId",
    list: "products.list()",
    not_found: Code::ProductNotFound,
    taken: Code::ProductIdTaken,
    created: "product.created",
    updated: "product.updated",
    deleted: "product.deleted",
};

pub(super) const PRICE: Noun = Noun {
    name: "price",
    param: "priceId",
    list: "prices.list()",
    not_found: Code::PriceNotFound,
    taken: Code::PriceIdTaken,
    created: "price.created",
    updated: "price.updated",
    deleted: "price.deleted",
};

pub(super) const FEATURE: Noun = Noun {
    name: "feature",
    param: "featureId",
    list: "features.list()",
    not_found: Code::FeatureNotFound,
    taken: Code::FeatureIdTaken,
    created: "feature.created",
    updated: "feature.updated",
    deleted: "feature.deleted",
};

pub(super) const COUPON: Noun = Noun {
    name: "coupon",
    param: "couponId",
    list: "coupons.list()",
    not_found: Code::CouponNotFound,
    taken: Code::CouponIdTaken,
    created: "coupon.created",
    updated: "coupon.updated",
    deleted: "coupon.deleted",
};

impl Noun {
    /// The object that must be there; `param` is the path to its id.
    pub(super) fn live_at<T>(&self, found: Option<Entry<T>>, id: &str, param: &str) -> Result<T> {
        let name = self.name;
        let message = match found {
            Some(Entry::Live(found)) => return Ok(*found),
            Some(Entry::Deleted) => format!("{name} {id} was deleted"),
            None => format!(
                "no {name} of this store has id {id}: check it, and that the API key is of the store that made it; {} shows what there is",
                self.list
            ),
        };
        Err(Error::new(self.not_found, message).with_param(param))
    }

    /// The object that the call is about.
    pub(super) fn live<T>(&self, found: Option<Entry<T>>, id: &str) -> Result<T> {
        self.live_at(found, id, self.param)
    }

    /// Refuses an own id that is or was in use.
    pub(super) fn refuse_taken<T>(&self, found: Option<Entry<T>>, id: &str, param: &str) -> Result<()> {
        let name = self.name;
        let message = match found {
            None => return Ok(()),
            Some(Entry::Live(_)) => format!("{name} {id} is there already: use it, or choose another id"),
            Some(Entry::Deleted) => {
                format!("id {id} belonged to a {name} that was deleted, and ids are never used twice: choose another")
            }
        };
        Err(Error::new(self.taken, message)
            .with_param(param)
            .with_detail(self.param, id))
    }

    /// Refuses a UUID that another object has.
    pub(super) fn refuse_uuid(&self, holder: Option<&str>, param: &str) -> Result<()> {
        let Some(holder) = holder else { return Ok(()) };
        let name = self.name;
        Err(Error::new(
            Code::UuidTaken,
            format!("{param} belongs to {name} {holder}: use that {name}, or leave the UUID out"),
        )
        .with_param(param)
        .with_detail(self.param, holder))
    }

    /// The answer about a new object, with its event.
    pub(super) fn created<T: Serialize>(
        &self,
        cx: &Context<'_>,
        tx: &mut dyn Tx,
        id: &str,
        answer: &T,
    ) -> Result<Outcome> {
        let outcome = answered(id, answer)?;
        cx.event(tx, self.created, id, 1, Some(&outcome.json), None)?;
        Ok(outcome.of_new_object())
    }

    /// The answer about a changed object, with its event.
    pub(super) fn updated<T: Serialize>(
        &self,
        cx: &Context<'_>,
        tx: &mut dyn Tx,
        id: &str,
        version: i64,
        answers: (&T, &T),
    ) -> Result<Outcome> {
        let outcome = answered(id, answers.1)?;
        let changed = changed_members(&to_json(answers.0)?, &outcome.json)?;
        let changed = changed.as_deref().or(Some("{}"));
        cx.event(tx, self.updated, id, version, Some(&outcome.json), changed)?;
        Ok(outcome)
    }

    /// The answer about a deleted object, with its event: what it was is in it.
    pub(super) fn deleted<T: Serialize, D: Serialize>(
        &self,
        cx: &Context<'_>,
        tx: &mut dyn Tx,
        id: &str,
        version: i64,
        answers: (&T, &D),
    ) -> Result<Outcome> {
        let before = to_json(answers.0)?;
        cx.event(tx, self.deleted, id, version + 1, None, Some(&before))?;
        answered(id, answers.1)
    }
}

/// An answer without an event.
pub(super) fn answered<T: Serialize>(subject: &str, answer: &T) -> Result<Outcome> {
    Ok(Outcome {
        json: to_json(answer)?,
        subject: subject.to_owned(),
        created: false,
    })
}

impl Stamp {
    /// Of a new object.
    pub(super) fn new(cx: &Context<'_>, number: i64) -> Self {
        Self {
            number,
            version: 1,
            created_at: cx.now,
            updated_at: cx.now,
            archived_at: None,
        }
    }

    /// After a change.
    pub(super) fn touch(&mut self, cx: &Context<'_>) {
        self.version += 1;
        self.updated_at = cx.now;
    }

    /// Archived, if it is not already.
    pub(super) fn archive(&mut self, cx: &Context<'_>) {
        self.archived_at = self.archived_at.or(Some(cx.now));
    }
}

/// Newest first.
pub(super) const NEWEST: ProductSort = ProductSort {
    key: ProductSortKey::Created,
    descending: true,
};

/// A list that is asked for.
pub(super) struct Listing {
    query: String,
    limit: usize,
    /// What to fetch: one row more than the page holds.
    pub(super) list: CatalogList,
}

impl Listing {
    /// `name` is the operation's.
    pub(super) fn open(
        cx: &Context<'_>,
        name: &str,
        filter: CatalogFilter,
        sort: ProductSort,
        cursor: Option<&Loose<2000>>,
        limit: usize,
    ) -> Result<Self> {
        let query = format!("{name} {filter:?} {sort:?}");
        let after = cursor
            .map(|cursor| page::open(cx.store, &query, &cursor.0))
            .transpose()?;
        Ok(Self {
            query,
            limit,
            list: CatalogList {
                filter,
                sort,
                after,
                limit: limit + 1,
            },
        })
    }

    /// The page; `place` tells where a row stands: its id, its stamp, its name
    /// and its order.
    pub(super) fn page<R, T: Serialize>(
        &self,
        cx: &Context<'_>,
        rows: Vec<R>,
        total: Option<i64>,
        place: impl Fn(&R) -> (&str, &Stamp, &str, i64),
        answer: impl FnMut(R) -> T,
    ) -> Result<String> {
        let cursor = |last: &R| {
            let (id, stamp, name, order) = place(last);
            let id = id.to_owned();
            let position = match self.list.sort.key {
                ProductSortKey::Created => Position::Time(stamp.created_at.micros(), id),
                ProductSortKey::Name => Position::Text(text::fold(name), id),
                ProductSortKey::Order => Position::Time(order, id),
            };
            page::seal(cx.store, &self.query, &position)
        };
        to_json(&Page::new(rows, self.limit, total, cursor, answer)?)
    }
}
