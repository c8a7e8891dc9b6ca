// `import` of an .xlsx, each time into a new file and by a new process.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { withOneSide } from '../lib/files.mjs';
import { figure, interleave } from '../lib/measure.mjs';
import { writeWorkbook } from '../lib/workbook.mjs';

/** `import`: rows per second, and memory at its peak above the idle process. */
export async function importRows(cx) {
  const rows = cx.quick ? 20_000 : 100_000;
  const folder = join(cx.workspace, 'import');
  await mkdir(folder);
  const book = join(folder, 'customers.xlsx');
  cx.note(`writing an .xlsx of ${rows.toLocaleString('en')} rows`);
  writeWorkbook(book, rows);
  const { ours, theirs } = await interleave(cx.rounds, {
    ours: (round) => importInto(join(folder, `sdk-${round}.db`), book, rows),
    theirs: (round) => byHand(join(folder, `peer-${round}.db`), join(folder, 'sdk-0.db'), book, rows),
  });
  const rate = (samples) => samples.map(({ seconds }) => rows / seconds);
  const growth = (samples) => samples.map(({ memory }) => memory);
  const title = `import of a ${rows.toLocaleString('en')}-row .xlsx`;
  const row = { baseline: 'import' };
  return [
    figure(
      { ...row, name: 'import', what: title, unit: 'rows/s', better: 'higher', must: 15_000, aim: 30_000 },
      rate(ours),
      rate(theirs),
    ),
    figure(
      {
        ...row,
        name: 'import-memory',
        what: '… memory at its peak, above idle',
        unit: 'MB',
        better: 'lower',
        must: 200,
        aim: 200,
      },
      growth(ours),
      growth(theirs),
    ),
  ];
}

async function importInto(database, book, rows) {
  return withOneSide('sdk', async (side) => {
    await side.call('open', database);
    return side.call('importFile', book, rows);
  });
}

// With SheetJS and a transaction of a thousand rows at a time.
async function byHand(database, like, book, rows) {
  return withOneSide('peer', async (side) => {
    await side.call('open', database, await side.call('schemaOf', like));
    return side.call('importFile', book, rows);
  });
}
