//! Pages, held against what a plain look at everything gives.

use proyecta::{
    domain::{
        id::{CustomerId, OrderId, SubscriptionId},
        order::{Order, OrderStatus, OrderType},
        payment::Payment,
        subscription::Phase,
    },
    engine::port::{OrderFilter, Paging, PaymentFilter, Position, StoreNo, SubscriptionFilter, SubscriptionRecord, Tx},
    error::Result,
};

use super::{at, customer, dice::Dice, write};
use crate::suite::place::on_each;

const STORE: StoreNo = 1;
const COUNT: i64 = 120;

type Place = (i64, String);

/// Everything, page by page.
fn walk<T>(
    limit: usize,
    place: impl Fn(&T) -> Place,
    mut page: impl FnMut(&Paging) -> Result<Vec<T>>,
) -> Result<Vec<Place>> {
    let mut all = Vec::new();
    let mut paging = Paging { after: None, limit };
    loop {
        let found: Vec<Place> = page(&paging)?.iter().map(&place).collect();
        assert!(found.len() <= limit);
        let over = found.len() < limit;
        if let Some((micros, id)) = found.last() {
            paging.after = Some(Position::Time(*micros, id.clone()));
        }
        all.extend(found);
        if over {
            return Ok(all);
        }
    }
}

/// What a list has to give: newest first, by id where the time is the same.
fn expected<T>(all: &[T], place: impl Fn(&T) -> Place, wanted: impl Fn(&T) -> bool) -> Vec<Place> {
    let mut places: Vec<Place> = all.iter().filter(|one| wanted(one)).map(place).collect();
    places.sort_by(|one, other| other.cmp(one));
    places
}

fn people() -> Vec<Option<CustomerId>> {
    vec![None, Some(customer("a")), Some(customer("b")), Some(customer("nobody"))]
}

fn subscription_place(record: &SubscriptionRecord) -> Place {
    (record.created_at.micros(), record.state.id.as_str().to_owned())
}

fn order_place(order: &Order) -> Place {
    (order.created_at.micros(), order.id.as_str().to_owned())
}

fn payment_place(payment: &Payment) -> Place {
    (payment.created_at.micros(), payment.id.as_str().to_owned())
}

#[test]
fn subscriptions_by_customer_and_phase() {
    on_each(|place| write(&place.start(), subscriptions));
}

fn subscriptions(tx: &mut dyn Tx) -> Result<()> {
    let mut dice = Dice::new(20);
    let mut all = Vec::new();
    for number in 1..=COUNT {
        let mut record = dice.record(number);
        record.customer = dice.of(&[customer("a"), customer("b"), customer("c")]);
        record.created_at = at(dice.below(30) as i64);
        tx.insert_subscription(STORE, &record)?;
        all.push(record);
    }
    // Another store's are not seen.
    tx.insert_subscription(STORE + 1, &all[0])?;
    for person in people() {
        for phases in [
            vec![],
            vec![Phase::Active],
            vec![Phase::Active, Phase::Canceled, Phase::Active],
            Phase::ALL.map(|(phase, _)| phase).to_vec(),
        ] {
            let filter = SubscriptionFilter {
                customer: person.clone(),
                phases: phases.clone(),
            };
            let found = walk(7, subscription_place, |paging| {
                tx.list_subscriptions(STORE, &filter, paging)
            })?;
            let wanted = |record: &SubscriptionRecord| {
                person.as_ref().is_none_or(|person| record.customer == *person)
                    && (phases.is_empty() || phases.contains(&record.state.phase))
            };
            assert_eq!(found, expected(&all, subscription_place, wanted), "{filter:?}");
        }
        if let Some(person) = person {
            let mut live = expected(&all, subscription_place, |record| {
                record.customer == person && !record.state.phase.is_final()
            });
            live.reverse();
            let found = tx.live_subscriptions(STORE, &person)?;
            assert_eq!(found.iter().map(subscription_place).collect::<Vec<_>>(), live);
        }
    }
    Ok(())
}

#[test]
fn orders_by_everything() {
    on_each(|place| write(&place.start(), orders));
}

fn orders(tx: &mut dyn Tx) -> Result<()> {
    let mut dice = Dice::new(21);
    let subscriptions: Vec<SubscriptionId> = (0..3).map(|n| SubscriptionId::trusted(format!("sub_{n}"))).collect();
    let mut all = Vec::new();
    for number in 1..=COUNT {
        let mut order = dice.order(number);
        order.customer = dice.of(&[customer("a"), customer("b"), customer("c")]);
        order.subscription = dice.coin().then(|| dice.of(&subscriptions));
        order.created_at = at(dice.below(30) as i64);
        order.made.clear();
        all.push(order);
    }
    // Each was made by an order somewhere in the middle, the second by one of
    // its own further charges.
    for (number, id) in subscriptions.iter().enumerate() {
        let maker = match number {
            1 => all.iter().position(|order| order.subscription.as_ref() == Some(id)),
            _ => all
                .iter()
                .rposition(|order| order.subscription.is_none() && order.made.is_empty()),
        };
        let maker = &mut all[maker.unwrap()];
        maker.made.push(id.clone());
        let mut record = dice.record(number as i64);
        record.state.id = id.clone();
        record.order = Some(maker.id.clone());
        tx.insert_subscription(STORE, &record)?;
    }
    for order in &all {
        tx.insert_order(STORE, order)?;
    }
    tx.insert_order(STORE + 1, &all[0])?;
    let mut of_subscription: Vec<Option<SubscriptionId>> = subscriptions.iter().cloned().map(Some).collect();
    of_subscription.extend([None, Some(SubscriptionId::trusted("sub_none"))]);
    for person in people() {
        for subscription in &of_subscription {
            for kind in [None, Some(OrderType::Renewal), Some(OrderType::OneTime)] {
                for status in [None, Some(OrderStatus::Paid), Some(OrderStatus::Open)] {
                    let filter = OrderFilter {
                        customer: person.clone(),
                        subscription: subscription.clone(),
                        kind,
                        status,
                    };
                    let found = walk(5, order_place, |paging| tx.list_orders(STORE, &filter, paging))?;
                    let wanted = |order: &Order| {
                        person.as_ref().is_none_or(|person| order.customer == *person)
                            && subscription.as_ref().is_none_or(|subscription| {
                                order.subscription.as_ref() == Some(subscription) || order.made.contains(subscription)
                            })
                            && kind.is_none_or(|kind| order.kind == kind)
                            && status.is_none_or(|status| order.status == status)
                    };
                    assert_eq!(found, expected(&all, order_place, wanted), "{filter:?}");
                }
            }
        }
    }
    Ok(())
}

#[test]
fn payments_by_everything() {
    on_each(|place| write(&place.start(), payments));
}

fn payments(tx: &mut dyn Tx) -> Result<()> {
    let mut dice = Dice::new(22);
    let mut all = Vec::new();
    for number in 1..=COUNT {
        let mut payment = dice.payment(number);
        payment.customer = dice.of(&[customer("a"), customer("b"), customer("c")]);
        payment.order = OrderId::trusted(format!("ord_{}", dice.below(4)));
        payment.subscription = dice
            .coin()
            .then(|| SubscriptionId::trusted(format!("sub_{}", dice.below(3))));
        payment.created_at = at(dice.below(30) as i64);
        (payment.amount, payment.facts.refunded) = (100, dice.of(&[0, 0, 40, 100]));
        tx.insert_payment(STORE, &payment)?;
        all.push(payment);
    }
    let statuses: Vec<_> = proyecta::domain::payment::PaymentStatus::ALL
        .iter()
        .map(|(status, _)| Some(*status))
        .chain([None])
        .collect();
    for person in people() {
        for order in [None, Some(OrderId::trusted("ord_1"))] {
            for subscription in [None, Some(SubscriptionId::trusted("sub_1"))] {
                for status in &statuses {
                    let filter = PaymentFilter {
                        customer: person.clone(),
                        order: order.clone(),
                        subscription: subscription.clone(),
                        status: *status,
                    };
                    let found = walk(6, payment_place, |paging| tx.list_payments(STORE, &filter, paging))?;
                    let wanted = |payment: &Payment| {
                        person.as_ref().is_none_or(|person| payment.customer == *person)
                            && order.as_ref().is_none_or(|order| payment.order == *order)
                            && (subscription.is_none() || payment.subscription == subscription)
                            && status.is_none_or(|status| payment.status() == status)
                    };
                    assert_eq!(found, expected(&all, payment_place, wanted), "{filter:?}");
                }
            }
        }
    }
    Ok(())
}

#[test]
fn sessions_of_all_and_of_a_customer() {
    on_each(|place| {
        write(&place.start(), |tx| {
            let mut dice = Dice::new(23);
            let mut all = Vec::new();
            for _ in 0..40 {
                let mut session = dice.session();
                session.customer = dice.of(&[customer("a"), customer("b")]);
                session.created_at = at(dice.below(9) as i64);
                tx.insert_session(STORE, &session)?;
                all.push(session);
            }
            let place = |session: &proyecta::domain::checkout::CheckoutSession| {
                (session.created_at.micros(), session.id.as_str().to_owned())
            };
            for person in people() {
                let found = walk(4, place, |paging| tx.list_sessions(STORE, person.as_ref(), paging))?;
                let wanted = expected(&all, place, |session| {
                    person.as_ref().is_none_or(|person| session.customer == *person)
                });
                assert_eq!(found, wanted);
            }
            Ok(())
        });
    });
}
