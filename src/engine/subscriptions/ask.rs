//! What is asked of a subscription, from a call's parameters to the domain's
//! command.

use crate::{
    domain::{
        catalog::coupon::Coupon,
        id::{OptionId, PaymentMethodId, PriceId, SubscriptionItemId},
        instant::Instant,
        pricing::discount::{Given, Uses},
        settings::GiveBack,
        subscription::{At, Change, Decision, Edit, Item, NewItem, Refusal, Until, When},
    },
    engine::{
        billing::{Desk, Scene, refused},
        port::{SubscriptionRecord, Tx},
    },
    error::{Code, Error, Result},
    ops::{
        billing::Gap,
        subscription_change::{
            SubscriptionAddItemParams, SubscriptionCancelParams, SubscriptionChangePaymentDateParams,
            SubscriptionChangePlanParams, SubscriptionPauseParams, SubscriptionRemoveItemParams,
            SubscriptionUpdateItemParams, SubscriptionUpdateQuantityParams,
        },
    },
};

/// An item as somebody names what it should become.
#[derive(Debug, Clone)]
struct Wish {
    /// The item; the only one where nobody says.
    item: Option<SubscriptionItemId>,
    /// Another price.
    price: Option<PriceId>,
    quantity: Option<i64>,
    options: Option<Vec<OptionId>>,
}

/// What is asked.
#[derive(Debug, Clone)]
pub(in crate::engine) enum Ask {
    Cancel(Option<At>, Option<GiveBack>),
    Uncancel,
    Pause(At, Option<Until>),
    Resume,
    CancelPendingChange,
    ChangePaymentDate(Instant, bool),
    RenewNow,
    SetMethod(PaymentMethodId, bool),
    Edit(Box<EditAsk>),
}

/// A change of items that is asked for.
#[derive(Debug, Clone)]
pub(in crate::engine) struct EditAsk {
    what: What,
    when: When,
    give_back: Option<GiveBack>,
    codes: Vec<String>,
}

#[derive(Debug, Clone)]
enum What {
    Replace(Wish),
    Add(Wish),
    Remove(SubscriptionItemId),
}

impl Ask {
    pub(in crate::engine) fn cancel(params: &SubscriptionCancelParams) -> Self {
        Self::Cancel(params.when.map(|when| when.0), params.credit.map(|credit| credit.0))
    }

    pub(in crate::engine) fn pause(params: &SubscriptionPauseParams) -> Self {
        let when = params.when.map_or(At::Now, At::from);
        Self::Pause(when, params.until.map(|until| until.0))
    }

    pub(in crate::engine) fn payment_date(params: &SubscriptionChangePaymentDateParams) -> Self {
        Self::ChangePaymentDate(params.at, params.gap == Some(Gap::Charge))
    }

    pub(in crate::engine) fn change_plan(params: &SubscriptionChangePlanParams) -> Result<Self> {
        let price = named(
            params.variant_id.as_ref(),
            params.price_id.as_ref(),
            "variantId",
            "priceId",
        )?;
        Ok(Self::Edit(Box::new(EditAsk {
            what: What::Replace(Wish {
                item: params.item_id.clone(),
                price: Some(price),
                quantity: params.quantity.map(|quantity| quantity.0),
                // Another product has other options.
                options: Some(params.option_ids.clone().map(|ids| ids.0).unwrap_or_default()),
            }),
            when: params.when.0,
            give_back: None,
            codes: params
                .discount_codes
                .iter()
                .flat_map(|codes| codes.0.iter().map(|code| code.0.clone()))
                .collect(),
        })))
    }

    pub(in crate::engine) fn quantity(params: &SubscriptionUpdateQuantityParams) -> Self {
        Self::replace(
            params.item_id.clone(),
            Some(params.quantity.0),
            None,
            params.effective_date.0,
        )
    }

    pub(in crate::engine) fn update_item(params: &SubscriptionUpdateItemParams) -> Self {
        Self::replace(
            Some(params.item_id.clone()),
            params.quantity.map(|quantity| quantity.0),
            params.option_ids.clone().map(|ids| ids.0),
            params.when.0,
        )
    }

    fn replace(
        item: Option<SubscriptionItemId>,
        quantity: Option<i64>,
        options: Option<Vec<OptionId>>,
        when: When,
    ) -> Self {
        Self::Edit(Box::new(EditAsk {
            what: What::Replace(Wish {
                item,
                price: None,
                quantity,
                options,
            }),
            when,
            give_back: None,
            codes: Vec::new(),
        }))
    }

    pub(in crate::engine) fn add_item(params: &SubscriptionAddItemParams) -> Result<Self> {
        let price = named(
            params.price_id.as_ref(),
            params.variant_id.as_ref(),
            "priceId",
            "variantId",
        )?;
        Ok(Self::Edit(Box::new(EditAsk {
            what: What::Add(Wish {
                item: None,
                price: Some(price),
                quantity: params.quantity.map(|quantity| quantity.0),
                options: params.option_ids.clone().map(|ids| ids.0),
            }),
            when: params.when.0,
            give_back: None,
            codes: Vec::new(),
        })))
    }

    pub(in crate::engine) fn remove_item(params: &SubscriptionRemoveItemParams) -> Self {
        Self::Edit(Box::new(EditAsk {
            what: What::Remove(params.item_id.clone()),
            when: params.when.0,
            give_back: params.credit.map(|credit| credit.0),
            codes: Vec::new(),
        }))
    }

    /// Asks the domain. Nothing is changed by it.
    pub(in crate::engine) fn decide(
        &self,
        desk: &mut Desk<'_>,
        tx: &mut dyn Tx,
        record: &SubscriptionRecord,
    ) -> Result<Decision> {
        let (edits, codes) = match self {
            Self::Edit(asked) => (
                vec![asked.edit(desk, tx, record)?],
                asked
                    .codes
                    .iter()
                    .map(|code| known(desk, tx, code))
                    .collect::<Result<Vec<_>>>()?,
            ),
            _ => (Vec::new(), Vec::new()),
        };
        let scene = Scene::of(desk, tx, record)?.with_coupons(codes.iter().filter_map(|(_, coupon)| coupon.clone()));
        let given: Vec<Given<'_>> = codes
            .iter()
            .map(|(code, coupon)| Given {
                code,
                coupon: coupon.as_ref(),
                uses: Uses::NONE,
            })
            .collect();
        let cx = desk.cx.clone();
        let mut ids = || cx.uuid();
        let world = scene.world(desk, &given);
        let state = record.state.clone();
        let decided: std::result::Result<Decision, Refusal> = match self {
            Self::Cancel(when, credit) => state.cancel(*when, *credit, &world, &mut ids),
            Self::Uncancel => state.uncancel(),
            Self::Pause(at, until) => state.pause(*at, *until, &world, &mut ids),
            Self::Resume => state.resume(&world, &mut ids),
            Self::CancelPendingChange => state.cancel_pending_change(),
            Self::ChangePaymentDate(at, charge) => state.change_payment_date(*at, *charge, &world, &mut ids),
            Self::RenewNow => state.renew_now(&world, &mut ids),
            Self::SetMethod(method, retry) => state.set_method(method.clone(), *retry, world.now, world.settings),
            Self::Edit(asked) => state.change(
                &Change {
                    edits,
                    when: asked.when,
                    give_back: asked.give_back,
                },
                &world,
                &mut ids,
            ),
        };
        decided.map_err(|refusal| refused(record, refusal))
    }
}

impl EditAsk {
    fn edit(&self, desk: &mut Desk<'_>, tx: &mut dyn Tx, record: &SubscriptionRecord) -> Result<Edit> {
        Ok(match &self.what {
            What::Remove(id) => Edit::Remove(id.clone()),
            What::Add(wish) => Edit::Add(wish.item(desk, tx, record, None)?),
            What::Replace(wish) => {
                let before = wanted(record, wish.item.as_ref())?;
                Edit::Replace {
                    item: before.id.clone(),
                    by: wish.item(desk, tx, record, Some(before))?,
                }
            }
        })
    }
}

impl Wish {
    /// What the item is to be, with what its options cost.
    fn item(
        &self,
        desk: &mut Desk<'_>,
        tx: &mut dyn Tx,
        record: &SubscriptionRecord,
        before: Option<&Item>,
    ) -> Result<NewItem> {
        let price = match (&self.price, before) {
            (Some(price), _) => price.clone(),
            (None, Some(before)) => before.price.clone(),
            (None, None) => return Err(Error::internal("an item is added without a price")),
        };
        let same = before.is_some_and(|before| before.price == price);
        desk.shelf.named(&desk.cx, tx, &price, "priceId")?;
        let shelved = desk.shelf.known(&price)?;
        if !same && (shelved.price.stamp.archived_at.is_some() || shelved.product.stamp.archived_at.is_some()) {
            let message = format!("{} is archived: choose another price", price.as_str());
            return Err(Error::new(Code::PriceArchived, message).with_param("priceId"));
        }
        let options = match (&self.options, before) {
            (Some(options), _) => options.clone(),
            (None, Some(before)) if same => before.options.clone(),
            _ => Vec::new(),
        };
        let combination = shelved
            .product
            .details
            .options
            .chosen(&options)
            .map_err(|problem| Error::problem("optionIds", problem))?;
        let kept = before.filter(|before| same && before.options == options);
        let quantity = self.quantity.or(before.map(|before| before.quantity)).unwrap_or(1);
        if let Some(left) = combination.and_then(|combination| combination.stock)
            && kept.is_none_or(|kept| kept.quantity < quantity)
            && left < quantity - kept.map_or(0, |kept| kept.quantity)
        {
            let message = format!("the combination has {left} left: take fewer, or raise its stock");
            return Err(Error::new(Code::OutOfStock, message).with_param("quantity"));
        }
        let option_amount = match kept {
            // What was agreed stays.
            Some(kept) => kept.option_amount,
            None => combination.map_or(0, |combination| combination.price),
        };
        let product = shelved.price.product.clone();
        let purchased = tx.purchased(desk.cx.store.no, &record.customer, &product, false)?;
        Ok(NewItem {
            price,
            quantity,
            options,
            option_amount,
            first_purchase: purchased.bought_at.is_none(),
        })
    }
}

/// The item that is meant: the only one where nobody says.
fn wanted<'r>(record: &'r SubscriptionRecord, id: Option<&SubscriptionItemId>) -> Result<&'r Item> {
    if let Some(id) = id {
        return record.state.item(id).ok_or_else(|| {
            let message = format!(
                "itemId names no item of subscription {}: subscriptions.get() shows its items",
                record.state.id.as_str()
            );
            Error::new(Code::ItemNotFound, message).with_param("itemId")
        });
    }
    let mut items = record.state.top_items();
    match (items.next(), items.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(Error::new(
            Code::ParameterMissing,
            "itemId is required: the subscription has several items",
        )
        .with_param("itemId")),
    }
}

/// A price that has two names.
fn named(one: Option<&PriceId>, other: Option<&PriceId>, first: &str, second: &str) -> Result<PriceId> {
    match (one, other) {
        (Some(id), None) | (None, Some(id)) => Ok(id.clone()),
        (Some(_), Some(_)) => Err(Error::invalid(second, format!("must be left out with {first}"))),
        (None, None) => Err(Error::new(
            Code::ParameterMissing,
            format!("{first} is required: the id of a price"),
        )
        .with_param(first)),
    }
}

fn known(desk: &Desk<'_>, tx: &mut dyn Tx, code: &str) -> Result<(String, Option<Coupon>)> {
    let found = tx.coupon_by_code(desk.cx.store.no, &Coupon::fold(code))?;
    Ok((code.to_owned(), found.map(|found| found.coupon)))
}
