// docs/bench.md: the table of a run and how it was measured.
import { PRAGMAS } from '../peer/statements.mjs';
import { bound, shown, times } from './format.mjs';
import { verdict } from './measure.mjs';
import { surroundings } from './report.mjs';

const REACHED = { aim: 'aim', must: 'must', missed: '**missed**' };

/** The page of a run. */
export function page(run) {
  const lines = [
    '# Measured',
    '',
    '<!-- Written by `npm run bench -- --publish`; change bench/lib/page.mjs instead. -->',
    '',
    '![Speed beside better-sqlite3](bench.svg)',
    '',
    '| | this package | better-sqlite3 | ratio | must | aim | reached |',
    '|---|---:|---:|---:|---:|---:|---|',
    ...run.rows.map(rowOf),
    '',
    ...surroundings(run)
      .split('\n')
      .map((line) => `- ${line}`),
    '',
    HOW,
  ];
  return lines.join('\n');
}

function rowOf(row) {
  const cells = [
    row.what,
    shown(row.sdk, row.unit),
    shown(row.peer, row.unit),
    row.ratio === undefined ? '' : times(row.ratio),
    bound(row, 'must'),
    bound(row, 'aim'),
    REACHED[verdict(row)] ?? '',
  ];
  return `| ${cells.join(' | ')} |`;
}

const HOW = `## How

\`npm run bench\` measures on your machine (\`-- --quick\` takes a tenth of the rows, \`-- --only create-64\`
one case) and prints the statements of the baseline. Absolute figures belong to a machine; the ratios
of one run are what to compare.

- **The baseline** is better-sqlite3, compiled from its source on the machine that measures, with
  prepared statements that are kept and ${PRAGMAS.map((pragma) => `\`${pragma}\``).join(', ')}. It does by
  hand what the package does: same tables and indexes (they are copied from the file that the package
  made), same search tokens, same event with the customer as JSON. After the creates both files are
  compared; a difference ends the run.
- **Creates** are durable on both sides: every answer comes after the sync of its transaction. The
  baseline's API has no way to share one, so it makes a transaction per customer, and cuts the search
  tokens in JavaScript inside it; the line below gives it tokens that were cut beforehand.
- **Reads** of the baseline end with the row as better-sqlite3 gives it; the package answers with the
  customer object behind an awaited promise. Every read goes to another row, or to one of three pages.
- **Searches** are texts that few customers match, another one each time.
- **Imports** run in a new process each, into a new file. The baseline reads the workbook with SheetJS
  and writes a thousand rows per transaction; it neither checks rows nor reads phone numbers.
- **\`require()\` and memory** are those of a program of its own that does nothing else; memory is
  resident memory minus that of the same program without the package.
- Each side is a process of its own with a file of its own. Rounds are interleaved in changing order;
  a figure is the median of its rounds, a ratio the median of the rounds' ratios.
`;
