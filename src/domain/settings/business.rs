//! Who sells, and how pages and mails look (settings `business`, `branding`).

use serde::{Deserialize, Serialize};

use crate::domain::{Problem, address::Address, email::Email, text, url};

/// Most characters of a name.
pub const MAX_NAME_CHARACTERS: usize = 255;
/// Most characters of a registration number or a telephone number.
pub const MAX_NUMBER_CHARACTERS: usize = 40;

/// What the law wants mails, invoices and pages to say about the seller; every
/// part may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Business {
    /// The name in trade.
    pub name: Option<String>,
    /// Whoever stands for it, in Korea 대표자.
    pub representative: Option<String>,
    /// Number of the business registration, in Korea 사업자등록번호.
    pub business_number: Option<String>,
    /// Number of the mail-order registration, in Korea 통신판매업신고번호.
    pub mail_order_number: Option<String>,
    /// Where customers ask.
    pub email: Option<String>,
    /// Where customers call; numbers such as 1588-1234 are in no country's plan,
    /// so it is text.
    pub phone: Option<String>,
    /// Postal address.
    pub address: Option<Address>,
    /// The site.
    pub url: Option<String>,
    /// The terms of service.
    pub terms_url: Option<String>,
    /// The privacy policy.
    pub privacy_url: Option<String>,
}

impl Business {
    /// Checks what the setting says.
    ///
    /// # Errors
    ///
    /// A problem at the member, such as `url`.
    pub fn check(&self) -> Result<(), Problem> {
        for (member, value, max) in [
            ("name", &self.name, MAX_NAME_CHARACTERS),
            ("representative", &self.representative, MAX_NAME_CHARACTERS),
            ("businessNumber", &self.business_number, MAX_NUMBER_CHARACTERS),
            ("mailOrderNumber", &self.mail_order_number, MAX_NUMBER_CHARACTERS),
            ("phone", &self.phone, MAX_NUMBER_CHARACTERS),
        ] {
            let checked = value.as_deref().map(|value| text::checked(value, max));
            checked
                .transpose()
                .map_err(|problem| Problem::at(member, problem.message))?;
        }
        if let Some(email) = &self.email {
            Email::parse(email).map_err(|problem| Problem::at("email", problem.message))?;
        }
        page("url", &self.url)?;
        page("termsUrl", &self.terms_url)?;
        page("privacyUrl", &self.privacy_url)
    }
}

/// How pages and mails look.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Branding {
    /// A picture of the name.
    pub logo_url: Option<String>,
    /// A small square picture.
    pub icon_url: Option<String>,
    /// Colour of buttons and links, `#` and six hexadecimal digits in lower
    /// case.
    pub color: Option<String>,
}

impl Branding {
    /// Checks what the setting says.
    ///
    /// # Errors
    ///
    /// A problem at the member.
    pub fn check(&self) -> Result<(), Problem> {
        page("logoUrl", &self.logo_url)?;
        page("iconUrl", &self.icon_url)?;
        let checked = self.color.as_deref().map(color).transpose();
        checked
            .map(drop)
            .map_err(|problem| Problem::at("color", problem.message))
    }
}

/// Checks a colour and gives it in lower case.
///
/// # Errors
///
/// A problem when it is none.
pub fn color(given: &str) -> Result<String, Problem> {
    let text = given.trim();
    let digits = text.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(Problem::new("must be a colour such as #1a73e8"))
}

fn page(member: &str, address: &Option<String>) -> Result<(), Problem> {
    let checked = address.as_deref().map(url::checked).transpose();
    checked
        .map(drop)
        .map_err(|problem| Problem::at(member, problem.message))
}
