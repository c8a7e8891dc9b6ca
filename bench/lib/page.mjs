// docs/bench.md: the table of a run and how it was measured.
import { PRAGMAS } from '../peer/statements.mjs';
import { bound, shown, times } from './format.mjs';
import { verdict } from './measure.mjs';
import { besideOf, surroundings } from './report.mjs';

const REACHED = { aim: 'aim', must: 'must', missed: '**missed**' };

/** The page of a run. */
export function page(run) {
  const lines = [
    '# Measured',
    '',
    '<!-- Written by `npm run bench -- --publish`; change bench/lib/page.mjs instead. -->',
    '',
    '![Speed beside doing the same by hand](bench.svg)',
    '',
    '| | this package | beside | | ratio | must | aim | reached |',
    '|---|---:|---:|---|---:|---:|---:|---|',
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
    besideOf(row),
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

- **The baseline** of the embedded rows is better-sqlite3, compiled from its source on the machine that measures, with
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
- **Over HTTP** the load comes from a program of its own (\`bench/peer/load.rs\`: 64 connections that stay
  open, each with one request unanswered). Ours is the plain binary on SQLite, without a log line per
  request. Fastify has schemas for what comes in and goes out, finds a key by its SHA-256, remembers it
  for a second, and runs the baseline's statements; both answer with the same members, and after the
  creates both files are compared. The axum server answers with a fixed text of the same length and
  looks at nothing. Processor time is that of the server's process, its system calls included.
- **Renewals** are of subscriptions that were made through the public API and fell due while nobody worked: order,
  line, charge at the sandbox gateway, payment and events each, from the opening of the database to the last
  record. By hand means the very rows that the package wrote, written again with better-sqlite3 in the same three
  durable steps of 64 renewals each, without deciding anything. Three rounds; \`--full\` takes the large numbers.
- **On PostgreSQL** both sides write to one server that waits for its disk. By hand means a transaction
  of five prepared statements per customer on as many connections as calls are in flight; the engine
  puts what waits into common transactions on its ten.
- **The client** asks a server that answers at once with the same customer, over plain HTTP. stripe-node
  is configured with the address and nothing else. Processor time is that of the client's process.
- **An idle server** is looked at shortly after its start; idle connections have had one request each.
- Each side is a process of its own with a file of its own. Rounds are interleaved in changing order;
  a figure is the median of its rounds, a ratio the median of the rounds' ratios.
`;
