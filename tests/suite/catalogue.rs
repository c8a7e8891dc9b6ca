//! Promises of the catalogue that need what no caller can do yet: a price
//! that was sold, and a row that a newer version wrote.

use std::sync::mpsc;

use proyecta::{
    domain::id::PriceId,
    engine::port::{Entry, Task, Tx},
    error::{Code, Result},
    ops::Op,
    testing::Running,
};
use serde_json::{Value, json};

use super::place::on_each;

/// Marks a price sold, as an order will.
struct Sell(&'static str, mpsc::Sender<Result<()>>);

impl Task for Sell {
    fn run(&mut self, tx: &mut dyn Tx) -> Result<()> {
        let Some(Entry::Live(before)) = tx.price(1, &PriceId::trusted(self.0), true)? else {
            panic!("there is no price {}", self.0);
        };
        let mut after = (*before).clone();
        after.sold = true;
        tx.update_price(1, &before, &after)
    }

    fn done(self: Box<Self>, outcome: Result<()>) {
        self.1.send(outcome).unwrap();
    }
}

fn sell(running: &Running, price: &'static str) {
    let (send, receive) = mpsc::channel();
    running.session().engine().database().write(Box::new(Sell(price, send)));
    receive.recv().unwrap().unwrap();
}

fn product_with_prices(running: &Running) {
    let price = |id: &str| json!({ "id": id, "name": id, "currency": "KRW", "unitAmount": 9900, "recurring": { "interval": "month" } });
    let product = json!({ "id": "prod_a", "name": "A", "variants": [price("var_a"), price("var_b")] });
    running.call(Op::ProductsCreate, &product).unwrap();
}

fn code(outcome: Result<Value>) -> Code {
    outcome.unwrap_err().code()
}

#[test]
fn the_terms_of_a_sold_price_never_change() {
    on_each(|place| {
        let running = place.start();
        product_with_prices(&running);
        sell(&running, "var_a");
        let before = running.call(Op::PricesGet, &json!({ "priceId": "var_a" })).unwrap();
        assert_eq!(before["sold"], true);
        for terms in [
            json!({ "unitAmount": 9901 }),
            json!({ "unitAmountDecimal": "9900.5" }),
            json!({ "currency": "USD" }),
            json!({ "recurring": { "interval": "year" } }),
            json!({ "billingDay": 1 }),
            json!({ "introDiscount": { "price": 100 } }),
            json!({ "maximumQuantity": 5 }),
        ] {
            let mut change = terms.clone();
            change["priceId"] = "var_a".into();
            let error = running.call(Op::PricesUpdate, &change).unwrap_err();
            assert_eq!(error.code(), Code::PriceImmutable, "{terms}");
            assert!(error.message().contains("prices.replace"), "{}", error.message());
        }
        let same_terms = json!({
            "priceId": "var_a", "unitAmount": 9900, "currency": "krw",
            "name": "New", "description": "D", "unit": "seat", "order": 5, "metadata": { "a": "b" },
        });
        let after = running.call(Op::PricesUpdate, &same_terms).unwrap();
        assert_eq!(
            (&after["name"], &after["order"], &after["version"]),
            (&json!("New"), &json!(5), &json!(2))
        );
        running
            .call(Op::PricesUpdate, &json!({ "priceId": "var_b", "isDefault": true }))
            .unwrap();
    });
}

#[test]
fn what_was_sold_is_replaced_or_archived_and_never_deleted() {
    on_each(|place| {
        let running = place.start();
        product_with_prices(&running);
        sell(&running, "var_a");
        let delete = running.call(Op::PricesDelete, &json!({ "priceId": "var_a" }));
        assert_eq!(code(delete), Code::PriceInUse);
        let replace = json!({ "priceId": "var_a", "unitAmount": 12000 });
        let fresh = running.call(Op::PricesReplace, &replace).unwrap();
        assert_eq!(
            (&fresh["unitAmount"], &fresh["replaces"], &fresh["sold"]),
            (&json!(12000), &json!("var_a"), &json!(false))
        );
        let old = running.call(Op::PricesGet, &json!({ "priceId": "var_a" })).unwrap();
        assert_eq!((&old["unitAmount"], &old["sold"]), (&json!(9900), &json!(true)));
        assert!(old["archivedAt"].is_string());
        let delete = running.call(Op::ProductsDelete, &json!({ "productId": "prod_a" }));
        assert_eq!(code(delete), Code::ProductInUse);
        running
            .call(Op::ProductsArchive, &json!({ "productId": "prod_a" }))
            .unwrap();
    });
}

/// Numbers are the dialects' ids, and a unique index keeps them: none is given
/// twice to objects made in one call, in many at once, or after a restart.
#[test]
fn no_number_is_given_twice() {
    on_each(|place| {
        for round in 0..2 {
            let running = place.start();
            let calls: Vec<_> = (0..20)
                .map(|index| {
                    let price = json!({ "name": "P", "currency": "KRW", "unitAmount": 1 });
                    let variants: Vec<_> = (0..5).map(|_| price.clone()).collect();
                    let product = json!({ "id": format!("prod_{round}_{index}"), "name": "P", "variants": variants });
                    running.begin(Op::ProductsCreate, &product, None)
                })
                .collect();
            for call in calls {
                call.recv().unwrap().unwrap();
            }
            running.close();
        }
    });
}

#[test]
fn a_row_that_a_newer_version_wrote_is_refused_and_stays_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let running = Running::start_on(path.to_str().unwrap());
    product_with_prices(&running);
    running.close();
    let newer = r#"{"colour":"red"}"#;
    let stored = || -> String {
        let file = rusqlite::Connection::open(&path).unwrap();
        file.query_row("select details from products", [], |row| row.get(0))
            .unwrap()
    };
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute("update products set details = ?1", [newer])
        .unwrap();
    let running = Running::start_on(path.to_str().unwrap());
    for (op, input) in [
        (Op::ProductsGet, json!({ "productId": "prod_a" })),
        (Op::ProductsList, json!({})),
        (Op::ProductsUpdate, json!({ "productId": "prod_a", "name": "B" })),
    ] {
        assert_eq!(code(running.call(op, &input)), Code::DatabaseNewer);
    }
    running.close();
    assert_eq!(stored(), newer);
}
