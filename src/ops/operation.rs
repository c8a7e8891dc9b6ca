//! The list of operations. napi methods, HTTP routes, the remote client and
//! the OpenAPI document all come from here.

use serde_json::{Value, json};

use super::{
    custom_field, customer, event,
    read::Input,
    shape::{Shape, paragraph},
    signup_form, store,
};
use crate::error::{Code, Result};

/// Whether an operation changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It does not; idempotency keys are ignored.
    Read,
    /// It does; it takes an idempotency key, and a read-only key may not call it.
    Write,
}

/// What comes back.
#[derive(Debug, Clone, Copy)]
pub enum Output {
    /// One object.
    One(&'static Shape),
    /// A page of objects.
    Page(&'static Shape),
    /// A file's bytes.
    File,
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// `noun.verb`, as in `proyecta.commerce.noun.verb`.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static [&'static str],
    /// HTTP method.
    pub method: &'static str,
    /// HTTP path; `{…}` stands for the id.
    pub path: &'static str,
    /// Reads or writes.
    pub effect: Effect,
    /// The parameter that may also come first on its own.
    pub id_param: Option<&'static str>,
    /// A file comes with the input.
    pub upload: bool,
    /// What it takes.
    pub input: &'static Shape,
    /// What it gives.
    pub output: Output,
}

/// The nouns that operations are named after, in the documentation's order,
/// with what each is.
pub const NOUNS: &[(&str, &str)] = &[
    (
        "customers",
        "Whoever is charged: a person, an organisation, or a project.",
    ),
    (
        "customFields",
        "What a store asks of its customers beyond the basics; the values lie in `attributes`.",
    ),
    (
        "signupForm",
        "What a sign-up page asks for, and taking what a person filled in.",
    ),
    ("events", "What happened, in order and without gaps."),
    ("store", "The tenant that an API key belongs to."),
];

macro_rules! operations {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal $method:literal $path:literal $effect:ident $([$id:literal])? $($upload:ident)? ($input:ty) -> $output:expr;)*) => {
        /// Every operation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Op { $($(#[doc = $doc])+ $variant,)* }

        impl Op {
            /// All of them; the place in this list is the number that the
            /// addon's boundary uses.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The declaration.
            pub fn declaration(self) -> &'static Operation {
                match self {
                    $(Self::$variant => {
                        static INPUT: Shape = <$input as Input>::SHAPE;
                        static DECLARATION: Operation = Operation {
                            name: $name,
                            doc: &[$($doc),+],
                            method: $method,
                            path: $path,
                            effect: Effect::$effect,
                            id_param: operations!(@id $($id)?),
                            upload: operations!(@upload $($upload)?),
                            input: &INPUT,
                            output: $output,
                        };
                        &DECLARATION
                    })*
                }
            }

            /// Checks an input without doing anything with it.
            pub fn check(self, input: Value) -> Result<()> {
                match self {
                    $(Self::$variant => <$input as Input>::read_input(input).map(drop),)*
                }
            }
        }
    };
    (@id) => { None };
    (@id $id:literal) => { Some($id) };
    (@upload) => { false };
    (@upload upload) => { true };
}

operations! {
    /// Creates a customer, or gives back the one that already holds the e-mail address, unchanged.
    ///
    /// Safe to call at every sign-up and every login: the same address, in whatever case, is one customer,
    /// under any concurrency and from any number of processes.
    CustomersCreate "customers.create" "POST" "/v1/customers" Write (customer::CustomerCreateParams) -> Output::One(&customer::Customer::SHAPE);

    /// Gets a customer by its id, or by your own `key`.
    CustomersGet "customers.get" "GET" "/v1/customers/{customerId}" Read ["customerId"] (customer::CustomerGetParams) -> Output::One(&customer::Customer::SHAPE);

    /// Lists customers, newest first unless `sort` says otherwise.
    CustomersList "customers.list" "GET" "/v1/customers" Read (customer::CustomerListParams) -> Output::Page(&customer::Customer::SHAPE);

    /// Changes what it is given and leaves the rest: `address` and `shipping` are replaced as a whole,
    /// `metadata` and `attributes` key by key; `null` clears.
    CustomersUpdate "customers.update" "PATCH" "/v1/customers/{customerId}" Write ["customerId"] (customer::CustomerUpdateParams) -> Output::One(&customer::Customer::SHAPE);

    /// Deletes a customer and erases its personal data everywhere, in events too. The id is never used again.
    CustomersDelete "customers.delete" "DELETE" "/v1/customers/{customerId}" Write ["customerId"] (customer::CustomerDeleteParams) -> Output::One(&customer::DeletedCustomer::SHAPE);

    /// Notes that the customer logged in just now; a dormant customer wakes up.
    CustomersRecordLogin "customers.recordLogin" "POST" "/v1/customers/{customerId}/record-login" Write ["customerId"] (customer::CustomerRecordLoginParams) -> Output::One(&customer::Customer::SHAPE);

    /// Checks a password against the stored hash. It takes a while on purpose.
    CustomersVerifyPassword "customers.verifyPassword" "POST" "/v1/customers/{customerId}/verify-password" Read ["customerId"] (customer::CustomerVerifyPasswordParams) -> Output::One(&customer::PasswordVerification::SHAPE);

    /// Imports customers from an `.xlsx`, `.xls` or `.csv` file, at most 1,000,000 rows.
    ///
    /// A row goes in as a whole or not at all; good rows go in even when others are refused. Importing the
    /// same file again changes nothing.
    CustomersImport "customers.import" "POST" "/v1/customers/import" Write upload (customer::CustomerImportParams) -> Output::One(&customer::CustomerImport::SHAPE);

    /// Gives the `.xlsx` file to fill in for `import`, custom fields included.
    CustomersImportTemplate "customers.importTemplate" "GET" "/v1/customers/import-template" Read (customer::CustomerImportTemplateParams) -> Output::File;

    /// Defines a custom field of customers.
    CustomFieldsCreate "customFields.create" "POST" "/v1/custom-fields" Write (custom_field::CustomFieldCreateParams) -> Output::One(&custom_field::CustomField::SHAPE);

    /// Lists the custom fields in the form's order.
    CustomFieldsList "customFields.list" "GET" "/v1/custom-fields" Read (custom_field::CustomFieldListParams) -> Output::Page(&custom_field::CustomField::SHAPE);

    /// Changes a custom field; key and type stay.
    CustomFieldsUpdate "customFields.update" "PATCH" "/v1/custom-fields/{key}" Write ["key"] (custom_field::CustomFieldUpdateParams) -> Output::One(&custom_field::CustomField::SHAPE);

    /// Deletes a custom field. Values that customers have stay among their attributes as they are; hashes of a
    /// password field are erased.
    CustomFieldsDelete "customFields.delete" "DELETE" "/v1/custom-fields/{key}" Write ["key"] (custom_field::CustomFieldDeleteParams) -> Output::One(&custom_field::DeletedCustomField::SHAPE);

    /// Gets the sign-up form: its basic fields, and the custom fields that it shows.
    SignupFormGet "signupForm.get" "GET" "/v1/signup-form" Read (signup_form::SignupFormGetParams) -> Output::One(&signup_form::SignupForm::SHAPE);

    /// Changes the sign-up form's basic fields.
    SignupFormUpdate "signupForm.update" "PATCH" "/v1/signup-form" Write (signup_form::SignupFormUpdateParams) -> Output::One(&signup_form::SignupForm::SHAPE);

    /// Takes what a person filled in: checks it against the form and creates the customer.
    ///
    /// Unlike `customers.create` it never gives back a customer that was there before: an address that is taken
    /// is a conflict.
    SignupFormSubmit "signupForm.submit" "POST" "/v1/signup-form/submit" Write (signup_form::SignupFormSubmitParams) -> Output::One(&customer::Customer::SHAPE);

    /// Lists events in their order, `after` a sequence number without gaps.
    EventsList "events.list" "GET" "/v1/events" Read (event::EventListParams) -> Output::Page(&event::Event::SHAPE);

    /// Tells which store the API key belongs to.
    StoreGet "store.get" "GET" "/v1/store" Read (store::StoreGetParams) -> Output::One(&store::Store::SHAPE);
}

/// The JSON from which the TypeScript surface and the documentation are made.
pub fn manifest() -> String {
    let mut shapes = Vec::new();
    let mut inputs = Vec::new();
    let operations: Vec<Value> = Op::ALL
        .iter()
        .enumerate()
        .map(|(index, op)| {
            let declared = op.declaration();
            declared.input.collect(&mut inputs);
            let output = match declared.output {
                Output::One(shape) | Output::Page(shape) => {
                    shape.collect(&mut shapes);
                    json!({ "kind": if matches!(declared.output, Output::One(_)) { "object" } else { "list" }, "shape": shape.name })
                }
                Output::File => json!({ "kind": "file" }),
            };
            json!({
                "index": index,
                "name": declared.name,
                "doc": paragraph(declared.doc),
                "method": declared.method,
                "path": declared.path,
                "effect": if declared.effect == Effect::Read { "read" } else { "write" },
                "idParam": declared.id_param,
                "upload": declared.upload,
                "input": declared.input.name,
                "output": output,
            })
        })
        .collect();
    let described = |input: bool, list: Vec<&'static Shape>| {
        list.into_iter().map(move |shape| {
            let mut value = shape.describe();
            value["input"] = input.into();
            (shape.name.to_owned(), value)
        })
    };
    let shapes: serde_json::Map<String, Value> = described(true, inputs).chain(described(false, shapes)).collect();
    let errors: Vec<Value> = Code::ALL
        .iter()
        .map(|code| {
            json!({
                "code": code.name(),
                "type": code.kind().name(),
                "status": code.status(),
                "cause": code.cause(),
                "remedy": code.remedy(),
            })
        })
        .collect();
    json!({ "operations": operations, "shapes": shapes, "errors": errors }).to_string()
}
