// Tables for the import suites, made by a library that knows nothing of ours.
const XLSX = require('xlsx');

/** A workbook of these rows as bytes; `bookType` is `xlsx` or `xls`. */
function workbook(rows, bookType = 'xlsx') {
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet(rows), 'customers');
  return XLSX.write(book, { type: 'buffer', bookType, bookSST: true, compression: true });
}

/** The rows of a workbook's first sheet. */
function rowsOf(bytes) {
  const book = XLSX.read(bytes, { type: 'buffer' });
  return XLSX.utils.sheet_to_json(book.Sheets[book.SheetNames[0]], { header: 1 });
}

const csv = (...lines) => Buffer.from(`${lines.join('\n')}\n`);

module.exports = { csv, rowsOf, workbook };
