//! Use cases about a store's settings, and how other use cases read them.

use super::{
    Context, answers, changed_members, check_version,
    customers::Outcome,
    port::{SettingsRecord, SettingsRow, Tx},
    to_json,
};
use crate::{
    domain::{
        currency::Currency,
        customer::Patch,
        id::{SettingsId, StoreId},
        settings::Settings,
        zone::Zone,
    },
    error::{Error, Result},
    ops::{settings::SettingsUpdateParams, store::Store},
};

const STORE_MISSING: &str = "a session's store is missing";

/// What a store decides for itself, as a transaction sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoreSettings {
    /// The zone in which days begin and end.
    pub zone: Zone,
    /// The currency where nobody names one.
    pub currency: Currency,
    /// Everything else.
    pub settings: Settings,
}

/// The store's settings. The session's own record of the store may be older:
/// whoever needs the zone or the currency takes it from here.
///
/// # Errors
///
/// `database_newer` when a newer version of the package saved them.
pub fn of(cx: &Context<'_>, tx: &mut dyn Tx) -> Result<StoreSettings> {
    let SettingsRow { zone, currency, saved } = row(cx, tx, false)?;
    Ok(StoreSettings {
        zone,
        currency,
        settings: saved.map(|saved| saved.settings).unwrap_or_default(),
    })
}

fn row(cx: &Context<'_>, tx: &mut dyn Tx, lock: bool) -> Result<SettingsRow> {
    let row = tx.settings(cx.store.no, lock)?;
    row.ok_or_else(|| Error::internal(STORE_MISSING))
}

/// A store that never changed its settings has the defaults; their id is the
/// store's own bits, so that it stays the same when they are saved.
fn record(cx: &Context<'_>, saved: Option<SettingsRecord>) -> SettingsRecord {
    saved.unwrap_or_else(|| SettingsRecord {
        id: SettingsId::trusted(cx.store.id.as_str().replacen(StoreId::PREFIX, SettingsId::PREFIX, 1)),
        settings: Settings::default(),
        version: 1,
        created_at: cx.store.created_at,
        updated_at: cx.store.created_at,
    })
}

/// `store.get`.
pub fn store(cx: &Context<'_>, tx: &mut dyn Tx) -> Result<String> {
    let record = tx.store(cx.store.no)?;
    let record = record.ok_or_else(|| Error::internal(STORE_MISSING))?;
    to_json(&Store::from(&record))
}

/// `settings.get`.
pub fn get(cx: &Context<'_>, tx: &mut dyn Tx) -> Result<String> {
    let SettingsRow { zone, currency, saved } = row(cx, tx, false)?;
    to_json(&answers::settings(zone, currency, record(cx, saved)))
}

/// `settings.update`. The store's row is locked first: it is there before any
/// settings are, so that two first changes do not pass each other.
pub fn update(cx: &Context<'_>, tx: &mut dyn Tx, params: &SettingsUpdateParams) -> Result<Outcome> {
    let SettingsRow { zone, currency, saved } = row(cx, tx, true)?;
    let before = record(cx, saved);
    check_version(params.if_version.map(|version| version.0), before.version)?;
    let new_zone = changed(zone, params.timezone.clone().map(|zone| zone.0), Zone::default());
    let new_currency = changed(currency, params.currency.clone(), Currency::KRW);
    let mut after = before.clone();
    params.apply_to(&mut after.settings);
    let checked = after.settings.check();
    checked.map_err(|problem| Error::problem("", problem))?;
    let store_changed = (zone, currency) != (new_zone, new_currency);
    let is_changed = store_changed || before.settings != after.settings;
    if is_changed {
        after.version += 1;
        after.updated_at = cx.now;
        tx.save_settings(cx.store.no, &after)?;
    }
    if store_changed {
        tx.set_zone_and_currency(cx.store.no, new_zone, new_currency, cx.now)?;
    }
    let (subject, version) = (after.id.as_str().to_owned(), after.version);
    let was = to_json(&answers::settings(zone, currency, before))?;
    let json = to_json(&answers::settings(new_zone, new_currency, after))?;
    if is_changed {
        let changes = changed_members(&was, &json)?;
        cx.event(
            tx,
            "settings.updated",
            &subject,
            version,
            Some(&json),
            changes.as_deref(),
        )?;
    }
    Ok(Outcome {
        json,
        subject,
        created: false,
    })
}

fn changed<T>(stored: T, change: Patch<T>, default: T) -> T {
    match change {
        Patch::Absent => stored,
        Patch::Clear => default,
        Patch::Set(value) => value,
    }
}
