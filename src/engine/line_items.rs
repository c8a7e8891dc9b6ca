//! What people name when they buy, as a cart.

use super::{
    billing::{Desk, currency_of},
    port::Tx,
};
use crate::{
    domain::{
        currency::Currency,
        id::{OptionId, PriceId},
        order::CartItem,
        pricing::discount::InvalidDiscount,
        words::Locale,
    },
    error::{Code, Error, Result},
    ops::{
        billing::Pieces,
        checkout::{DiscountCode, DiscountCodes},
        order::OrderItemInput,
        param::Items,
        preview::LineItemInput,
    },
};

/// A cart, and how the caller calls what is in it.
pub(super) struct LineItems {
    /// The cart.
    pub(super) cart: Vec<CartItem>,
    list: &'static str,
    options: &'static str,
    prices: Vec<&'static str>,
}

/// What is named of one item.
struct Named<'a> {
    price: &'a PriceId,
    member: &'static str,
    options: &'a [OptionId],
    quantity: Option<Pieces>,
    minimum: Option<Pieces>,
    maximum: Option<Pieces>,
}

fn options(given: Option<&Items<OptionId, 20>>) -> &[OptionId] {
    given.map_or(&[], |options| &options.0)
}

impl LineItems {
    /// Of a preview or a checkout.
    pub(super) fn of_purchase(desk: &mut Desk<'_>, tx: &mut dyn Tx, items: &[LineItemInput]) -> Result<Self> {
        let named = items.iter().enumerate().map(|(index, item)| {
            let (price, member) = match (&item.variant_id, &item.price_id) {
                (Some(id), None) => (id, "variantId"),
                (None, Some(id)) => (id, "priceId"),
                (Some(_), Some(_)) => {
                    let at = format!("lineItems[{index}].priceId");
                    return Err(Error::invalid(at, "must be left out with variantId"));
                }
                (None, None) => {
                    let at = format!("lineItems[{index}].variantId");
                    let message = format!("{at} is required: the id of a price");
                    return Err(Error::new(Code::ParameterMissing, message).with_param(at));
                }
            };
            Ok(Named {
                price,
                member,
                options: options(item.options.as_ref()),
                quantity: item.quantity,
                minimum: None,
                maximum: None,
            })
        });
        let named = named.collect::<Result<Vec<_>>>()?;
        Self::of(desk, tx, &named, "lineItems", "options")
    }

    /// Of an order.
    pub(super) fn of_order(desk: &mut Desk<'_>, tx: &mut dyn Tx, items: &[OrderItemInput]) -> Result<Self> {
        let named = items.iter().map(|item| Named {
            price: &item.price_id,
            member: "priceId",
            options: options(item.option_ids.as_ref()),
            quantity: item.quantity,
            minimum: item.min_quantity,
            maximum: item.max_quantity,
        });
        Self::of(desk, tx, &named.collect::<Vec<_>>(), "items", "optionIds")
    }

    fn of(
        desk: &mut Desk<'_>,
        tx: &mut dyn Tx,
        items: &[Named<'_>],
        list: &'static str,
        options: &'static str,
    ) -> Result<Self> {
        let cx = desk.cx.clone();
        let mut cart = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let at = format!("{list}[{index}]");
            desk.shelf
                .named(&cx, tx, item.price, &format!("{at}.{}", item.member))?;
            let product = desk.shelf.known(item.price)?.price.product.clone();
            let minimum = item.minimum.map(|minimum| minimum.0);
            let maximum = item.maximum.map(|maximum| maximum.0);
            let quantity = item.quantity.map(|quantity| quantity.0);
            let chosen = quantity.or(minimum).unwrap_or(1);
            if let Some((minimum, maximum)) = minimum.zip(maximum)
                && minimum > maximum
            {
                return Err(Error::invalid(
                    format!("{at}.maxQuantity"),
                    format!("must be at least minQuantity, which is {minimum}"),
                ));
            }
            if minimum.is_some_and(|minimum| chosen < minimum) || maximum.is_some_and(|maximum| chosen > maximum) {
                let param = format!("{at}.quantity");
                return Err(Error::invalid(param, "must lie between minQuantity and maxQuantity"));
            }
            cart.push(CartItem {
                price: item.price.clone(),
                product,
                quantity: chosen,
                minimum: minimum.unwrap_or(1),
                maximum,
                options: item.options.to_vec(),
            });
        }
        Ok(Self {
            cart,
            list,
            options,
            prices: items.iter().map(|item| item.member).collect(),
        })
    }

    /// The currency of the first of them.
    pub(super) fn currency(&self, desk: &Desk<'_>) -> Result<Currency> {
        currency_of(desk, &self.cart)
    }

    /// A refusal of the cart, in the words of the caller.
    pub(super) fn told(&self, error: Error) -> Error {
        let place = error.param().and_then(|param| {
            let (index, member) = param.strip_prefix("lineItems[")?.split_once(']')?;
            let number: usize = index.parse().ok()?;
            let member = match member {
                ".priceId" => format!(".{}", self.prices.get(number)?),
                ".options" => format!(".{}", self.options),
                member => member.to_owned(),
            };
            Some(format!("{}[{index}]{member}", self.list))
        });
        match place {
            Some(place) => error.about(place),
            None => error,
        }
    }
}

/// Discount codes of a call that has a short form for one.
pub(super) fn codes_of(one: Option<&DiscountCode>, many: Option<&DiscountCodes>) -> Result<Option<Vec<String>>> {
    match (one, many) {
        (Some(_), Some(_)) => Err(Error::invalid(
            "promotionCode",
            "and discountCodes are given together: give one of them",
        )),
        (Some(one), None) => Ok(Some(vec![one.0.clone()])),
        (None, Some(many)) => Ok(Some(many.0.iter().map(|code| code.0.clone()).collect())),
        (None, None) => Ok(None),
    }
}

/// Refuses codes that do not apply: whoever names a code counts on it.
pub(super) fn refuse_invalid(invalid: &[InvalidDiscount]) -> Result<()> {
    let Some(first) = invalid.first() else { return Ok(()) };
    let codes = invalid.iter().map(|one| {
        serde_json::json!({
            "code": one.code,
            "reason": one.reason.name(),
            "message": { "en": one.reason.message(Locale::En), "ko": one.reason.message(Locale::Ko) },
        })
    });
    Err(Error::new(
        Code::DiscountCodeInvalid,
        format!(
            "discount code {:?} does not apply: {}",
            first.code,
            first.reason.message(Locale::En)
        ),
    )
    .with_param("discountCodes")
    .with_detail("invalid", codes.collect::<Vec<_>>()))
}
