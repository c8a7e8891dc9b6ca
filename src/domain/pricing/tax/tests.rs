//! Taxes by hand, and what holds for all of them.

use proptest::prelude::*;

use super::*;

fn rate(name: &str, percent: &str) -> TaxRate {
    TaxRate {
        name: name.to_owned(),
        percent: Percent::parse(percent).unwrap(),
        country: None,
        product: None,
    }
}

fn setting(inclusive: bool, rates: &[TaxRate]) -> Tax {
    Tax {
        inclusive,
        rates: rates.to_vec(),
    }
}

fn nets(nets: &[i64]) -> Vec<Taxable<'static>> {
    nets.iter()
        .map(|net| Taxable {
            product: None,
            net: *net,
        })
        .collect()
}

/// What each rate comes to, and what is added to the total.
#[track_caller]
fn check(setting: &Tax, lines: &[Taxable<'_>], amounts: &[i64], added: i64) {
    let taxed = tax(setting, None, lines).unwrap();
    let of_rates: Vec<i64> = taxed.amounts.iter().map(|tax| tax.amount).collect();
    assert_eq!(of_rates, amounts);
    assert_eq!(taxed.added(), Ok(added));
    assert_eq!(taxed.total(), Ok(amounts.iter().sum()));
}

#[test]
fn on_top_each_line_is_rounded_once_for_each_rate() {
    let vat = [rate("VAT", "10")];
    check(&setting(false, &vat), &nets(&[10_000]), &[1_000], 1_000);
    // Two halves are rounded up, each on its line.
    check(&setting(false, &vat), &nets(&[5, 5]), &[2], 2);
    let two = [rate("GST", "5"), rate("QST", "9.975")];
    check(&setting(false, &two), &nets(&[10_000]), &[500, 998], 1_498);
    let taxed = tax(&setting(false, &two), None, &nets(&[10_000])).unwrap();
    let said: Vec<_> = taxed
        .lines
        .iter()
        .map(|line| (line.kind, line.amount, line.reason.clone()))
        .collect();
    let reason = |name: &str, percent: &str| Reason::Tax {
        name: name.to_owned(),
        percent: Percent::parse(percent).unwrap(),
    };
    assert_eq!(
        said,
        [
            (LineType::Tax, 500, reason("GST", "5")),
            (LineType::Tax, 998, reason("QST", "9.975"))
        ]
    );
}

#[test]
fn contained_taxes_are_told_and_change_no_total() {
    check(&setting(true, &[rate("VAT", "10")]), &nets(&[11_000]), &[1_000], 0);
    check(&setting(true, &[rate("VAT", "10")]), &nets(&[9_900, 5]), &[900], 0);
    // 10,000 × 15 / 115 is 1,304.3…: of 1,304 a third and two thirds.
    let two = [rate("A", "5"), rate("B", "10")];
    check(&setting(true, &two), &nets(&[10_000]), &[435, 869], 0);
    check(&setting(true, &[]), &nets(&[10_000]), &[], 0);
}

#[test]
fn a_rate_is_for_its_country_and_its_product() {
    let (book, game) = (ProductId::trusted("prod_book"), ProductId::trusted("prod_game"));
    let korea = Country::parse("KR").unwrap();
    let mut vat = rate("VAT", "10");
    vat.country = Some(korea);
    let mut books = rate("Books", "7");
    books.product = Some(book.clone());
    let lines = [
        Taxable {
            product: Some(&book),
            net: 1_000,
        },
        Taxable {
            product: Some(&game),
            net: 2_000,
        },
        Taxable {
            product: None,
            net: 300,
        },
    ];
    for inclusive in [false, true] {
        let setting = setting(inclusive, &[vat.clone(), books.clone()]);
        let named = |country| -> Vec<(String, i64)> {
            let taxed = tax(&setting, country, &lines).unwrap();
            taxed.amounts.into_iter().map(|tax| (tax.name, tax.amount)).collect()
        };
        let books_alone = if inclusive { 65 } else { 70 };
        let elsewhere = [("Books".to_owned(), books_alone)];
        assert_eq!(named(Some(Country::parse("US").unwrap())), elsewhere);
        assert_eq!(named(None), elsewhere);
        // Contained: 145 of the book (85 + 60), 182 of the game, 27 of the rest.
        let (all, of_books) = if inclusive { (294, 60) } else { (330, 70) };
        let both = [("VAT".to_owned(), all), ("Books".to_owned(), of_books)];
        assert_eq!(named(Some(korea)), both);
    }
    // A rate that no line has is not mentioned.
    let only_books = setting(false, &[books]);
    assert_eq!(tax(&only_books, None, &lines[1..]), Ok(Taxed::default()));
}

#[test]
fn a_free_order_has_a_tax_of_nothing() {
    check(&setting(false, &[rate("VAT", "10")]), &nets(&[0]), &[0], 0);
}

#[test]
fn rates_out_of_bounds_are_refused_where_they_are() {
    for bad in ["0", "-1", "100.000001"] {
        let setting = setting(false, &[rate("A", "5"), rate("B", bad)]);
        assert_eq!(setting.check().unwrap_err().at, "rates[1].percent", "{bad}");
        assert!(tax(&setting, None, &nets(&[100])).is_err());
    }
    assert_eq!(
        setting(false, &[rate(" ", "5")]).check().unwrap_err().at,
        "rates[0].name"
    );
    assert!(setting(false, &[rate("A", "100")]).check().is_ok());
    let many = vec![rate("A", "1"); MAX_RATES + 1];
    assert_eq!(setting(false, &many).check().unwrap_err().at, "rates");
}

#[test]
fn what_cannot_be_counted_is_an_error() {
    let vat = setting(false, &[rate("VAT", "100")]);
    assert!(tax(&vat, None, &nets(&[i64::MAX, i64::MAX])).is_err());
    assert!(tax(&vat, None, &nets(&[i64::MIN])).is_ok());
}

#[test]
fn the_setting_is_read_as_it_is_documented() {
    let given = r#"{"inclusive":true,"rates":[{"name":"VAT","percent":"7.5","country":"KR","productId":"prod_1"},{"name":"B","percent":"1"}]}"#;
    let read: Tax = serde_json::from_str(given).unwrap();
    assert_eq!(read.rates[0].country, Country::parse("KR").ok());
    assert_eq!(read.rates[0].product, Some(ProductId::trusted("prod_1")));
    assert_eq!(read.rates[1], rate("B", "1"));
}

fn rates() -> impl Strategy<Value = Vec<TaxRate>> {
    let percent = 1..=Percent::HUNDRED.scaled();
    let one = percent.prop_map(|scaled| TaxRate {
        percent: Percent::from_scaled(scaled),
        ..rate("T", "1")
    });
    prop::collection::vec(one, 0..5)
}

fn amounts() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(
        prop_oneof![-20..20_i64, -1_000_000_000_000..1_000_000_000_000_i64],
        0..6,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn a_credit_gives_back_what_its_charge_paid(amounts in amounts(), rates in rates(), inclusive: bool) {
        let setting = setting(inclusive, &rates);
        let back: Vec<i64> = amounts.iter().map(|amount| -amount).collect();
        let (charge, credit) = (tax(&setting, None, &nets(&amounts)).unwrap(), tax(&setting, None, &nets(&back)).unwrap());
        for (charged, credited) in charge.amounts.iter().zip(&credit.amounts) {
            prop_assert_eq!(charged.amount, -credited.amount);
        }
    }

    #[test]
    fn contained_shares_sum_up_to_the_whole(net in 0..1_000_000_000_000_i64, rates in rates()) {
        let taxed = tax(&setting(true, &rates), None, &nets(&[net])).unwrap();
        let all: i128 = rates.iter().map(|rate| i128::from(rate.percent.scaled())).sum();
        let gross = i128::from(Percent::HUNDRED.scaled()) + all;
        let total = i128::from(taxed.total().unwrap());
        // Nearest to net × p / (100 + p).
        prop_assert!(((total * gross) - i128::from(net) * all).abs() * 2 <= gross);
        prop_assert!(total <= i128::from(net));
        prop_assert!(taxed.lines.is_empty());
        for (share, rate) in taxed.amounts.iter().zip(&rates) {
            let off = i128::from(share.amount) * gross - i128::from(net) * i128::from(rate.percent.scaled());
            prop_assert!(off.abs() < gross * 2);
        }
    }

    #[test]
    fn what_comes_on_top_is_in_its_lines(amounts in amounts(), rates in rates()) {
        let taxed = tax(&setting(false, &rates), None, &nets(&amounts)).unwrap();
        prop_assert_eq!(taxed.added(), taxed.total());
        for rate_amount in &taxed.amounts {
            let exact: i128 = amounts.iter().map(|net| i128::from(*net) * i128::from(rate_amount.percent.scaled())).sum();
            let hundred = i128::from(Percent::HUNDRED.scaled());
            let off = i128::from(rate_amount.amount) * hundred - exact;
            // At most half a unit for each line.
            prop_assert!(off.abs() * 2 <= hundred * amounts.len() as i128);
        }
    }
}
