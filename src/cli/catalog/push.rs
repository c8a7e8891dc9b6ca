//! `proyecta catalog push`: compare, show, ask, apply.

use std::sync::Arc;

use serde_json::Value;

use super::{
    agreed,
    diff::{Label, Line, Sign},
    file::File,
    plan::Plan,
    step::{Deed, Step, id_param},
    stored::{Stored, call},
};
use crate::{
    cli::{
        failure::{Failure, Outcome},
        progress::Progress,
        terminal::{Terminal, harmless},
    },
    engine::{Session, rehearsal::Rehearsed},
    error::{Code, Error, Result},
};

/// Changes from which on it is worth to say how far it is.
const LONG: usize = 50;

/// How to push.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Do not ask.
    pub yes: bool,
    /// Change nothing.
    pub dry_run: bool,
    /// Archive what only the store has.
    pub prune: bool,
}

/// Brings the store's catalogue to what a file says.
pub fn push(terminal: &Terminal, session: &Arc<Session>, file: &File, options: Options) -> Outcome {
    let stored = Stored::read(session)?;
    let plan = Plan::new(file, &stored, options.prune)?;
    let all = plan.steps.len();
    let answers = rehearse(session, &plan.steps)?;
    let only_stored = plan.left.iter().map(only_stored).collect::<Vec<_>>();
    let (steps, lines) = plan.told(&answers);
    for line in lines.iter().chain(&only_stored) {
        terminal.line(&line.text(terminal.is_coloured()))?;
    }
    if steps.is_empty() {
        return terminal.line("nothing to do: the store is as the file says");
    }
    terminal.line(&sum(&lines, all - steps.len(), only_stored.len()))?;
    if options.dry_run {
        return terminal.line("nothing was changed (dry run)");
    }
    agreed(terminal, "Apply these changes?", options.yes)?;
    if Stored::read(session)? != stored {
        terminal.say("proyecta: nothing was changed, for somebody else changed the catalogue meanwhile: push again");
        return Err(Failure::Said);
    }
    apply(terminal, session, &steps)?;
    terminal.line("applied")
}

fn only_stored(label: &Label) -> Line {
    let note = format!("{}: only in the store (--prune takes it out)", label.note);
    Line {
        sign: Sign::Gone,
        label: Label { note, ..label.clone() },
        changes: Vec::new(),
    }
}

fn sum(lines: &[Line], unchanged: usize, left: usize) -> String {
    let count = |sign| lines.iter().filter(|line| line.sign == sign).count();
    let parts = [
        (count(Sign::New), "new"),
        (count(Sign::Changed), "changed"),
        (count(Sign::Gone), "taken out"),
        (unchanged, "as they are"),
        (left, "only in the store"),
    ];
    let told: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    told.join(", ")
}

/// What each step would answer.
fn rehearse(session: &Arc<Session>, steps: &[Step]) -> Result<Vec<Value>> {
    let calls = steps.iter().map(|step| (step.op, step.input.clone())).collect();
    let Rehearsed { answers, refused } = crate::cli::database::wait(|done| session.rehearse(calls, done))?;
    match refused {
        Some(error) => Err(steps
            .get(answers.len())
            .map_or(error.clone(), |step| placed(step, error))),
        None => answers
            .iter()
            .map(|json| serde_json::from_str(json).map_err(|_| Error::internal("an answer is no JSON")))
            .collect(),
    }
}

fn apply(terminal: &Terminal, session: &Arc<Session>, steps: &[Step]) -> Outcome {
    let mut progress = (steps.len() >= LONG).then(|| Progress::new(terminal, "pushing"));
    let outcome = steps.iter().enumerate().try_for_each(|(done, step)| {
        if let Some(progress) = &mut progress {
            progress.at(
                done as f64 / steps.len() as f64,
                &format!("{done} of {} changes", steps.len()),
            );
        }
        call(session, step.op, step.input.clone())
            .map(drop)
            .map_err(|error| (done, placed(step, error)))
    });
    if let Some(progress) = progress {
        progress.finish();
    }
    outcome.map_err(|(done, error)| {
        terminal.say(&format!("proyecta: {}", harmless(error.message())));
        let all = steps.len();
        terminal.say(&format!(
            "{done} of {all} changes were made before it and stay; push the file again to make the others"
        ));
        Failure::Said
    })
}

/// The error with its place in the file.
fn placed(step: &Step, error: Error) -> Error {
    let Label { kind, name, .. } = &step.label;
    let at = match step.at.as_str() {
        "" => kind.name().to_owned(),
        at => at.to_owned(),
    };
    let told = match error.param() {
        _ if error.code() == Code::PriceImmutable => format!(
            "{at} ({name}) changes the terms of a price that has been sold: give it a new id in the file, and replaces: '{name}'; subscribers stay on the old one"
        ),
        // What can be used under this id would have been found in the store.
        _ if error.code().name().ends_with("_id_taken") => format!(
            "{at} ({name}): a {} of this id was archived or deleted, and ids are never used twice: give it another",
            kind.name()
        ),
        Some(param) if param == id_param(step.op) => format!("{at} ({name}): {}", error.message()),
        Some(param) => match error.message().strip_prefix(param) {
            Some(rest) => format!("{}{rest}", path(step, &at, param)),
            None => format!("{}: {}", path(step, &at, param), error.message()),
        },
        None => format!("{at} ({name}): {}", error.message()),
    };
    Error::new(error.code(), told)
}

/// A parameter's path in the file; prices that are made with their product
/// stand elsewhere in it when others of the product are not.
fn path(step: &Step, at: &str, param: &str) -> String {
    if let Deed::Create(with) = &step.deed
        && let Some((index, rest)) = param.strip_prefix("variants[").and_then(|rest| rest.split_once(']'))
        && let Some((_, at)) = index.parse::<usize>().ok().and_then(|index| with.get(index))
    {
        return format!("{at}{rest}");
    }
    format!("{at}.{param}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{cli::catalog::kind::Kind, ops::Op};

    fn step(op: Op, at: &str, with: &[&str]) -> Step {
        let label = |name: &str| Label {
            kind: Kind::Price,
            name: name.to_owned(),
            note: String::new(),
        };
        let with = with.iter().map(|at| (label("var_x"), (*at).to_owned())).collect();
        Step {
            op,
            input: json!({}),
            label: label("var_pro"),
            at: at.to_owned(),
            deed: Deed::Create(with),
        }
    }

    #[test]
    fn errors_name_the_place_in_the_file() {
        let at = "products[0].variants[1]";
        let invalid = |param: &str| Error::invalid(param, "must not be negative");
        for (step, error, said) in [
            (
                step(Op::PricesCreate, at, &[]),
                invalid("tiers[2].upTo"),
                "products[0].variants[1].tiers[2].upTo must not be negative",
            ),
            (
                step(Op::ProductsCreate, "products[0]", &["products[0].variants[3]"]),
                invalid("variants[0].unitAmount"),
                "products[0].variants[3].unitAmount must not be negative",
            ),
            (
                step(Op::PricesUpdate, at, &[]),
                Error::new(Code::PriceNotFound, "no price of this store has it").with_param("priceId"),
                "products[0].variants[1] (var_pro): no price of this store has it",
            ),
            (
                step(Op::PricesArchive, "", &[]),
                Error::new(Code::DatabaseLocked, "busy"),
                "price (var_pro): busy",
            ),
        ] {
            assert_eq!(placed(&step, error).message(), said);
        }
    }

    #[test]
    fn who_changes_a_sold_price_is_told_how_to_replace_it() {
        let error = Error::new(Code::PriceImmutable, "price var_pro was sold").with_param("priceId");
        let told = placed(&step(Op::PricesUpdate, "products[0].variants[1]", &[]), error);
        assert_eq!(told.code(), Code::PriceImmutable);
        assert!(
            told.message()
                .starts_with("products[0].variants[1] (var_pro) changes the terms")
        );
        assert!(
            told.message().contains("new id in the file, and replaces: 'var_pro'"),
            "{}",
            told.message()
        );
    }
}
