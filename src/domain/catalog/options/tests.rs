//! Every combination of option values, and what keeps its identity.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::domain::catalog::product::{Details, MAX_COMBINATIONS};

fn values(names: &[&str]) -> Vec<ValueDraft> {
    let named = names.iter().map(|name| ValueDraft {
        id: None,
        name: (*name).to_owned(),
    });
    named.collect()
}

fn group(name: &str, names: &[&str]) -> GroupDraft {
    GroupDraft {
        name: name.to_owned(),
        kind: None,
        values: values(names),
    }
}

fn combination(values: &[&str], price: i64) -> CombinationDraft {
    CombinationDraft {
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        price: Some(price),
        stock: None,
        status: None,
    }
}

fn shirt(combinations: Vec<CombinationDraft>) -> OptionsDraft {
    OptionsDraft {
        groups: vec![group("Size", &["S", "L"]), group("Colour", &["Red", "Blue"])],
        combinations,
    }
}

/// Made with ids `opt_1`, `opt_2`, … from `first` on.
fn made(draft: OptionsDraft, before: &Options, first: usize) -> Result<Options, Problem> {
    let mut next = first;
    draft.options(before, &mut || {
        next += 1;
        OptionId::trusted(format!("opt_{}", next - 1))
    })
}

fn names(options: &Options) -> Vec<Vec<&str>> {
    let name = |id: &OptionId| {
        let mut values = options.groups.iter().flat_map(|group| &group.values);
        values.find(|value| value.id == *id).unwrap().name.as_str()
    };
    let all = options.combinations.iter();
    all.map(|combination| combination.option_ids.iter().map(name).collect())
        .collect()
}

#[test]
fn every_combination_is_there_once_and_the_named_ones_have_their_own() {
    let named = CombinationDraft {
        stock: Some(3),
        status: Some(OptionStatus::Hidden),
        ..combination(&["L", "Red"], -500)
    };
    let options = made(shirt(vec![named]), &Options::default(), 1).unwrap();
    assert_eq!(
        names(&options),
        [["S", "Red"], ["S", "Blue"], ["L", "Red"], ["L", "Blue"]]
    );
    let own = &options.combinations[2];
    assert_eq!(
        (own.price, own.stock, own.status),
        (-500, Some(3), OptionStatus::Hidden)
    );
    for place in [0, 1, 3] {
        let other = &options.combinations[place];
        assert_eq!((other.price, other.stock, other.status), (0, None, OptionStatus::Sale));
    }
}

#[test]
fn a_combination_that_does_not_exist_or_is_named_twice_is_refused() {
    let cases: [(&[&[&str]], &str); 5] = [
        (&[&["S", "Green"]], "Size, Colour"),
        (&[&["S"]], "Size, Colour"),
        (&[&["S", "L"]], "Size, Colour"),
        (&[&["S", "Red"], &["Red", "S"]], "is there twice"),
        (&[&["S", "Red"], &["S", "Red", "Blue"]], "Size, Colour"),
    ];
    for (named, because) in cases {
        let drafts: Vec<_> = named.iter().map(|values| combination(values, 1)).collect();
        let problem = made(shirt(drafts), &Options::default(), 1).expect_err(because);
        assert_eq!(problem.at, format!("options.combinations[{}].values", named.len() - 1));
        assert!(problem.message.contains(because), "{problem:?}");
    }
    let without = OptionsDraft {
        groups: vec![],
        combinations: vec![combination(&["S"], 1)],
    };
    let problem = made(without, &Options::default(), 1).expect_err("no options");
    assert!(problem.message.contains("no options"), "{problem:?}");
}

#[test]
fn values_keep_their_ids_when_they_are_named_again() {
    let before = made(shirt(vec![]), &Options::default(), 1).unwrap();
    let renamed = ValueDraft {
        id: Some(OptionId::trusted("opt_4")),
        name: "Navy".to_owned(),
    };
    let after = OptionsDraft {
        groups: vec![
            group("Size", &["L", "M"]),
            GroupDraft {
                values: vec![renamed],
                ..group("Colour", &[])
            },
        ],
        combinations: vec![combination(&["opt_2", "Navy"], 7)],
    };
    let after = made(after, &before, 50).unwrap();
    let ids: Vec<_> = after
        .groups
        .iter()
        .flat_map(|group| &group.values)
        .map(|value| (value.name.as_str(), value.id.as_str()))
        .collect();
    assert_eq!(ids, [("L", "opt_2"), ("M", "opt_50"), ("Navy", "opt_4")]);
    assert_eq!(after.combinations[0].price, 7);
}

#[test]
fn an_id_belongs_to_one_value_and_a_name_to_one_value_of_a_group() {
    let twice = |group_name: &str, name: &str| GroupDraft {
        values: vec![ValueDraft {
            id: Some(OptionId::trusted("opt_x")),
            name: name.to_owned(),
        }],
        ..group(group_name, &[])
    };
    let draft = OptionsDraft {
        groups: vec![twice("Size", "S"), twice("Colour", "Red")],
        combinations: vec![],
    };
    let problem = made(draft, &Options::default(), 1).expect_err("one id for two values");
    assert_eq!(problem.at, "options.groups[1].values[0].id");
    let check = |groups: Vec<GroupDraft>, at: &str| {
        let draft = OptionsDraft {
            groups,
            combinations: vec![],
        };
        let details = Details {
            options: made(draft, &Options::default(), 1).unwrap(),
            ..Details::default()
        };
        assert_eq!(details.check().expect_err(at).at, at);
    };
    check(vec![group("Size", &["S", "S"])], "options.groups[0].values[1]");
    check(
        vec![group("Size", &["S"]), group("Size", &["L"])],
        "options.groups[1].name",
    );
    check(vec![group("Size", &[])], "options.groups[0].values");
}

#[test]
fn one_name_may_stand_in_two_groups() {
    let draft = OptionsDraft {
        groups: vec![group("Cup", &["Small", "Large"]), group("Plate", &["Small", "Large"])],
        combinations: vec![combination(&["Large", "Small"], 5)],
    };
    let options = made(draft, &Options::default(), 1).unwrap();
    let priced = options.combinations.iter().position(|one| one.price == 5).unwrap();
    assert_eq!(names(&options)[priced], ["Large", "Small"]);
}

#[test]
fn too_many_combinations_are_refused_before_they_are_made() {
    let names: Vec<String> = (0..40).map(|number| number.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let groups = ["a", "b", "c", "d", "e"]
        .iter()
        .map(|name| group(name, &names))
        .collect();
    let draft = OptionsDraft {
        groups,
        combinations: vec![],
    };
    let problem = made(draft, &Options::default(), 1).expect_err("102 million");
    assert_eq!(problem.at, "options.groups");
    assert!(problem.message.contains(&MAX_COMBINATIONS.to_string()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// As many as the product of the sizes, no two alike, each with one value
    /// of every option; and naming everything again changes nothing.
    #[test]
    fn the_product_is_complete(sizes in proptest::collection::vec(1_usize..5, 1..4)) {
        let all: Vec<String> = (0..5).map(|number| format!("v{number}")).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let groups = || -> Vec<GroupDraft> {
            let named = sizes.iter().enumerate();
            named.map(|(index, size)| group(&format!("g{index}"), &all[..*size])).collect()
        };
        let draft = || OptionsDraft { groups: groups(), combinations: vec![] };
        let options = made(draft(), &Options::default(), 1).unwrap();
        prop_assert_eq!(options.combinations.len(), sizes.iter().product::<usize>());
        let distinct: BTreeSet<_> = options.combinations.iter().map(|one| one.option_ids.clone()).collect();
        prop_assert_eq!(distinct.len(), options.combinations.len());
        for combination in &options.combinations {
            prop_assert_eq!(options.chosen(&combination.option_ids).unwrap(), Some(combination));
        }
        prop_assert_eq!(made(draft(), &options, 500).unwrap(), options);
    }
}
