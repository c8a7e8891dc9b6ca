//! The titles people give to the columns of a customer table.

use super::header::Column;

/// A column with its own title in both languages and what else it is called.
pub(super) struct Title {
    pub(super) column: Column,
    pub(super) en: &'static str,
    pub(super) ko: &'static str,
    others: &'static [&'static str],
}

const fn title(column: Column, en: &'static str, ko: &'static str, others: &'static [&'static str]) -> Title {
    Title { column, en, ko, others }
}

/// All columns, in the order of the template.
pub(super) static TITLES: [Title; 16] = [
    title(
        Column::Email,
        "Email",
        "이메일",
        &[
            "e-mail",
            "email address",
            "mail",
            "mail address",
            "메일",
            "이메일 주소",
            "메일 주소",
            "전자우편",
            "전자메일",
        ],
    ),
    title(
        Column::Name,
        "Name",
        "이름",
        &[
            "full name",
            "customer name",
            "customer",
            "성명",
            "성함",
            "고객명",
            "고객 이름",
            "회원명",
            "회원 이름",
        ],
    ),
    title(
        Column::Phone,
        "Phone",
        "휴대폰 번호",
        &[
            "phone number",
            "mobile",
            "mobile phone",
            "mobile number",
            "cell",
            "cell phone",
            "tel",
            "telephone",
            "telephone number",
            "HP",
            "전화",
            "전화번호",
            "휴대폰",
            "휴대전화",
            "휴대전화번호",
            "핸드폰",
            "핸드폰 번호",
            "연락처",
            "모바일",
        ],
    ),
    title(
        Column::Username,
        "Username",
        "아이디",
        &[
            "user name",
            "login",
            "login id",
            "user id",
            "로그인 아이디",
            "로그인 ID",
            "회원 아이디",
            "회원 ID",
            "사용자 아이디",
            "사용자 ID",
            "사용자명",
        ],
    ),
    title(
        Column::Key,
        "Customer key",
        "고객 키",
        &["key", "external key", "external id", "외부 키", "외부 ID", "고객 코드"],
    ),
    title(
        Column::Id,
        "Customer ID",
        "고객 ID",
        &["id", "고객 아이디", "고객번호", "고객 식별자"],
    ),
    title(
        Column::PostalCode,
        "Postal code",
        "우편번호",
        &["postcode", "zip", "zip code", "address.postal_code"],
    ),
    title(
        Column::Line1,
        "Address line 1",
        "주소",
        &[
            "line1",
            "address",
            "address 1",
            "address.line1",
            "street",
            "street address",
            "주소1",
            "도로명 주소",
            "기본 주소",
        ],
    ),
    title(
        Column::Line2,
        "Address line 2",
        "상세주소",
        &["line2", "address 2", "address.line2", "주소2", "나머지 주소"],
    ),
    title(
        Column::City,
        "City",
        "도시",
        &["town", "address.city", "시/군/구", "시군구", "구/군"],
    ),
    title(
        Column::State,
        "State",
        "시/도",
        &["province", "region", "address.state", "광역시/도"],
    ),
    title(
        Column::Country,
        "Country",
        "국가",
        &["country code", "address.country", "국가 코드", "나라"],
    ),
    title(Column::MarketingSms, "SMS consent", "SMS 수신동의", &[]),
    title(Column::MarketingEmail, "Email consent", "이메일 수신동의", &[]),
    title(Column::MarketingKakao, "Kakao consent", "카카오 수신동의", &[]),
    // Known, so that an exported list can be read back; the engine sets it.
    title(
        Column::Ignored,
        "Created at",
        "가입일",
        &[
            "created",
            "created date",
            "date created",
            "creation date",
            "signup date",
            "sign-up date",
            "registered at",
            "updated at",
            "가입일시",
            "가입 날짜",
            "생성일",
            "생성일시",
            "등록일",
            "등록일시",
            "수정일",
            "수정일시",
        ],
    ),
];

/// How people name a channel, and what they add to it for consent.
const CHANNELS: [(usize, &[&str]); 3] = [
    (12, &["sms", "text", "문자", "문자메시지"]),
    (13, &["email", "mail", "이메일", "메일"]),
    (14, &["kakao", "kakaotalk", "카카오", "카카오톡", "카톡", "알림톡"]),
];
const CONSENT: [&str; 14] = [
    "수신동의",
    "수신동의여부",
    "수신",
    "수신여부",
    "동의",
    "동의여부",
    "마케팅수신동의",
    "마케팅동의",
    "광고수신동의",
    "consent",
    "optin",
    "marketing",
    "marketingconsent",
    "subscribed",
];
const BEFORE: [&str; 5] = ["marketing", "마케팅", "광고", "optin", "consent"];

/// Every spelling with the place of its column in [`TITLES`].
pub(super) fn spellings() -> impl Iterator<Item = (usize, String)> {
    let written = TITLES.iter().enumerate().flat_map(|(i, t)| {
        let names = [t.en, t.ko].into_iter().chain(t.others.iter().copied());
        names.map(move |name| (i, name.to_owned()))
    });
    let made = CHANNELS.iter().flat_map(|(i, names)| {
        names.iter().flat_map(move |name| {
            let after = CONSENT.iter().map(move |word| format!("{name} {word}"));
            let before = BEFORE.iter().map(move |word| format!("{word} {name}"));
            after.chain(before).map(move |text| (*i, text))
        })
    });
    let bare = [
        (12, "sms".to_owned()),
        (14, "kakao".to_owned()),
        (14, "카카오".to_owned()),
        (14, "카카오톡".to_owned()),
    ];
    written.chain(made).chain(bare)
}

/// Words for a password; a longer title that starts with one means it too.
pub(super) const PASSWORDS: [&str; 6] = ["password", "passwd", "passcode", "pwd", "비밀번호", "패스워드"];
/// Words for a password that are the start of others.
pub(super) const SHORT_PASSWORDS: [&str; 4] = ["pw", "pass", "비번", "암호"];
