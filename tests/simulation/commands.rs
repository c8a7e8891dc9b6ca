//! What people do with their subscriptions.

use proyecta::{
    domain::instant::Instant,
    error::{Kind, Result},
    ops::Op,
};
use serde_json::{Value, json};

use super::world::{DAY, HOUR, Law, World};

/// A subscription as far as commands need it.
struct Target {
    id: String,
    customer: String,
    items: Vec<(String, String)>,
    open: Option<String>,
}

impl World {
    fn at(&self, micros: i64) -> Value {
        json!(Instant::from_micros(micros).to_string())
    }

    fn process_of(&mut self) -> usize {
        self.dice.below(2) as usize
    }

    /// Somebody subscribes by the app.
    pub fn subscribe_by_app(&mut self) -> Law {
        self.subscribe_with(100)
    }

    /// Somebody subscribes: by the app, or on the page.
    pub fn subscribe(&mut self) -> Law {
        self.subscribe_with(60)
    }

    fn subscribe_with(&mut self, by_app: u64) -> Law {
        let customer = self.dice.of(&self.customers.clone());
        let place = self.dice.weighted(&[6, 5, 3, 3, 3, 1, 3, 3, 4, 2, 1, 4, 4]);
        let offer = self.offers[place].clone();
        let quantity = self.dice.between(1, 3);
        let mut input = json!({ "customerId": customer });
        if self.dice.percent(40) {
            input["discountCodes"] = json!([self.dice.of(&["HALF", "TEN", "SIX", "FIX", "FEW"])]);
        }
        if self.dice.percent(15) {
            input["trial"] = json!({ "interval": "day", "count": self.dice.between(1, 40) });
        }
        let process = self.process_of();
        if self.dice.percent(by_app) {
            input["items"] = json!([{ "priceId": offer.id, "quantity": quantity }]);
            return self.change(process, Op::SubscriptionsCreate, input, None).map(drop);
        }
        input["lineItems"] = json!([{ "variantId": offer.id, "quantity": quantity }]);
        input["successUrl"] = json!("https://example.com/done");
        let Some(Ok(session)) = self.call(process, Op::Checkout, &input, None)? else {
            return Ok(());
        };
        let mut complete = json!({ "checkoutSessionId": session["id"] });
        complete["card"] = self.card();
        let process = self.process_of();
        self.repeated(process, Op::CheckoutSessionsComplete, complete).map(drop)
    }

    /// Calls, sometimes with an idempotency key and twice: the same comes back.
    fn repeated(&mut self, process: usize, op: Op, input: Value) -> Law<Option<Result<Value>>> {
        if !self.dice.percent(15) {
            return self.call(process, op, &input, None);
        }
        self.made += 1;
        let key = format!("key_{}", self.made);
        let first = self.call(process, op, &input, Some(&key))?;
        // One that nobody hears the end of keeps its key: a repeat would wait
        // for it, in real time.
        let heard = match &first {
            Some(Err(error)) => error.code().kind() != Kind::Unavailable,
            Some(Ok(_)) => true,
            None => false,
        };
        if !heard {
            return Ok(first);
        }
        let other = self.process_of();
        let again = self.call(other, op, &input, Some(&key))?;
        if let (Some(Ok(first)), Some(Ok(again))) = (&first, &again)
            && first != again
        {
            return Err(format!(
                "{} answered a repeat with another answer",
                op.declaration().name
            ));
        }
        Ok(first)
    }

    /// Changes something, sometimes after a look at what it would cost: what
    /// was shown is charged.
    fn change(&mut self, process: usize, op: Op, mut input: Value, sub: Option<&str>) -> Law<Option<Result<Value>>> {
        let mut shown = None;
        if self.dice.percent(35) && op != Op::UsagesRecord {
            let mut look = input.clone();
            look["preview"] = json!(true);
            if let Some(Ok(preview)) = self.call(process, op, &look, None)? {
                input["effectiveAt"] = preview["effectiveAt"].clone();
                input["expectTotal"] = preview["total"].clone();
                shown = Some(preview);
            }
        }
        let before = self.newest_order();
        let answer = self.repeated(process, op, input)?;
        if let Some(sub) = sub {
            self.laws.asked(sub);
        }
        if let (Some(preview), Some(Err(error))) = (&shown, &answer)
            && error.code().name() == "total_differs"
        {
            return Err(format!("{preview} was shown, and then {}", error.message()));
        }
        if let (Some(preview), Some(Ok(_))) = (&shown, &answer) {
            self.charged_as_shown(preview, before)?;
        }
        Ok(answer)
    }

    fn newest_order(&self) -> Option<String> {
        let rows = self.database.rows("select max(id) from orders").ok()?;
        rows.first()?.first().cloned()
    }

    /// The first order that came to be since has the lines that were shown.
    fn charged_as_shown(&self, preview: &Value, before: Option<String>) -> Law {
        let sql = format!(
            "select body from orders where id > '{}' order by id limit 1",
            before.unwrap_or_default()
        );
        let rows = self.database.rows(&sql).map_err(|error| error.message().to_owned())?;
        let Some(order) = rows.first().and_then(|row| serde_json::from_str::<Value>(&row[0]).ok()) else {
            return match preview["total"].as_i64() {
                Some(0) => Ok(()),
                _ => Err(format!("{preview} was shown, and there is no order")),
            };
        };
        let amounts = |lines: &Value, amount: &dyn Fn(&Value) -> i64| {
            let mut all: Vec<i64> = lines.as_array().into_iter().flatten().map(amount).collect();
            all.sort_unstable();
            all
        };
        let shown = amounts(&preview["lines"], &|line| line["amount"].as_i64().unwrap_or(0));
        let charged = amounts(&order["items"], &|item| item["line"]["amount"].as_i64().unwrap_or(0));
        match shown == charged {
            true => Ok(()),
            false => Err(format!("shown were lines of {shown:?}, and ordered {charged:?}")),
        }
    }

    fn target(&mut self) -> Option<Target> {
        // What has ended refuses everything.
        let sql = match self.dice.percent(5) {
            true => "select id, customer, body from subscriptions order by id",
            false => "select id, customer, body from subscriptions where live order by id",
        };
        let rows = self.database.rows(sql).ok()?;
        let row = self.dice.of(&(!rows.is_empty()).then_some(rows)?);
        let body: Value = serde_json::from_str(&row[2]).ok()?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let items = body["items"].as_array()?.iter();
        let top = items.filter(|item| item["parent"].is_null());
        Some(Target {
            id: row[0].clone(),
            customer: row[1].clone(),
            items: top.map(|item| (text(&item["id"]), text(&item["price"]))).collect(),
            open: body["open"]["order"].as_str().map(str::to_owned),
        })
    }

    /// Somebody does something.
    pub fn command(&mut self) -> Law {
        let Some(target) = self.target() else {
            return self.subscribe();
        };
        let process = self.process_of();
        let (item, price) = self.dice.of(&target.items);
        let mut input = json!({ "subscriptionId": target.id });
        let now = self.now();
        let kind = self
            .dice
            .weighted(&[4, 3, 5, 5, 12, 8, 4, 2, 2, 4, 5, 7, 20, 5, 4, 3, 3, 2]);
        let mut moves = None;
        let op = match kind {
            0 => {
                input["when"] = match self.dice.below(3) {
                    0 => json!("now"),
                    1 => json!("period_end"),
                    _ => self.at(now + self.dice.clone().between(1, 90) * DAY),
                };
                if self.dice.percent(50) {
                    input["credit"] = json!(self.dice.of(&["none", "credit", "refund"]));
                }
                Op::SubscriptionsCancel
            }
            1 => Op::SubscriptionsUncancel,
            2 => {
                input["when"] = json!(self.dice.of(&["now", "period_end"]));
                match self.dice.below(3) {
                    0 => {}
                    1 => input["until"] = self.at(now + self.dice.clone().between(1, 60) * DAY),
                    _ => input["until"] = json!({ "interval": "month", "count": self.dice.between(1, 2) }),
                }
                Op::SubscriptionsPause
            }
            3 => Op::SubscriptionsResume,
            4 => {
                let offers = self.offers.clone();
                input["priceId"] = json!(self.dice.of(&offers).id);
                input["itemId"] = json!(item);
                if self.dice.percent(50) {
                    input["when"] = json!(self.dice.of(&["now", "period_end"]));
                }
                if self.dice.percent(10) {
                    input["discountCodes"] = json!(["TEN"]);
                }
                moves = Some(target.id.clone());
                Op::SubscriptionsChangePlan
            }
            5 => {
                input["itemId"] = json!(item);
                input["quantity"] = json!(self.dice.between(1, 6));
                input["effectiveDate"] = json!(self.dice.of(&["immediate", "next_billing"]));
                moves = Some(target.id.clone());
                Op::SubscriptionsUpdateQuantity
            }
            6 => {
                let offers = self.offers.clone();
                input["priceId"] = json!(self.dice.of(&offers).id);
                moves = Some(target.id.clone());
                Op::SubscriptionsAddItem
            }
            7 => {
                input["itemId"] = json!(item);
                moves = Some(target.id.clone());
                Op::SubscriptionsRemoveItem
            }
            8 => Op::SubscriptionsCancelPendingChange,
            9 => {
                input["at"] = self.at(now + self.dice.clone().between(1, 45) * DAY);
                input["gap"] = json!(self.dice.of(&["none", "charge"]));
                moves = Some(target.id.clone());
                Op::SubscriptionsChangePaymentDate
            }
            10 => {
                moves = Some(target.id.clone());
                Op::SubscriptionsRenewNow
            }
            11 => {
                input["card"] = self.card();
                if self.dice.percent(30) {
                    input["retry"] = json!(false);
                }
                self.repeated(process, Op::SubscriptionsUpdatePaymentMethod, input)?;
                return Ok(());
            }
            12 => return self.usage(process, &item, &price),
            13 => return self.refund(process, &target),
            14 => return self.pay(process, &target),
            15 => {
                let amount = self.dice.between(-2000, 9000);
                let input =
                    json!({ "customerId": target.customer, "amount": amount, "currency": "KRW", "reason": "sorry" });
                self.repeated(process, Op::CreditBalanceAdjust, input)?;
                return Ok(());
            }
            16 => {
                let input = json!({ "customerId": target.customer });
                self.call(process, Op::CustomersRecordLogin, &input, None)?;
                return Ok(());
            }
            _ => {
                let input = json!({ "customerId": target.customer, "card": self.card(), "makeDefault": true });
                self.call(process, Op::PaymentMethodsCreate, &input, None)?;
                return Ok(());
            }
        };
        self.change(process, op, input, moves.as_deref()).map(drop)
    }

    fn usage(&mut self, process: usize, item: &str, price: &str) -> Law {
        let metered = self.offers.iter().any(|offer| offer.id == price && offer.metered);
        if !metered && self.dice.percent(90) {
            return Ok(());
        }
        let mut input = json!({ "subscriptionItemId": item });
        match price {
            "var_seats" => input["quota"] = json!(self.dice.between(-1, 3)),
            _ => input["record"] = json!(self.dice.between(-5, 400)),
        }
        if self.dice.percent(20) {
            input["at"] = self.at(self.now() - self.dice.clone().between(0, 72) * HOUR);
        }
        self.repeated(process, Op::UsagesRecord, input).map(drop)
    }

    fn refund(&mut self, process: usize, target: &Target) -> Law {
        let sql = format!(
            "select id, body from orders where subscription = '{}' and status = 'paid' order by id desc limit 5",
            target.id
        );
        let rows = self.database.rows(&sql).map_err(|error| error.message().to_owned())?;
        if rows.is_empty() {
            return Ok(());
        }
        let row = self.dice.of(&rows);
        let body: Value = serde_json::from_str(&row[1]).unwrap_or_default();
        let mut input = json!({ "orderId": row[0] });
        if self.dice.percent(60) {
            input["amount"] = json!(self.dice.between(1, body["total"].as_i64().unwrap_or(1).max(1)));
        }
        self.repeated(process, Op::OrdersRefund, input).map(drop)
    }

    fn pay(&mut self, process: usize, target: &Target) -> Law {
        let Some(order) = &target.open else { return Ok(()) };
        let mut input = json!({ "orderId": order });
        if self.dice.percent(60) {
            input["card"] = self.card();
        }
        self.repeated(process, Op::OrdersPay, input).map(drop)
    }
}
