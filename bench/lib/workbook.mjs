// The .xlsx that is imported, written by SheetJS: a file as another program makes it.
import { createRequire } from 'node:module';
import { mix, person } from './people.mjs';

/** Writes `rows` customers with e-mail, name and phone under English titles. */
export function writeWorkbook(path, rows) {
  const { utils, writeFile } = createRequire(import.meta.url)('xlsx');
  const table = [['Email', 'Name', 'Phone']];
  for (let index = 0; index < rows; index++) {
    const { email, name } = person(index);
    table.push([email, name, phone(index)]);
  }
  const book = utils.book_new();
  utils.book_append_sheet(book, utils.aoa_to_sheet(table), 'Customers');
  // Texts in a table of their own and compressed, as Excel saves them.
  writeFile(book, path, { bookSST: true, compression: true });
}

function phone(index) {
  // Not every number in 010-5… is assigned, and those are refused.
  const digits = String(20_000_000 + (mix(index + 77) % 20_000_000));
  return `010-${digits.slice(0, 4)}-${digits.slice(4)}`;
}
