//! Use cases about coupons.

use super::{
    Context, attributes,
    catalog::{COUPON, Listing, NEWEST, PRODUCT, answered},
    check_version,
    customers::Outcome,
    numbers::Numbering,
    port::{CatalogFilter, CouponRecord, Stamp, Tx},
    to_json,
};
use crate::{
    domain::{
        Problem,
        catalog::coupon::{Coupon, Duration, Off},
        customer::Patch,
        id::{CouponId, ProductId},
        search::Query,
    },
    error::{Code, Error, Result},
    ops::{
        answer::{CouponWord, True},
        catalog::DurationWord,
        coupon::{
            self as ops, CouponCreateParams, CouponDeleteParams, CouponGetParams, CouponListParams, CouponUpdateParams,
            DeletedCoupon, Products,
        },
    },
};

fn live(cx: &Context<'_>, tx: &mut dyn Tx, id: &CouponId, lock: bool) -> Result<CouponRecord> {
    COUPON.live(tx.coupon(cx.store.no, id, lock)?, id.as_str())
}

/// `coupons.create`.
pub fn create(cx: &Context<'_>, tx: &mut dyn Tx, params: &CouponCreateParams, numbers: &Numbering) -> Result<Outcome> {
    let id = match &params.id {
        Some(id) => {
            COUPON.refuse_taken(tx.coupon(cx.store.no, id, false)?, id.as_str(), "id")?;
            id.clone()
        }
        None => CouponId::from_bits(cx.ids.uuid(cx.now)),
    };
    let coupon = said(cx, tx, id, params)?;
    coupon.check().map_err(|problem| Error::problem("", problem))?;
    if let Some(holder) = tx.coupon_by_code(cx.store.no, &Coupon::fold(&coupon.code))? {
        let holder = holder.coupon.id.as_str();
        return Err(Error::new(
            Code::CouponCodeTaken,
            format!("code belongs to coupon {holder}, for codes are the same in any case: choose another"),
        )
        .with_param("code")
        .with_detail("couponId", holder));
    }
    let record = CouponRecord {
        stamp: Stamp::new(cx, numbers.next(COUPON.name, tx)?),
        coupon,
        metadata: attributes::merged("metadata", &Default::default(), &params.metadata.0)?,
    };
    tx.insert_coupon(cx.store.no, &record)?;
    let id = record.coupon.id.clone();
    COUPON.created(cx, tx, id.as_str(), &ops::Coupon::from(record))
}

fn said(cx: &Context<'_>, tx: &mut dyn Tx, id: CouponId, params: &CouponCreateParams) -> Result<Coupon> {
    let refused = |problem| Error::problem("", problem);
    Ok(Coupon {
        id,
        code: params.code.0.clone(),
        name: params.name.clone().map(|text| text.0),
        description: params.description.clone().map(|text| text.0),
        off: off(params).map_err(refused)?,
        duration: duration(params).map_err(refused)?,
        max_redemptions: params.max_redemptions.map(|most| most.0),
        max_per_customer: params.max_per_customer.map(|most| most.0),
        redeem_by: params.redeem_by,
        products: match &params.products {
            Some(products) => existing(cx, tx, products)?,
            None => Vec::new(),
        },
        active: params.active.unwrap_or(true),
    })
}

fn off(params: &CouponCreateParams) -> std::result::Result<Off, Problem> {
    match (params.percent_off, params.amount_off, params.currency) {
        (Some(percent), None, None) => Ok(Off::Percent(percent)),
        (Some(_), None, Some(_)) => Err(Problem::at(
            "currency",
            "belongs to amountOff: leave it out beside percentOff",
        )),
        (None, Some(amount), Some(currency)) => Ok(Off::Amount(amount.0, currency)),
        (None, Some(_), None) => Err(Problem::at("currency", "is required beside amountOff")),
        (Some(_), Some(_), _) => Err(Problem::at(
            "amountOff",
            "and percentOff are given together: give one of them",
        )),
        (None, None, _) => Err(Problem::at("percentOff", "is required (or amountOff with currency)")),
    }
}

fn duration(params: &CouponCreateParams) -> std::result::Result<Duration, Problem> {
    match (params.duration, params.duration_in_months) {
        (DurationWord::Repeating, Some(months)) => u32::try_from(months.0)
            .map(|months| Duration::Repeating { months })
            .map_err(|_| Problem::at("durationInMonths", "is too large")),
        (DurationWord::Repeating, None) => Err(Problem::at("durationInMonths", "is required with duration repeating")),
        (_, Some(_)) => Err(Problem::at("durationInMonths", "belongs to duration repeating")),
        (DurationWord::Once, None) => Ok(Duration::Once),
        (DurationWord::Forever, None) => Ok(Duration::Forever),
    }
}

/// The products that are named, each of which is there.
fn existing(cx: &Context<'_>, tx: &mut dyn Tx, products: &Products) -> Result<Vec<ProductId>> {
    for (index, id) in products.0.iter().enumerate() {
        let param = format!("products[{index}]");
        if products.0.iter().take(index).any(|other| other == id) {
            return Err(Error::invalid(param, "is there twice"));
        }
        PRODUCT.live_at(tx.product(cx.store.no, id, false)?, id.as_str(), &param)?;
    }
    Ok(products.0.clone())
}

/// `coupons.get`, by id or by code.
pub fn get(cx: &Context<'_>, tx: &mut dyn Tx, params: &CouponGetParams) -> Result<String> {
    let found = match (&params.coupon_id, &params.code) {
        (Some(id), None) => live(cx, tx, id, false)?,
        (None, Some(code)) => tx.coupon_by_code(cx.store.no, &Coupon::fold(&code.0))?.ok_or_else(|| {
            let message = "no coupon of this store has that code: coupons.list() shows what there is";
            Error::new(Code::CouponNotFound, message).with_param("code")
        })?,
        (Some(_), Some(_)) => {
            return Err(Error::invalid(
                "code",
                "and couponId are given together: give one of them",
            ));
        }
        (None, None) => {
            return Err(Error::new(Code::ParameterMissing, "couponId is required (or code)").with_param("couponId"));
        }
    };
    to_json(&ops::Coupon::from(found))
}

/// `coupons.list`.
pub fn list(cx: &Context<'_>, tx: &mut dyn Tx, params: &CouponListParams) -> Result<String> {
    let filter = CatalogFilter {
        query: params.query.as_ref().and_then(|typed| Query::new(&typed.0)),
        active: params.active,
        ..CatalogFilter::default()
    };
    let listing = Listing::open(
        cx,
        "coupons.list",
        filter,
        NEWEST,
        params.cursor.as_ref(),
        params.limit.0,
    )?;
    let rows = tx.list_coupons(cx.store.no, &listing.list)?;
    listing.page(
        cx,
        rows,
        None,
        |row| (row.coupon.id.as_str(), &row.stamp, "", 0),
        ops::Coupon::from,
    )
}

/// `coupons.update`.
pub fn update(cx: &Context<'_>, tx: &mut dyn Tx, params: &CouponUpdateParams) -> Result<Outcome> {
    let before = live(cx, tx, &params.coupon_id, true)?;
    check_version(params.if_version.map(|version| version.0), before.stamp.version)?;
    let mut after = before.clone();
    let coupon = &mut after.coupon;
    params.name.clone().map(|text| text.0).apply_to(&mut coupon.name);
    params
        .description
        .clone()
        .map(|text| text.0)
        .apply_to(&mut coupon.description);
    params
        .max_redemptions
        .clone()
        .map(|most| most.0)
        .apply_to(&mut coupon.max_redemptions);
    params
        .max_per_customer
        .clone()
        .map(|most| most.0)
        .apply_to(&mut coupon.max_per_customer);
    params.redeem_by.clone().apply_to(&mut coupon.redeem_by);
    coupon.active = params.active.0.unwrap_or(coupon.active);
    match &params.products {
        Patch::Absent => {}
        Patch::Clear => coupon.products.clear(),
        Patch::Set(products) => coupon.products = existing(cx, tx, products)?,
    }
    after.metadata = attributes::merged("metadata", &after.metadata, &params.metadata.0)?;
    let id = before.coupon.id.clone();
    if before == after {
        return answered(id.as_str(), &ops::Coupon::from(before));
    }
    after.stamp.touch(cx);
    tx.update_coupon(cx.store.no, &after)?;
    let version = after.stamp.version;
    let answers = (&ops::Coupon::from(before), &ops::Coupon::from(after));
    COUPON.updated(cx, tx, id.as_str(), version, answers)
}

/// `coupons.delete`: the code is free again.
pub fn delete(cx: &Context<'_>, tx: &mut dyn Tx, params: &CouponDeleteParams) -> Result<Outcome> {
    let coupon = live(cx, tx, &params.coupon_id, true)?;
    check_version(params.if_version.map(|version| version.0), coupon.stamp.version)?;
    let id = coupon.coupon.id.clone();
    tx.delete_coupon(cx.store.no, &id, cx.now)?;
    let version = coupon.stamp.version;
    let answer = DeletedCoupon {
        id: id.clone(),
        object: CouponWord("coupon"),
        deleted: True(true),
    };
    COUPON.deleted(cx, tx, id.as_str(), version, (&ops::Coupon::from(coupon), &answer))
}
