//! What is said about settings, as the domain knows it, and the way back.

use super::{
    catalog::Decimal,
    param::{Items, Whole},
    settings::{
        self as ops, BrandingInput, BusinessInput, Origin, PageUrl, QuietHoursInput, RecoveryInput,
        SettingsUpdateParams, TaxInput, TaxRateInput,
    },
};
use crate::domain::{
    customer::Patch,
    pricing::tax::{Tax, TaxRate},
    settings::{Branding, Business, QuietHours, Recovery, Settings},
};

/// Changes one setting; what is cleared has its default again.
fn set<T: Clone + Into<U>, U>(change: &Patch<T>, stored: &mut U, default: U) {
    match change {
        Patch::Absent => {}
        Patch::Clear => *stored = default,
        Patch::Set(given) => *stored = given.clone().into(),
    }
}

impl SettingsUpdateParams {
    /// Applies what is given, but for the zone and the currency, which are the
    /// store's own.
    pub fn apply_to(&self, settings: &mut Settings) {
        let default = Settings::default();
        macro_rules! apply {
            ($($field:ident)*) => { $(set(&self.$field, &mut settings.$field, default.$field);)* };
        }
        apply! {
            locale proration upgrade downgrade interval_switch first_period termination_day cancel_default
            cancel_credit downgrade_credit decrease_credit recovered_period trial_end_without_method
            stock_hold_minutes event_retention_days retry_days retry_end past_due_grace_days pause incomplete_hours
            notice_before_payment_days dormancy_notice_months dormancy_months tax recovery business origins branding
        }
        let day = self
            .billing_day
            .clone()
            .map(|day| u8::try_from(day.0).unwrap_or(u8::MAX));
        day.apply_to(&mut settings.billing_day);
    }
}

impl<const MIN: i64, const MAX: i64> From<Whole<MIN, MAX>> for u32 {
    /// The number; the bounds of all settings lie inside.
    fn from(number: Whole<MIN, MAX>) -> Self {
        Self::try_from(number.0).unwrap_or(Self::MAX)
    }
}

impl<const MIN: i64, const MAX: i64, const MOST: usize> From<Items<Whole<MIN, MAX>, MOST>> for Vec<u32> {
    fn from(numbers: Items<Whole<MIN, MAX>, MOST>) -> Self {
        numbers.0.into_iter().map(u32::from).collect()
    }
}

impl<const MOST: usize> From<Items<Origin, MOST>> for Vec<String> {
    fn from(origins: Items<Origin, MOST>) -> Self {
        origins.0.into_iter().map(|origin| origin.0).collect()
    }
}

impl From<TaxInput> for Tax {
    fn from(input: TaxInput) -> Self {
        let rates = input.rates.map(|rates| rates.0).unwrap_or_default();
        Self {
            inclusive: input.inclusive.unwrap_or_default(),
            rates: rates.into_iter().map(TaxRate::from).collect(),
        }
    }
}

impl From<TaxRateInput> for TaxRate {
    fn from(input: TaxRateInput) -> Self {
        Self {
            name: input.name.0,
            percent: input.percent,
            country: input.country,
            product: input.product_id,
        }
    }
}

impl From<RecoveryInput> for Recovery {
    fn from(input: RecoveryInput) -> Self {
        let default = Self::default();
        Self {
            enabled: input.enabled.unwrap_or(default.enabled),
            stages: input.stages.map_or(default.stages, Into::into),
            end_day: input.end_day.map_or(default.end_day, Into::into),
            end: input.end.unwrap_or(default.end),
            page_url: input.page_url.map(|page| page.0),
            quiet_hours: input.quiet_hours.map(QuietHours::from),
        }
    }
}

impl From<QuietHoursInput> for QuietHours {
    fn from(input: QuietHoursInput) -> Self {
        Self {
            from: input.from,
            to: input.to,
        }
    }
}

impl From<BusinessInput> for Business {
    fn from(input: BusinessInput) -> Self {
        let page = |page: Option<PageUrl>| page.map(|page| page.0);
        Self {
            name: input.name.map(|text| text.0),
            representative: input.representative.map(|text| text.0),
            business_number: input.business_number.map(|text| text.0),
            mail_order_number: input.mail_order_number.map(|text| text.0),
            email: input.email.map(|email| email.as_given().to_owned()),
            phone: input.phone.map(|text| text.0),
            address: input.address.map(Into::into),
            url: page(input.url),
            terms_url: page(input.terms_url),
            privacy_url: page(input.privacy_url),
        }
    }
}

impl From<BrandingInput> for Branding {
    fn from(input: BrandingInput) -> Self {
        Self {
            logo_url: input.logo_url.map(|page| page.0),
            icon_url: input.icon_url.map(|page| page.0),
            color: input.color.map(|color| color.0),
        }
    }
}

impl From<Tax> for ops::Tax {
    fn from(tax: Tax) -> Self {
        let rate = |rate: TaxRate| ops::TaxRate {
            name: rate.name,
            percent: Decimal::of(rate.percent),
            country: rate.country.map(|country| country.as_str().to_owned()),
            product_id: rate.product,
        };
        Self {
            inclusive: tax.inclusive,
            rates: tax.rates.into_iter().map(rate).collect(),
        }
    }
}

impl From<Recovery> for ops::Recovery {
    fn from(recovery: Recovery) -> Self {
        let quiet_hours = recovery.quiet_hours.map(|hours| ops::QuietHours {
            from: hours.from.to_string(),
            to: hours.to.to_string(),
        });
        Self {
            enabled: recovery.enabled,
            stages: recovery.stages.into_iter().map(i64::from).collect(),
            end_day: recovery.end_day.into(),
            end: recovery.end,
            page_url: recovery.page_url,
            quiet_hours,
        }
    }
}

impl From<Business> for ops::Business {
    fn from(business: Business) -> Self {
        Self {
            name: business.name,
            representative: business.representative,
            business_number: business.business_number,
            mail_order_number: business.mail_order_number,
            email: business.email,
            phone: business.phone,
            address: business.address.as_ref().map(Into::into),
            url: business.url,
            terms_url: business.terms_url,
            privacy_url: business.privacy_url,
        }
    }
}

impl From<Branding> for ops::Branding {
    fn from(branding: Branding) -> Self {
        Self {
            logo_url: branding.logo_url,
            icon_url: branding.icon_url,
            color: branding.color,
        }
    }
}
