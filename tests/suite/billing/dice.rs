//! Orders, payments and subscriptions of every shape, from a seed.

use proyecta::domain::{
    calendar::{Basis, Interval, Period, Unit},
    checkout::{CheckoutSession, SessionStatus},
    currency::Currency,
    decimal::{Percent, Quantity, UnitAmount},
    id::*,
    instant::Instant,
    key_value::Metadata,
    line::{Line, LineType, Part, Reason},
    order::{CartItem, Hold, Order, OrderItem, OrderStatus, OrderType, Redeemed, Refund},
    order_item::ItemState,
    payment::{Decline, Facts, Payment},
    settings::{GiveBack, PausePolicy},
    subscription::*,
    words::Locale,
    zone::Zone,
};
use proyecta::engine::port::SubscriptionRecord;

pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    fn roll(&mut self) -> u64 {
        // SplitMix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }

    pub fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    pub fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize].clone()
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.coin().then(|| make(self))
    }

    fn many<T>(&mut self, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(4)).map(|_| make(self)).collect()
    }

    /// Small ones, and those at the ends of what there is.
    fn integer(&mut self) -> i64 {
        match self.below(6) {
            0 => i64::MIN,
            1 => i64::MAX,
            2 => self.roll() as i64,
            _ => self.below(100_000) as i64 - 1000,
        }
    }

    fn small(&mut self) -> u32 {
        if self.coin() { u32::MAX } else { self.below(50) as u32 }
    }

    pub fn instant(&mut self) -> Instant {
        Instant::from_micros(self.below(4_102_444_800_000_000) as i64)
    }

    fn text(&mut self) -> String {
        let mut text = self
            .of(&["", "프로 요금제", "\"quoted\" \\ \u{1}\n", "🌻 <b>&amp;", "plain"])
            .to_owned();
        text.push_str(&self.below(1_000_000).to_string());
        text
    }

    fn bits(&mut self) -> u128 {
        u128::from(self.roll()) << 64 | u128::from(self.roll())
    }

    fn period(&mut self) -> Period {
        let start = self.below(2_000_000_000_000_000) as i64;
        let length = 1 + self.below(100_000_000_000_000) as i64;
        Period::new(Instant::from_micros(start), Instant::from_micros(start + length)).unwrap()
    }

    fn interval(&mut self) -> Interval {
        let unit = self.of(&[Unit::Day, Unit::Week, Unit::Month, Unit::Year]);
        let most = if unit == Unit::Year { 99 } else { 1000 };
        Interval::new(unit, 1 + self.below(most) as u32).unwrap()
    }

    fn currency(&mut self) -> Currency {
        Currency::parse(self.of(&["KRW", "USD", "KWD", "CLF"])).unwrap()
    }

    fn metadata(&mut self) -> Metadata {
        self.many(|dice| (dice.text(), dice.text())).into_iter().collect()
    }

    fn options(&mut self) -> Vec<OptionId> {
        self.many(|dice| OptionId::from_bits(dice.bits()))
    }

    fn quantity(&mut self) -> Quantity {
        Quantity::from_scaled(self.integer())
    }

    fn unit_amount(&mut self) -> UnitAmount {
        UnitAmount::from_scaled(i128::from(self.integer()) * 977)
    }

    fn reason(&mut self) -> Reason {
        let (name, unit) = (self.text(), self.text());
        let (part, whole, basis) = (
            self.roll(),
            self.roll(),
            self.of(&[Basis::Day, Basis::Second, Basis::None]),
        );
        let (units, included) = (self.quantity(), self.quantity());
        let parts = self.many(|dice| Part {
            units: dice.quantity(),
            unit_amount: dice.unit_amount(),
            flat_amount: dice.integer(),
        });
        let (unit_amount, amount) = (self.unit_amount(), self.integer());
        let percent = Percent::from_scaled(self.integer());
        match self.below(21) {
            0 => Reason::Price { name, unit_amount },
            1 => Reason::PartialPeriod {
                name,
                unit_amount,
                part,
                whole,
                basis,
            },
            2 => Reason::FirstPaymentExtra { name },
            3 => Reason::InBundle { name },
            4 => Reason::Trial {
                name,
                until: self.instant(),
            },
            5 => Reason::UsageGraduated {
                unit,
                units,
                included,
                parts,
            },
            6 => Reason::UsageVolume {
                unit,
                units,
                included,
                parts,
            },
            7 => Reason::UsageBand {
                unit,
                units,
                included,
                up_to: self.maybe(Self::quantity),
                flat_amount: amount,
            },
            8 => Reason::UsagePackage {
                unit,
                units,
                included,
                size: self.quantity(),
                packages: amount,
                unit_amount,
                flat_amount: amount,
            },
            9 => Reason::UsagePercentage {
                unit,
                units,
                included,
                percent,
            },
            10 => Reason::Minimum { minimum: amount },
            11 => Reason::Maximum { maximum: amount },
            12 => Reason::SetupFee { name },
            13 => Reason::IntroDiscount { name },
            14 => Reason::Discount {
                code: name,
                name: self.maybe(Self::text),
                percent: self.maybe(|_| percent),
            },
            15 => Reason::Tax { name, percent },
            16 => Reason::Unused {
                name,
                part,
                whole,
                basis,
            },
            17 => Reason::Remaining {
                name,
                part,
                whole,
                basis,
            },
            18 => Reason::CreditBalance,
            19 => Reason::QuotaAdded {
                unit: name,
                before: self.quantity(),
                after: self.quantity(),
            },
            _ => Reason::Shipping { name },
        }
    }

    fn line(&mut self) -> Line {
        Line {
            kind: self.of(&[
                LineType::Price,
                LineType::Usage,
                LineType::SetupFee,
                LineType::Shipping,
                LineType::Discount,
                LineType::Tax,
                LineType::ProrationCredit,
                LineType::ProrationCharge,
                LineType::Credit,
                LineType::Adjustment,
            ]),
            price: self.maybe(|dice| PriceId::from_bits(dice.bits())),
            item: self.maybe(|dice| SubscriptionItemId::from_bits(dice.bits())),
            quantity: self.quantity(),
            amount: self.integer(),
            period: self.maybe(Self::period),
            reason: self.reason(),
        }
    }

    fn item(&mut self) -> Item {
        Item {
            id: SubscriptionItemId::from_bits(self.bits()),
            price: PriceId::from_bits(self.bits()),
            product: ProductId::trusted("prod_own-Name_1"),
            quantity: self.integer(),
            options: self.options(),
            option_amount: self.integer(),
            parent: self.maybe(|dice| SubscriptionItemId::from_bits(dice.bits())),
            first_purchase: self.coin(),
            begun: self.small(),
            since: self.maybe(Self::instant),
            paid: self.many(Self::paid),
        }
    }

    fn paid(&mut self) -> PaidPart {
        PaidPart {
            amount: self.integer(),
            span: self.period(),
        }
    }

    fn cadence(&mut self) -> Cadence {
        Cadence {
            anchor: self.instant(),
            interval: self.interval(),
            billing_day: self.maybe(|dice| 1 + dice.below(31) as u8),
            next: self.integer(),
        }
    }

    fn cycle(&mut self) -> Cycle {
        Cycle {
            period: self.period(),
            whole: self.period(),
        }
    }

    fn edit(&mut self) -> Edit {
        let by = NewItem {
            price: PriceId::from_bits(self.bits()),
            quantity: self.integer(),
            options: self.options(),
            option_amount: self.integer(),
            first_purchase: self.coin(),
        };
        let item = SubscriptionItemId::from_bits(self.bits());
        match self.below(3) {
            0 => Edit::Replace { item, by },
            1 => Edit::Add(by),
            _ => Edit::Remove(item),
        }
    }

    fn purpose(&mut self) -> Purpose {
        match self.below(7) {
            0 => Purpose::Begin(self.cycle()),
            1 => Purpose::Renew(self.cycle()),
            2 => Purpose::Change(Box::new(Making {
                edits: self.many(Self::edit),
                made: self.many(Self::item),
                accrued: self.many(Self::accrued),
                pending: self.maybe(Self::pending),
                restart: self.maybe(|dice| (dice.cadence(), dice.cycle())),
            })),
            3 => Purpose::Extend(Box::new(self.ahead())),
            4 => Purpose::Ahead(Box::new(self.ahead())),
            5 => Purpose::Quota(Box::new(Topup {
                usage: UsageId::from_bits(self.bits()),
                item: SubscriptionItemId::from_bits(self.bits()),
                quota: self.quantity(),
                record: self.quantity(),
                seats: self.integer(),
                at: self.instant(),
                via: self.text(),
                payload: self.maybe(Self::text),
            })),
            _ => Purpose::Last,
        }
    }

    fn until(&mut self) -> Until {
        if self.coin() {
            Until::At(self.instant())
        } else {
            Until::After(self.interval())
        }
    }

    fn open(&mut self) -> Open {
        Open {
            order: OrderId::from_bits(self.bits()),
            purpose: self.purpose(),
            paid: self.many(|dice| (SubscriptionItemId::from_bits(dice.bits()), dice.paid())),
            owed: self.many(Self::accrued),
            begins: self.coin(),
            promotions: self.many(Self::promotion),
        }
    }

    fn ahead(&mut self) -> Ahead {
        Ahead {
            at: self.instant(),
            cycle: self.cycle(),
            cadence: self.cadence(),
        }
    }

    fn accrued(&mut self) -> Accrued {
        Accrued {
            line: self.line(),
            product: ProductId::from_bits(self.bits()),
        }
    }

    fn pending(&mut self) -> PendingChange {
        PendingChange {
            at: self.instant(),
            edits: self.many(Self::edit),
            interval: self.maybe(Self::interval),
        }
    }

    fn promotion(&mut self) -> Promotion {
        Promotion {
            coupon: CouponId::from_bits(self.bits()),
            code: self.text(),
            redeemed_at: self.instant(),
            used: self.coin(),
        }
    }

    pub fn subscription(&mut self) -> Subscription {
        let zones = ["UTC", "Asia/Seoul", "Australia/Lord_Howe", "America/Argentina/Ushuaia"];
        Subscription {
            id: SubscriptionId::from_bits(self.bits()),
            currency: self.currency(),
            zone: Zone::parse(self.of(&zones)).unwrap(),
            phase: self.of(&Phase::ALL).0,
            items: self.many(Self::item),
            started_at: self.instant(),
            cadence: self.cadence(),
            cycle: self.maybe(Self::cycle),
            early: self.maybe(Self::cycle),
            trial: self.maybe(Self::period),
            incomplete_until: self.maybe(Self::instant),
            expires_at: self.maybe(Self::instant),
            most_periods: self.maybe(Self::small),
            periods: self.small(),
            payments: self.small(),
            arrears: self.coin(),
            service_start_day: self.maybe(|dice| 1 + dice.below(31) as u8),
            method: self.maybe(|dice| PaymentMethodId::from_bits(dice.bits())),
            cancel: self.maybe(|dice| Cancellation {
                at: dice.instant(),
                credit: dice.of(&[GiveBack::None, GiveBack::Credit, GiveBack::Refund]),
            }),
            pause_later: self.maybe(|dice| PauseLater {
                at: dice.instant(),
                until: dice.maybe(Self::until),
            }),
            pause: self.maybe(|dice| Pause {
                since: dice.instant(),
                until: dice.maybe(Self::instant),
                days: dice.of(&[PausePolicy::Extend, PausePolicy::Credit, PausePolicy::None]),
                from_trial: dice.coin(),
            }),
            pending: self.maybe(Self::pending),
            metered_from: self.instant(),
            accrued: self.many(Self::accrued),
            open: self.maybe(Self::open),
            charging: self.coin(),
            recovery: self.maybe(|dice| Recovery {
                since: dice.instant(),
                retries: dice.small(),
                hard: dice.coin(),
            }),
            promotions: self.many(Self::promotion),
            moved_from: self.maybe(Self::instant),
            noticed: self.maybe(Self::instant),
            trial_noticed: self.coin(),
            paid_at: self.maybe(Self::instant),
            ended_at: self.maybe(Self::instant),
        }
    }

    /// With this number, for it is unique in a store.
    pub fn record(&mut self, number: i64) -> SubscriptionRecord {
        SubscriptionRecord {
            state: self.subscription(),
            number,
            version: self.integer(),
            customer: CustomerId::from_bits(self.bits()),
            order: self.maybe(|dice| OrderId::from_bits(dice.bits())),
            clock: self.maybe(|dice| ClockId::from_bits(dice.bits())),
            created_at: self.instant(),
            updated_at: self.instant(),
            metadata: self.metadata(),
        }
    }

    pub fn order(&mut self, number: i64) -> Order {
        Order {
            id: OrderId::from_bits(self.bits()),
            number,
            version: self.integer(),
            customer: CustomerId::from_bits(self.bits()),
            subscription: self.maybe(|dice| SubscriptionId::from_bits(dice.bits())),
            made: self.many(|dice| SubscriptionId::from_bits(dice.bits())),
            births: self.many(Self::subscription),
            session: self.maybe(|dice| CheckoutSessionId::from_bits(dice.bits())),
            kind: self.of(&OrderType::ALL).0,
            status: self.of(&OrderStatus::ALL).0,
            clock: self.maybe(|dice| ClockId::from_bits(dice.bits())),
            currency: self.currency(),
            cart: self.many(|dice| CartItem {
                price: PriceId::from_bits(dice.bits()),
                product: ProductId::from_bits(dice.bits()),
                quantity: dice.integer(),
                minimum: dice.integer(),
                maximum: dice.maybe(Self::integer),
                options: dice.options(),
            }),
            trial: None,
            items: self.many(|dice| OrderItem {
                id: OrderItemId::from_bits(dice.bits()),
                line: dice.line(),
                product: dice.maybe(|dice| ProductId::from_bits(dice.bits())),
                state: dice.of(ItemState::ALL).0,
                refunded: dice.integer(),
                parent: dice.maybe(|dice| OrderItemId::from_bits(dice.bits())),
                note: dice.maybe(Self::text),
            }),
            total: self.integer(),
            subtotal: self.integer(),
            discount: self.integer(),
            tax: self.integer(),
            balance: self.integer(),
            refunds: self.many(|dice| Refund {
                key: dice.text(),
                payment: PaymentId::from_bits(dice.bits()),
                amount: dice.integer(),
                reason: dice.maybe(Self::text),
                item: dice.maybe(|dice| OrderItemId::from_bits(dice.bits())),
                done: dice.maybe(Self::coin),
                at: dice.instant(),
            }),
            refunded: self.integer(),
            codes: self.many(Self::text),
            redeemed: self.many(|dice| Redeemed {
                coupon: CouponId::from_bits(dice.bits()),
                code: dice.text(),
                amount: dice.integer(),
            }),
            holds: self.many(|dice| Hold {
                product: ProductId::from_bits(dice.bits()),
                options: dice.options(),
                pieces: dice.integer(),
            }),
            held_until: self.maybe(Self::instant),
            hold_renewed: self.coin(),
            deadline: self.maybe(Self::instant),
            method: self.maybe(|dice| PaymentMethodId::from_bits(dice.bits())),
            payment: self.maybe(|dice| PaymentId::from_bits(dice.bits())),
            attempts: self.small(),
            charging: self.coin(),
            gateway: self.maybe(Self::text),
            paid_at: self.maybe(Self::instant),
            cancel_reason: self.maybe(Self::text),
            created_at: self.instant(),
            updated_at: self.instant(),
            metadata: self.metadata(),
        }
    }

    pub fn payment(&mut self, number: i64) -> Payment {
        Payment {
            id: PaymentId::from_bits(self.bits()),
            number,
            version: self.integer(),
            key: format!("{}-{number}", self.text()),
            order: OrderId::from_bits(self.bits()),
            subscription: self.maybe(|dice| SubscriptionId::from_bits(dice.bits())),
            customer: CustomerId::from_bits(self.bits()),
            method: self.maybe(|dice| PaymentMethodId::from_bits(dice.bits())),
            gateway: self.text(),
            clock: self.maybe(|dice| ClockId::from_bits(dice.bits())),
            amount: self.integer(),
            currency: self.currency(),
            facts: Facts {
                settled_at: self.maybe(Self::instant),
                declined: self.maybe(|dice| Decline {
                    code: dice.text(),
                    gateway_code: dice.maybe(Self::text),
                    hard: dice.coin(),
                }),
                waiting: self.coin(),
                lost: self.coin(),
                reference: self.maybe(Self::text),
                disputed_at: self.maybe(Self::instant),
                dispute_won_at: self.maybe(Self::instant),
                refunded: self.integer(),
            },
            look_ups: self.small(),
            created_at: self.instant(),
            updated_at: self.instant(),
        }
    }

    pub fn session(&mut self) -> CheckoutSession {
        CheckoutSession {
            id: CheckoutSessionId::from_bits(self.bits()),
            version: self.integer(),
            customer: CustomerId::from_bits(self.bits()),
            order: OrderId::from_bits(self.bits()),
            status: self.of(&SessionStatus::ALL).0,
            token: format!("tok_{:032x}", self.bits()),
            success_url: self.text(),
            cancel_url: self.maybe(Self::text),
            error_url: self.maybe(Self::text),
            pay_link: self.coin(),
            locale: self.maybe(|dice| dice.of(&[Locale::En, Locale::Ko])),
            expires_at: self.instant(),
            clock: self.maybe(|dice| ClockId::from_bits(dice.bits())),
            completed_at: self.maybe(Self::instant),
            created_at: self.instant(),
            updated_at: self.instant(),
            metadata: self.metadata(),
        }
    }
}
