//! What holds in the end, once everything that was open is settled: the
//! gateway's books and ours say the same.

use std::collections::HashMap;

use proyecta::{
    domain::{
        order::OrderStatus,
        payment::{Payment, PaymentStatus},
    },
    engine::port::{OrderFilter, Paging, PaymentFilter},
};

use super::{
    gateway::Verdict,
    laws::STORE,
    world::{Law, World},
};

pub fn check(world: &World) -> Law {
    let all = Paging {
        after: None,
        limit: 100_000,
    };
    let look = world.database.look(|tx| {
        Ok((
            tx.list_payments(STORE, &PaymentFilter::default(), &all)?,
            tx.list_orders(STORE, &OrderFilter::default(), &all)?,
        ))
    });
    let (payments, orders) = look.map_err(|error| error.message().to_owned())?;
    let entries = world.till.read(Clone::clone);
    let now = world.now();
    for payment in &payments {
        let id = payment.id.as_str();
        let (status, entry) = (payment.status(), entries.get(&payment.key));
        let charged = entry.filter(|entry| entry.is_charged(now));
        match (payment.facts.is_settled(), charged) {
            (true, None) => return Err(format!("{id} is {}, and nothing was charged", status.name())),
            (false, Some(entry)) => {
                return Err(format!(
                    "{} was charged for {id}, which is {}",
                    entry.amount,
                    status.name()
                ));
            }
            _ => {}
        }
        if matches!(status, PaymentStatus::Pending | PaymentStatus::Unknown) && !waits(world, payment) {
            return Err(format!("{id} is still {}", status.name()));
        }
        if let Some(entry) = charged {
            if entry.amount != payment.amount {
                return Err(format!("{} was charged for {id} of {}", entry.amount, payment.amount));
            }
            if entry.refunded() != payment.facts.refunded {
                return Err(format!(
                    "the gateway gave {} of {id} back, and {} is written down",
                    entry.refunded(),
                    payment.facts.refunded
                ));
            }
        }
    }
    let of: HashMap<&str, &Payment> = payments.iter().map(|payment| (payment.id.as_str(), payment)).collect();
    for order in &orders {
        let id = order.id.as_str();
        let payment = order.payment.as_ref().and_then(|id| of.get(id.as_str()));
        let paid = matches!(
            order.status,
            OrderStatus::Paid | OrderStatus::PartiallyRefunded | OrderStatus::Refunded
        );
        let settled = payment.is_some_and(|payment| payment.facts.is_settled());
        if paid && order.total > 0 && !settled {
            return Err(format!("{id} is {}, and nobody paid it", order.status.name()));
        }
        if order.status == OrderStatus::Open
            && payment.is_some_and(|payment| payment.status() == PaymentStatus::Succeeded)
        {
            return Err(format!("{id} is open, and its payment succeeded"));
        }
        if order.charging && payment.is_none_or(|payment| payment.facts.is_decided()) {
            return Err(format!("{id} is being charged, and its payment is decided"));
        }
        if order.refunds.iter().any(|refund| refund.done.is_none()) {
            return Err(format!("a refund of {id} is still open"));
        }
    }
    credits(world)
}

/// A gateway that decides later has not decided yet.
fn waits(world: &World, payment: &Payment) -> bool {
    world.till.read(|entries| {
        let verdict = entries.get(&payment.key).map(|entry| &entry.verdict);
        matches!(verdict, Some(Verdict::Pending { until, .. }) if *until > world.now())
    })
}

/// Entries of a balance come to it, and it is never below zero.
fn credits(world: &World) -> Law {
    let sql = "select b.customer, b.balance, coalesce((select sum(amount) from credits c where c.store = b.store and c.customer = b.customer and c.currency = b.currency), 0) from credit_balances b";
    for row in world.database.rows(sql).map_err(|error| error.message().to_owned())? {
        let number = |place: usize| row[place].parse::<i64>().unwrap_or(i64::MIN);
        if number(1) != number(2) || number(1) < 0 {
            return Err(format!(
                "the balance of {} is {}, and its entries {}",
                row[0], row[1], row[2]
            ));
        }
    }
    Ok(())
}
