//! A process may die between any two steps of a payment: whoever goes on finds
//! out what happened, and the money moves once.

use std::sync::{Mutex, mpsc};

use serde_json::{Value, json};

use super::*;
use crate::{
    domain::order::OrderStatus,
    engine::billing::{How, run_job},
    ops::Op,
    start,
    testing::Running,
};

/// A card of which only the first charge is approved.
const ONCE: &str = "4000000000010001";
/// A card whose answer is lost; it was charged.
const LOST: &str = "4000000000030000";

struct Shop {
    running: Running,
    customer: String,
    order: OrderId,
}

impl Shop {
    /// With an order of 5,000 won out of a stock of three.
    fn open() -> Self {
        let running = Running::start_on(":memory:");
        let made = |op, input: Value| running.call(op, &input).unwrap();
        let customer = made(Op::CustomersCreate, json!({ "email": "a@example.com" }));
        let product = made(
            Op::ProductsCreate,
            json!({
                "name": "Thing",
                "stock": 3,
                "variants": [{ "id": "var_thing", "name": "Piece", "currency": "KRW", "unitAmount": 5000 }],
            }),
        );
        assert_eq!(product["stock"], 3);
        let customer = customer["id"].as_str().unwrap().to_owned();
        let order = made(
            Op::OrdersCreate,
            json!({ "customerId": customer, "items": [{ "priceId": "var_thing" }] }),
        );
        Self {
            order: OrderId::trusted(order["id"].as_str().unwrap()),
            running,
            customer,
        }
    }

    fn call(&self, op: Op, input: Value) -> Value {
        self.running.call(op, &input).unwrap()
    }

    fn method(&self, number: &str) -> PaymentMethodId {
        let card = json!({ "number": number, "expirationYear": "30", "expirationMonth": "12" });
        let method = self.call(
            Op::PaymentMethodsCreate,
            json!({ "customerId": self.customer, "card": card }),
        );
        PaymentMethodId::trusted(method["id"].as_str().unwrap())
    }

    fn pay(&self, with: With) -> Arc<Mutex<Pay>> {
        let target = Target::Order(self.order.clone());
        let session = self.running.session();
        let pay = Pay::new(session, None, target, Choice::default(), with, Conditions::default());
        Arc::new(Mutex::new(pay.unwrap()))
    }

    /// Runs a transaction.
    fn within<T: Send + 'static>(
        &self,
        mut run: impl FnMut(&Context<'_>, &mut dyn Tx, &Numbering) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let session = Arc::clone(self.running.session());
        let numbers = Arc::new(Numbering::new(
            &session.engine.numbers,
            session.store.no,
            billing::NUMBERS,
        ));
        let committed = Arc::clone(&numbers);
        let (send, receive) = mpsc::channel();
        let caller = Arc::clone(&session);
        session.engine.database.write(FnTask::boxed(
            None,
            move |tx| {
                numbers.begin();
                run(&caller.context(None), tx, &numbers)
            },
            move |outcome| {
                committed.committed();
                send.send(outcome).unwrap();
            },
        ));
        receive.recv().unwrap()
    }

    fn begin(&self, pay: &Arc<Mutex<Pay>>) -> Ask {
        let pay = Arc::clone(pay);
        let begun = self.within(move |cx, tx, numbers| pay.lock().unwrap().begin(cx, tx, numbers));
        match begun.unwrap() {
            Begun::Work(ask) => ask,
            Begun::Answered(outcome) => panic!("was answered at once: {}", outcome.json),
        }
    }

    fn ask(&self, pay: &Arc<Mutex<Pay>>, ask: Ask) -> Found {
        let call = pay.lock().unwrap().call(ask);
        start::own_runtime().unwrap().block_on(call)
    }

    /// What the worker does with the job of the order's payment.
    fn look_up(&self) {
        let order = self.order.clone();
        let work = self.within(move |cx, tx, numbers| {
            let mut desk = Desk::open(cx, tx, numbers)?;
            let payment = orders::found(cx, tx, &order, false)?.payment.unwrap();
            let job = tx.job(cx.store.no, payment.as_str(), false)?;
            run_job(&mut desk, tx, &job.expect("a payment that is open has its job"))
        });
        for work in work.unwrap() {
            let session = self.running.session();
            let asked = billing::run(Arc::clone(&session.engine), session.store.clone(), work);
            let said = start::own_runtime().unwrap().block_on(asked).unwrap();
            self.within(move |cx, tx, numbers| {
                let mut desk = Desk::open(cx, tx, numbers)?;
                billing::record(&mut desk, tx, &said, How::Alone)
            })
            .unwrap();
        }
    }

    fn order(&self) -> Order {
        let order = self.order.clone();
        self.within(move |cx, tx, _| orders::found(cx, tx, &order, false))
            .unwrap()
    }

    fn payments(&self) -> Vec<Value> {
        let page = self.call(Op::PaymentsList, json!({ "orderId": self.order.as_str() }));
        page["data"].as_array().unwrap().clone()
    }

    /// The order is paid by one charge.
    fn assert_paid_once(&self) {
        let order = self.order();
        assert_eq!((order.status, order.charging), (OrderStatus::Paid, false));
        let payments = self.payments();
        assert_eq!(payments.len(), 1, "{payments:?}");
        assert_eq!(payments[0]["status"], "succeeded");
        let charged = self
            .within(|cx, tx, _| tx.sandbox_charges(cx.store.no, "", 10))
            .unwrap();
        assert_eq!(charged.len(), 1, "charges at the gateway");
        let again = self.call(Op::OrdersPay, json!({ "orderId": self.order.as_str() }));
        assert_eq!(again["status"], "paid");
        assert_eq!(self.payments().len(), 1);
        let price = self.call(Op::PricesGet, json!({ "priceId": "var_thing" }));
        let product = self.call(Op::ProductsGet, json!({ "productId": price["productId"] }));
        assert_eq!(product["stock"], 2);
    }

    /// Whatever is settled has no job that would ask again.
    fn assert_nobody_asks_again(&self) {
        let order = self.order();
        let payment = order.payment.clone().unwrap();
        let job = self.within(move |cx, tx, _| tx.job(cx.store.no, payment.as_str(), false));
        assert_eq!(job.unwrap(), None);
    }

    fn refused(&self, op: Op) -> String {
        let refused = self.running.call(op, &json!({ "orderId": self.order.as_str() }));
        refused.unwrap_err().code().name().to_owned()
    }
}

#[test]
fn a_crash_before_the_gateway_was_asked() {
    let shop = Shop::open();
    let method = shop.method(ONCE);
    let pay = shop.pay(With::Method(method));
    drop(shop.begin(&pay));
    assert!(shop.order().charging);
    assert_eq!(shop.refused(Op::OrdersPay), "payment_in_progress");
    assert_eq!(shop.refused(Op::OrdersCancel), "payment_in_progress");
    shop.look_up();
    shop.assert_paid_once();
}

#[test]
fn a_crash_before_the_answer_was_recorded() {
    let shop = Shop::open();
    let method = shop.method(ONCE);
    let pay = shop.pay(With::Method(method));
    let ask = shop.begin(&pay);
    assert!(matches!(shop.ask(&pay, ask), Found::Said(..)));
    assert!(shop.order().charging);
    shop.look_up();
    shop.assert_nobody_asks_again();
    shop.assert_paid_once();
}

#[test]
fn an_answer_that_is_recorded_twice_counts_once() {
    let shop = Shop::open();
    let method = shop.method(ONCE);
    let pay = shop.pay(With::Method(method));
    let ask = shop.begin(&pay);
    let found = Arc::new(shop.ask(&pay, ask));
    for _ in 0..2 {
        let (pay, found) = (Arc::clone(&pay), Arc::clone(&found));
        let ended = shop.within(move |cx, tx, numbers| pay.lock().unwrap().end(cx, tx, numbers, &found));
        assert!(matches!(ended.unwrap(), Ended::Answered(_)));
    }
    shop.assert_paid_once();
}

#[test]
fn a_lost_answer_is_looked_up() {
    let shop = Shop::open();
    let method = shop.method(LOST);
    let input = json!({ "orderId": shop.order.as_str(), "paymentMethodId": method.as_str() });
    let waiting = shop.call(Op::OrdersPay, input);
    assert_eq!(
        (&waiting["status"], &waiting["charging"]),
        (&json!("open"), &json!(true))
    );
    shop.look_up();
    shop.assert_paid_once();
}

#[test]
fn a_crash_while_a_card_is_registered_leaves_the_order_open() {
    let shop = Shop::open();
    let card = crate::domain::card::Card::new(crate::domain::card::Parts {
        number: crate::domain::secret::Secret::new(ONCE.to_owned()),
        expiration_year: "30".to_owned(),
        expiration_month: "12".to_owned(),
        password: None,
        is_corporate: false,
        personal_id: None,
        corporate_id: None,
    });
    let pay = shop.pay(With::Card(CardParam(card.unwrap())));
    assert!(matches!(shop.begin(&pay), Ask::Register(..)));
    let order = shop.order();
    assert_eq!(
        (order.status, order.charging, order.attempts),
        (OrderStatus::Open, false, 0)
    );
    assert!(order.held_until.is_some(), "its pieces are kept for a while");
    assert!(shop.payments().is_empty());
    shop.method(ONCE);
    let paid = shop.call(Op::OrdersPay, json!({ "orderId": shop.order.as_str() }));
    assert_eq!(paid["status"], "paid");
    shop.assert_paid_once();
}
