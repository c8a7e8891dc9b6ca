//! `.xls`: the Excel versions 5 to 2003, records in a compound file.
//!
//! Read here and not by a library for the reason given for `.xlsx`: the common
//! one follows a chain of sectors that leads in a circle until memory ends.

mod compound;
mod record;
mod sheet;
mod value;
mod workbook;

pub(super) use workbook::open;
