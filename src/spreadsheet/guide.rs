//! What the template says about each column, in English and Korean.

use super::header::{Column, FieldHeader, FieldKind};

/// A row of the explanations.
pub(super) struct Entry {
    pub(super) required: bool,
    pub(super) example: String,
    pub(super) en: String,
    pub(super) ko: String,
}

fn make(required: bool, example: &str, en: &str, ko: &str) -> Entry {
    Entry {
        required,
        example: example.to_owned(),
        en: en.to_owned(),
        ko: ko.to_owned(),
    }
}

pub(super) fn entry(column: &Column) -> Entry {
    match column {
        Column::Email => make(
            true,
            "customer@example.com",
            "The e-mail address. A customer with this address already there is skipped, or updated when the import says so.",
            "이메일 주소입니다. 같은 주소의 고객이 이미 있으면 건너뛰고, 설정에 따라 정보를 갱신합니다.",
        ),
        Column::Name => make(
            true,
            "데모 고객",
            "The full name, at most 255 characters.",
            "고객의 이름입니다. 최대 255자입니다.",
        ),
        Column::Phone => make(
            false,
            "010-1234-5678",
            "A Korean number or an international one starting with +.",
            "국내 번호 또는 +로 시작하는 국제 번호입니다.",
        ),
        Column::Username => make(
            false,
            "member1024",
            "The name the customer logs in with.",
            "고객이 로그인할 때 쓰는 아이디입니다.",
        ),
        Column::Key => make(
            false,
            "member-1024",
            "Your own identifier of the customer. Each may occur once.",
            "귀사에서 쓰는 고객 식별자입니다. 중복될 수 없습니다.",
        ),
        Column::Id => make(
            false,
            "",
            "The id that begins with cus_, for customers that have one already. Leave it empty for new customers.",
            "cus_로 시작하는 고객 ID입니다. 새 고객이면 비워 두세요.",
        ),
        Column::PostalCode => make(
            false,
            "06236",
            "The postal code, as text so that a leading zero stays.",
            "우편번호입니다. 앞자리 0이 사라지지 않도록 텍스트로 입력합니다.",
        ),
        Column::Line1 => make(
            false,
            "예시로 1",
            "Street and number.",
            "도로명 주소 또는 지번 주소입니다.",
        ),
        Column::Line2 => make(false, "2층", "Building, floor, flat.", "동, 호수 등 나머지 주소입니다."),
        Column::City => make(false, "강남구", "City or district.", "도시 또는 시/군/구입니다."),
        Column::State => make(false, "서울특별시", "State or province.", "시/도입니다."),
        Column::Country => make(
            false,
            "KR",
            "The two-letter country code (ISO 3166).",
            "두 글자 국가 코드입니다(ISO 3166).",
        ),
        Column::MarketingSms => make(
            false,
            "yes / 예",
            "Whether the customer agreed to text messages: yes or no.",
            "문자 수신 동의 여부입니다. 예 또는 아니오.",
        ),
        Column::MarketingEmail => make(
            false,
            "no / 아니오",
            "Whether the customer agreed to e-mails: yes or no.",
            "이메일 수신 동의 여부입니다. 예 또는 아니오.",
        ),
        Column::MarketingKakao => make(
            false,
            "no / 아니오",
            "Whether the customer agreed to KakaoTalk messages: yes or no.",
            "카카오톡 수신 동의 여부입니다. 예 또는 아니오.",
        ),
        Column::Metadata(_) | Column::Field(_) | Column::Ignored | Column::Untitled => make(false, "", "", ""),
    }
}

pub(super) fn entry_of_field(field: &FieldHeader) -> Entry {
    let list = field.choices.join("; ");
    let first = field.choices.iter().take(2).cloned().collect::<Vec<_>>();
    let (example, en, ko) = match field.kind {
        FieldKind::Email => (
            "customer@example.com".to_owned(),
            "An e-mail address.".to_owned(),
            "이메일 주소입니다.".to_owned(),
        ),
        FieldKind::Phone => (
            "010-1234-5678".to_owned(),
            "A phone number.".to_owned(),
            "전화번호입니다.".to_owned(),
        ),
        FieldKind::Checkbox if field.choices.is_empty() => (
            "yes / 예".to_owned(),
            "Yes or no.".to_owned(),
            "예 또는 아니오.".to_owned(),
        ),
        FieldKind::Checkbox => (
            first.join("; "),
            format!("Some of these, separated by semicolons: {list}"),
            format!("다음 중 여러 개를 세미콜론(;)으로 구분해 입력합니다: {list}"),
        ),
        FieldKind::Dropdown => (
            field.choices.first().cloned().unwrap_or_default(),
            format!("One of these: {list}"),
            format!("다음 중 하나입니다: {list}"),
        ),
        FieldKind::Calendar => ("2026-03-05".to_owned(), "A date.".to_owned(), "날짜입니다.".to_owned()),
        FieldKind::Number => ("5".to_owned(), "A number.".to_owned(), "숫자입니다.".to_owned()),
        FieldKind::Text | FieldKind::Password | FieldKind::Comment => {
            (String::new(), "A text.".to_owned(), "텍스트입니다.".to_owned())
        }
    };
    Entry {
        required: field.required,
        example,
        en,
        ko,
    }
}
