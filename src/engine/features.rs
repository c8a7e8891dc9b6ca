//! Use cases about features.

use super::{
    Context, attributes,
    catalog::{FEATURE, Listing, NEWEST, answered},
    check_version,
    customers::Outcome,
    numbers::Numbering,
    port::{CatalogFilter, FeatureRecord, Stamp, Tx},
    to_json,
};
use crate::{
    domain::{catalog::feature::FeatureType, id::FeatureId, search::Query},
    error::{Code, Error, Result},
    ops::{
        answer::{FeatureWord, True},
        feature::{
            DeletedFeature, Feature, FeatureArchiveParams, FeatureCreateParams, FeatureDeleteParams, FeatureGetParams,
            FeatureListParams, FeatureUpdateParams,
        },
    },
};

/// A feature that must be there; `param` is the path to its id.
pub(super) fn live_at(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    id: &FeatureId,
    lock: bool,
    param: &str,
) -> Result<FeatureRecord> {
    FEATURE.live_at(tx.feature(cx.store.no, id, lock)?, id.as_str(), param)
}

fn live(cx: &Context<'_>, tx: &mut dyn Tx, id: &FeatureId, lock: bool) -> Result<FeatureRecord> {
    live_at(cx, tx, id, lock, FEATURE.param)
}

/// `features.create`.
pub fn create(cx: &Context<'_>, tx: &mut dyn Tx, params: &FeatureCreateParams, numbers: &Numbering) -> Result<Outcome> {
    let id = match &params.id {
        Some(id) => {
            FEATURE.refuse_taken(tx.feature(cx.store.no, id, false)?, id.as_str(), "id")?;
            id.clone()
        }
        None => FeatureId::from_bits(cx.ids.uuid(cx.now)),
    };
    let record = FeatureRecord {
        id,
        stamp: Stamp::new(cx, numbers.next(FEATURE.name, tx)?),
        name: params.name.0.clone(),
        description: params.description.clone().map(|text| text.0),
        kind: params.kind.unwrap_or(FeatureType::Boolean),
        unit: params.unit.clone().map(|text| text.0),
        metadata: attributes::merged("metadata", &Default::default(), &params.metadata.0)?,
    };
    tx.insert_feature(cx.store.no, &record)?;
    let id = record.id.clone();
    FEATURE.created(cx, tx, id.as_str(), &Feature::from(record))
}

/// `features.get`.
pub fn get(cx: &Context<'_>, tx: &mut dyn Tx, params: &FeatureGetParams) -> Result<String> {
    to_json(&Feature::from(live(cx, tx, &params.feature_id, false)?))
}

/// `features.list`.
pub fn list(cx: &Context<'_>, tx: &mut dyn Tx, params: &FeatureListParams) -> Result<String> {
    let filter = CatalogFilter {
        query: params.query.as_ref().and_then(|typed| Query::new(&typed.0)),
        feature_type: params.kind,
        archived: Some(params.archived.unwrap_or(false)),
        ..CatalogFilter::default()
    };
    let listing = Listing::open(
        cx,
        "features.list",
        filter,
        NEWEST,
        params.cursor.as_ref(),
        params.limit.0,
    )?;
    let rows = tx.list_features(cx.store.no, &listing.list)?;
    listing.page(
        cx,
        rows,
        None,
        |row| (row.id.as_str(), &row.stamp, &row.name, 0),
        Feature::from,
    )
}

/// `features.update`.
pub fn update(cx: &Context<'_>, tx: &mut dyn Tx, params: &FeatureUpdateParams) -> Result<Outcome> {
    let before = live(cx, tx, &params.feature_id, true)?;
    check_version(params.if_version.map(|version| version.0), before.stamp.version)?;
    let mut after = before.clone();
    if let Some(name) = &params.name.0 {
        after.name = name.0.clone();
    }
    params
        .description
        .clone()
        .map(|text| text.0)
        .apply_to(&mut after.description);
    params.unit.clone().map(|text| text.0).apply_to(&mut after.unit);
    after.metadata = attributes::merged("metadata", &after.metadata, &params.metadata.0)?;
    save(cx, tx, before, after)
}

/// `features.archive`.
pub fn archive(cx: &Context<'_>, tx: &mut dyn Tx, params: &FeatureArchiveParams) -> Result<Outcome> {
    let before = live(cx, tx, &params.feature_id, true)?;
    check_version(params.if_version.map(|version| version.0), before.stamp.version)?;
    let mut after = before.clone();
    after.stamp.archive(cx);
    save(cx, tx, before, after)
}

/// Saves a changed feature with its event; one that did not change stays as
/// it is.
fn save(cx: &Context<'_>, tx: &mut dyn Tx, before: FeatureRecord, mut after: FeatureRecord) -> Result<Outcome> {
    let id = before.id.clone();
    if before == after {
        return answered(id.as_str(), &Feature::from(before));
    }
    after.stamp.touch(cx);
    tx.update_feature(cx.store.no, &after)?;
    let version = after.stamp.version;
    let answers = (&Feature::from(before), &Feature::from(after));
    FEATURE.updated(cx, tx, id.as_str(), version, answers)
}

/// `features.delete`: only while no product gives it.
pub fn delete(cx: &Context<'_>, tx: &mut dyn Tx, params: &FeatureDeleteParams) -> Result<Outcome> {
    let feature = live(cx, tx, &params.feature_id, true)?;
    check_version(params.if_version.map(|version| version.0), feature.stamp.version)?;
    let id = feature.id.clone();
    if let Some(product) = tx.product_giving(cx.store.no, &id)? {
        let (id, product) = (id.as_str(), product.as_str());
        return Err(Error::new(
            Code::FeatureInUse,
            format!("feature {id} is given by product {product}: take it from the product first, or archive it"),
        )
        .with_param(FEATURE.param)
        .with_detail("productId", product));
    }
    tx.delete_feature(cx.store.no, &id, cx.now)?;
    let version = feature.stamp.version;
    let answer = DeletedFeature {
        id: id.clone(),
        object: FeatureWord("feature"),
        deleted: True(true),
    };
    FEATURE.deleted(cx, tx, id.as_str(), version, (&Feature::from(feature), &answer))
}
