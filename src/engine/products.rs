//! Use cases about products.

use super::{
    Context, attributes,
    catalog::{Listing, NEWEST, PRICE, PRODUCT, answered},
    catalog_answers::product as answer,
    check_version,
    customers::Outcome,
    features,
    numbers::Numbering,
    port::{CatalogFilter, Entry, PriceRecord, ProductRecord, Stamp, Tx},
    prices::{self, NewPrice},
    to_json,
};
use crate::{
    domain::{
        catalog::{
            draft::Draft,
            feature::ProductFeature,
            options::OptionsDraft,
            product::{Details, Options, ProductKind, ProductStatus},
        },
        customer::Patch,
        id::{OptionId, ProductId},
        search::Query,
    },
    error::{Code, Error, Result},
    ops::{
        answer::{ProductWord, True},
        catalog::Either,
        param::Expand,
        price::{Price, VariantInput},
        product::{
            DeletedProduct, FeatureGiven, ProductArchiveParams, ProductCreateParams, ProductDeleteParams,
            ProductGetParams, ProductListParams, ProductMembers, ProductUpdateParams,
        },
    },
};

fn live(cx: &Context<'_>, tx: &mut dyn Tx, id: &ProductId, lock: bool) -> Result<ProductRecord> {
    PRODUCT.live(tx.product(cx.store.no, id, lock)?, id.as_str())
}

fn prices_of(cx: &Context<'_>, tx: &mut dyn Tx, id: &ProductId) -> Result<Vec<PriceRecord>> {
    tx.prices_of(cx.store.no, std::slice::from_ref(id))
}

/// `products.create`, with its prices in the same transaction.
pub fn create(cx: &Context<'_>, tx: &mut dyn Tx, params: &ProductCreateParams, numbers: &Numbering) -> Result<Outcome> {
    let id = match &params.id {
        Some(id) => {
            PRODUCT.refuse_taken(tx.product(cx.store.no, id, false)?, id.as_str(), "id")?;
            id.clone()
        }
        None => ProductId::from_bits(cx.ids.uuid(cx.now)),
    };
    if let Some(uuid) = params.uuid {
        let holder = tx.product_with_uuid(cx.store.no, uuid)?;
        PRODUCT.refuse_uuid(holder.as_ref().map(ProductId::as_str), "uuid")?;
    }
    let mut product = ProductRecord {
        id,
        uuid: params.uuid,
        stamp: Stamp::new(cx, numbers.next(PRODUCT.name, tx)?),
        name: params.name.0.clone(),
        kind: ProductKind::Software,
        status: ProductStatus::Sale,
        order: 0,
        stock: None,
        details: Details::default(),
        metadata: Default::default(),
    };
    apply(cx, tx, params.members(), &mut product)?;
    tx.insert_product(cx.store.no, &product)?;
    let variants = params.variants.as_ref().map_or(&[][..], |variants| &variants.0);
    let prices = make_prices(cx, tx, &product.id, variants, numbers)?;
    let id = product.id.clone();
    let outcome = PRODUCT.created(cx, tx, id.as_str(), &answer(product, prices.clone()))?;
    for price in prices {
        let id = price.id.clone();
        PRICE.created(cx, tx, id.as_str(), &Price::from(price))?;
    }
    Ok(outcome)
}

/// The prices that come with a product, stored.
fn make_prices(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    product: &ProductId,
    variants: &[VariantInput],
    numbers: &Numbering,
) -> Result<Vec<PriceRecord>> {
    let mut defaults = variants
        .iter()
        .enumerate()
        .filter(|(_, variant)| variant.is_default == Some(true))
        .map(|(index, _)| index);
    let default = defaults.next().unwrap_or(0);
    if let Some(second) = defaults.next() {
        let message = format!("is true for variants[{default}] already: a product has one default price");
        return Err(Error::invalid(format!("variants[{second}].isDefault"), message));
    }
    let mut prices: Vec<PriceRecord> = Vec::with_capacity(variants.len());
    for (index, variant) in variants.iter().enumerate() {
        let new = NewPrice {
            id: variant.id.as_ref(),
            uuid: variant.uuid,
            name: variant.name.0.clone(),
            draft: Draft {
                kind: variant.kind,
                currency: Some(variant.currency),
                ..Draft::default()
            },
            members: variant.members(),
        };
        let at = format!("variants[{index}]");
        let mut price = prices::made(cx, tx, product, &prices, new, &at, numbers)?;
        price.is_default = index == default;
        tx.insert_price(cx.store.no, &price)?;
        prices.push(price);
    }
    prices.sort_by_key(|price| price.order);
    Ok(prices)
}

/// Says the given members over a product, and checks what comes of it.
fn apply(cx: &Context<'_>, tx: &mut dyn Tx, members: ProductMembers, product: &mut ProductRecord) -> Result<()> {
    product.kind = members.kind.unwrap_or(product.kind);
    product.status = members.status.unwrap_or(product.status);
    product.order = members.order.map_or(product.order, |order| order.0);
    members.stock.clone().map(|stock| stock.0).apply_to(&mut product.stock);
    product.metadata = attributes::merged("metadata", &product.metadata, &members.metadata.0)?;
    match &members.features {
        Patch::Absent => {}
        Patch::Clear => product.details.features.clear(),
        Patch::Set(given) => product.details.features = given_features(cx, tx, &given.0, &product.details.features)?,
    }
    let refused = |problem| Error::problem("", problem);
    match &members.options {
        Patch::Absent => {}
        Patch::Clear => product.details.options = Options::default(),
        Patch::Set(options) => {
            let mut new_id = || OptionId::from_bits(cx.ids.uuid(cx.now));
            let options = OptionsDraft::from(options.clone()).options(&product.details.options, &mut new_id);
            product.details.options = options.map_err(refused)?;
        }
    }
    members.apply_to(&mut product.details).map_err(refused)?;
    product.details.check().map_err(refused)
}

/// The features that are named. Those that are new to the product are held
/// until the end of the transaction: none of them can go meanwhile.
fn given_features(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    given: &[FeatureGiven],
    before: &[ProductFeature],
) -> Result<Vec<ProductFeature>> {
    let mut features = Vec::with_capacity(given.len());
    for (index, given) in given.iter().enumerate() {
        let (feature, at) = match given {
            Either::Short(id) => (ProductFeature::plain(id.clone()), format!("features[{index}]")),
            Either::Long(input) => (ProductFeature::from(input.clone()), format!("features[{index}].id")),
        };
        let is_new = before.iter().all(|old| old.id != feature.id);
        let known = features::live_at(cx, tx, &feature.id, is_new, &at)?;
        if is_new && known.stamp.archived_at.is_some() {
            return Err(Error::invalid(at, "is archived: no further product gives it"));
        }
        feature
            .check_for(known.kind)
            .map_err(|problem| Error::problem(&format!("features[{index}]"), problem))?;
        features.push(feature);
    }
    Ok(features)
}

/// `products.get`.
pub fn get(cx: &Context<'_>, tx: &mut dyn Tx, params: &ProductGetParams) -> Result<String> {
    let product = live(cx, tx, &params.product_id, false)?;
    let prices = prices_of(cx, tx, &product.id)?;
    to_json(&answer(product, prices))
}

/// `products.list`.
pub fn list(cx: &Context<'_>, tx: &mut dyn Tx, params: &ProductListParams) -> Result<String> {
    let filter = CatalogFilter {
        query: params.query.as_ref().and_then(|typed| Query::new(&typed.0)),
        product_kind: params.kind,
        status: params.status,
        archived: Some(params.archived.unwrap_or(false)),
        ..CatalogFilter::default()
    };
    let sort = params.sort.unwrap_or(NEWEST);
    let listing = Listing::open(
        cx,
        "products.list",
        filter,
        sort,
        params.cursor.as_ref(),
        params.limit.0,
    )?;
    let counted = params
        .expand
        .iter()
        .flat_map(|expand| &expand.0)
        .any(|what| *what == Expand::Total);
    let total = match counted {
        true => Some(tx.count_products(cx.store.no, &listing.list)?),
        false => None,
    };
    let rows = tx.list_products(cx.store.no, &listing.list)?;
    let shown: Vec<ProductId> = rows.iter().take(params.limit.0).map(|row| row.id.clone()).collect();
    let prices = tx.prices_of(cx.store.no, &shown)?;
    listing.page(
        cx,
        rows,
        total,
        |row| (row.id.as_str(), &row.stamp, &row.name, row.order),
        |row| {
            let own = prices.iter().filter(|price| price.product == row.id).cloned().collect();
            answer(row, own)
        },
    )
}

/// `products.update`.
pub fn update(cx: &Context<'_>, tx: &mut dyn Tx, params: &ProductUpdateParams) -> Result<Outcome> {
    let before = live(cx, tx, &params.product_id, true)?;
    check_version(params.if_version.map(|version| version.0), before.stamp.version)?;
    let mut after = before.clone();
    if let Some(name) = &params.name.0 {
        after.name = name.0.clone();
    }
    apply(cx, tx, params.members(), &mut after)?;
    save(cx, tx, before, after)
}

/// `products.archive`.
pub fn archive(cx: &Context<'_>, tx: &mut dyn Tx, params: &ProductArchiveParams) -> Result<Outcome> {
    let before = live(cx, tx, &params.product_id, true)?;
    check_version(params.if_version.map(|version| version.0), before.stamp.version)?;
    let mut after = before.clone();
    after.stamp.archive(cx);
    save(cx, tx, before, after)
}

/// Saves a changed product with its event; one that did not change stays as
/// it is.
fn save(cx: &Context<'_>, tx: &mut dyn Tx, before: ProductRecord, mut after: ProductRecord) -> Result<Outcome> {
    let id = before.id.clone();
    let prices = prices_of(cx, tx, &id)?;
    if before == after {
        return answered(id.as_str(), &answer(before, prices));
    }
    after.stamp.touch(cx);
    tx.update_product(cx.store.no, &before, &after)?;
    let version = after.stamp.version;
    let answers = (&answer(before, prices.clone()), &answer(after, prices));
    PRODUCT.updated(cx, tx, id.as_str(), version, answers)
}

/// `products.delete`: with its prices, none of which anybody bought.
pub fn delete(cx: &Context<'_>, tx: &mut dyn Tx, params: &ProductDeleteParams) -> Result<Outcome> {
    let product = live(cx, tx, &params.product_id, true)?;
    check_version(params.if_version.map(|version| version.0), product.stamp.version)?;
    let id = product.id.clone();
    let mut prices = Vec::new();
    for price in prices_of(cx, tx, &id)? {
        // Held, so that nobody buys or bundles it meanwhile.
        if let Some(Entry::Live(price)) = tx.price(cx.store.no, &price.id, true)? {
            prices.push(*price);
        }
    }
    refuse_in_use(cx, tx, &id, &prices)?;
    let before = answer(product.clone(), prices.clone());
    for price in prices {
        prices::remove(cx, tx, price)?;
    }
    tx.delete_product(cx.store.no, &product, cx.now)?;
    let deleted = DeletedProduct {
        id: id.clone(),
        object: ProductWord("product"),
        deleted: True(true),
    };
    PRODUCT.deleted(cx, tx, id.as_str(), product.stamp.version, (&before, &deleted))
}

fn refuse_in_use(cx: &Context<'_>, tx: &mut dyn Tx, id: &ProductId, prices: &[PriceRecord]) -> Result<()> {
    let in_use = |price: &PriceRecord, why: String| {
        let (id, price) = (id.as_str(), price.id.as_str());
        Error::new(
            Code::ProductInUse,
            format!("product {id} has price {price}, which {why}: archive the product instead"),
        )
        .with_param(PRODUCT.param)
        .with_detail("priceId", price)
    };
    for price in prices {
        if price.sold {
            return Err(in_use(price, "was sold".to_owned()));
        }
        let bundles = tx.bundles_with(cx.store.no, &price.id)?;
        let elsewhere = bundles
            .iter()
            .find(|bundle| prices.iter().all(|own| own.id != **bundle));
        if let Some(bundle) = elsewhere {
            return Err(in_use(price, format!("is in bundle {}", bundle.as_str())));
        }
    }
    Ok(())
}
