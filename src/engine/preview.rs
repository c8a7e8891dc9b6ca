//! `commerce.preview`: what a purchase costs, without changing anything.

use super::{
    Context,
    catalog::{PRICE, PRODUCT},
    customers, lines,
    port::{CouponRecord, PriceRecord, ProductRecord, Tx},
    settings::{self, StoreSettings},
    to_json,
};
use crate::{
    domain::{
        Problem,
        calendar::add,
        catalog::{
            coupon::{Coupon, MAX_CODE_CHARACTERS},
            price::PriceType,
            product::ProductStatus,
        },
        country::Country,
        decimal::Percent,
        id::{CustomerId, PriceId},
        instant::Instant,
        pricing::{
            discount::{Given, Uses},
            item::Item,
            policies::Policies,
            purchase::Purchase,
            tax::TaxRate,
        },
        zone::Zone,
    },
    error::{Code, Error, Result},
    ops::{
        param::Loose,
        preview::{LineItemInput, PreviewParams},
    },
};

/// How many coming payments are shown when nobody says.
const PERIODS: i64 = 1;

/// A price with its product.
struct Priced {
    price: PriceRecord,
    product: ProductRecord,
}

/// A line item with everything that it names.
struct Chosen {
    priced: Priced,
    children: Vec<Priced>,
    quantity: i64,
    option_amount: i64,
}

/// `commerce.preview`.
pub fn preview(cx: &Context<'_>, tx: &mut dyn Tx, params: &PreviewParams) -> Result<String> {
    let StoreSettings { zone, settings, .. } = settings::of(cx, tx)?;
    let country = match &params.customer_id {
        Some(id) => country_of(cx, tx, id)?,
        None => None,
    };
    let mut chosen = Vec::with_capacity(params.line_items.0.len());
    for (index, item) in params.line_items.0.iter().enumerate() {
        chosen.push(choose(cx, tx, item, &format!("lineItems[{index}]"))?);
    }
    let codes = params.discount_codes.as_ref().map_or(&[][..], |codes| &codes.0);
    let coupons = coupons(cx, tx, codes)?;
    let items: Vec<Item<'_>> = chosen
        .iter()
        .map(|chosen| item(chosen, cx.now, zone))
        .collect::<Result<_>>()?;
    let given: Vec<Given<'_>> = codes
        .iter()
        .zip(&coupons)
        .map(|(code, coupon)| Given {
            code: &code.0,
            coupon: coupon.as_ref().map(|record| &record.coupon),
            uses: Uses::NONE,
        })
        .collect();
    let policies = with_product_taxes(settings.policies(zone), &chosen, country);
    let purchase = Purchase {
        items: &items,
        codes: &given,
        policies: &policies,
        country,
        now: cx.now,
    };
    let periods = params.periods.map_or(PERIODS, |periods| periods.0);
    let quote = purchase.quote(usize::try_from(periods).unwrap_or(0)).map_err(refused)?;
    let locale = params.locale.unwrap_or(settings.locale);
    to_json(&lines::preview(&quote, policies.tax.inclusive, locale)?)
}

fn refused(problem: Problem) -> Error {
    Error::problem("", problem)
}

fn country_of(cx: &Context<'_>, tx: &mut dyn Tx, id: &CustomerId) -> Result<Option<Country>> {
    let profile = customers::live(cx, tx, id, false)?.profile;
    let address = profile.address.as_ref().and_then(|address| address.country);
    Ok(profile.country_code.or(address))
}

fn coupons(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    codes: &[Loose<MAX_CODE_CHARACTERS>],
) -> Result<Vec<Option<CouponRecord>>> {
    codes
        .iter()
        .map(|code| tx.coupon_by_code(cx.store.no, &Coupon::fold(&code.0)))
        .collect()
}

/// Finds what a line item names, and refuses what cannot be bought.
fn choose(cx: &Context<'_>, tx: &mut dyn Tx, item: &LineItemInput, at: &str) -> Result<Chosen> {
    let (id, member) = match (&item.variant_id, &item.price_id) {
        (Some(id), None) => (id, "variantId"),
        (None, Some(id)) => (id, "priceId"),
        (Some(_), Some(_)) => {
            return Err(Error::invalid(
                format!("{at}.priceId"),
                "must be left out with variantId",
            ));
        }
        (None, None) => {
            let message = format!("{at}.variantId is required: the id of a price");
            return Err(Error::new(Code::ParameterMissing, message).with_param(format!("{at}.variantId")));
        }
    };
    let priced = priced(cx, tx, id, &format!("{at}.{member}"))?;
    let quantity = item.quantity.map_or(1, |quantity| quantity.0);
    check_available(&priced, quantity, at, member)?;
    let ids = item.options.as_ref().map_or(&[][..], |options| &options.0);
    let combination = priced
        .product
        .details
        .options
        .chosen(ids)
        .map_err(|problem| Error::problem(&format!("{at}.options"), problem))?;
    if let Some(left) = combination.and_then(|combination| combination.stock) {
        check_left(left, quantity, "the combination", at)?;
    }
    let option_amount = combination.map_or(0, |combination| combination.price);
    let mut children = Vec::new();
    if let Some(bundle) = &priced.price.terms.bundle {
        for child in &bundle.price_ids {
            children.push(self::priced(cx, tx, child, &format!("{at}.{member}"))?);
        }
    }
    Ok(Chosen {
        priced,
        children,
        quantity,
        option_amount,
    })
}

fn priced(cx: &Context<'_>, tx: &mut dyn Tx, id: &PriceId, at: &str) -> Result<Priced> {
    let price = PRICE.live_at(tx.price(cx.store.no, id, false)?, id.as_str(), at)?;
    let product = tx.product(cx.store.no, &price.product, false)?;
    let product = PRODUCT.live(product, price.product.as_str())?;
    Ok(Priced { price, product })
}

/// Whether it can be bought now, in this number.
fn check_available(priced: &Priced, quantity: i64, at: &str, member: &str) -> Result<()> {
    let Priced { price, product } = priced;
    let refused = |code, why: String| Err(Error::new(code, why).with_param(format!("{at}.{member}")));
    if price.stamp.archived_at.is_some() {
        let why = format!(
            "{} is archived: sell another price of {}",
            price.id.as_str(),
            product.id.as_str()
        );
        return refused(Code::PriceArchived, why);
    }
    let on_sale = matches!(product.status, ProductStatus::Sale | ProductStatus::OutOfStock);
    if product.stamp.archived_at.is_some() || !on_sale {
        let why = format!(
            "{} is not on sale: sell another product, or put it on sale",
            product.id.as_str()
        );
        return refused(Code::ProductUnavailable, why);
    }
    let left = if product.status == ProductStatus::OutOfStock {
        Some(0)
    } else {
        product.stock
    };
    left.map_or(Ok(()), |left| check_left(left, quantity, product.id.as_str(), at))
}

fn check_left(left: i64, quantity: i64, what: &str, at: &str) -> Result<()> {
    if left >= quantity {
        return Ok(());
    }
    let message = format!("{what} has {left} left, and {quantity} are wanted: take fewer, or raise its stock");
    Err(Error::new(Code::OutOfStock, message).with_param(format!("{at}.quantity")))
}

fn item(chosen: &Chosen, now: Instant, zone: Zone) -> Result<Item<'_>> {
    let trial = chosen.priced.product.details.trial;
    let trial_end = trial
        .filter(|_| chosen.priced.price.terms.recurring.is_some())
        .map(|length| add(now, length, zone))
        .transpose()
        .map_err(refused)?;
    let children = chosen.children.iter().map(|child| item_of(child, chosen.quantity, 0));
    Ok(Item {
        trial_end,
        children: children.collect(),
        ..item_of(&chosen.priced, chosen.quantity, chosen.option_amount)
    })
}

fn item_of(priced: &Priced, quantity: i64, option_amount: i64) -> Item<'_> {
    let Priced { price, product } = priced;
    Item {
        price: &price.id,
        product: &price.product,
        name: if price.name.is_empty() {
            &product.name
        } else {
            &price.name
        },
        unit: price.unit.as_deref().unwrap_or(match price.terms.kind {
            PriceType::Seat => "seats",
            _ => "units",
        }),
        terms: &price.terms,
        quantity,
        option_amount,
        trial_end: None,
        id: None,
        units: None,
        is_first_purchase: true,
        children: Vec::new(),
    }
}

/// Beside the store's policies, a product's country setting adds its tax for
/// customers there, or for all where it is the default; a rate of the store for
/// the product stands in its place.
fn with_product_taxes(mut policies: Policies, chosen: &[Chosen], country: Option<Country>) -> Policies {
    let products = chosen
        .iter()
        .flat_map(|chosen| std::iter::once(&chosen.priced).chain(&chosen.children));
    for Priced { product, .. } in products {
        let Some(setting) = &product.details.country_setting else {
            continue;
        };
        let here = country.is_some_and(|country| country.as_str() == setting.country_code);
        let known = policies
            .tax
            .rates
            .iter()
            .any(|rate| rate.product.as_ref() == Some(&product.id));
        if let Some(percent) = setting
            .tax_rate
            .filter(|rate| *rate > Percent::ZERO && (here || setting.is_default) && !known)
        {
            policies.tax.rates.push(TaxRate {
                name: format!("{} tax", setting.country_code),
                percent,
                country: None,
                product: Some(product.id.clone()),
            });
        }
    }
    policies
}
