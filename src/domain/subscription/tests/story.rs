//! Stories as text: a row is a date, what is done, the lines and the money that
//! follow, and what the subscription is then.
//!
//! What happens by itself needs a row too: a row is refused as long as
//! something happened before its date that no row tells of.

use std::fmt::Write as _;

use super::{
    super::{At, Edit, News, Phase, Refusal, Subscription, Until, When},
    life::{Answer, Command, Happened, Life, change},
    shop::{Shop, every},
};
use crate::domain::{
    calendar::Unit,
    currency::Currency,
    instant::Instant,
    line::{Line, LineType, Reason},
    settings::{GiveBack, Settings},
    zone::Zone,
};

/// A story: a title, settings, and rows.
pub(super) struct Story<'a> {
    pub(super) title: &'a str,
    set: Vec<&'a str>,
    rows: Vec<[&'a str; 4]>,
}

/// Reads stories: `# title`, `set …`, and rows of four columns.
pub(super) fn read(text: &str) -> Vec<Story<'_>> {
    let mut stories: Vec<Story<'_>> = Vec::new();
    for line in text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("--"))
    {
        if let Some(title) = line.strip_prefix("# ") {
            stories.push(Story {
                title,
                set: Vec::new(),
                rows: Vec::new(),
            });
            continue;
        }
        let story = stories.last_mut().expect("a title first");
        if let Some(set) = line.strip_prefix("set ") {
            story.set.push(set);
        } else {
            let mut columns = line.split('|').map(str::trim);
            story.rows.push([(); 4].map(|()| columns.next().unwrap_or("")));
        }
    }
    stories
}

/// What really happens: the same rows with what follows, and the phases that
/// it went through.
pub(super) fn tell(story: &Story<'_>, shop: &Shop) -> (Vec<[String; 4]>, Vec<(Phase, Phase)>) {
    let mut zone = Zone::parse("Asia/Seoul").expect("a zone");
    let mut settings = Settings {
        notice_before_payment_days: 0,
        ..Settings::default()
    };
    for set in &story.set {
        let (name, value) = set.split_once(' ').expect("a setting and its value");
        match name {
            "zone" => zone = Zone::parse(value).expect("a zone"),
            _ => settings = with(&settings, name, value),
        }
    }
    settings.check().expect("settings that fit");
    let mut life = Life::new(Instant::from_micros(0), zone);
    life.settings = settings;
    let mut told = Vec::new();
    for [date, command, ..] in &story.rows {
        let at = when(date, zone);
        assert!(at >= life.now, "{}: {date} lies before the row above it", story.title);
        let mut words = String::new();
        if !life.subs.is_empty() {
            let before = Instant::from_micros(at.micros() - 1);
            life.run_to(shop, before);
            if !life.log.is_empty() {
                let _ = write!(words, "UNTOLD {} ", tell_log(&mut life));
            }
            life.run_to(shop, at);
        }
        life.now = at;
        words.push_str(&tell_log(&mut life));
        if !command.is_empty() {
            if let Err(refusal) = obey(&mut life, shop, command) {
                let _ = write!(words, "refused: {}", refused(&refusal));
            }
            life.run_to(shop, at);
        }
        words.push_str(&tell_log(&mut life));
        let states: Vec<String> = life.subs.iter().map(|sub| state(sub, zone)).collect();
        let mut states = states.join(" / ");
        if life.balance != 0 {
            let _ = write!(states, ", balance {}", life.balance);
        }
        told.push([
            (*date).to_owned(),
            (*command).to_owned(),
            words.trim().to_owned(),
            states,
        ]);
    }
    (told, life.seen)
}

/// Whether a story is true; the true one otherwise.
pub(super) fn differs(story: &Story<'_>, told: &[[String; 4]]) -> Option<String> {
    let same = story.rows.iter().zip(told).all(|(row, told)| row == told);
    if same && story.rows.len() == told.len() {
        return None;
    }
    let width = |column: usize| told.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    let mut text = format!("# {}\n", story.title);
    for set in &story.set {
        let _ = writeln!(text, "set {set}");
    }
    for [date, command, lines, state] in told {
        let [a, b, c] = widths;
        let _ = writeln!(text, "{date:a$} | {command:b$} | {lines:c$} | {state}");
    }
    Some(text)
}

fn with(settings: &Settings, name: &str, value: &str) -> Settings {
    let mut json = serde_json::to_value(settings).expect("settings");
    let value = serde_json::from_str(value).unwrap_or_else(|_| serde_json::Value::from(value));
    match name.split_once('.') {
        Some((outer, inner)) => json[outer][inner] = value,
        None => json[name] = value,
    }
    serde_json::from_value(json).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// `2026-03-01`, at nine, or `2026-03-01 14:30`; on the zone's clocks.
fn when(text: &str, zone: Zone) -> Instant {
    let (date, time) = text.split_once(' ').unwrap_or((text, "09:00"));
    let local = format!("{date}T{time}:00");
    let local: chrono::NaiveDateTime = local.parse().unwrap_or_else(|_| panic!("{text} is no date"));
    zone.instant(local).expect("a date")
}

fn day(at: Instant, zone: Zone) -> String {
    let local = zone.local(at);
    let time = local.format("%H:%M").to_string();
    match time.as_str() {
        "09:00" => local.format("%Y-%m-%d").to_string(),
        _ => local.format("%Y-%m-%d %H:%M").to_string(),
    }
}

fn obey(life: &mut Life, shop: &Shop, command: &str) -> Result<(), Refusal> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let has = |word: &str| words.contains(&word);
    let number = |word: &str| -> i64 {
        let place = words.iter().position(|known| *known == word);
        let number = place.and_then(|place| words.get(place + 1)).expect("a number");
        number.trim_start_matches('x').parse().expect("a number")
    };
    let date = |word: &str| {
        let place = words.iter().position(|known| *known == word)?;
        Some(when(words.get(place + 1)?, life.zone))
    };
    let at = || match words.get(1).copied() {
        Some("now") => At::Now,
        Some("end") => At::PeriodEnd,
        other => At::Date(when(other.expect("a date"), life.zone)),
    };
    let give_back = match () {
        () if has("credit") => Some(GiveBack::Credit),
        () if has("refund") => Some(GiveBack::Refund),
        () => None,
    };
    let timing = match () {
        () if has("now") => When::Now,
        () if has("later") => When::PeriodEnd,
        () => When::Policy,
    };
    let item = |life: &Life, place: usize| life.subs[0].top_items().nth(place).expect("an item").clone();
    let place = if has("item") { number("item") as usize - 1 } else { 0 };
    if let Some(place) = words.iter().position(|word| *word == "code") {
        life.codes = vec![words[place + 1].to_owned()];
    }
    let command = match words[0] {
        "buy" => {
            let mut items: Vec<(String, i64)> = Vec::new();
            for word in words[1..]
                .iter()
                .take_while(|word| !["trial", "code", "without"].contains(word))
            {
                match word.strip_prefix('x').and_then(|count| count.parse().ok()) {
                    Some(count) => items.last_mut().expect("a price first").1 = count,
                    None => items.push(((*word).to_owned(), 1)),
                }
            }
            let quote = life.buy(shop, &items, date("trial"), !has("without"));
            life.log.push(Happened::Bought(quote.now));
            return Ok(());
        }
        "incomplete" => {
            life.wait_for_card(date("until").expect("until when"));
            return Ok(());
        }
        "set" => {
            life.settings = with(&life.settings, words[1], words[2]);
            return Ok(());
        }
        "balance" => {
            life.balance = number("balance");
            return Ok(());
        }
        "till" => {
            let answer = |word: &&str| match *word {
                "approves" => Answer::Paid,
                "declines" => Answer::Declined,
                "hard" => Answer::Hard,
                "silent" => Answer::Silent,
                other => panic!("no answer is {other}"),
            };
            life.answers = words[1..].iter().map(answer).collect();
            life.attempts = 0;
            return Ok(());
        }
        "answer" => {
            life.answer(
                0,
                match words[1] {
                    "paid" => Answer::Paid,
                    "declined" => Answer::Declined,
                    _ => Answer::Hard,
                },
            );
            return Ok(());
        }
        "use" => {
            let used = words[1].parse().expect("a number");
            life.use_units(if has("of") { number("of") as usize - 1 } else { 0 }, used);
            return Ok(());
        }
        "service" => {
            let grace = life.settings.past_due_grace_days;
            let gives = life.subs[0].gives_service(life.now, grace);
            life.log
                .push(Happened::Says(if gives { "service" } else { "no service" }));
            return Ok(());
        }
        "cancel" if words.len() == 1 => Command::Cancel(None, None),
        "cancel" => Command::Cancel(Some(at()), give_back),
        "uncancel" => Command::Uncancel,
        "pause" => {
            let until = match () {
                () if has("until") => date("until").map(Until::At),
                () if has("for") => Some(Until::After(every(Unit::Day, number("for") as u32))),
                () => None,
            };
            Command::Pause(at(), until)
        }
        "resume" => Command::Resume,
        "change" => {
            let item = item(life, place);
            let quantity = words.iter().find_map(|word| word.strip_prefix('x')?.parse().ok());
            let mut by = shop.new_item(words[1], quantity.unwrap_or(item.quantity));
            by.first_purchase = false;
            change(Edit::Replace { item: item.id, by }, timing)
        }
        "quantity" => {
            let item = item(life, place);
            let name = item.price.as_str().trim_start_matches("var_").to_owned();
            let by = shop.new_item(&name, words[1].parse().expect("a number"));
            change(Edit::Replace { item: item.id, by }, timing)
        }
        "add" => {
            let quantity = words.iter().find_map(|word| word.strip_prefix('x')?.parse().ok());
            change(Edit::Add(shop.new_item(words[1], quantity.unwrap_or(1))), timing)
        }
        "remove" => change(Edit::Remove(item(life, place).id), timing),
        "forget" => Command::Forget,
        "move" => Command::Move(when(words[1], life.zone), has("charged")),
        "renew" => Command::Renew,
        "card" => Command::Card(!has("quietly")),
        "pay" => Command::Pay,
        other => panic!("nothing is called {other}"),
    };
    let command = match (command, give_back) {
        (Command::Change(mut change), Some(give_back)) => {
            change.give_back = Some(give_back);
            Command::Change(change)
        }
        (command, _) => command,
    };
    life.command(shop, 0, &command)
}

fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Ended => "ended".to_owned(),
        Refusal::Charging => "charging".to_owned(),
        Refusal::State(why) => (*why).to_owned(),
        Refusal::Problem(problem) => format!("{} {}", problem.at, problem.message),
    }
}

fn tell_log(life: &mut Life) -> String {
    let mut words = String::new();
    for happened in std::mem::take(&mut life.log) {
        match happened {
            Happened::Bought(bill) => {
                let _ = write!(words, "{}= {} paid ", lines(&bill.lines), bill.total);
            }
            Happened::Says(what) => {
                let _ = write!(words, "{what} ");
            }
            Happened::Bill { charge, refund, .. } => {
                let _ = write!(words, "{}= {} ", lines(&charge.bill.lines), charge.bill.total);
                let _ = match (refund, charge.balance) {
                    (1.., _) => write!(words, "refunded "),
                    (_, 1..) => write!(words, "to balance "),
                    _ => Ok(()),
                };
            }
            Happened::Answer { answer, amount } => {
                let asked = if words.is_empty() {
                    format!("{amount} ")
                } else {
                    String::new()
                };
                let said = match answer {
                    Answer::Paid => "paid",
                    Answer::Declined => "declined",
                    Answer::Hard => "declined hard",
                    Answer::Silent => "no answer",
                };
                let _ = write!(words, "{asked}{said} ");
            }
            Happened::Closed(amount) => {
                let _ = write!(words, "{amount} closed ");
            }
            Happened::News(News::TrialWillEnd) => words.push_str("(trial will end) "),
            Happened::News(News::PaymentDue) => words.push_str("(payment due) "),
            Happened::News(_) => {}
        }
    }
    words
}

fn lines(lines: &[Line]) -> String {
    let mut text = String::new();
    for line in lines {
        let part = |part: &u64, whole: &u64| format!(" for {part}/{whole}");
        let (what, of) = match &line.reason {
            Reason::Price { name, .. } | Reason::InBundle { name } => (name.clone(), String::new()),
            Reason::PartialPeriod {
                name,
                part: a,
                whole: b,
                ..
            } => (name.clone(), part(a, b)),
            Reason::FirstPaymentExtra { .. } => ("extra".to_owned(), String::new()),
            Reason::Trial { name, .. } => (format!("{name} trial"), String::new()),
            Reason::Unused {
                name,
                part: a,
                whole: b,
                ..
            } => (format!("{name} unused"), part(a, b)),
            Reason::Remaining {
                name,
                part: a,
                whole: b,
                ..
            } => (format!("{name} rest"), part(a, b)),
            Reason::SetupFee { name } => (name.clone(), String::new()),
            Reason::IntroDiscount { .. } => ("first purchase".to_owned(), String::new()),
            Reason::Discount { code, .. } => (code.clone(), String::new()),
            Reason::CreditBalance => ("balance".to_owned(), String::new()),
            _ if line.kind == LineType::Usage => (format!("{} units", line.quantity), String::new()),
            _ => (line.kind.name().to_owned(), String::new()),
        };
        let _ = write!(text, "{what}{of} {}, ", line.amount);
    }
    match text.strip_suffix(", ") {
        Some(text) => format!("{text} "),
        None => text,
    }
}

fn state(sub: &Subscription, zone: Zone) -> String {
    assert_eq!(sub.currency, Currency::KRW);
    let mut text = sub.phase.name().to_owned();
    if sub.charging {
        text.push_str(" charging");
    }
    let to = |text: &mut String, word: &str, at: Instant| {
        let _ = write!(text, " {word} {}", day(at, zone));
    };
    match (sub.phase, sub.cycle) {
        (Phase::Trialing | Phase::Active, Some(cycle)) => {
            if let Some(early) = sub.early.filter(|_| sub.phase == Phase::Active) {
                to(&mut text, "to", early.period.end());
                text.push_str(", then");
            }
            to(&mut text, "to", cycle.period.end());
        }
        (Phase::Paused, _) => {
            if let Some(pause) = sub.pause {
                to(&mut text, "since", pause.since);
                pause.until.iter().for_each(|until| to(&mut text, "until", *until));
            }
        }
        _ => {}
    }
    let items: Vec<String> = sub
        .top_items()
        .map(|item| {
            let name = item.price.as_str().trim_start_matches("var_");
            match item.quantity {
                1 => name.to_owned(),
                quantity => format!("{name} x{quantity}"),
            }
        })
        .collect();
    let _ = write!(text, ", {}", items.join(" + "));
    if sub.open.is_some() && !sub.charging {
        text.push_str(", owing");
    }
    for (word, at) in [
        ("cancel", sub.cancel.map(|cancel| cancel.at)),
        ("pause", sub.pause_later.map(|pause| pause.at)),
        ("change", sub.pending.as_ref().map(|pending| pending.at)),
    ] {
        if let Some(at) = at {
            text.push(',');
            to(&mut text, word, at);
        }
    }
    text
}
