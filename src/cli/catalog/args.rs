//! What can be typed after `proyecta catalog`.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::cli::args::Access;

/// Endings of modules, which Node loads.
const MODULES: [&str; 6] = ["mjs", "js", "cjs", "ts", "mts", "cts"];

/// `proyecta catalog …`
#[derive(Debug, Subcommand)]
pub enum Catalog {
    /// Bring the store's catalogue to what a file says, after showing what would change.
    ///
    /// The file is .json, or a module (.mjs, .js, .cjs, and .ts where Node loads it) that exports by default an
    /// object or a function that gives one: { features: [], products: [{ id, …, variants: [] }], coupons: [] },
    /// with the members that the SDK's create methods take. Features, products and variants are known by their own
    /// ids (feat_…, prod_…, var_…), coupons by their code.
    ///
    /// A member left out is left as the store has it, and null clears it; a list left out is not looked at. What is
    /// only in the store stays, unless --prune is given. A price that has been sold never changes: give it a new id
    /// in the file, and replaces: 'var_…' with the old one, whose subscribers stay on it.
    ///
    /// Exit codes: 0 when the store is as the file says, and after a dry run whatever it shows; 1 when it is not, for
    /// want of a yes or because of an error.
    Push {
        /// The file.
        file: PathBuf,
        /// Do not ask; needed where there is no terminal to ask on.
        #[arg(long)]
        yes: bool,
        /// Show what would change, and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Archive features, products and prices that only the store has, and deactivate coupons.
        #[arg(long)]
        prune: bool,
        /// Then write the ids as TypeScript to this file, as `proyecta catalog types` does.
        #[arg(long, value_name = "FILE")]
        types: Option<PathBuf>,
        #[command(flatten)]
        access: Access,
    },
    /// Write the store's catalogue as a file that push takes: what is not archived, with own ids.
    ///
    /// Pushed to the store that it came from it changes nothing. Members that are as in a new object are left out.
    /// Without a file it goes to standard output; a file that is there and says something else is replaced after
    /// asking.
    Pull {
        /// The file, .json.
        file: Option<PathBuf>,
        /// Do not ask; needed where there is no terminal to ask on.
        #[arg(long)]
        yes: bool,
        /// Write the ids as TypeScript to this file too, as `proyecta catalog types` does.
        #[arg(long, value_name = "FILE")]
        types: Option<PathBuf>,
        #[command(flatten)]
        access: Access,
    },
    /// Write the catalogue's ids as TypeScript, so that editors complete them and the compiler refuses others.
    ///
    /// Let the file be part of your project, such as proyecta-catalog.d.ts beside tsconfig.json. Without a file it
    /// goes to standard output.
    Types {
        /// The file, .d.ts.
        file: Option<PathBuf>,
        #[command(flatten)]
        access: Access,
    },
}

impl Catalog {
    /// The file to push, when it is a module.
    pub fn module(&self) -> Option<&Path> {
        match self {
            Self::Push { file, .. } if is_module(file) => Some(file),
            _ => None,
        }
    }
}

/// Whether a file is a module by its name.
pub fn is_module(file: &Path) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| MODULES.contains(&ending.to_ascii_lowercase().as_str()))
}
