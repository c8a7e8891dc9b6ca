//! Credit balances, usage, purchases, redemptions and gateways' events.

use proyecta::{
    domain::{
        currency::Currency,
        decimal::Quantity,
        id::{CouponId, CreditId, OrderId, ProductId, SubscriptionId, SubscriptionItemId, UsageId},
    },
    engine::port::{CreditEntry, Paging, Position, Purchased, StoreNo, Tx, UsageEntry},
    error::{Code, Result},
};

use super::{at, begin, customer, try_write, write};
use crate::suite::place::on_each;

const STORE: StoreNo = 1;

fn usd() -> Currency {
    Currency::parse("USD").unwrap()
}

fn entry(number: i64, currency: Currency, amount: i64, balance: i64) -> CreditEntry {
    CreditEntry {
        id: CreditId::trusted(format!("crd_{number:03}")),
        customer: customer("a"),
        currency,
        amount,
        balance,
        reason: "\"고객 보상\"".to_owned(),
        order: (number % 2 == 0).then(|| OrderId::trusted(format!("ord_{number}"))),
        created_at: at(number / 3),
    }
}

#[test]
fn a_balance_is_what_its_entries_say() {
    on_each(|place| {
        let running = place.start();
        write(&running, |tx| {
            let person = customer("a");
            assert_eq!(tx.credit_balance(STORE, &person, Currency::KRW, true)?, 0);
            assert_eq!(tx.credit_balances(STORE, &person)?, []);
            let entries = [
                entry(1, Currency::KRW, 500, 500),
                entry(2, usd(), 70, 70),
                entry(3, Currency::KRW, -500, 0),
                entry(4, Currency::KRW, i64::MAX, i64::MAX),
            ];
            for entry in &entries {
                tx.insert_credit(STORE, entry)?;
                for lock in [false, true] {
                    assert_eq!(tx.credit_balance(STORE, &person, entry.currency, lock)?, entry.balance);
                }
            }
            assert_eq!(
                tx.credit_balances(STORE, &person)?,
                [(Currency::KRW, i64::MAX), (usd(), 70)]
            );
            assert_eq!(tx.credit_balances(STORE, &customer("b"))?, []);
            assert_eq!(tx.credit_balances(STORE + 1, &person)?, []);
            let [one, two, three, four] = entries;
            let paging = Paging { after: None, limit: 3 };
            assert_eq!(
                tx.list_credits(STORE, &person, None, &paging)?,
                [four.clone(), three.clone(), two.clone()]
            );
            let behind = Paging {
                after: Some(Position::Time(two.created_at.micros(), two.id.as_str().to_owned())),
                limit: 3,
            };
            assert_eq!(
                tx.list_credits(STORE, &person, None, &behind)?,
                std::slice::from_ref(&one)
            );
            assert_eq!(
                tx.list_credits(STORE, &person, Some(Currency::KRW), &paging)?,
                [four, three, one]
            );
            assert_eq!(tx.list_credits(STORE, &person, Some(usd()), &paging)?, [two]);
            Ok(())
        });
        let late = try_write(&running, |tx| tx.insert_credit(STORE, &entry(9, usd(), 5, 5)));
        assert_eq!(
            late.unwrap_err().code(),
            Code::WriteConflict,
            "the balance was 70 before"
        );
        write(&running, |tx| {
            assert_eq!(tx.credit_balance(STORE, &customer("a"), usd(), false)?, 70);
            assert_eq!(
                tx.list_credits(STORE, &customer("a"), Some(usd()), &Paging { after: None, limit: 9 })?
                    .len(),
                1
            );
            Ok(())
        });
    });
}

/// Where there is no balance yet there is nothing to hold, and nothing is lost
/// all the same.
#[test]
fn no_entry_is_lost_among_many_at_once() {
    on_each(|place| {
        let engines = place.start_many(2);
        let entries: Vec<_> = (0..40)
            .map(|number| {
                begin(&engines[number as usize % 2], move |tx| {
                    let before = tx.credit_balance(STORE, &customer("a"), Currency::KRW, true)?;
                    tx.insert_credit(STORE, &entry(number, Currency::KRW, 10, before + 10))
                })
            })
            .collect();
        for entry in entries {
            entry.recv().unwrap().unwrap();
        }
        let balance = write(&engines[0], |tx| {
            tx.credit_balance(STORE, &customer("a"), Currency::KRW, false)
        });
        assert_eq!(balance, 400);
    });
}

fn usage(number: i64, record: i64, quota: i64, when: i64) -> UsageEntry {
    UsageEntry {
        id: UsageId::trusted(format!("use_{number}")),
        item: SubscriptionItemId::trusted("si_a"),
        subscription: SubscriptionId::trusted("sub_a"),
        record: Quantity::from_scaled(record),
        quota: Quantity::from_scaled(quota),
        at: at(when),
        via: "api".to_owned(),
        payload: (number % 2 == 0).then(|| "{\"메모\": 1}".to_owned()),
        created_at: at(100 - number),
    }
}

#[test]
fn usage_adds_up() {
    on_each(|place| {
        let running = place.start();
        write(&running, |tx| {
            let item = SubscriptionItemId::trusted("si_a");
            assert_eq!(tx.usage_sums(STORE, &item, at(0))?, (Quantity::ZERO, Quantity::ZERO));
            let entries = [
                usage(1, 5, 100, 30),
                usage(2, 1_000_001, 0, 10),
                usage(3, -4, -7, 20),
                usage(4, 9, 9, 20),
            ];
            for entry in &entries {
                tx.insert_usage(STORE, entry)?;
            }
            let mut other = usage(5, 1, 1, 1);
            other.item = SubscriptionItemId::trusted("si_b");
            tx.insert_usage(STORE, &other)?;
            tx.insert_usage(STORE + 1, &entries[0])?;
            let [first, second, third, fourth] = entries;
            assert_eq!(
                tx.usage_of(STORE, &item, at(10), at(30))?,
                [second.clone(), third.clone(), fourth.clone()]
            );
            assert_eq!(
                tx.usage_of(STORE, &item, at(11), at(31))?,
                [third.clone(), fourth.clone(), first.clone()]
            );
            for (before, record, quota) in [(10, 0, 0), (11, 1_000_001, 0), (30, 1_000_006, 2), (31, 1_000_011, 102)] {
                let sums = (Quantity::from_scaled(record), Quantity::from_scaled(quota));
                assert_eq!(tx.usage_sums(STORE, &item, at(before))?, sums, "before {before}");
            }
            let page = Paging { after: None, limit: 3 };
            assert_eq!(tx.list_usage(STORE, &item, &page)?, [first, second, third.clone()]);
            let behind = Paging {
                after: Some(Position::Time(third.created_at.micros(), third.id.as_str().to_owned())),
                limit: 3,
            };
            assert_eq!(tx.list_usage(STORE, &item, &behind)?, [fourth]);
            Ok(())
        });
        // Too much to be counted is an error and no other number.
        let too_much = try_write(&running, |tx| {
            tx.insert_usage(STORE, &usage(6, i64::MAX, 0, 40))?;
            tx.usage_sums(STORE, &SubscriptionItemId::trusted("si_a"), at(50))
        });
        assert!(too_much.is_err());
    });
}

#[test]
fn the_first_purchase_stays() {
    on_each(|place| {
        write(&place.start(), |tx| {
            let (person, product) = (customer("a"), ProductId::trusted("prod_a"));
            let look = |tx: &mut dyn Tx, bought, trial| -> Result<()> {
                let wanted = Purchased {
                    bought_at: bought,
                    trial_at: trial,
                };
                for lock in [false, true] {
                    assert_eq!(tx.purchased(STORE, &person, &product, lock)?, wanted);
                }
                Ok(())
            };
            let note = |tx: &mut dyn Tx, bought, trial| {
                let purchased = Purchased {
                    bought_at: bought,
                    trial_at: trial,
                };
                tx.note_purchase(STORE, &customer("a"), &ProductId::trusted("prod_a"), purchased)
            };
            look(tx, None, None)?;
            note(tx, None, Some(at(1)))?;
            look(tx, None, Some(at(1)))?;
            note(tx, Some(at(5)), Some(at(4)))?;
            look(tx, Some(at(5)), Some(at(1)))?;
            note(tx, Some(at(6)), None)?;
            note(tx, Some(at(2)), Some(at(0)))?;
            look(tx, Some(at(5)), Some(at(1)))?;
            assert_eq!(
                tx.purchased(STORE, &customer("b"), &ProductId::trusted("prod_a"), false)?,
                Purchased::default()
            );
            Ok(())
        });
    });
}

/// Of many who buy at once one is the first, also where there is no row yet.
#[test]
fn one_of_many_buys_first() {
    on_each(|place| {
        let engines = place.start_many(2);
        let buys: Vec<_> = (0..30)
            .map(|number| {
                begin(&engines[number % 2], move |tx| {
                    let (person, product) = (customer("a"), ProductId::trusted("prod_a"));
                    let before = tx.purchased(STORE, &person, &product, true)?;
                    let now = Purchased {
                        bought_at: Some(at(number as i64)),
                        trial_at: None,
                    };
                    tx.note_purchase(STORE, &person, &product, now)?;
                    Ok(before.bought_at.is_none())
                })
            })
            .collect();
        let first = buys.into_iter().filter(|buy| buy.recv().unwrap().unwrap()).count();
        assert_eq!(first, 1);
    });
}

#[test]
fn redemptions_count_while_they_are_held() {
    on_each(|place| {
        write(&place.start(), |tx| {
            let (coupon, other) = (CouponId::trusted("coup_a"), CouponId::trusted("coup_b"));
            let order = |n: i64| OrderId::trusted(format!("ord_{n}"));
            let (one, two) = (customer("a"), customer("b"));
            tx.put_redemption(STORE, &coupon, &order(1), &one, None)?;
            tx.put_redemption(STORE, &coupon, &order(2), &one, Some(at(10)))?;
            tx.put_redemption(STORE, &coupon, &order(3), &two, Some(at(20)))?;
            tx.put_redemption(STORE, &other, &order(1), &one, None)?;
            tx.put_redemption(STORE + 1, &coupon, &order(4), &one, None)?;
            for (person, except, now, counts) in [
                (Some(&one), None, 0, (3, 2)),
                (Some(&two), None, 9, (3, 1)),
                (None, None, 9, (3, 0)),
                (Some(&one), None, 10, (2, 1)),
                (Some(&two), None, 20, (1, 0)),
                (Some(&one), Some(order(2)), 0, (2, 1)),
                (Some(&one), Some(order(3)), 0, (2, 2)),
                (Some(&one), Some(order(9)), 0, (3, 2)),
            ] {
                let found = tx.redemptions(STORE, &coupon, person, except.as_ref(), at(now))?;
                assert_eq!(found, counts, "{person:?} {except:?} {now}");
            }
            // Paid: it counts for good, and once.
            tx.put_redemption(STORE, &coupon, &order(2), &one, None)?;
            assert_eq!(tx.redemptions(STORE, &coupon, Some(&one), None, at(99))?, (2, 2));
            tx.remove_redemption(STORE, &coupon, &order(2))?;
            tx.remove_redemption(STORE, &coupon, &order(2))?;
            assert_eq!(tx.redemptions(STORE, &coupon, Some(&one), None, at(0))?, (2, 1));
            assert_eq!(tx.redemptions(STORE, &other, Some(&one), None, at(0))?, (1, 1));
            Ok(())
        });
    });
}

#[test]
fn an_event_of_a_gateway_is_taken_once() {
    on_each(|place| {
        let engines = place.start_many(2);
        let taken: Vec<_> = (0..30)
            .map(|number| {
                begin(&engines[number % 2], |tx| {
                    tx.note_gateway_event(STORE, "sandbox", "evt_1", at(0))
                })
            })
            .collect();
        let first = taken.into_iter().filter(|one| one.recv().unwrap().unwrap()).count();
        assert_eq!(first, 1);
        write(&engines[0], |tx| {
            assert!(tx.note_gateway_event(STORE, "sandbox", "evt_2", at(0))?);
            assert!(tx.note_gateway_event(STORE, "another", "evt_1", at(0))?);
            assert!(tx.note_gateway_event(STORE + 1, "sandbox", "evt_1", at(0))?);
            Ok(())
        });
    });
}
