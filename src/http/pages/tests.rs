//! What pages say, and that nothing in a text becomes markup.

use super::{
    notice::{Field, Notice},
    render::{self, Told},
};
use crate::{
    domain::{
        address::Address,
        calendar::{Interval, Unit},
        checkout::SessionStatus,
        currency::Currency,
        decline::DeclineCode,
        id::{CheckoutSessionId, OrderId, PriceId},
        instant::Instant,
        order::OrderStatus,
        settings::{Branding, Business},
        words::Locale,
        zone::Zone,
    },
    engine::checkout_page::{PageItem, PageView},
    error::{Code, Error},
    ops::{
        answer::{AnyJson, Stored},
        catalog::Decimal,
        preview::{
            DiscountTypeWord, InvalidDiscount, Line, LineReason, LineTypeWord, Message, Preview, PreviewDiscount,
            PreviewWord, UpcomingCharge,
        },
    },
};

const HOSTILE: &str = "<script>alert('x')</script>\"&amp;";

fn price() -> PriceId {
    PriceId::parse("var_pro").unwrap()
}

fn line(kind: &'static str, amount: i64, text: &str) -> Line {
    Line {
        kind: LineTypeWord(kind),
        price_id: (kind == "price").then(price),
        item_id: None,
        quantity: Decimal::of(1),
        amount,
        currency: Currency::KRW,
        period_start: None,
        period_end: None,
        reason: LineReason {
            code: kind.to_owned(),
            params: AnyJson(Stored::new("{}")),
            text: text.to_owned(),
        },
    }
}

fn view(locale: Locale) -> PageView {
    PageView {
        session_id: CheckoutSessionId::from_bits(1),
        status: SessionStatus::Open,
        order_id: OrderId::from_bits(2),
        order_number: 17,
        order_status: OrderStatus::Open,
        charging: false,
        test_mode: true,
        gateway: Some("sandbox"),
        business: Business {
            name: Some("Shop".to_owned()),
            ..Business::default()
        },
        branding: Branding::default(),
        origins: Vec::new(),
        locale,
        zone: Zone::parse("Asia/Seoul").unwrap(),
        email: Some("gildong@example.com".to_owned()),
        success_url: Some("https://shop.example.com/thanks?a=b".to_owned()),
        cancel_url: Some("https://shop.example.com/cart".to_owned()),
        error_url: None,
        over: false,
        held_until: None,
        items: vec![PageItem {
            price_id: price(),
            name: "Monthly".to_owned(),
            product: "Pro".to_owned(),
            image: None,
            options: vec![("Size".to_owned(), "L".to_owned())],
            interval: Some(Interval::new(Unit::Month, 1).unwrap()),
            quantity: 1,
            minimum: 1,
            maximum: Some(5),
        }],
        preview: Preview {
            object: PreviewWord("preview"),
            lines: vec![
                line("price", 9900, "Monthly: 9,900"),
                line("discount", -900, "Code A: 900 off"),
            ],
            subtotal: 9900,
            discount: 900,
            tax: 0,
            tax_inclusive: false,
            total: 9000,
            currency: Currency::KRW,
            discounts: vec![PreviewDiscount {
                code: "A".to_owned(),
                kind: DiscountTypeWord("fixed_amount"),
                value: Decimal::of(900),
                description: None,
                amount: 900,
                before: 9900,
            }],
            invalid_discounts: Vec::new(),
            upcoming: vec![UpcomingCharge {
                at: Instant::parse("2026-12-22T15:00:00Z").unwrap(),
                lines: vec![line("price", 9900, "Monthly: 9,900")],
                total: 9900,
                currency: Currency::KRW,
            }],
        },
        trial_end: None,
        recurring: true,
        problem: None,
        declined: None,
    }
}

fn shown(view: &PageView) -> String {
    render::session(view, &Told::default())
}

fn has(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "no {part} in {page}");
    }
}

#[test]
fn the_page_says_what_is_paid_in_both_languages() {
    let english = shown(&view(Locale::En));
    has(
        &english,
        &[
            r#"<html lang="en">"#,
            "<title>Checkout · Shop</title>",
            "Test mode",
            "<strong>Pro</strong>",
            "Size: L",
            "gildong@example.com",
            ">Pay ₩9,000</button>",
            r#"<dd id="total">₩9,000</dd>"#,
            "-₩900",
            "Then ₩9,900 every month from 23 December 2026.",
            r#"name="quantity.var_pro" type="number" inputmode="numeric" min="1" max="5""#,
            r#"autocomplete="cc-number""#,
            r#"autocomplete="cc-exp""#,
            r#"name="total" value="9000""#,
            "https://shop.example.com/cart?order_code=17&amp;order_id=ord_",
            "status=cancel",
        ],
    );
    let korean = shown(&view(Locale::Ko));
    has(
        &korean,
        &[
            r#"<html lang="ko">"#,
            "9,000원 결제하기",
            "이후 2026년 12월 23일부터 매월 9,900원씩 결제됩니다.",
            "할인 코드",
            "카드 번호",
            "생년월일 또는 사업자등록번호",
            "테스트 모드",
        ],
    );
    for page in [english, korean] {
        assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains("onclick"));
        assert_eq!(page.matches("<script").count(), 1);
    }
}

#[test]
fn nothing_in_a_text_becomes_markup() {
    let hostile = || Some(HOSTILE.to_owned());
    let mut view = view(Locale::En);
    view.business = Business {
        name: hostile(),
        representative: hostile(),
        business_number: hostile(),
        mail_order_number: hostile(),
        email: hostile(),
        phone: hostile(),
        address: Some(Address {
            line1: hostile(),
            city: hostile(),
            ..Address::default()
        }),
        url: hostile(),
        terms_url: Some("https://a.example/\"><script>".to_owned()),
        privacy_url: Some("javascript:alert(1)".to_owned()),
    };
    view.branding = Branding {
        logo_url: Some("https://a.example/\"><script>".to_owned()),
        icon_url: Some("https://a.example/'\"><script>".to_owned()),
        color: Some("#\"><script>".to_owned()),
    };
    view.email = hostile();
    view.success_url = Some("https://a.example/\"><script>".to_owned());
    view.cancel_url = view.success_url.clone();
    view.error_url = view.success_url.clone();
    let item = &mut view.items[0];
    item.name = HOSTILE.to_owned();
    item.product = HOSTILE.to_owned();
    item.image = view.success_url.clone();
    item.options = vec![(HOSTILE.to_owned(), HOSTILE.to_owned())];
    for line in &mut view.preview.lines {
        line.reason.text = HOSTILE.to_owned();
    }
    view.preview.discounts[0].code = HOSTILE.to_owned();
    view.preview.invalid_discounts = vec![InvalidDiscount {
        code: HOSTILE.to_owned(),
        reason: "unknown".to_owned(),
        message: Message {
            en: HOSTILE.to_owned(),
            ko: HOSTILE.to_owned(),
        },
    }];
    let told = Told {
        typed_code: hostile(),
        ..Told::default()
    };
    let mut pages = vec![render::session(&view, &told)];
    view.order_status = OrderStatus::Paid;
    let leaving = Told {
        leaving: true,
        ..Told::default()
    };
    pages.push(render::session(&view, &leaving));
    view.order_status = OrderStatus::Open;
    view.declined = Some(Error::card_declined(DeclineCode::Generic, false, HOSTILE));
    pages.push(render::session(&view, &leaving));
    for page in pages {
        assert_eq!(page.matches("<script").count(), 1, "{page}");
        assert!(!page.contains("alert('x')"), "{page}");
        assert!(!page.contains("javascript:"), "{page}");
        assert!(page.contains("&lt;script&gt;"));
    }
}

#[test]
fn each_state_says_what_it_is_and_nothing_can_be_paid_twice() {
    let mut paid = view(Locale::En);
    paid.order_status = OrderStatus::Paid;
    paid.status = SessionStatus::Complete;
    let mut charging = view(Locale::En);
    charging.charging = true;
    let mut expired = view(Locale::En);
    expired.status = SessionStatus::Expired;
    let mut late = view(Locale::En);
    late.over = true;
    let mut canceled = view(Locale::En);
    canceled.order_status = OrderStatus::Canceled;
    let mut without = view(Locale::En);
    without.gateway = None;
    for (view, said) in [
        (&paid, "Paid. Thank you!"),
        (&charging, "is being made"),
        (&expired, "no longer open"),
        (&late, "no longer open"),
        (&canceled, "was cancelled"),
        (&without, "cannot be paid at the moment"),
    ] {
        let page = shown(view);
        has(&page, &[said]);
        assert!(!page.contains("pay-form"), "{page}");
    }
    has(&shown(&charging), &[r#"http-equiv="refresh" content="2;url=?wait""#]);
    let there = "https://shop.example.com/thanks?a=b&amp;order_code=17&amp;order_id=ord_";
    let page = shown(&paid);
    has(&page, &[there, "status=success"]);
    assert!(!page.contains("http-equiv"), "whoever comes back stays");
    let leaving = Told {
        leaving: true,
        ..Told::default()
    };
    let page = render::session(&paid, &leaving);
    has(&page, &[&format!(r#"http-equiv="refresh" content="0;url={there}"#)]);
}

#[test]
fn what_went_wrong_stands_at_its_field_and_nothing_of_a_card_comes_back() {
    let view = view(Locale::En);
    let told = Told {
        wrong: vec![Field::Expiry, Field::Password],
        ..Told::default()
    };
    let page = render::session(&view, &told);
    has(
        &page,
        &[
            r#"aria-invalid="true" autofocus"#,
            r#"id="expiry-error""#,
            r#"aria-describedby="expiry-error expiry-hint""#,
            r#"id="password-error""#,
        ],
    );
    assert_eq!(page.matches(" autofocus").count(), 1);
    for field in ["number", "expiry", "password", "identity"] {
        let at = page.find(&format!(r#"<input id="{field}""#)).unwrap();
        let input = page[at..].split('>').next().unwrap();
        assert!(!input.contains("value="), "{input}");
    }
    let declined = Told {
        notice: Some(Notice::Declined(DeclineCode::InsufficientFunds)),
        ..Told::default()
    };
    has(
        &render::session(&view, &declined),
        &["insufficient funds", r#"role="alert""#, r#"aria-describedby="notice""#],
    );
}

#[test]
fn what_cannot_be_bought_is_not_paid_for() {
    let mut view = view(Locale::Ko);
    view.problem = Some(Error::new(Code::OutOfStock, "gone"));
    let page = shown(&view);
    has(&page, &["재고가 부족합니다", "cart-form"]);
    assert!(!page.contains("pay-form"));
}

#[test]
fn a_card_is_asked_for_where_something_will_be_charged() {
    let mut free = view(Locale::En);
    free.preview.total = 0;
    let trial = shown(&free);
    has(&trial, &[">Start</button>", "cc-number"]);
    free.preview.upcoming.clear();
    let page = shown(&free);
    has(&page, &[">Confirm</button>"]);
    assert!(!page.contains("cc-number"));
}

#[test]
fn pages_without_a_session_say_so() {
    has(&render::plain(Locale::En, |text| &text.unknown), &["no such page"]);
    has(
        &render::plain(Locale::Ko, |text| &text.unknown),
        &["페이지를 찾을 수 없습니다"],
    );
}
