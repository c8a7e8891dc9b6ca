//! How the lists of what is billed find their rows: by an index that begins
//! with the store, in its order, whatever is asked for together.

use super::{
    Options,
    connection::{Purpose, open_connection},
    driver::{SqliteDialect, SqliteDriver},
};
use crate::{
    domain::{
        id::{ClockId, CouponId, CustomerId, OrderId, SubscriptionId, SubscriptionItemId},
        instant::Instant,
        order::{OrderStatus, OrderType},
        payment::PaymentStatus,
        subscription::Phase,
    },
    engine::port::{
        CheckoutRows, CreditRows, CustomerRows, JobRows, OrderFilter, OrderRows, Paging, PaymentFilter, Position,
        PurchaseRows, SubscriptionFilter, SubscriptionRows, UsageRows,
    },
    error::Result,
    store::{
        driver::{Driver, Row, Value},
        migration,
    },
};

/// Asks for the plan of every select instead of running it.
struct Planner {
    driver: SqliteDriver,
    plans: Vec<String>,
}

impl Planner {
    fn new() -> Self {
        let mut driver = SqliteDriver::new(open_connection(&Options::memory(), Purpose::Write).expect("a database"));
        migration::prepare(&mut driver, &SqliteDialect).expect("a table");
        migration::migrate(&mut driver, &SqliteDialect, Instant::from_micros(0)).expect("tables");
        Self {
            driver,
            plans: Vec::new(),
        }
    }

    /// The plans of what is done.
    fn of<T>(&mut self, what: impl FnOnce(&mut Self) -> Result<T>) -> String {
        what(self).expect("a plan");
        self.plans.drain(..).collect::<Vec<_>>().join("; ")
    }
}

impl Driver for Planner {
    fn execute(&mut self, _: &str, _: &[Value<'_>]) -> Result<()> {
        Ok(())
    }

    fn query(&mut self, sql: &str, values: &[Value<'_>], _: &mut dyn FnMut(&dyn Row) -> Result<()>) -> Result<()> {
        let plans = &mut self.plans;
        self.driver
            .query(&format!("explain query plan {sql}"), values, &mut |row| {
                plans.push(row.text(3)?.to_owned());
                Ok(())
            })
    }

    fn has_table(&mut self, name: &str) -> Result<bool> {
        self.driver.has_table(name)
    }

    fn matching(&self, store: i64, parameter: usize) -> String {
        self.driver.matching(store, parameter)
    }

    fn counts_tokens(&self) -> bool {
        true
    }

    fn happened(&mut self, _: i64) {}

    fn put_tokens(&mut self, _: i64, _: i64, _: &[String]) -> Result<()> {
        Ok(())
    }

    fn remove_tokens(&mut self, _: i64, _: i64, _: &[String]) -> Result<()> {
        Ok(())
    }
}

fn paging() -> [Paging; 2] {
    let after = Some(Position::Time(1, "x".to_owned()));
    [Paging { after: None, limit: 20 }, Paging { after, limit: 20 }]
}

/// By this index, sorted by nothing else.
fn check(plan: &str, index: &str) {
    assert!(plan.contains(&format!("INDEX {index} (store=?")), "{index}: {plan}");
    for bad in ["SCAN", "TEMP B-TREE"] {
        assert!(!plan.contains(bad), "{index}: {plan}");
    }
}

#[test]
fn orders() {
    let mut planner = Planner::new();
    for paging in paging() {
        for bits in 0..36_u32 {
            let filter = OrderFilter {
                customer: (bits & 1 > 0).then(|| CustomerId::trusted("cus_a")),
                subscription: (bits & 2 > 0).then(|| SubscriptionId::trusted("sub_a")),
                kind: [None, Some(OrderType::Renewal), Some(OrderType::OneTime)][(bits / 4 % 3) as usize],
                status: [None, Some(OrderStatus::Paid), Some(OrderStatus::Open)][(bits / 12 % 3) as usize],
            };
            let index = match &filter {
                OrderFilter {
                    subscription: Some(_), ..
                } => "orders_of_subscription",
                OrderFilter { customer: Some(_), .. } => "orders_of_customer",
                OrderFilter {
                    status: Some(OrderStatus::Open),
                    ..
                } => "orders_by_status",
                OrderFilter {
                    kind: Some(OrderType::OneTime),
                    ..
                } => "orders_by_type",
                _ => "orders_by_created",
            };
            check(&planner.of(|tx| tx.list_orders(1, &filter, &paging)), index);
        }
    }
}

#[test]
fn payments() {
    let mut planner = Planner::new();
    for paging in paging() {
        for bits in 0..24_u32 {
            let filter = PaymentFilter {
                customer: (bits & 1 > 0).then(|| CustomerId::trusted("cus_a")),
                order: (bits & 2 > 0).then(|| OrderId::trusted("ord_a")),
                subscription: (bits & 4 > 0).then(|| SubscriptionId::trusted("sub_a")),
                status: [None, Some(PaymentStatus::Succeeded), Some(PaymentStatus::Failed)][(bits / 8) as usize],
            };
            let index = match &filter {
                PaymentFilter { order: Some(_), .. } => "payments_of_order",
                PaymentFilter {
                    subscription: Some(_), ..
                } => "payments_of_subscription",
                PaymentFilter { customer: Some(_), .. } => "payments_of_customer",
                PaymentFilter {
                    status: Some(PaymentStatus::Failed),
                    ..
                } => "payments_by_status",
                _ => "payments_by_created",
            };
            check(&planner.of(|tx| tx.list_payments(1, &filter, &paging)), index);
        }
    }
}

#[test]
fn subscriptions() {
    let mut planner = Planner::new();
    let customer = CustomerId::trusted("cus_a");
    for paging in paging() {
        for (customer, phases, index) in [
            (None, vec![], "subscriptions_by_created"),
            (None, vec![Phase::Active], "subscriptions_by_status"),
            (Some(&customer), vec![], "subscriptions_of_customer"),
            (Some(&customer), vec![Phase::Active], "subscriptions_of_customer"),
        ] {
            let filter = SubscriptionFilter {
                customer: customer.cloned(),
                phases,
            };
            check(&planner.of(|tx| tx.list_subscriptions(1, &filter, &paging)), index);
        }
        let filter = SubscriptionFilter {
            customer: None,
            phases: Phase::ALL.map(|(phase, _)| phase).to_vec(),
        };
        // The first rows of each phase, and nothing more, are sorted.
        let plan = planner.of(|tx| tx.list_subscriptions(1, &filter, &paging));
        assert_eq!(
            plan.matches("INDEX subscriptions_by_status (store=? AND status=?")
                .count(),
            9,
            "{plan}"
        );
        assert!(!plan.contains("SCAN subscriptions"), "{plan}");
    }
    check(
        &planner.of(|tx| tx.live_subscriptions(1, &customer)),
        "subscriptions_of_customer",
    );
}

#[test]
fn the_rest() {
    let mut planner = Planner::new();
    let (customer, item) = (CustomerId::trusted("cus_a"), SubscriptionItemId::trusted("si_a"));
    let (clock, now) = (ClockId::trusted("clk_a"), Instant::from_micros(1));
    let [paging, _] = paging();
    let plan = planner.of(|tx| tx.list_sessions(1, None, &paging));
    check(&plan, "checkout_sessions_by_created");
    let plan = planner.of(|tx| tx.list_sessions(1, Some(&customer), &paging));
    check(&plan, "checkout_sessions_of_customer");
    for currency in [None, Some(crate::domain::currency::Currency::KRW)] {
        let plan = planner.of(|tx| tx.list_credits(1, &customer, currency, &paging));
        check(&plan, "credits_of_customer");
    }
    check(&planner.of(|tx| tx.usage_of(1, &item, now, now)), "usages_of_item");
    check(&planner.of(|tx| tx.usage_sums(1, &item, now)), "usages_of_item");
    check(&planner.of(|tx| tx.list_usage(1, &item, &paging)), "usages_by_created");
    check(
        &planner.of(|tx| tx.due_jobs_of_clock(1, &clock, now, 9)),
        "jobs_of_clock",
    );
    check(
        &planner.of(|tx| tx.due_dormant_of_clock(1, &clock, now, 9)),
        "customers_of_clock",
    );
    let coupon = CouponId::trusted("coup_a");
    let plan = planner.of(|tx| tx.redemptions(1, &coupon, None, None, now));
    assert!(plan.contains("(store=? AND coupon=?"), "{plan}");
    // What workers ask goes over all stores.
    for (plan, index) in [
        (planner.of(|tx| tx.due_jobs(now, 9)), "INDEX jobs_due (due_at<?)"),
        (
            planner.of(|tx| tx.due_dormant(now, 9)),
            "INDEX customers_by_dormancy (dormancy_at>? AND dormancy_at<?)",
        ),
        (planner.of(|tx| tx.next_job()), "INDEX jobs_due"),
        (planner.of(|tx| tx.next_dormant()), "INDEX customers_by_dormancy"),
    ] {
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}
