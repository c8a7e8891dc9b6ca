//! Subscriptions and what moves them: from an operation to its use case.

use serde_json::Value;

use super::Started;
use crate::{
    engine::{
        billing, check, credits, forecast,
        later::queue_numbering,
        reply::Answered,
        sandbox,
        subscriptions::{self, Ask, ChangeErrand},
        test_clocks::{self, AdvanceErrand},
        usages,
    },
    error::{Error, Result},
    ops::{
        Op,
        credit::CreditBalanceAdjustParams,
        payment::SandboxEmitParams,
        read::Input,
        subscription::SubscriptionCreateParams,
        subscription_change::{
            Change, SubscriptionCancelParams, SubscriptionCancelPendingChangeParams,
            SubscriptionChangePaymentDateParams, SubscriptionPauseParams, SubscriptionRemoveItemParams,
            SubscriptionRenewNowParams, SubscriptionResumeParams, SubscriptionUncancelParams,
            SubscriptionUpdateItemParams, SubscriptionUpdateParams, SubscriptionUpdatePaymentMethodParams,
            SubscriptionUpdateQuantityParams,
        },
        test_clock::{TestClockAdvanceParams, TestClockCreateParams, TestClockDeleteParams},
        usage::UsageRecordParams,
    },
};

impl Started<'_> {
    pub(super) fn subscriptions(&mut self, op: Op, input: Value) -> Result<Option<Answered>> {
        match op {
            Op::TestClocksCreate => {
                let params = TestClockCreateParams::read_input(input)?;
                self.write(move |cx, tx| test_clocks::create(cx, tx, &params))
            }
            Op::TestClocksGet => self.point_of(input, test_clocks::get),
            Op::TestClocksList => self.read_of(input, test_clocks::list),
            Op::TestClocksAdvance => {
                let params = TestClockAdvanceParams::read_input(input)?;
                self.touches(params.test_clock_id.as_str());
                let errand = AdvanceErrand::new(&self.header.session, params);
                self.errand(errand)
            }
            Op::TestClocksDelete => {
                let params = TestClockDeleteParams::read_input(input)?;
                self.touches(params.test_clock_id.as_str());
                self.write(move |cx, tx| test_clocks::delete(cx, tx, &params))
            }
            Op::SubscriptionsCreate => {
                let params = SubscriptionCreateParams::read_input(input)?;
                self.touches(params.customer_id.as_str());
                let errand = subscriptions::CreateErrand::new(&self.header.session, params)?;
                self.errand(errand)
            }
            Op::SubscriptionsGet => self.point_of(input, subscriptions::get),
            Op::SubscriptionsList => self.read_of(input, subscriptions::list),
            Op::SubscriptionsUpdate => {
                let params = SubscriptionUpdateParams::read_input(input)?;
                self.touches(params.subscription_id.as_str());
                self.write(move |cx, tx| subscriptions::update(cx, tx, &params))
            }
            Op::SubscriptionsCancel => self.change(input, |params: &SubscriptionCancelParams| Ok(Ask::cancel(params))),
            Op::SubscriptionsUncancel => self.change(input, |_: &SubscriptionUncancelParams| Ok(Ask::Uncancel)),
            Op::SubscriptionsPause => self.change(input, |params: &SubscriptionPauseParams| Ok(Ask::pause(params))),
            Op::SubscriptionsResume => self.change(input, |_: &SubscriptionResumeParams| Ok(Ask::Resume)),
            Op::SubscriptionsChangePlan => self.change(input, Ask::change_plan),
            Op::SubscriptionsCancelPendingChange => self.change(input, |_: &SubscriptionCancelPendingChangeParams| {
                Ok(Ask::CancelPendingChange)
            }),
            Op::SubscriptionsUpdateQuantity => self.change(input, |params: &SubscriptionUpdateQuantityParams| {
                Ok(Ask::quantity(params))
            }),
            Op::SubscriptionsAddItem => self.change(input, Ask::add_item),
            Op::SubscriptionsUpdateItem => self.change(input, |params: &SubscriptionUpdateItemParams| {
                Ok(Ask::update_item(params))
            }),
            Op::SubscriptionsRemoveItem => self.change(input, |params: &SubscriptionRemoveItemParams| {
                Ok(Ask::remove_item(params))
            }),
            Op::SubscriptionsChangePaymentDate => self.change(input, |params: &SubscriptionChangePaymentDateParams| {
                Ok(Ask::payment_date(params))
            }),
            Op::SubscriptionsRenewNow => self.change(input, |_: &SubscriptionRenewNowParams| Ok(Ask::RenewNow)),
            Op::SubscriptionsUpdatePaymentMethod => {
                let params = SubscriptionUpdatePaymentMethodParams::read_input(input)?;
                self.touches(params.subscription_id.as_str());
                let errand = subscriptions::MethodErrand::new(&self.header.session, params)?;
                self.errand(errand)
            }
            Op::SubscriptionsUpcoming => self.read_of(input, forecast::upcoming),
            Op::UsagesRecord => {
                let params = UsageRecordParams::read_input(input)?;
                let mut errand = usages::Record::new(&self.header.session, params)?;
                self.touches(errand.object());
                if !errand.is_free() {
                    return self.errand(errand);
                }
                let (header, reply) = self.depart()?;
                queue_numbering(header, reply, billing::NUMBERS, move |cx, tx, numbers| {
                    errand.at_once(cx, tx, numbers)
                });
                Ok(None)
            }
            Op::UsagesCalculate => self.read_of(input, usages::calculate),
            Op::UsagesList => self.read_of(input, usages::list),
            Op::CreditBalanceGet => self.point_of(input, credits::get),
            Op::CreditBalanceAdjust => {
                let params = CreditBalanceAdjustParams::read_input(input)?;
                self.touches(params.customer_id.as_str());
                self.write(move |cx, tx| credits::adjust(cx, tx, &params))
            }
            Op::CreditBalanceList => self.read_of(input, credits::list),
            Op::Check => self.point_of(input, check::check),
            Op::Forecast => self.read_of(input, forecast::forecast),
            Op::SandboxEmit => {
                let params = SandboxEmitParams::read_input(input)?;
                self.touches(params.payment_id.as_str());
                let errand = sandbox::Emit::new(&self.header.session, &params)?;
                self.errand(errand)
            }
            _ => Err(Error::internal("an operation has no use case")),
        }
    }

    /// A change of a subscription.
    fn change<P: Input + Change>(
        &mut self,
        input: Value,
        ask: impl FnOnce(&P) -> Result<Ask>,
    ) -> Result<Option<Answered>> {
        let params = P::read_input(input)?;
        self.touches(params.subscription().as_str());
        let ask = ask(&params)?;
        let session = &self.header.session;
        let errand = ChangeErrand::new(session, params.subscription(), params.conditions(), ask);
        self.errand(errand)
    }
}
