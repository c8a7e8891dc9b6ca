//! Use cases about prices.
//!
//! Whoever may move a product's default locks the product first, so that it
//! has one default at any time.

use super::{
    Context, attributes,
    catalog::{Listing, NEWEST, PRICE, PRODUCT, answered},
    check_version,
    customers::Outcome,
    numbers::Numbering,
    port::{CatalogFilter, PriceRecord, ProductRecord, Stamp, Tx},
    to_json,
};
use crate::{
    domain::{
        Problem,
        catalog::{draft::Draft, price::Terms},
        id::{PriceId, ProductId},
        uuid::Uuid,
    },
    error::{Code, Error, Result},
    ops::{
        answer::{PriceWord, True},
        catalog::{ProductSort, ProductSortKey},
        price::{
            DeletedPrice, Price, PriceArchiveParams, PriceCreateParams, PriceDeleteParams, PriceGetParams,
            PriceListParams, PriceMembers, PriceReplaceParams, PriceUpdateParams,
        },
    },
};

/// Most prices of a product that are not archived.
const MAX_PRICES: usize = 200;

/// A price that must be there.
fn live(cx: &Context<'_>, tx: &mut dyn Tx, id: &PriceId, lock: bool) -> Result<PriceRecord> {
    PRICE.live(tx.price(cx.store.no, id, lock)?, id.as_str())
}

/// A price with its product, both held until the end of the transaction.
fn held(cx: &Context<'_>, tx: &mut dyn Tx, id: &PriceId, if_version: Option<i64>) -> Result<PriceRecord> {
    let product = live(cx, tx, id, false)?.product;
    tx.product(cx.store.no, &product, true)?;
    let price = live(cx, tx, id, true)?;
    check_version(if_version, price.stamp.version)?;
    Ok(price)
}

/// What a new price is called and given beside its members.
pub(super) struct NewPrice<'a> {
    pub(super) id: Option<&'a PriceId>,
    pub(super) uuid: Option<Uuid>,
    pub(super) name: String,
    /// What is said about its terms; the members are still to be said over it.
    pub(super) draft: Draft,
    pub(super) members: PriceMembers,
}

/// A new price of a product, checked and not yet stored. `siblings` are the
/// product's prices, `at` is the path to the input's object.
pub(super) fn made(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    product: &ProductId,
    siblings: &[PriceRecord],
    new: NewPrice<'_>,
    at: &str,
    numbers: &Numbering,
) -> Result<PriceRecord> {
    let path = |member: &str| match at {
        "" => member.to_owned(),
        at => format!("{at}.{member}"),
    };
    let id = match new.id {
        Some(id) => {
            PRICE.refuse_taken(tx.price(cx.store.no, id, false)?, id.as_str(), &path("id"))?;
            id.clone()
        }
        None => PriceId::from_bits(cx.ids.uuid(cx.now)),
    };
    if let Some(uuid) = new.uuid {
        let holder = tx.price_with_uuid(cx.store.no, uuid)?;
        PRICE.refuse_uuid(holder.as_ref().map(PriceId::as_str), &path("uuid"))?;
    }
    if siblings
        .iter()
        .filter(|price| price.stamp.archived_at.is_none())
        .count()
        >= MAX_PRICES
    {
        let message = format!("has {MAX_PRICES} prices already, which is the most: archive some");
        return Err(Error::invalid(path("productId"), message));
    }
    let mut draft = new.draft;
    let members = new.members;
    let last = siblings.iter().map(|price| price.order.saturating_add(1)).max();
    let mut record = PriceRecord {
        id,
        uuid: new.uuid,
        stamp: Stamp::new(cx, numbers.next(PRICE.name, tx)?),
        product: product.clone(),
        name: new.name,
        description: None,
        unit: None,
        order: members.order.map_or(last.unwrap_or(0), |order| order.0),
        is_default: members.is_default.unwrap_or(false),
        sold: false,
        replaces: None,
        metadata: attributes::merged(&path("metadata"), &Default::default(), &members.metadata.0)?,
        terms: {
            let refused = |problem| Error::problem(at, problem);
            members.clone().apply_to(&mut draft).map_err(refused)?;
            draft.terms().map_err(refused)?
        },
    };
    members.description.map(|text| text.0).apply_to(&mut record.description);
    members.unit.map(|text| text.0).apply_to(&mut record.unit);
    check_bundle(cx, tx, &record.id, &record.terms, at)?;
    Ok(record)
}

/// Checks a bundle against the prices in it, which are held until the end of
/// the transaction: none of them can go meanwhile.
fn check_bundle(cx: &Context<'_>, tx: &mut dyn Tx, own: &PriceId, terms: &Terms, at: &str) -> Result<()> {
    let Some(bundle) = &terms.bundle else { return Ok(()) };
    let refused = |problem| Error::problem(at, problem);
    let mut children = Vec::with_capacity(bundle.price_ids.len());
    for (index, id) in bundle.price_ids.iter().enumerate() {
        let member = format!("bundle.priceIds[{index}]");
        if id == own {
            return Err(refused(Problem::at(member, "must not be the bundle itself")));
        }
        let param = if at.is_empty() {
            member.clone()
        } else {
            format!("{at}.{member}")
        };
        let child = PRICE.live_at(tx.price(cx.store.no, id, true)?, id.as_str(), &param)?;
        if child.stamp.archived_at.is_some() {
            return Err(refused(Problem::at(member, "is archived: bundle prices that are sold")));
        }
        children.push(child);
    }
    let children: Vec<_> = children.iter().map(|child| (child.id.clone(), &child.terms)).collect();
    terms.check_bundled(own, &children).map_err(refused)
}

/// Checks that the bundles which a price is in can keep it with other terms.
fn check_bundles_with(cx: &Context<'_>, tx: &mut dyn Tx, price: &PriceRecord) -> Result<()> {
    for id in tx.bundles_with(cx.store.no, &price.id)? {
        let bundle = live(cx, tx, &id, false)?;
        let own = [(price.id.clone(), &price.terms)];
        bundle.terms.check_bundled(&id, &own).map_err(|problem| {
            let message = format!("is in bundle {}, where it {}", id.as_str(), problem.message);
            Error::invalid(PRICE.param, message)
        })?;
    }
    Ok(())
}

fn siblings(cx: &Context<'_>, tx: &mut dyn Tx, product: &ProductId) -> Result<Vec<PriceRecord>> {
    tx.prices_of(cx.store.no, std::slice::from_ref(product))
}

/// The product that a price is to be made for, held until the end.
fn product_for(cx: &Context<'_>, tx: &mut dyn Tx, id: &ProductId) -> Result<ProductRecord> {
    let product = PRODUCT.live(tx.product(cx.store.no, id, true)?, id.as_str())?;
    if product.stamp.archived_at.is_some() {
        let message = format!(
            "product {} is archived and gets no further prices: use another product",
            id.as_str()
        );
        return Err(Error::new(Code::ProductArchived, message).with_param(PRODUCT.param));
    }
    Ok(product)
}

/// `prices.create`.
pub fn create(cx: &Context<'_>, tx: &mut dyn Tx, params: &PriceCreateParams, numbers: &Numbering) -> Result<Outcome> {
    product_for(cx, tx, &params.product_id)?;
    let siblings = siblings(cx, tx, &params.product_id)?;
    let new = NewPrice {
        id: params.id.as_ref(),
        uuid: params.uuid,
        name: params.name.0.clone(),
        draft: Draft {
            kind: params.kind,
            currency: Some(params.currency),
            ..Draft::default()
        },
        members: params.members(),
    };
    let mut price = made(cx, tx, &params.product_id, &siblings, new, "", numbers)?;
    let default = on_sale(&siblings).find(|other| other.is_default);
    match default {
        Some(default) if price.is_default => drop(set_default(cx, tx, default, false)?),
        Some(_) => {}
        None => price.is_default = true,
    }
    store_new(cx, tx, price)
}

/// Stores a price that is made, with its event.
fn store_new(cx: &Context<'_>, tx: &mut dyn Tx, price: PriceRecord) -> Result<Outcome> {
    tx.insert_price(cx.store.no, &price)?;
    let id = price.id.clone();
    PRICE.created(cx, tx, id.as_str(), &Price::from(price))
}

fn on_sale(prices: &[PriceRecord]) -> impl Iterator<Item = &PriceRecord> {
    prices.iter().filter(|price| price.stamp.archived_at.is_none())
}

fn set_default(cx: &Context<'_>, tx: &mut dyn Tx, price: &PriceRecord, is_default: bool) -> Result<Outcome> {
    let after = PriceRecord {
        is_default,
        ..price.clone()
    };
    save(cx, tx, price.clone(), after)
}

/// The default passes to the first of the product's prices that are left.
fn pass_default(cx: &Context<'_>, tx: &mut dyn Tx, leaving: &PriceRecord) -> Result<()> {
    if !leaving.is_default {
        return Ok(());
    }
    let siblings = siblings(cx, tx, &leaving.product)?;
    let next = on_sale(&siblings).find(|other| other.id != leaving.id);
    next.map_or(Ok(()), |next| set_default(cx, tx, next, true).map(drop))
}

/// Saves a changed price with its event; one that did not change stays as it
/// is.
fn save(cx: &Context<'_>, tx: &mut dyn Tx, before: PriceRecord, mut after: PriceRecord) -> Result<Outcome> {
    let id = before.id.clone();
    if before == after {
        return answered(id.as_str(), &Price::from(before));
    }
    after.stamp.touch(cx);
    tx.update_price(cx.store.no, &before, &after)?;
    let version = after.stamp.version;
    let answers = (&Price::from(before), &Price::from(after));
    PRICE.updated(cx, tx, id.as_str(), version, answers)
}

/// `prices.get`.
pub fn get(cx: &Context<'_>, tx: &mut dyn Tx, params: &PriceGetParams) -> Result<String> {
    to_json(&Price::from(live(cx, tx, &params.price_id, false)?))
}

/// `prices.list`.
pub fn list(cx: &Context<'_>, tx: &mut dyn Tx, params: &PriceListParams) -> Result<String> {
    let sort = match &params.product_id {
        Some(id) => {
            PRODUCT.live(tx.product(cx.store.no, id, false)?, id.as_str())?;
            ProductSort {
                key: ProductSortKey::Order,
                descending: false,
            }
        }
        None => NEWEST,
    };
    let filter = CatalogFilter {
        product: params.product_id.clone(),
        currency: params.currency,
        price_type: params.kind,
        archived: Some(params.archived.unwrap_or(false)),
        ..CatalogFilter::default()
    };
    let listing = Listing::open(cx, "prices.list", filter, sort, params.cursor.as_ref(), params.limit.0)?;
    let rows = tx.list_prices(cx.store.no, &listing.list)?;
    listing.page(
        cx,
        rows,
        None,
        |row| (row.id.as_str(), &row.stamp, "", row.order),
        Price::from,
    )
}

/// `prices.update`: the terms only while nobody bought it.
pub fn update(cx: &Context<'_>, tx: &mut dyn Tx, params: &PriceUpdateParams) -> Result<Outcome> {
    let before = held(cx, tx, &params.price_id, params.if_version.map(|version| version.0))?;
    let mut after = before.clone();
    let members = params.members();
    if let Some(name) = &params.name.0 {
        after.name = name.0.clone();
    }
    after.order = members.order.map_or(after.order, |order| order.0);
    after.metadata = attributes::merged("metadata", &after.metadata, &members.metadata.0)?;
    members
        .description
        .clone()
        .map(|text| text.0)
        .apply_to(&mut after.description);
    members.unit.clone().map(|text| text.0).apply_to(&mut after.unit);
    after.terms = changed_terms(&before.terms, params, members)?;
    if after.terms != before.terms {
        if before.sold {
            let id = before.id.as_str();
            let message = format!(
                "price {id} was sold, so its terms never change: make a new price with prices.replace('{id}', {{ … }}), whoever bought this one stays on it"
            );
            return Err(Error::new(Code::PriceImmutable, message).with_param(PRICE.param));
        }
        check_bundle(cx, tx, &after.id, &after.terms, "")?;
        check_bundles_with(cx, tx, &after)?;
    }
    change_default(cx, tx, params.is_default, &mut after)?;
    save(cx, tx, before, after)
}

fn changed_terms(before: &Terms, params: &PriceUpdateParams, members: PriceMembers) -> Result<Terms> {
    let mut draft = Draft::of(before);
    draft.kind = params.kind.0.or(draft.kind);
    draft.currency = params.currency.0.or(draft.currency);
    let refused = |problem| Error::problem("", problem);
    members.apply_to(&mut draft).map_err(refused)?;
    draft.terms().map_err(refused)
}

fn change_default(cx: &Context<'_>, tx: &mut dyn Tx, given: Option<bool>, price: &mut PriceRecord) -> Result<()> {
    match given {
        Some(true) if !price.is_default => {
            if price.stamp.archived_at.is_some() {
                let message = format!("price {} is archived and cannot be the default", price.id.as_str());
                return Err(Error::new(Code::PriceArchived, message).with_param("isDefault"));
            }
            let siblings = siblings(cx, tx, &price.product)?;
            for other in on_sale(&siblings).filter(|other| other.is_default) {
                set_default(cx, tx, other, false)?;
            }
            price.is_default = true;
            Ok(())
        }
        Some(false) if price.is_default => Err(Error::invalid(
            "isDefault",
            "cannot be taken away from the default: make another price the default",
        )),
        _ => Ok(()),
    }
}

/// `prices.replace`: a new price in the old one's place, which is archived.
pub fn replace(cx: &Context<'_>, tx: &mut dyn Tx, params: &PriceReplaceParams, numbers: &Numbering) -> Result<Outcome> {
    let before = held(cx, tx, &params.price_id, params.if_version.map(|version| version.0))?;
    if before.stamp.archived_at.is_some() {
        let message = format!(
            "price {} is archived already: replace one that is sold",
            before.id.as_str()
        );
        return Err(Error::new(Code::PriceArchived, message).with_param(PRICE.param));
    }
    product_for(cx, tx, &before.product)?;
    let mut archived = before.clone();
    archived.stamp.archive(cx);
    archived.is_default = false;
    save(cx, tx, before.clone(), archived)?;
    let siblings = siblings(cx, tx, &before.product)?;
    let mut draft = Draft::of(&before.terms);
    draft.kind = params.kind.0.or(draft.kind);
    draft.currency = params.currency.0.or(draft.currency);
    let new = NewPrice {
        id: params.id.as_ref(),
        uuid: params.uuid,
        name: params
            .name
            .0
            .as_ref()
            .map_or_else(|| before.name.clone(), |name| name.0.clone()),
        draft,
        members: params.members(),
    };
    let mut price = made(cx, tx, &before.product, &siblings, new, "", numbers)?;
    keep_texts(params, &before, &mut price)?;
    if price.is_default || before.is_default {
        for other in on_sale(&siblings).filter(|other| other.is_default) {
            set_default(cx, tx, other, false)?;
        }
        price.is_default = true;
    }
    store_new(cx, tx, price)
}

/// What is not about money is as before, too, unless it is given.
fn keep_texts(params: &PriceReplaceParams, before: &PriceRecord, price: &mut PriceRecord) -> Result<()> {
    price.replaces = Some(before.id.clone());
    price.order = params.order.map_or(before.order, |order| order.0);
    price.description.clone_from(&before.description);
    price.unit.clone_from(&before.unit);
    params
        .description
        .clone()
        .map(|text| text.0)
        .apply_to(&mut price.description);
    params.unit.clone().map(|text| text.0).apply_to(&mut price.unit);
    price.metadata = attributes::merged("metadata", &before.metadata, &params.metadata.0)?;
    Ok(())
}

/// `prices.archive`.
pub fn archive(cx: &Context<'_>, tx: &mut dyn Tx, params: &PriceArchiveParams) -> Result<Outcome> {
    let before = held(cx, tx, &params.price_id, params.if_version.map(|version| version.0))?;
    let mut after = before.clone();
    after.stamp.archive(cx);
    after.is_default = false;
    pass_default(cx, tx, &before)?;
    save(cx, tx, before, after)
}

/// `prices.delete`: only what was never sold and is in no bundle.
pub fn delete(cx: &Context<'_>, tx: &mut dyn Tx, params: &PriceDeleteParams) -> Result<Outcome> {
    let price = held(cx, tx, &params.price_id, params.if_version.map(|version| version.0))?;
    let id = price.id.as_str();
    let in_use = |why: String| {
        let message = format!("price {id} {why}: archive it instead");
        Error::new(Code::PriceInUse, message).with_param(PRICE.param)
    };
    if price.sold {
        return Err(in_use("was sold".to_owned()));
    }
    if let Some(bundle) = tx.bundles_with(cx.store.no, &price.id)?.first() {
        let bundle = bundle.as_str();
        return Err(in_use(format!("is in bundle {bundle}")).with_detail("bundleId", bundle));
    }
    pass_default(cx, tx, &price)?;
    remove(cx, tx, price)
}

/// Marks a price deleted, with its event.
pub(super) fn remove(cx: &Context<'_>, tx: &mut dyn Tx, price: PriceRecord) -> Result<Outcome> {
    tx.delete_price(cx.store.no, &price, cx.now)?;
    let (id, version) = (price.id.clone(), price.stamp.version);
    let answer = DeletedPrice {
        id: id.clone(),
        object: PriceWord("price"),
        deleted: True(true),
    };
    PRICE.deleted(cx, tx, id.as_str(), version, (&Price::from(price), &answer))
}
