//! The file of a catalogue: its objects, each with its name and its place.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::{Map, Value};

use super::{args::is_module, kind::Kind};
use crate::{
    error::{Code, Error, Result},
    ops::read::{kind_of, nearest},
};

/// Longest file; far beyond what a shop sells.
const MAX_BYTES: u64 = 64 << 20;

/// An object of the file.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    /// Its own id; a coupon's code.
    pub name: String,
    /// Where it stands, such as `products[0].variants[1]`.
    pub at: String,
    /// A price's product.
    pub product: Option<String>,
    /// The price that this one replaces.
    pub replaces: Option<String>,
    /// What it says, but for its id, its variants and what it replaces.
    pub members: Map<String, Value>,
}

/// What a file says.
#[derive(Debug, Default)]
pub struct File {
    /// Its objects, features first, each product before its prices.
    pub entries: Vec<Entry>,
    /// The lists that it has: only there is something missing in it.
    pub lists: BTreeSet<Kind>,
    /// The products whose prices it lists.
    pub priced: BTreeSet<String>,
}

impl File {
    /// Reads a `.json` file; of a module, `exported` is what Node made of it.
    ///
    /// # Errors
    ///
    /// `file_invalid` when it cannot be read or is no JSON; else as [`File::of`].
    pub fn read(path: &Path, exported: Option<&str>) -> Result<Self> {
        Self::of(json(path, exported)?)
    }

    /// Checks what is about the file itself: its lists, ids, and what is there twice.
    ///
    /// # Errors
    ///
    /// `parameter_invalid`, `parameter_missing` or `parameter_unknown` at the path.
    pub fn of(value: Value) -> Result<Self> {
        let Value::Object(mut lists) = value else {
            return Err(Error::new(
                Code::ParameterInvalid,
                format!(
                    "the file must hold an object with features, products and coupons, not {}",
                    kind_of(&value)
                ),
            ));
        };
        let mut file = Self::default();
        for kind in [Kind::Feature, Kind::Product, Kind::Coupon] {
            if let Some(list) = lists.remove(kind.list()) {
                file.lists.insert(kind);
                file.add_list(kind, kind.list(), list, None)?;
            }
        }
        if let Some(unknown) = lists.keys().next() {
            let known = [Kind::Feature, Kind::Product, Kind::Coupon].map(Kind::list);
            let hint = match nearest(unknown, known.into_iter()) {
                Some(name) => format!("did you mean {name}?"),
                None => format!("known are: {}", known.join(", ")),
            };
            let shown: String = unknown.chars().take(64).collect();
            return Err(Error::new(
                Code::ParameterUnknown,
                format!("{shown} is no list of a catalogue; {hint}"),
            )
            .with_param(shown));
        }
        file.check()?;
        Ok(file)
    }

    fn add_list(&mut self, kind: Kind, at: &str, list: Value, product: Option<&str>) -> Result<()> {
        let Value::Array(items) = list else {
            return Err(Error::invalid(at, format!("must be a list, not {}", kind_of(&list))));
        };
        for (index, item) in items.into_iter().enumerate() {
            self.add(kind, format!("{at}[{index}]"), item, product)?;
        }
        Ok(())
    }

    fn add(&mut self, kind: Kind, at: String, item: Value, product: Option<&str>) -> Result<()> {
        let Value::Object(mut members) = item else {
            return Err(Error::invalid(at, format!("must be an object, not {}", kind_of(&item))));
        };
        let name = name(kind, &at, &members)?;
        let mut replaces = None;
        let mut variants = None;
        match kind {
            Kind::Coupon => {}
            Kind::Price => {
                members.remove("id");
                replaces = members.remove("replaces").filter(|old| !old.is_null());
            }
            Kind::Feature => drop(members.remove("id")),
            Kind::Product => {
                members.remove("id");
                variants = members.remove("variants");
            }
        }
        let replaces = replaces.map(|old| text(&format!("{at}.replaces"), &old)).transpose()?;
        self.entries.push(Entry {
            kind,
            name: name.clone(),
            at: at.clone(),
            product: product.map(str::to_owned),
            replaces,
            members,
        });
        if let Some(variants) = variants {
            self.priced.insert(name.clone());
            self.add_list(Kind::Price, &format!("{at}.variants"), variants, Some(&name))?;
        }
        Ok(())
    }

    /// What no object can know of itself.
    fn check(&self) -> Result<()> {
        let mut seen: Vec<&Entry> = Vec::new();
        let mut places: BTreeMap<(Kind, String), &str> = BTreeMap::new();
        for entry in &self.entries {
            let place = |member: &str| format!("{}.{member}", entry.at);
            let same = (entry.kind, entry.kind.folded(&entry.name));
            if let Some(first) = places.insert(same, &entry.at) {
                let param = place(entry.kind.key());
                return Err(Error::invalid(param, format!("is there twice, also in {first}")));
            }
            let is_default = |entry: &Entry| entry.member("isDefault") == Some(&Value::Bool(true));
            if is_default(entry) {
                let other = seen
                    .iter()
                    .find(|other| other.product == entry.product && is_default(other));
                if let Some(other) = other {
                    let message = format!("is true in {} already: a product has one default price", other.at);
                    return Err(Error::invalid(place("isDefault"), message));
                }
            }
            seen.push(entry);
        }
        for entry in &self.entries {
            if let Some(old) = &entry.replaces
                && let Some(at) = places.get(&(Kind::Price, old.clone()))
            {
                let message = format!("names {old}, which is in the file at {at}: take the old price out of the file");
                return Err(Error::invalid(format!("{}.replaces", entry.at), message));
            }
        }
        Ok(())
    }
}

impl Entry {
    /// A member in either spelling.
    pub fn member(&self, declared: &str) -> Option<&Value> {
        let found = self
            .members
            .iter()
            .find(|(name, _)| super::kind::is_named(declared, name));
        found.map(|(_, value)| value)
    }

    /// All that it says about its object, but for a product's variants.
    pub fn whole(&self) -> Value {
        let mut whole = self.members.clone();
        whole.insert(self.kind.key().to_owned(), self.name.clone().into());
        if let Some(old) = &self.replaces {
            whole.insert("replaces".to_owned(), old.clone().into());
        }
        Value::Object(whole)
    }
}

/// The text of the file as a value.
///
/// # Errors
///
/// `file_invalid`
pub fn json(path: &Path, exported: Option<&str>) -> Result<Value> {
    let shown = path.display();
    let invalid = |message: String| Error::new(Code::FileInvalid, message).with_param("file");
    let text = match exported {
        Some(text) => text.to_owned(),
        None if is_module(path) => {
            return Err(invalid(format!(
                "{shown} is a module, which only Node loads: use `npx proyecta catalog push`, or a .json file"
            )));
        }
        None => match fs::metadata(path).map(|found| found.len()) {
            Ok(length) if length > MAX_BYTES => return Err(invalid(format!("{shown} is longer than 64 MiB"))),
            _ => fs::read_to_string(path)
                .map_err(|error| invalid(format!("{shown} cannot be read ({}): check its name", error.kind())))?,
        },
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    serde_json::from_str(text).map_err(|error| invalid(format!("{shown} is no JSON: {error}")))
}

fn name(kind: Kind, at: &str, members: &Map<String, Value>) -> Result<String> {
    let param = format!("{at}.{}", kind.key());
    let Some(value) = members.get(kind.key()) else {
        let why = match kind {
            Kind::Coupon => "is required: a file knows coupons by their codes".to_owned(),
            _ => format!(
                "is required: a file knows its {} by ids of its own, such as {}pro, so that the next push finds them",
                kind.list(),
                kind.prefix()
            ),
        };
        return Err(Error::new(Code::ParameterMissing, format!("{param} {why}")).with_param(param));
    };
    let name = text(&param, value)?;
    if kind != Kind::Coupon && !name.starts_with(kind.prefix()) {
        let message = format!(
            "must begin with {}: by its id a {} is found again",
            kind.prefix(),
            kind.name()
        );
        return Err(Error::invalid(param, message));
    }
    Ok(name)
}

fn text(param: &str, value: &Value) -> Result<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        other => Err(Error::invalid(param, format!("must be a text, not {}", kind_of(other)))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(value: Value) -> String {
        File::of(value).expect_err("it should be refused").message().to_owned()
    }

    #[test]
    fn objects_are_found_in_order_with_their_places() {
        let file = File::of(json!({
            "products": [{ "id": "prod_a", "name": "A", "variants": [{ "id": "var_b", "replaces": "var_a", "currency": "KRW" }] }],
            "features": [{ "id": "feat_x", "name": "X" }],
        }))
        .expect("a file");
        let names: Vec<_> = file
            .entries
            .iter()
            .map(|entry| (entry.kind, entry.at.as_str()))
            .collect();
        assert_eq!(
            names,
            [
                (Kind::Feature, "features[0]"),
                (Kind::Product, "products[0]"),
                (Kind::Price, "products[0].variants[0]"),
            ]
        );
        let price = &file.entries[2];
        assert_eq!(
            (price.product.as_deref(), price.replaces.as_deref()),
            (Some("prod_a"), Some("var_a"))
        );
        assert_eq!(Value::Object(price.members.clone()), json!({ "currency": "KRW" }));
        assert_eq!(file.lists, BTreeSet::from([Kind::Feature, Kind::Product]));
        assert!(file.priced.contains("prod_a"));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_with_its_place() {
        for (given, said) in [
            (json!([]), "not a list"),
            (json!({ "product": [] }), "did you mean products?"),
            (json!({ "products": {} }), "products must be a list"),
            (json!({ "products": [5] }), "products[0] must be an object"),
            (
                json!({ "products": [{ "name": "A" }] }),
                "products[0].id is required: a file knows",
            ),
            (
                json!({ "features": [{ "id": "prod_a" }] }),
                "features[0].id must begin with feat_",
            ),
            (json!({ "coupons": [{}] }), "coupons[0].code is required"),
            (
                json!({ "coupons": [{ "code": "a" }, { "code": "A " }] }),
                "coupons[1].code is there twice, also in coupons[0]",
            ),
            (
                json!({ "products": [{ "id": "prod_a", "variants": [{ "id": "var_a" }] }, { "id": "prod_b", "variants": [{ "id": "var_a" }] }] }),
                "products[1].variants[0].id is there twice, also in products[0].variants[0]",
            ),
            (
                json!({ "products": [{ "id": "prod_a", "variants": [{ "id": "var_a" }, { "id": "var_b", "replaces": "var_a" }] }] }),
                "take the old price out of the file",
            ),
            (
                json!({ "products": [{ "id": "prod_a", "variants": [{ "id": "var_a", "is_default": true }, { "id": "var_b", "isDefault": true }] }] }),
                "products[0].variants[1].isDefault is true in products[0].variants[0] already",
            ),
        ] {
            let message = refused(given);
            assert!(message.contains(said), "{message}");
        }
    }

    #[test]
    fn a_module_is_read_by_node_alone_and_json_with_its_mark() {
        let refused = super::json(Path::new("a/catalog.ts"), None).expect_err("a module");
        assert!(
            refused.message().contains("which only Node loads"),
            "{}",
            refused.message()
        );
        assert_eq!(super::json(Path::new("catalog.mjs"), Some("{}")).ok(), Some(json!({})));
        assert_eq!(
            super::json(Path::new("catalog.json"), Some("\u{feff}{}")).ok(),
            Some(json!({}))
        );
    }
}
