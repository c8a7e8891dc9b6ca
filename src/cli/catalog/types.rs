//! `proyecta-catalog.d.ts`: the catalogue's ids as TypeScript.

use super::{kind::Kind, stored::Stored};

/// How the file begins, by which it is known again.
pub const HEAD: &str = "// Written by `proyecta catalog types`; do not edit.\n";

/// The declaration that the SDK's types look for.
pub fn types(stored: &Stored) -> String {
    let members: String = Kind::ALL
        .into_iter()
        .map(|kind| format!("    {}:{};\n", kind.name(), union(names(stored, kind))))
        .collect();
    format!("{HEAD}export {{}};\n\ndeclare global {{\n  interface ProyectaCatalog {{\n{members}  }}\n}}\n")
}

fn names(stored: &Stored, kind: Kind) -> Vec<&str> {
    let mut names: Vec<&str> = stored
        .of(kind)
        .into_iter()
        .filter_map(|stored| kind.name_of(stored))
        .collect();
    names.sort_unstable();
    names
}

fn union(names: Vec<&str>) -> String {
    if names.is_empty() {
        return " never".to_owned();
    }
    names
        .into_iter()
        .map(|name| format!("\n      | {}", quoted(name)))
        .collect()
}

/// A text as TypeScript has it; a code may hold any letter.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\'', "\\'");
    format!("'{escaped}'")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_is_a_union_in_order_and_an_empty_one_is_never() {
        let stored = Stored {
            features: vec![],
            products: vec![
                json!({ "id": "prod_b", "variants": [{ "id": "var_b" }] }),
                json!({ "id": "prod_a", "variants": [{ "id": "var_a" }] }),
            ],
            coupons: vec![json!({ "id": "coup_1", "code": "It's\\" })],
        };
        assert_eq!(
            types(&stored),
            format!(
                "{HEAD}export {{}};\n\ndeclare global {{\n  interface ProyectaCatalog {{\n    feature: never;\n    product:\n      | 'prod_a'\n      | 'prod_b';\n    price:\n      | 'var_a'\n      | 'var_b';\n    coupon:\n      | 'It\\'s\\\\';\n  }}\n}}\n"
            )
        );
    }
}
