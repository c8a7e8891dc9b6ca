// What a run prints at its end.
import { PRAGMAS, STATEMENTS, USED } from '../peer/statements.mjs';
import { bound, columns, shown, times } from './format.mjs';
import { verdict } from './measure.mjs';

const MARKS = { aim: '✔ aim', must: '✔ must', missed: '✖ missed' };

/** The table, with what is asked of each row and whether it is reached. */
export function table(rows) {
  const head = ['', 'this package', 'beside', '', 'ratio', 'in the rounds', 'must', 'aim', ''];
  const cells = rows.map((row) => [
    row.what,
    shown(row.sdk, row.unit),
    shown(row.peer, row.unit),
    besideOf(row),
    row.ratio === undefined ? '' : times(row.ratio),
    spread(row),
    bound(row, 'must'),
    bound(row, 'aim'),
    MARKS[verdict(row)] ?? '',
  ]);
  return columns([head, ...cells]);
}

/** What a row is compared with. */
export function besideOf(row) {
  return row.peer === null || row.peer === undefined ? '' : (row.beside ?? 'better-sqlite3');
}

function spread(row) {
  const [low, high] = row.spread;
  const text = (value) => (row.judged === 'ratio' ? value.toFixed(2) : shown(value, row.unit));
  return `${text(low)} … ${text(high)}`;
}

/** The statements that the baseline ran for the rows that were measured. */
export function statements(rows) {
  const used = [...new Set(rows.map(({ baseline }) => baseline))].filter((name) => USED[name]);
  if (used.length === 0) return '';
  const lines = [`better-sqlite3 ran, with ${PRAGMAS.join(', ')}:`];
  for (const name of used) {
    lines.push('', `${name}:`);
    for (const statement of USED[name]) lines.push(`  ${STATEMENTS[statement]};`);
    if (name === 'create') lines.push(CREATE);
  }
  return lines.join('\n');
}

const CREATE =
  '  all four prepared once, in one immediate transaction per customer; the search tokens are cut in\n' +
  '  JavaScript inside it, and the event carries the customer as JSON';

/** What the figures were taken on. */
export function surroundings({ machine, versions, rounds, customers, quick }) {
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memory}, ${machine.system}, ${machine.fileSystem}`,
    `Node ${machine.node}, ${versions.peer.package} (SQLite ${versions.peer.sqlite}), ${versions.sdk}`,
    `medians of ${rounds} interleaved rounds; reads over ${customers.toLocaleString('en')} customers${quick ? ' (--quick)' : ''}`,
  ].join('\n');
}
