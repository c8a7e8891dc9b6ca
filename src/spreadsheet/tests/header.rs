use crate::spreadsheet::{Cell, Column, FieldHeader, FieldKind, FileError, Row, columns, stray};

pub(super) fn field(key: &str, label: &str, kind: FieldKind) -> FieldHeader {
    FieldHeader {
        key: key.into(),
        label: label.into(),
        kind,
        required: false,
        choices: Vec::new(),
    }
}

fn map(titles: &[&str], fields: &[FieldHeader]) -> Result<Vec<Column>, FileError> {
    columns(&titles.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>(), fields)
}

fn message(titles: &[&str], fields: &[FieldHeader]) -> String {
    map(titles, fields).map_or_else(|e| e.to_string(), |columns| format!("{columns:?}"))
}

#[test]
fn titles_in_both_languages_are_known() {
    let table: [(Column, &str); 15] = [
        (
            Column::Email,
            "email, E-mail, EMAIL ADDRESS, Ｅｍａｉｌ, e_mail, 이메일, 메일, 이메일 주소, 이메일(필수), * 이메일",
        ),
        (Column::Name, "name, Full Name, 이름, 성명, 고객명, 이름 [required]"),
        (
            Column::Phone,
            "phone, Mobile, 전화, 전화번호, 휴대폰, 휴대전화, 연락처, 휴대폰 번호, 휴대폰번호(- 없이)",
        ),
        (
            Column::Id,
            "id, ID, Customer ID, customer_id, 고객 ID, 고객ID, 고객번호",
        ),
        (Column::Key, "key, 고객 키, 외부 키, External key"),
        (Column::Username, "username, user name, 아이디, 로그인 아이디, 로그인ID"),
        (
            Column::Line1,
            "line1, address, Address line 1, address.line1, 주소, 주소1",
        ),
        (Column::Line2, "line2, Address 2, 상세주소, 상세 주소, 주소2"),
        (Column::City, "city, 도시, 시/군/구"),
        (Column::State, "state, 시/도, 시도"),
        (
            Column::PostalCode,
            "postal_code, postalCode, Postal Code, ZIP, 우편번호",
        ),
        (Column::Country, "country, Country code, 국가"),
        (
            Column::MarketingSms,
            "marketing_sms, marketingSms, marketing.sms, SMS, SMS consent, SMS 수신동의, SMS 수신 동의 (Y/N), 문자 수신동의, 마케팅 SMS",
        ),
        (
            Column::MarketingEmail,
            "marketing_email, marketingEmail, Email consent, 이메일 수신동의, 메일 수신 여부, 이메일 마케팅 동의",
        ),
        (
            Column::MarketingKakao,
            "marketing_kakao, marketingKakao, Kakao consent, 카카오 수신동의, 카카오톡 수신 동의, 알림톡 수신동의",
        ),
    ];
    for (column, titles) in table {
        for title in titles.split(", ") {
            assert_eq!(
                map(&[title, "metadata.x"], &[]).map(|c| c[0].clone()),
                Ok(column.clone()),
                "{title}"
            );
        }
    }
    for title in ["created", "Created at", "createdAt", "created_at", "가입일", "생성일시"] {
        assert_eq!(
            map(&["email", title], &[]),
            Ok(vec![Column::Email, Column::Ignored]),
            "{title}"
        );
    }
}

#[test]
fn metadata_keeps_its_key_as_written() {
    let columns = [
        Column::Email,
        Column::Metadata("Plan Code".into()),
        Column::Metadata("b".into()),
        Column::Metadata("x.y".into()),
    ];
    assert_eq!(
        map(&["email", "metadata.Plan Code", "Metadata[b]", "메타데이터.x.y"], &[]),
        Ok(columns.to_vec())
    );
    assert!(message(&["email", "metadata."], &[]).starts_with("Unknown column: B \"metadata.\""));
    assert!(message(&["email", "metadata.a", "metadata.A"], &[]).contains("Metadata"));
    assert!(
        message(&["email", "metadata.a", "metadata[a]"], &[]).starts_with("Columns B and C are both \"metadata[a]\"")
    );
}

#[test]
fn custom_fields_go_by_key_or_label() {
    let fields = [
        field("company", "회사 이름", FieldKind::Text),
        field("grade", "Grade (A-C)", FieldKind::Dropdown),
        field("email2", "이메일", FieldKind::Email),
    ];
    for title in [
        "company",
        "Company",
        "회사이름",
        "회사 이름 (선택)",
        "attributes.company",
        "Attributes[company]",
    ] {
        assert_eq!(
            map(&["email", title], &fields),
            Ok(vec![Column::Email, Column::Field(0)]),
            "{title}"
        );
    }
    for title in ["grade", "Grade (A-C)", "grade a c"] {
        assert_eq!(
            map(&["email", title], &fields),
            Ok(vec![Column::Email, Column::Field(1)]),
            "{title}"
        );
    }
    // The customer's own columns come first.
    assert_eq!(
        map(&["이메일", "attributes.email2"], &fields),
        Ok(vec![Column::Email, Column::Field(2)])
    );
    assert!(message(&["email", "attributes.nothing"], &fields).starts_with("Unknown column"));
}

#[test]
fn a_label_of_two_fields_is_not_guessed() {
    let fields = [field("a", "부서", FieldKind::Text), field("b", "부서", FieldKind::Text)];
    let text = message(&["email", "부서"], &fields);
    assert!(text.contains("custom fields a, b"), "{text}");
    assert_eq!(map(&["email", "b"], &fields), Ok(vec![Column::Email, Column::Field(1)]));
}

#[test]
fn unknown_titles_name_the_near_one() {
    let fields = [
        field("company", "회사", FieldKind::Text),
        field("note", "메모", FieldKind::Comment),
    ];
    let text = message(&["email", "phnoe", "전화번흐", "compony", "zzz", "note"], &fields);
    assert!(text.starts_with("Unknown columns: B \"phnoe\" (did you mean \"Phone\"?), C \"전화번흐\" (did you mean \"전화번호\"?), D \"compony\" (did you mean \"company\"?), E \"zzz\", F \"note\""), "{text}");
    let long = "긴".repeat(100);
    assert!(message(&["email", &long], &[]).contains(&format!("\"{}…\"", "긴".repeat(60))));
}

#[test]
fn a_file_without_titles_quotes_nothing() {
    let text = message(&["someone@example.com", "010-1234-5678"], &[]);
    assert!(
        text.starts_with("The first row has no known column title.")
            && !text.contains("someone")
            && !text.contains("010"),
        "{text}"
    );
    assert!(
        message(&["emial"], &[]).contains("Column A may be meant as \"Email\""),
        "{}",
        message(&["emial"], &[])
    );
    assert!(message(&["", "가입일"], &[]).starts_with("The first row"));
}

#[test]
fn titles_may_not_repeat() {
    let text = message(&["email", "name", "E-Mail"], &[]);
    assert!(text.starts_with("Columns A and C are both \"E-Mail\""), "{text}");
    assert!(message(&["이메일", "email"], &[]).starts_with("Columns A and B"));
    assert!(map(&["email", "", "", "created", "생성일"], &[]).is_ok());
}

#[test]
fn passwords_are_refused() {
    let fields = [
        field("pin", "결제 암호", FieldKind::Password),
        field("hint", "비밀번호 힌트", FieldKind::Text),
    ];
    for title in [
        "password",
        "Password (8+)",
        "비밀번호",
        "비밀번호 확인",
        "password_hash",
        "PW",
        "암호",
        "패스워드",
        "pin",
        "결제암호",
        "attributes.pin",
    ] {
        let text = message(&["email", title], &fields);
        assert!(
            text.starts_with(&format!("Column B (\"{title}\") holds passwords.")),
            "{title}: {text}"
        );
    }
    assert_eq!(
        map(&["email", "비밀번호 힌트"], &fields),
        Ok(vec![Column::Email, Column::Field(1)])
    );
}

#[test]
fn values_without_a_title_are_noticed() {
    let columns = [Column::Email, Column::Untitled, Column::Ignored];
    let row = |cells: &[&str]| Row {
        number: 2,
        cells: cells.iter().map(|c| Cell::from_text((*c).into())).collect(),
    };
    assert_eq!(stray(&row(&["a", "", "b"]), &columns), None);
    assert_eq!(stray(&row(&["a", "b"]), &columns), Some(1));
    assert_eq!(stray(&row(&["a", "", "", "", "b"]), &columns), Some(4));
}
