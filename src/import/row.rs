//! From a row's cells to the parameters of `customers.create` and `update`:
//! the same JSON that an app would send, read by the same declarations.

use serde_json::{Map, Value};

use crate::{
    engine::import::{Draft, Policy},
    error::{Code, Error, Result},
    ops::{
        customer::{CustomerCreateParams, CustomerUpdateParams},
        param::OnExisting,
        read::Input,
    },
    spreadsheet::{
        Cell, Column, FieldHeader, FieldKind, FileError, Row, Table, columns, one_of, some_of, stray, yes_no,
    },
};

/// Stands for the id of the customer that a row turns out to be about.
const PLACEHOLDER: &str = "cus_placeholder";

/// Reads rows of one file.
pub(super) struct RowReader {
    titles: Vec<String>,
    columns: Vec<Column>,
    fields: Vec<FieldHeader>,
}

/// The title of the column at fault, and what is wrong.
type Refusal = (Option<String>, Error);

impl RowReader {
    pub(super) fn new(table: &Table, fields: Vec<FieldHeader>) -> std::result::Result<Self, FileError> {
        let titles = table.header().to_vec();
        let columns = columns(&titles, &fields)?;
        Ok(Self {
            titles,
            columns,
            fields,
        })
    }

    /// What a row says.
    pub(super) fn draft(&self, row: &Row, policy: Policy) -> std::result::Result<Draft, Refusal> {
        if let Some(at) = stray(row, &self.columns) {
            let letters = crate::spreadsheet::column_letters(at);
            return Err((
                None,
                Error::new(
                    Code::FileInvalid,
                    format!("column {letters} has a value and no title: give it one, or empty the cell"),
                ),
            ));
        }
        let mut params = Map::new();
        for (at, column) in self.columns.iter().enumerate() {
            let cell = row.cell(at);
            if cell.is_empty() {
                continue;
            }
            self.put(&mut params, column, cell)
                .map_err(|error| (self.title(at), error))?;
        }
        self.read(params, row, policy)
            .map_err(|error| (self.title_of(&error), error))
    }

    fn read(&self, params: Map<String, Value>, row: &Row, policy: Policy) -> Result<Draft> {
        let update = match policy.on_existing {
            OnExisting::Skip => None,
            OnExisting::Update => {
                let mut params = params.clone();
                params.remove("id");
                params.remove("email");
                params.insert("customerId".to_owned(), PLACEHOLDER.into());
                Some(CustomerUpdateParams::read_input(Value::Object(params))?)
            }
        };
        let create = CustomerCreateParams::read_input(Value::Object(params))?;
        Ok(Draft {
            row: i64::from(row.number),
            create,
            update,
        })
    }

    fn title(&self, at: usize) -> Option<String> {
        self.titles.get(at).cloned()
    }

    /// The title of the column that an error's parameter came from.
    pub(super) fn title_of(&self, error: &Error) -> Option<String> {
        let param = error.param()?;
        let at = self.columns.iter().position(|column| {
            let (name, member) = place(column, &self.fields);
            member.map_or_else(|| param == name, |member| param == format!("{name}.{member}"))
        });
        at.map_or_else(|| Some(param.to_owned()), |at| self.title(at))
    }

    fn put(&self, params: &mut Map<String, Value>, column: &Column, cell: &Cell) -> Result<()> {
        let (name, member) = place(column, &self.fields);
        if name.is_empty() {
            return Ok(());
        }
        if let Cell::Error(_) = cell {
            return Err(Error::new(
                Code::FileInvalid,
                "the cell holds an error of the spreadsheet: correct its formula",
            ));
        }
        let value = match column {
            Column::MarketingSms | Column::MarketingEmail | Column::MarketingKakao => yes(cell)?.into(),
            Column::Field(at) => match self.fields.get(*at) {
                Some(field) => field_value(field, cell)?,
                None => return Err(Error::internal("a column of no field")),
            },
            _ => cell.text().into_owned().into(),
        };
        match member {
            None => {
                params.insert(name.to_owned(), value);
            }
            Some(member) => {
                let inner = params.entry(name).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(inner) = inner {
                    inner.insert(member.to_owned(), value);
                }
            }
        }
        Ok(())
    }
}

/// The parameter, and its member, that a column fills.
fn place<'a>(column: &'a Column, fields: &'a [FieldHeader]) -> (&'static str, Option<&'a str>) {
    match column {
        Column::Id => ("id", None),
        Column::Key => ("key", None),
        Column::Username => ("username", None),
        Column::Email => ("email", None),
        Column::Name => ("name", None),
        Column::Phone => ("phone", None),
        Column::Line1 => ("address", Some("line1")),
        Column::Line2 => ("address", Some("line2")),
        Column::City => ("address", Some("city")),
        Column::State => ("address", Some("state")),
        Column::PostalCode => ("address", Some("postal_code")),
        Column::Country => ("address", Some("country")),
        Column::MarketingSms => ("marketing", Some("sms")),
        Column::MarketingEmail => ("marketing", Some("email")),
        Column::MarketingKakao => ("marketing", Some("kakao")),
        Column::Metadata(key) => ("metadata", Some(key)),
        Column::Field(at) => ("attributes", fields.get(*at).map(|field| field.key.as_str())),
        Column::Ignored | Column::Untitled => ("", None),
    }
}

fn yes(cell: &Cell) -> Result<bool> {
    yes_no(&cell.text()).ok_or_else(|| {
        Error::new(
            Code::ParameterInvalid,
            "must be a word for yes or no, such as yes, Y, 예, no, N, 아니오",
        )
    })
}

/// A cell as the value that its field takes; the engine checks it.
fn field_value(field: &FieldHeader, cell: &Cell) -> Result<Value> {
    let text = cell.text();
    Ok(match field.kind {
        FieldKind::Number => match cell {
            Cell::Number(number) => number_value(*number),
            _ => text
                .replace(',', "")
                .parse()
                .map(number_value)
                .unwrap_or_else(|_| text.into_owned().into()),
        },
        FieldKind::Checkbox if field.choices.len() <= 1 => yes(cell)?.into(),
        FieldKind::Checkbox => some_of(&text, &field.choices)
            .map_err(|_| {
                Error::new(
                    Code::ParameterInvalid,
                    format!("must be some of: {}", field.choices.join(", ")),
                )
            })?
            .into(),
        FieldKind::Dropdown => one_of(&text, &field.choices).unwrap_or(&text).into(),
        _ => text.into_owned().into(),
    })
}

fn number_value(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9.0e15 {
        (number as i64).into()
    } else {
        number.into()
    }
}
