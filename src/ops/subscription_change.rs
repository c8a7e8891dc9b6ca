//! What changes a subscription. Each change takes `preview`, which only shows
//! what it would cost.

use super::{
    billing::{
        CancelWhen, ChangeWhen, EffectiveDate, Gap, GiveBackChoice, PauseUntil, PauseWhen, Pieces, SignedAmount,
    },
    catalog::Version,
    checkout::DiscountCodes,
    param::MetadataChange,
    payment_method::CardParam,
    read::input,
    subscription::OptionIds,
};
use crate::domain::{
    id::{PaymentMethodId, PriceId, SubscriptionId, SubscriptionItemId},
    instant::Instant,
};

/// What every change has: under which conditions it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Conditions {
    /// Only shows what it would cost.
    pub preview: bool,
    /// The instant to reckon with; now when `None`.
    pub effective_at: Option<Instant>,
    /// Only if this is what is to pay now.
    pub expect_total: Option<i64>,
    /// Only if the subscription still has this version.
    pub if_version: Option<i64>,
}

/// An input that changes a subscription.
pub trait Change {
    /// Which.
    fn subscription(&self) -> &SubscriptionId;
    /// Under which conditions.
    fn conditions(&self) -> Conditions;
}

/// Declares an input that has what every change has beside its own members.
macro_rules! change_input {
    ($(#[doc = $doc:literal])+ pub struct $name:ident { $($own:tt)* }) => {
        input! {
            $(#[doc = $doc])+
            pub struct $name {
                /// `sub_…`
                "subscriptionId" subscription_id: SubscriptionId,
                $($own)*
                /// `true`: changes nothing and gives a `SubscriptionPreview`.
                "preview" preview: Option<bool>,
                /// The instant to reckon with, such as that of a preview; now by default.
                "effectiveAt" effective_at: Option<Instant>,
                /// Only if this is what is to pay now, in the smallest unit.
                "expectTotal" expect_total: Option<SignedAmount>,
                /// Only if the subscription still has this version.
                "ifVersion" if_version: Version,
            }
        }

        impl Change for $name {
            fn subscription(&self) -> &SubscriptionId {
                &self.subscription_id
            }

            fn conditions(&self) -> Conditions {
                Conditions {
                    preview: self.preview.unwrap_or(false),
                    effective_at: self.effective_at,
                    expect_total: self.expect_total.map(|total| total.0),
                    if_version: self.if_version.map(|version| version.0),
                }
            }
        }
    };
}

input! {
    /// What to change about a subscription; nothing of it costs anything.
    pub struct SubscriptionUpdateParams {
        /// `sub_…`
        "subscriptionId" subscription_id: SubscriptionId,
        /// Your own notes; replaced key by key, `null` removes one.
        "metadata" metadata: MetadataChange,
        /// Only if the subscription still has this version.
        "ifVersion" if_version: Version,
    }
}

change_input! {
    /// How a subscription ends.
    pub struct SubscriptionCancelParams {
        /// At once (`'now'`), with the running period (`'period_end'`, also spelt `'at_billing_period_end'`), or at a
        /// time; as the setting `cancelDefault` says by default.
        "when" when: Option<CancelWhen>,
        /// What becomes of days that are paid and not used: nothing (`'none'`, `false`), credit (`'credit'`, `true`),
        /// or money back (`'refund'`); as the setting `cancelCredit` says by default.
        "credit" credit: Option<GiveBackChoice>,
    }
}

change_input! {
    /// Which subscription is not to be cancelled after all.
    pub struct SubscriptionUncancelParams {}
}

change_input! {
    /// How a subscription is paused.
    pub struct SubscriptionPauseParams {
        /// At once (`'now'`, the default), or with the running period (`'period_end'`).
        "when" when: Option<PauseWhen>,
        /// Until when, or how long (`{ interval, count }`); until it is resumed by default.
        "until" until: Option<PauseUntil>,
    }
}

change_input! {
    /// Which subscription goes on.
    pub struct SubscriptionResumeParams {}
}

change_input! {
    /// Which price takes another one's place.
    pub struct SubscriptionChangePlanParams {
        /// The new price: `var_…`. `priceId` is the same.
        "variantId" variant_id: Option<PriceId>,
        /// The new price: `var_…`.
        "priceId" price_id: Option<PriceId>,
        /// The item: `si_…`; needed where there are several.
        "itemId" item_id: Option<SubscriptionItemId>,
        /// At once or with the running period; as the settings `upgrade`, `downgrade` and `intervalSwitch` say by
        /// default.
        "when" when: ChangeWhen,
        /// Pieces or seats; as many as before by default.
        "quantity" quantity: Option<Pieces>,
        /// The chosen option values of the new price's product.
        "optionIds" option_ids: Option<OptionIds>,
        /// Further discount codes, in the order in which they apply.
        "discountCodes" discount_codes: Option<DiscountCodes>,
    }
}

change_input! {
    /// Which subscription stays as it is after all.
    pub struct SubscriptionCancelPendingChangeParams {}
}

change_input! {
    /// How many are wanted from when on.
    pub struct SubscriptionUpdateQuantityParams {
        /// The item: `si_…`; needed where there are several.
        "itemId" item_id: Option<SubscriptionItemId>,
        /// Pieces or seats.
        "quantity" quantity: Pieces,
        /// At once, or from the next payment on.
        "effectiveDate" effective_date: EffectiveDate,
    }
}

change_input! {
    /// What comes on top.
    pub struct SubscriptionAddItemParams {
        /// The price: `var_…`. `variantId` is the same.
        "priceId" price_id: Option<PriceId>,
        /// The price: `var_…`.
        "variantId" variant_id: Option<PriceId>,
        /// Pieces or seats; 1 by default.
        "quantity" quantity: Option<Pieces>,
        /// The chosen option values, one of each option of the product.
        "optionIds" option_ids: Option<OptionIds>,
        /// At once, or with the running period; as the setting `upgrade` says by default.
        "when" when: ChangeWhen,
    }
}

change_input! {
    /// What changes about one item; its price stays.
    pub struct SubscriptionUpdateItemParams {
        /// The item: `si_…`
        "itemId" item_id: SubscriptionItemId,
        /// Pieces or seats.
        "quantity" quantity: Option<Pieces>,
        /// The chosen option values; they replace the whole list.
        "optionIds" option_ids: Option<OptionIds>,
        /// At once, or with the running period. By default a quantity changes at once, and options do as the settings
        /// `upgrade` and `downgrade` say.
        "when" when: ChangeWhen,
    }
}

change_input! {
    /// What is taken away; the last item cannot be.
    pub struct SubscriptionRemoveItemParams {
        /// The item: `si_…`
        "itemId" item_id: SubscriptionItemId,
        /// At once, or with the running period; as the setting `downgrade` says by default.
        "when" when: ChangeWhen,
        /// What becomes of what was paid for the rest of the period; as the setting `downgradeCredit` says by default.
        "credit" credit: Option<GiveBackChoice>,
    }
}

change_input! {
    /// When the next payment is due instead.
    pub struct SubscriptionChangePaymentDateParams {
        /// When; in the future. The running period ends then.
        "at" at: Instant,
        /// What becomes of the time between the two dates: it costs nothing (`'none'`, the default), or is charged now.
        "gap" gap: Option<Gap>,
    }
}

change_input! {
    /// Which subscription is renewed at once, whatever its next payment date is.
    pub struct SubscriptionRenewNowParams {}
}

change_input! {
    /// What pays from now on.
    pub struct SubscriptionUpdatePaymentMethodParams {
        /// A card, which becomes a payment method of the customer. This or `paymentMethodId`.
        "card" card: Option<CardParam>,
        /// A payment method of the customer: `pm_…`. This or `card`.
        "paymentMethodId" payment_method_id: Option<PaymentMethodId>,
        /// Whether a payment that was declined is tried again at once; it is by default.
        "retry" retry: Option<bool>,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{domain::settings::GiveBack, ops::read::Input};

    #[test]
    fn every_change_says_of_what_and_under_which_conditions() {
        let plain = SubscriptionResumeParams::read_input(json!({ "subscriptionId": "sub_1" })).unwrap();
        assert_eq!(plain.subscription().as_str(), "sub_1");
        assert_eq!(plain.conditions(), Conditions::default());
        let given = SubscriptionCancelParams::read_input(json!({
            "subscription_id": "sub_1", "when": "now", "credit": true,
            "preview": true, "effective_at": 5000, "expect_total": -300, "if_version": 7,
        }))
        .unwrap();
        assert_eq!(given.credit, Some(GiveBackChoice(GiveBack::Credit)));
        assert_eq!(
            given.conditions(),
            Conditions {
                preview: true,
                effective_at: Some(Instant::from_micros(5_000_000)),
                expect_total: Some(-300),
                if_version: Some(7),
            }
        );
    }

    #[test]
    fn a_quantity_has_to_be_above_zero() {
        let read = |quantity: i64| {
            let input = json!({ "subscriptionId": "sub_1", "quantity": quantity, "effectiveDate": "immediate" });
            SubscriptionUpdateQuantityParams::read_input(input)
        };
        assert!(read(1).is_ok());
        for quantity in [0, -1] {
            assert_eq!(read(quantity).unwrap_err().param(), Some("quantity"));
        }
    }
}
