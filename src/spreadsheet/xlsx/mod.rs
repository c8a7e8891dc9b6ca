//! `.xlsx`: parts of XML in a zip archive, read as streams.
//!
//! Written over `flate2` and `quick-xml` rather than over a workbook library:
//! those reserve memory by counts that the file claims, which lets a file of a
//! few kilobytes end the process, and no handler can stop that.
//! Here nothing is reserved by a claim, and every part, element and text has
//! its limit.

mod directory;
mod package;
mod sheet;
mod strings;
mod styles;
mod workbook;
mod xml;

pub(super) use sheet::open;
