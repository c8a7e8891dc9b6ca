//! The sign-up form: six basic fields, and what a merchant may change about
//! them (StepPay V1 reference, section 4.4).

use super::Problem;

/// What people sign in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// A user name of their own choice; the e-mail address is asked for too.
    Id,
    /// Their e-mail address.
    Email,
}

impl Account {
    /// `id` or `email`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Email => "email",
        }
    }
}

/// The six basic fields, by the customer's property that each fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basic {
    /// The user name of an id based form.
    Username,
    /// Full name.
    Name,
    /// Mobile number.
    Phone,
    /// E-mail address.
    Email,
    /// Password.
    Password,
    /// Consent to marketing by SMS, e-mail and KakaoTalk.
    Marketing,
}

impl Basic {
    /// All six with their names and English labels, in the default order.
    pub const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::Username, "username", "User name"),
        (Self::Name, "name", "Name"),
        (Self::Phone, "phone", "Mobile"),
        (Self::Email, "email", "E-mail"),
        (Self::Password, "password", "Password"),
        (Self::Marketing, "marketing", "Marketing consent"),
    ];

    /// The customer's property.
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(basic, ..)| *basic == self)
            .map_or("", |(_, name, _)| name)
    }
}

/// One basic field's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasicField {
    /// Which one.
    pub basic: Basic,
    /// What people read beside it.
    pub label: String,
    /// Shown in the form.
    pub enabled: bool,
    /// The form cannot be sent without it.
    pub required: bool,
    /// Place in the form, ascending.
    pub order: i64,
}

/// The whole form, without the custom fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// What people sign in with.
    pub account: Account,
    /// The six basic fields.
    pub fields: Vec<BasicField>,
}

/// The switches that a form does not leave to the merchant: `(enabled,
/// required)`, `None` where it is free.
fn fixed(account: Account, basic: Basic) -> (Option<bool>, Option<bool>) {
    match (basic, account) {
        (Basic::Username, Account::Id) | (Basic::Email | Basic::Password, _) => (Some(true), Some(true)),
        (Basic::Username, Account::Email) => (Some(false), Some(false)),
        (Basic::Marketing, _) => (None, Some(false)),
        (Basic::Name | Basic::Phone, _) => (None, None),
    }
}

impl Form {
    /// The form of a new store: by e-mail, name asked for, mobile and consent offered.
    pub fn initial() -> Self {
        let mut fields = Vec::with_capacity(6);
        for (order, (basic, _, label)) in (0_i64..).zip(Basic::ALL) {
            let required = matches!(basic, Basic::Name);
            fields.push(BasicField {
                basic,
                label: label.to_owned(),
                enabled: true,
                required,
                order,
            });
        }
        let mut form = Self {
            account: Account::Email,
            fields,
        };
        form.set_account(Account::Email);
        form
    }

    /// Changes what people sign in with; the switches it fixes follow.
    pub fn set_account(&mut self, account: Account) {
        self.account = account;
        for field in &mut self.fields {
            let (enabled, required) = fixed(account, field.basic);
            field.enabled = enabled.unwrap_or(field.enabled);
            field.required = required.unwrap_or(field.required);
        }
    }

    /// Checks switches that were changed by hand.
    pub fn check(&self) -> Result<(), Problem> {
        for field in &self.fields {
            let (enabled, required) = fixed(self.account, field.basic);
            let name = field.basic.name();
            let by = self.account.name();
            let state = |on: bool| if on { "on" } else { "off" };
            if let Some(enabled) = enabled.filter(|e| *e != field.enabled) {
                return Err(Problem::at(
                    format!("{name}.enabled"),
                    format!("is always {} in a form by {by}", state(enabled)),
                ));
            }
            if let Some(required) = required.filter(|r| *r != field.required) {
                return Err(Problem::at(
                    format!("{name}.required"),
                    format!("is always {} in a form by {by}", state(required)),
                ));
            }
            if field.required && !field.enabled {
                return Err(Problem::at(
                    format!("{name}.required"),
                    "cannot be set on a field that is switched off",
                ));
            }
        }
        Ok(())
    }

    /// One field's settings.
    pub fn field(&self, basic: Basic) -> Option<&BasicField> {
        self.fields.iter().find(|field| field.basic == basic)
    }

    /// Checks that what was `given` for a basic field fits the form: required
    /// ones are there, and nothing comes that the form does not ask for.
    pub fn check_given(&self, basic: Basic, given: bool) -> Result<(), Problem> {
        let Some(field) = self.field(basic) else { return Ok(()) };
        if given && !field.enabled {
            return Err(Problem::at(basic.name(), "is switched off in the sign-up form"));
        }
        if !given && field.required {
            return Err(Problem::at(basic.name(), "is required by the sign-up form"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_fixes_its_switches() {
        let mut form = Form::initial();
        assert!(form.check().is_ok());
        assert!(form.check_given(Basic::Username, true).is_err());
        form.set_account(Account::Id);
        assert!(form.check().is_ok());
        assert!(form.check_given(Basic::Username, false).is_err());
        assert!(form.check_given(Basic::Email, false).is_err());
        assert!(form.check_given(Basic::Phone, false).is_ok());
    }

    #[test]
    fn fixed_switches_cannot_be_turned() {
        let mut form = Form::initial();
        for field in &mut form.fields {
            if field.basic == Basic::Password {
                field.required = false;
            }
        }
        assert_eq!(form.check().map_err(|p| p.at), Err("password.required".to_owned()));
    }
}
