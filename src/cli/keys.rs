//! `proyecta keys …` and `proyecta stores …`.

use std::io::{self, IsTerminal, Read};

use serde::Serialize;

use super::{
    args::{KeyOptions, Keys, Output, Stores, expiry},
    database::{Database, Missing, mode, variable, wait},
    failure::{Failure, Outcome},
    place::Place,
    terminal::Terminal,
};
use crate::{
    domain::instant::Instant,
    engine::{
        Engine,
        admin::{ListedKey, NewKey, NewStore},
    },
    ops::store::Store,
};

/// Longest text that is read for a key.
const LONGEST_KEY: u64 = 4096;

/// A key's record as JSON shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeyView<'a> {
    id: &'a str,
    object: &'static str,
    /// The key itself; only when it was just made.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    store: Option<&'a str>,
    hint: Option<&'a str>,
    scope: &'static str,
    name: Option<&'a str>,
    created_at: Instant,
    last_used_at: Option<Instant>,
    expires_at: Option<Instant>,
    revoked_at: Option<Instant>,
}

impl<'a> KeyView<'a> {
    fn new(listed: &'a ListedKey, key: Option<&'a str>) -> Self {
        let record = &listed.key;
        Self {
            id: record.id.as_str(),
            object: "api_key",
            key,
            store: listed.store.as_ref().map(|id| id.as_str()),
            hint: record.hint.as_deref(),
            scope: record.scope.name(),
            name: record.name.as_deref(),
            created_at: record.created_at,
            last_used_at: record.last_used_at,
            expires_at: record.expires_at,
            revoked_at: record.revoked_at,
        }
    }
}

/// `proyecta keys …`
pub fn keys(terminal: &Terminal, place: &Place, command: Keys) -> Outcome {
    match command {
        Keys::Create { key, output } => create(terminal, place, key, output),
        Keys::List { store, output } => Database::with(place, Missing::Refuse, |database| {
            let keys = wait(|done| database.engine.list_keys(store, done))?;
            list(terminal, &keys, database.engine.now(), output)
        }),
        Keys::Revoke { id, output } => Database::with(place, Missing::Refuse, |database| {
            let revoked = wait(|done| database.engine.revoke_key(id, done))?;
            if output.json {
                return terminal.json(&KeyView::new(&revoked, None));
            }
            terminal.line(&format!("revoked {}", revoked.key.id.as_str()))
        }),
        Keys::Import { from_env, key, output } => import(terminal, place, from_env.as_deref(), key, output),
    }
}

fn create(terminal: &Terminal, place: &Place, options: KeyOptions, output: Output) -> Outcome {
    Database::with(place, Missing::Refuse, |database| {
        let new = new_key(&database.engine, options)?;
        let (key, made) = wait(|done| database.engine.create_key(new, done))?;
        if output.json {
            return terminal.json(&KeyView::new(&made, Some(&key)));
        }
        terminal.say(&format!(
            "made {}; this is the only time that the key is shown:",
            made.key.id.as_str()
        ));
        terminal.line(&key)
    })
}

fn import(terminal: &Terminal, place: &Place, from_env: Option<&str>, options: KeyOptions, output: Output) -> Outcome {
    let key = match from_env {
        Some(name) => {
            variable(name).ok_or_else(|| Failure::Usage(format!("the environment variable {name} is not set")))?
        }
        None => read_key()?,
    };
    let mode = mode()?;
    Database::with(place, Missing::Refuse, |database| {
        let new = new_key(&database.engine, options)?;
        let taken = wait(|done| database.engine.import_key(key, mode, new, done))?;
        if output.json {
            return terminal.json(&KeyView::new(&taken, None));
        }
        terminal.line(&format!(
            "imported {} as {}",
            taken.key.hint.as_deref().unwrap_or("the key"),
            taken.key.id.as_str()
        ))
    })
}

/// One line of standard input.
fn read_key() -> Outcome<String> {
    let input = io::stdin();
    if input.is_terminal() {
        return Err(Failure::Usage(
            "the key is read from standard input, where nobody sees it: proyecta keys import < token.txt, or --from-env NAME"
                .to_owned(),
        ));
    }
    let mut text = String::new();
    let read = input.lock().take(LONGEST_KEY).read_to_string(&mut text);
    let key = text.trim();
    if read.is_err() || key.is_empty() {
        return Err(Failure::Usage(
            "standard input has no key: give it as one line of text, or name a variable with --from-env".to_owned(),
        ));
    }
    Ok(key.to_owned())
}

fn new_key(engine: &Engine, options: KeyOptions) -> Outcome<NewKey> {
    let expires = options.expires.as_deref().map(|text| expiry(text, engine.now()));
    Ok(NewKey {
        store: options.store,
        scope: options.scope.into(),
        name: options.name,
        expires_at: expires
            .transpose()
            .map_err(|problem| Failure::Usage(format!("--expires {problem}")))?,
    })
}

fn list(terminal: &Terminal, keys: &[ListedKey], now: Instant, output: Output) -> Outcome {
    if output.json {
        let views: Vec<KeyView<'_>> = keys.iter().map(|listed| KeyView::new(listed, None)).collect();
        return terminal.json(&views);
    }
    if keys.is_empty() {
        terminal.say("no keys; `proyecta keys create` makes one");
        return Ok(());
    }
    let rows: Vec<Vec<String>> = keys.iter().map(|listed| row(listed, now)).collect();
    terminal.table(
        &["ID", "STORE", "KEY", "SCOPE", "STATE", "CREATED", "LAST USED", "NAME"],
        &rows,
    )
}

fn row(listed: &ListedKey, now: Instant) -> Vec<String> {
    let key = &listed.key;
    let day = |at: Option<Instant>| at.map_or_else(|| "-".to_owned(), |at| at.to_string()[..10].to_owned());
    let state = match (key.revoked_at, key.expires_at) {
        (Some(_), _) => format!("revoked {}", day(key.revoked_at)),
        (None, Some(end)) if end <= now => format!("expired {}", day(Some(end))),
        (None, Some(end)) => format!("until {}", day(Some(end))),
        (None, None) => "active".to_owned(),
    };
    vec![
        key.id.as_str().to_owned(),
        listed.store.as_ref().map_or("-", |id| id.as_str()).to_owned(),
        key.hint.clone().unwrap_or_else(|| "-".to_owned()),
        key.scope.name().to_owned(),
        state,
        day(Some(key.created_at)),
        day(key.last_used_at),
        key.name.clone().unwrap_or_default(),
    ]
}

/// `proyecta stores …`
pub fn stores(terminal: &Terminal, place: &Place, command: Stores) -> Outcome {
    match command {
        Stores::Create {
            mode,
            timezone,
            currency,
            output,
        } => Database::with(place, Missing::Make, |database| {
            let given = |value: String| Some(value).filter(|value| !value.is_empty());
            let new = NewStore {
                mode: mode.into(),
                timezone: given(timezone),
                currency: given(currency),
            };
            let store = wait(|done| database.engine.create_store(new, done))?;
            if output.json {
                return terminal.json(&Store::from(&store));
            }
            terminal.say("made a store; `proyecta keys create` makes a key for it:");
            terminal.line(store.id.as_str())
        }),
        Stores::List { output } => Database::with(place, Missing::Refuse, |database| {
            let stores = wait(|done| database.engine.list_stores(done))?;
            if output.json {
                return terminal.json(&stores.iter().map(Store::from).collect::<Vec<_>>());
            }
            if stores.is_empty() {
                terminal.say("no stores; `proyecta stores create` makes one");
                return Ok(());
            }
            let rows: Vec<Vec<String>> = stores
                .iter()
                .map(|store| {
                    vec![
                        store.id.as_str().to_owned(),
                        store.mode.name().to_owned(),
                        store.timezone.clone(),
                        store.currency.clone(),
                        store.created_at.to_string()[..10].to_owned(),
                    ]
                })
                .collect();
            terminal.table(&["ID", "MODE", "TIMEZONE", "CURRENCY", "CREATED"], &rows)
        }),
    }
}
