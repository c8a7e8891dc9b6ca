use proptest::prelude::*;

use super::*;
use crate::domain::{decimal::Percent, pricing::tax::TaxRate};

/// Where the check finds something wrong; empty when it does not.
fn check(change: impl FnOnce(&mut Settings)) -> String {
    let mut settings = Settings::default();
    change(&mut settings);
    settings.check().err().map(|problem| problem.at).unwrap_or_default()
}

fn vat(percent: &str) -> TaxRate {
    TaxRate {
        name: "VAT".to_owned(),
        percent: Percent::parse(percent).unwrap(),
        country: None,
        product: None,
    }
}

#[test]
fn the_defaults_are_the_documented_ones_and_pass() {
    let settings = Settings::default();
    assert_eq!(settings.check(), Ok(()));
    let json = serde_json::to_value(&settings).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "locale": "en", "proration": "day", "upgrade": "immediate", "downgrade": "period_end",
            "intervalSwitch": "restart", "firstPeriod": "anniversary", "billingDay": null,
            "terminationDay": "unused", "cancelDefault": "period_end", "cancelCredit": "none",
            "downgradeCredit": "credit", "decreaseCredit": "none", "recoveredPeriod": "keep_anchor",
            "trialEndWithoutMethod": "cancel", "stockHoldMinutes": 15, "eventRetentionDays": 400,
            "retryDays": [1, 3, 5, 10, 14], "retryEnd": "expired", "pastDueGraceDays": 0,
            "pause": "extend", "incompleteHours": 24, "noticeBeforePaymentDays": 7,
            "dormancyNoticeMonths": 11, "dormancyMonths": 12,
            "tax": { "inclusive": false, "rates": [] },
            "recovery": {
                "enabled": false, "stages": [0, 3, 5, 7], "endDay": 11, "end": "pause", "pageUrl": null,
                "quietHours": null
            },
            "business": {
                "name": null, "representative": null, "businessNumber": null, "mailOrderNumber": null,
                "email": null, "phone": null, "address": null, "url": null, "termsUrl": null, "privacyUrl": null
            },
            "origins": [],
            "branding": { "logoUrl": null, "iconUrl": null, "color": null }
        })
    );
}

#[test]
fn what_was_stored_before_a_setting_came_to_be_has_its_default() {
    let read = |json: &str| serde_json::from_str::<Settings>(json);
    assert_eq!(read("{}").unwrap(), Settings::default());
    let early = read(r#"{"upgrade":"period_end","recovery":{"endDay":9}}"#).unwrap();
    assert_eq!((early.upgrade, early.recovery.end_day), (ChangeWhen::PeriodEnd, 9));
    assert_eq!(early.recovery.stages, [0, 3, 5, 7]);
}

#[test]
fn what_only_a_newer_version_knows_is_not_lost_in_silence() {
    for newer in [
        r#"{"colour":1}"#,
        r#"{"upgrade":"tomorrow"}"#,
        r#"{"recovery":{"channel":"sms"}}"#,
        r#"{"recovery":{"quietHours":{"from":"01:00","to":"02:00","days":[]}}}"#,
        r#"{"tax":{"rounding":"up"}}"#,
        r#"{"tax":{"rates":[{"name":"VAT","percent":"10","region":"CA"}]}}"#,
        r#"{"business":{"fax":""}}"#,
        r#"{"branding":{"font":""}}"#,
    ] {
        let error = serde_json::from_str::<Settings>(newer).unwrap_err().to_string();
        assert!(error.starts_with("unknown "), "{newer}: {error}");
    }
}

#[test]
fn numbers_have_bounds() {
    type Set = fn(&mut Settings, u32);
    let table: [(&str, (i64, i64), Set); 9] = [
        ("billingDay", BILLING_DAY, |s, n| s.billing_day = u8::try_from(n).ok()),
        ("stockHoldMinutes", STOCK_HOLD_MINUTES, |s, n| s.stock_hold_minutes = n),
        ("eventRetentionDays", EVENT_RETENTION_DAYS, |s, n| {
            s.event_retention_days = n
        }),
        ("pastDueGraceDays", PAST_DUE_GRACE_DAYS, |s, n| {
            s.past_due_grace_days = n
        }),
        ("incompleteHours", INCOMPLETE_HOURS, |s, n| s.incomplete_hours = n),
        ("noticeBeforePaymentDays", NOTICE_BEFORE_PAYMENT_DAYS, |s, n| {
            s.notice_before_payment_days = n
        }),
        ("dormancyMonths", DORMANCY_MONTHS, |s, n| {
            s.dormancy_months = n;
            s.dormancy_notice_months = 0;
        }),
        ("retryDays[0]", RETRY_DAY, |s, n| s.retry_days = vec![n]),
        ("recovery.endDay", END_DAY, |s, n| {
            s.recovery.end_day = n;
            s.recovery.stages = vec![];
        }),
    ];
    for (member, (min, max), set) in table {
        for number in [min, max] {
            let number = u32::try_from(number).unwrap();
            assert_eq!(check(|settings| set(settings, number)), "", "{member} {number}");
        }
        for number in [min - 1, max + 1] {
            let Ok(number) = u32::try_from(number) else { continue };
            assert_eq!(check(|settings| set(settings, number)), member, "{number}");
        }
    }
}

#[test]
fn days_ascend() {
    for (days, wrong) in [
        (vec![], ""),
        (vec![1, 60], ""),
        (vec![3, 1], "retryDays[1]"),
        (vec![1, 3, 3], "retryDays[2]"),
        ((1..=20).collect(), ""),
        ((1..=21).collect(), "retryDays"),
    ] {
        assert_eq!(check(|settings| settings.retry_days = days), wrong);
    }
    for (stages, end_day, wrong) in [
        (vec![], 1, ""),
        (vec![0, 3], 4, ""),
        (vec![0, 3], 3, "recovery.stages[1]"),
        (vec![3, 0], 11, "recovery.stages[1]"),
        (vec![7, 12, 13], 11, "recovery.stages[1]"),
    ] {
        let found = check(|settings| {
            settings.recovery.stages = stages;
            settings.recovery.end_day = end_day;
        });
        assert_eq!(found, wrong);
    }
}

#[test]
fn settings_are_checked_against_each_other() {
    let aligned = |day| {
        move |settings: &mut Settings| {
            settings.first_period = FirstPeriod::Aligned;
            settings.billing_day = day;
        }
    };
    assert_eq!(check(aligned(None)), "billingDay");
    assert_eq!(check(aligned(Some(1))), "");
    for (notice, dormant, wrong) in [
        (11, 12, ""),
        (12, 12, "dormancyNoticeMonths"),
        (13, 12, "dormancyNoticeMonths"),
        (0, 12, ""),
        (13, 0, ""),
        (0, 0, ""),
    ] {
        let found = check(|settings| {
            settings.dormancy_notice_months = notice;
            settings.dormancy_months = dormant;
        });
        assert_eq!(found, wrong, "{notice} {dormant}");
    }
    for (minutes, hours, wrong) in [(60, 1, ""), (61, 1, "stockHoldMinutes"), (1440, 24, "")] {
        let found = check(|settings| {
            settings.stock_hold_minutes = minutes;
            settings.incomplete_hours = hours;
        });
        assert_eq!(found, wrong, "{minutes} {hours}");
    }
}

#[test]
fn addresses_texts_and_rates_are_checked_where_they_stand() {
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        check(|s| s.recovery.page_url = some("http://shop.example.com")),
        "recovery.pageUrl"
    );
    assert_eq!(check(|s| s.business.name = some(" ")), "business.name");
    assert_eq!(check(|s| s.business.phone = some(&"1".repeat(41))), "business.phone");
    assert_eq!(check(|s| s.business.terms_url = some("terms")), "business.termsUrl");
    assert_eq!(check(|s| s.branding.logo_url = some("//x")), "branding.logoUrl");
    assert_eq!(check(|s| s.branding.color = some("blue")), "branding.color");
    assert_eq!(check(|s| s.branding.color = some("#1a73e8")), "");
    assert_eq!(
        check(|s| s.tax.rates = vec![vat("10"), vat("0")]),
        "tax.rates[1].percent"
    );
    assert_eq!(check(|s| s.tax.rates = vec![vat("10"); 101]), "tax.rates");
    let origins = |list: &[&str]| {
        let list = list.iter().map(|origin| (*origin).to_owned()).collect();
        check(|settings| settings.origins = list)
    };
    assert_eq!(origins(&["https://a.example", "http://localhost:3000"]), "");
    assert_eq!(origins(&["https://a.example", "https://a.example"]), "origins[1]");
    assert_eq!(origins(&["https://A.example"]), "origins[0]");
    assert_eq!(origins(&["*"]), "origins[0]");
    assert_eq!(origins(&vec!["https://a.example"; 51]), "origins");
}

#[test]
fn quiet_hours_may_go_over_midnight() {
    let time = |text| TimeOfDay::parse(text).unwrap();
    let inside = |from, to, at| {
        let hours = QuietHours {
            from: time(from),
            to: time(to),
        };
        hours.contain(time(at))
    };
    for (at, inside_night, inside_noon) in [
        ("21:00", true, false),
        ("23:59", true, false),
        ("00:00", true, false),
        ("08:59", true, false),
        ("09:00", false, false),
        ("12:00", false, true),
        ("13:00", false, false),
        ("20:59", false, false),
    ] {
        assert_eq!(inside("21:00", "09:00", at), inside_night, "{at}");
        assert_eq!(inside("12:00", "13:00", at), inside_noon, "{at}");
    }
    let same = QuietHours {
        from: time("09:00"),
        to: time("09:00"),
    };
    assert_eq!(
        check(|settings| settings.recovery.quiet_hours = Some(same)),
        "recovery.quietHours.to"
    );
    for bad in [
        "",
        "9:00",
        "24:00",
        "12:60",
        "12",
        "12:00:00",
        "+1:00",
        "１２:00",
        "ab:cd",
    ] {
        assert!(TimeOfDay::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn what_is_said_about_amounts_reaches_them() {
    let zone = Zone::parse("Asia/Seoul").unwrap();
    assert_eq!(
        Settings::default().policies(zone),
        Policies {
            zone,
            ..Policies::default()
        }
    );
    let settings = Settings {
        proration: Basis::Second,
        billing_day: Some(25),
        tax: Tax {
            inclusive: true,
            rates: vec![vat("10")],
        },
        ..Settings::default()
    };
    // A billing day alone aligns nothing.
    assert_eq!(settings.policies(zone).aligned_to, None);
    let settings = Settings {
        first_period: FirstPeriod::Aligned,
        ..settings
    };
    let policies = settings.policies(zone);
    assert_eq!((policies.aligned_to, policies.proration), (Some(25), Basis::Second));
    assert_eq!(policies.tax, settings.tax);
}

prop_compose! {
    fn numbers()(
        minutes in 1_u32..1500, retention in 0_u32..4000, grace in 0_u32..400, hours in 1_u32..800,
        notice in 0_u32..70, dormancy_notice in 0_u32..24, dormancy in 0_u32..24,
    ) -> Settings {
        Settings {
            stock_hold_minutes: minutes,
            event_retention_days: retention,
            past_due_grace_days: grace,
            incomplete_hours: hours,
            notice_before_payment_days: notice,
            dormancy_notice_months: dormancy_notice,
            dormancy_months: dormancy,
            ..Settings::default()
        }
    }
}

prop_compose! {
    fn settings()(
        numbers in numbers(),
        aligned in any::<bool>(), billing_day in proptest::option::of(0_u8..34),
        retry_days in proptest::collection::vec(0_u32..62, 0..4),
        stages in proptest::collection::vec(0_u32..20, 0..4), end_day in 0_u32..20,
        from in 0_u16..1440, to in 0_u16..1440,
        percent in 0_i64..101_000_000, inclusive in any::<bool>(), port in 1_u16..,
    ) -> Settings {
        Settings {
            first_period: if aligned { FirstPeriod::Aligned } else { FirstPeriod::Anniversary },
            billing_day,
            retry_days,
            recovery: Recovery {
                stages,
                end_day,
                quiet_hours: TimeOfDay::from_minutes(from)
                    .zip(TimeOfDay::from_minutes(to))
                    .map(|(from, to)| QuietHours { from, to }),
                ..Recovery::default()
            },
            tax: Tax {
                inclusive,
                rates: vec![TaxRate { percent: Percent::from_scaled(percent), ..vat("10") }],
            },
            origins: vec![format!("https://shop.example:{port}")],
            ..numbers
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// Settings that pass the check can be stored, are the same when read
    /// again, and hold what whoever reads them relies on.
    #[test]
    fn what_is_accepted_is_kept_and_holds_together(settings in settings()) {
        let json = serde_json::to_string(&settings).unwrap();
        prop_assert_eq!(serde_json::from_str::<Settings>(&json).unwrap(), settings.clone());
        if settings.check().is_ok() {
            prop_assert!(settings.retry_days.is_sorted_by(|a, b| a < b));
            prop_assert!(settings.recovery.stages.is_sorted_by(|a, b| a < b));
            prop_assert!(settings.recovery.stages.iter().all(|day| *day < settings.recovery.end_day));
            prop_assert!(settings.first_period == FirstPeriod::Anniversary || settings.billing_day.is_some());
            prop_assert!(settings.stock_hold_minutes <= settings.incomplete_hours * 60);
        }
    }
}
