//! What pages say, in both languages.

use super::notice::{Field, Notice};
use crate::domain::{decline::DeclineCode, words::Locale};

/// The fixed texts of a page.
pub(super) struct Text {
    pub(super) lang: &'static str,
    pub(super) checkout: &'static str,
    pub(super) test: &'static str,
    pub(super) test_hint: &'static str,
    pub(super) order: &'static str,
    pub(super) quantity: &'static str,
    pub(super) update: &'static str,
    pub(super) code: &'static str,
    pub(super) apply: &'static str,
    pub(super) remove: &'static str,
    pub(super) subtotal: &'static str,
    pub(super) tax_included: &'static str,
    pub(super) total_now: &'static str,
    pub(super) total: &'static str,
    pub(super) payment: &'static str,
    pub(super) email: &'static str,
    pub(super) number: &'static str,
    pub(super) expiry: &'static str,
    pub(super) expiry_hint: &'static str,
    pub(super) identity: &'static str,
    pub(super) identity_hint: &'static str,
    pub(super) password: &'static str,
    pub(super) password_hint: &'static str,
    pub(super) optional: &'static str,
    pub(super) start: &'static str,
    pub(super) confirm: &'static str,
    pub(super) busy: &'static str,
    pub(super) cancel: &'static str,
    pub(super) back: &'static str,
    pub(super) again: &'static str,
    pub(super) terms: &'static str,
    pub(super) privacy: &'static str,
    pub(super) order_number: &'static str,
    pub(super) representative: &'static str,
    pub(super) business_number: &'static str,
    pub(super) mail_order_number: &'static str,
    pub(super) phone: &'static str,
    pub(super) charging: State,
    pub(super) paid: State,
    pub(super) failed: State,
    pub(super) expired: State,
    pub(super) canceled: State,
    pub(super) unpayable: State,
    pub(super) unknown: State,
    pub(super) refused: State,
    pub(super) trouble: State,
}

/// A page that only says something.
pub(super) struct State {
    pub(super) title: &'static str,
    pub(super) text: &'static str,
}

const EN: Text = Text {
    lang: "en",
    checkout: "Checkout",
    test: "Test mode: no money moves.",
    test_hint: "Any 16 digits are a card, such as 4242 4242 4242 4242.",
    order: "Your order",
    quantity: "Quantity",
    update: "Update",
    code: "Discount code",
    apply: "Apply",
    remove: "Remove",
    subtotal: "Subtotal",
    tax_included: "of which tax",
    total_now: "To pay now",
    total: "Total",
    payment: "Payment",
    email: "E-mail",
    number: "Card number",
    expiry: "Expiry date",
    expiry_hint: "Month and year, such as 12/30",
    identity: "Date of birth or business number",
    identity_hint: "6 digits (YYMMDD), or 10 digits for a company’s card",
    password: "First two digits of the card password",
    password_hint: "2 digits",
    optional: "(optional)",
    start: "Start",
    confirm: "Confirm",
    busy: "Paying…",
    cancel: "Cancel and go back",
    back: "Continue",
    again: "Look again",
    terms: "Terms of service",
    privacy: "Privacy policy",
    order_number: "Order number",
    representative: "Representative",
    business_number: "Business number",
    mail_order_number: "Mail-order number",
    phone: "Telephone",
    charging: State {
        title: "Your payment is being made",
        text: "This takes a moment. The page looks again by itself; please do not pay a second time.",
    },
    paid: State {
        title: "Paid. Thank you!",
        text: "Your payment has arrived.",
    },
    failed: State {
        title: "The payment did not go through",
        text: "Nothing was charged. We are taking you back to the shop.",
    },
    expired: State {
        title: "This page is no longer open",
        text: "The order was not paid in time, or it was closed. Nothing was charged. Please order again in the shop.",
    },
    canceled: State {
        title: "This order was cancelled",
        text: "It cannot be paid any more. Nothing was charged.",
    },
    unpayable: State {
        title: "This cannot be paid at the moment",
        text: "The shop takes no payments right now. Nothing was charged. Please ask the shop.",
    },
    unknown: State {
        title: "There is no such page",
        text: "Please check that the address was copied as a whole, or go back to the shop.",
    },
    refused: State {
        title: "That did not work",
        text: "The page could not understand what your browser sent. Nothing was charged. Please go back, load the page again, and try once more.",
    },
    trouble: State {
        title: "Something went wrong on our side",
        text: "Please load the page again in a moment. If you were paying, it will show whether the payment has arrived.",
    },
};

const KO: Text = Text {
    lang: "ko",
    checkout: "결제",
    test: "테스트 모드: 실제로 결제되지 않습니다.",
    test_hint: "4242 4242 4242 4242처럼 16자리 숫자는 모두 카드로 인식됩니다.",
    order: "주문 내용",
    quantity: "수량",
    update: "변경",
    code: "할인 코드",
    apply: "적용",
    remove: "삭제",
    subtotal: "상품 금액",
    tax_included: "포함된 세금",
    total_now: "지금 결제할 금액",
    total: "합계",
    payment: "결제 정보",
    email: "이메일",
    number: "카드 번호",
    expiry: "유효 기간",
    expiry_hint: "월/연도, 예: 12/30",
    identity: "생년월일 또는 사업자등록번호",
    identity_hint: "6자리(YYMMDD), 법인 카드는 사업자등록번호 10자리",
    password: "카드 비밀번호 앞 두 자리",
    password_hint: "숫자 2자리",
    optional: "(선택)",
    start: "시작하기",
    confirm: "확인",
    busy: "결제하는 중…",
    cancel: "취소하고 돌아가기",
    back: "계속하기",
    again: "다시 확인",
    terms: "이용약관",
    privacy: "개인정보처리방침",
    order_number: "주문 번호",
    representative: "대표자",
    business_number: "사업자등록번호",
    mail_order_number: "통신판매업신고번호",
    phone: "전화",
    charging: State {
        title: "결제를 진행하고 있습니다",
        text: "잠시만 기다려 주세요. 화면은 자동으로 새로 고쳐집니다. 다시 결제하지 마세요.",
    },
    paid: State {
        title: "결제가 완료되었습니다",
        text: "결제해 주셔서 감사합니다.",
    },
    failed: State {
        title: "결제가 완료되지 않았습니다",
        text: "청구된 금액은 없습니다. 쇼핑몰로 돌아갑니다.",
    },
    expired: State {
        title: "더 이상 사용할 수 없는 결제 페이지입니다",
        text: "결제 기한이 지났거나 닫힌 주문입니다. 청구된 금액은 없습니다. 쇼핑몰에서 다시 주문해 주세요.",
    },
    canceled: State {
        title: "취소된 주문입니다",
        text: "더 이상 결제할 수 없습니다. 청구된 금액은 없습니다.",
    },
    unpayable: State {
        title: "지금은 결제할 수 없습니다",
        text: "현재 이 쇼핑몰에서 결제를 받을 수 없습니다. 청구된 금액은 없습니다. 쇼핑몰에 문의해 주세요.",
    },
    unknown: State {
        title: "페이지를 찾을 수 없습니다",
        text: "주소를 다시 확인하거나 쇼핑몰로 돌아가 주세요.",
    },
    refused: State {
        title: "요청을 처리하지 못했습니다",
        text: "브라우저가 보낸 내용을 이해할 수 없습니다. 청구된 금액은 없습니다. 이전 화면으로 돌아가 새로 고친 뒤 다시 시도해 주세요.",
    },
    trouble: State {
        title: "문제가 발생했습니다",
        text: "잠시 후 새로 고쳐 주세요. 결제하던 중이었다면 결제 여부가 표시됩니다.",
    },
};

/// The texts of a language.
pub(super) fn texts(locale: Locale) -> &'static Text {
    match locale {
        Locale::En => &EN,
        Locale::Ko => &KO,
    }
}

/// A text in the language that is wanted.
fn one_of(locale: Locale, en: &'static str, ko: &'static str) -> &'static str {
    match locale {
        Locale::En => en,
        Locale::Ko => ko,
    }
}

/// What a field that is wrong should hold.
pub(super) fn wrong(field: Field, locale: Locale) -> &'static str {
    let (en, ko) = match field {
        Field::Number => (
            "Enter the 16 digits of the card’s number.",
            "카드 번호 16자리를 입력해 주세요.",
        ),
        Field::Expiry => (
            "Enter the card’s expiry as month and year, such as 12/30.",
            "유효 기간을 12/30처럼 월/연도로 입력해 주세요.",
        ),
        Field::Identity => (
            "Enter 6 digits of a date of birth, or the 10 digits of a business number.",
            "생년월일 6자리 또는 사업자등록번호 10자리를 입력해 주세요.",
        ),
        Field::Password => (
            "Enter the first two digits of the card’s password.",
            "카드 비밀번호 앞 두 자리를 입력해 주세요.",
        ),
        Field::Code => ("This code does not apply.", "사용할 수 없는 할인 코드입니다."),
        Field::Quantity(_) => ("So many cannot be chosen.", "선택할 수 없는 수량입니다."),
    };
    one_of(locale, en, ko)
}

/// What happened, and what to do.
pub(super) fn told(notice: Notice, locale: Locale) -> &'static str {
    let (en, ko) = match notice {
        Notice::Declined(code) => return declined(code, locale),
        Notice::Total => (
            "The total has changed meanwhile. Please look at it and pay again; nothing was charged.",
            "결제 금액이 변경되었습니다. 금액을 확인한 뒤 다시 결제해 주세요. 청구된 금액은 없습니다.",
        ),
        Notice::CodeDropped => (
            "A discount code does not apply any more and was taken out. Please look at the total and pay again; nothing was charged.",
            "더 이상 사용할 수 없는 할인 코드가 제외되었습니다. 금액을 확인한 뒤 다시 결제해 주세요. 청구된 금액은 없습니다.",
        ),
        Notice::Stock => (
            "There are not enough left. Please choose fewer, or come back later; nothing was charged.",
            "재고가 부족합니다. 수량을 줄이거나 나중에 다시 시도해 주세요. 청구된 금액은 없습니다.",
        ),
        Notice::Unsold => (
            "This cannot be bought any more. Nothing was charged.",
            "더 이상 구매할 수 없는 상품입니다. 청구된 금액은 없습니다.",
        ),
        Notice::Subscribed => (
            "You have subscribed to this already. Nothing was charged.",
            "이미 구독 중인 상품입니다. 청구된 금액은 없습니다.",
        ),
        Notice::Gateway => (
            "The payment service cannot be reached. Nothing was charged; please try again in a moment.",
            "결제 서비스에 연결할 수 없습니다. 청구된 금액은 없습니다. 잠시 후 다시 시도해 주세요.",
        ),
        Notice::Fields => (
            "Please correct what is marked below. Nothing was charged.",
            "아래에 표시된 항목을 확인해 주세요. 청구된 금액은 없습니다.",
        ),
    };
    one_of(locale, en, ko)
}

fn declined(code: DeclineCode, locale: Locale) -> &'static str {
    let (en, ko) = match code {
        DeclineCode::InsufficientFunds => (
            "The card has insufficient funds. Nothing was charged; please use another card.",
            "카드 잔액이 부족합니다. 청구된 금액은 없습니다. 다른 카드를 사용해 주세요.",
        ),
        DeclineCode::ProcessingError => (
            "The card could not be processed. Nothing was charged; please try again.",
            "카드를 처리하지 못했습니다. 청구된 금액은 없습니다. 다시 시도해 주세요.",
        ),
        DeclineCode::LimitExceeded => (
            "The card’s limit is exceeded. Nothing was charged; please use another card.",
            "카드 한도를 초과했습니다. 청구된 금액은 없습니다. 다른 카드를 사용해 주세요.",
        ),
        DeclineCode::ExpiredCard => (
            "The card has expired. Nothing was charged; please check the date, or use another card.",
            "유효 기간이 지난 카드입니다. 청구된 금액은 없습니다. 날짜를 확인하거나 다른 카드를 사용해 주세요.",
        ),
        DeclineCode::IncorrectPassword => (
            "The password digits, or the date of birth or business number, are wrong. Nothing was charged; please correct them.",
            "비밀번호 또는 생년월일·사업자등록번호가 올바르지 않습니다. 청구된 금액은 없습니다. 다시 입력해 주세요.",
        ),
        DeclineCode::AuthenticationRequired => (
            "The card’s issuer wants you to confirm the payment, which this page cannot do. Nothing was charged; please use another card.",
            "카드사 인증이 필요하지만 이 페이지에서는 인증할 수 없습니다. 청구된 금액은 없습니다. 다른 카드를 사용해 주세요.",
        ),
        DeclineCode::InvalidCard => (
            "There is no such card. Nothing was charged; please check the number.",
            "존재하지 않는 카드입니다. 청구된 금액은 없습니다. 카드 번호를 확인해 주세요.",
        ),
        DeclineCode::NotPermitted => (
            "The card cannot be used for this payment. Nothing was charged; please use another card.",
            "이 결제에 사용할 수 없는 카드입니다. 청구된 금액은 없습니다. 다른 카드를 사용해 주세요.",
        ),
        // Whoever lost or stole a card is not told that it is known.
        DeclineCode::Generic | DeclineCode::LostCard | DeclineCode::StolenCard => (
            "The card was declined. Nothing was charged; please use another card.",
            "카드 결제가 거절되었습니다. 청구된 금액은 없습니다. 다른 카드를 사용해 주세요.",
        ),
    };
    one_of(locale, en, ko)
}

/// The pay button: `Pay ₩9,900`.
pub(super) fn pay(amount: &str, locale: Locale) -> String {
    match locale {
        Locale::En => format!("Pay {amount}"),
        Locale::Ko => format!("{amount} 결제하기"),
    }
}

/// `Free until 1 March 2027.`
pub(super) fn free_until(day: &str, locale: Locale) -> String {
    match locale {
        Locale::En => format!("Free until {day}."),
        Locale::Ko => format!("{day}까지 무료로 이용할 수 있습니다."),
    }
}

/// `Then ₩9,900 every month from 1 March 2027.`
pub(super) fn then_every(amount: &str, every: &str, day: &str, locale: Locale) -> String {
    match locale {
        Locale::En => format!("Then {amount} {every} from {day}."),
        Locale::Ko => format!("이후 {day}부터 {every} {amount}씩 결제됩니다."),
    }
}

/// `Next payment: ₩9,900 on 1 March 2027.`
pub(super) fn next_payment(amount: &str, day: &str, locale: Locale) -> String {
    match locale {
        Locale::En => format!("Next payment: {amount} on {day}."),
        Locale::Ko => format!("다음 결제: {day}, {amount}."),
    }
}

/// What a payer agrees to. `button` is what the pay button says, `terms`
/// whether the seller has terms that can be read.
pub(super) fn agreement(button: &str, terms: bool, recurring: bool, locale: Locale) -> String {
    let (terms, kept) = match (locale, terms, recurring) {
        (Locale::En, terms, recurring) => (
            if terms { ", and agree to the terms below" } else { "" },
            if recurring {
                " Your card is kept and charged as shown until you cancel."
            } else {
                ""
            },
        ),
        (Locale::Ko, terms, recurring) => (
            if terms { "아래 약관에 동의하고 " } else { "" },
            if recurring {
                " 해지할 때까지 위 일정에 따라 등록한 카드로 결제됩니다."
            } else {
                ""
            },
        ),
    };
    match locale {
        Locale::En => format!("With “{button}” you place this order{terms}.{kept}"),
        Locale::Ko => format!("‘{button}’ 버튼을 누르면 {terms}주문이 확정됩니다.{kept}"),
    }
}

/// `from 1 to 5`, beside a quantity.
pub(super) fn range(minimum: i64, maximum: Option<i64>, locale: Locale) -> Option<String> {
    match (locale, maximum) {
        (_, None) if minimum <= 1 => None,
        (Locale::En, None) => Some(format!("at least {minimum}")),
        (Locale::Ko, None) => Some(format!("{minimum}개 이상")),
        (Locale::En, Some(maximum)) => Some(format!("{minimum} to {maximum}")),
        (Locale::Ko, Some(maximum)) => Some(format!("{minimum}~{maximum}개")),
    }
}
