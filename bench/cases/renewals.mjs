// Subscriptions that renew by themselves: each renewal is an order with its line, a charge at the sandbox
// gateway, its payment and its events, and every transaction waits for its disk.
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../../scripts/lib/postgres.mjs';
import { copyOf, fillDue, removeFile, renewAll, withBilling, withLedger, withSide } from '../lib/billing.mjs';
import { comparison, figure, interleave } from '../lib/measure.mjs';
import { startSide } from '../lib/side.mjs';
import { median } from '../lib/stats.mjs';

const PG = fileURLToPath(new URL('../sides/pg.mjs', import.meta.url));

/** Runs of a minute are not taken seven times. */
const ROUNDS = 3;
const LATENCY_MS = 300;
const DAY_MS = 86_400_000;

const thousands = (count) => count.toLocaleString('en');
const rate = (due) => (run) => due / run.seconds;

async function folderOf(cx, name) {
  const folder = join(cx.workspace, name);
  await mkdir(folder, { recursive: true });
  return (file) => join(folder, file);
}

/** Renewals per second, beside the same rows written by hand. */
export async function renewalRun(cx) {
  const count = cx.full ? 100_000 : cx.quick ? 5000 : 20_000;
  if (!cx.full) cx.note(`  ${thousands(count)} due; --full takes 100,000`);
  const file = await folderOf(cx, 'renewals');
  const seed = file('seed.db');
  const due = await fillDue(cx, seed, { count });
  return withLedger(async (books) => {
    const { ours, theirs } = await interleave(ROUNDS, {
      ours: async (round) => {
        const copy = await copyOf(seed, file(`sdk-${round}.db`));
        return renewAll(copy, books, { due });
      },
      theirs: (round) => byHand(file, seed, round, due),
    });
    const what = `renewals, ${thousands(due)} due at once, durable`;
    const row = { name: 'renewals', what, unit: '/s', better: 'higher', beside: 'the rows alone, by hand' };
    return [
      figure({ ...row, must: 2000, aim: 4000 }, ours.map(rate(due)), theirs.map(rate(due))),
      figure(
        {
          name: 'renewals-memory',
          what: '… memory at its peak',
          unit: 'MB',
          better: 'lower',
          must: 300,
          aim: 300,
        },
        ours.map(({ memory }) => memory),
      ),
    ];
  });
}

// In a process of its own, over a run of ours that is done.
async function byHand(file, seed, round, due) {
  const done = await finished(file, seed, due);
  const copy = await copyOf(seed, file(`peer-${round}.db`));
  const written = await withLedger((side) => side.call('renewByHand', copy, done));
  await removeFile(copy);
  if (written.renewals !== due) throw new Error(`${written.renewals} of ${due} renewals were made by hand`);
  return written;
}

let example;

// What the engine makes of the seed, once.
async function finished(file, seed, due) {
  if (example?.seed !== seed) {
    const path = await copyOf(seed, file('example.db'));
    await withLedger((books) => renewAll(path, books, { due }));
    example = { seed, path };
  }
  return example.path;
}

/** What a renewal costs among many subscriptions, beside few. */
export async function renewalScale(cx) {
  const [few, many] = cx.full ? [10_000, 1_000_000] : cx.quick ? [10_000, 50_000] : [10_000, 200_000];
  if (!cx.full) cx.note(`  ${thousands(many)} subscriptions; --full takes 1,000,000 (a quarter of an hour)`);
  const file = await folderOf(cx, 'scale');
  const sizes = { few: { count: few, every: 1 }, many: { count: many, every: many / few } };
  for (const [name, size] of Object.entries(sizes)) await fillDue(cx, file(`${name}.db`), size);
  return withLedger(async (books) => {
    const run = (name) => async (round) => {
      const copy = await copyOf(file(`${name}.db`), file(`${name}-${round}.db`));
      const outcome = await renewAll(copy, books, { due: few });
      await removeFile(copy);
      return outcome;
    };
    const seen = await interleave(ROUNDS, { few: run('few'), many: run('many') });
    const cost = (runs) => runs.map(({ seconds }) => (seconds / few) * 1000);
    const row = { better: 'lower' };
    return [
      comparison(
        {
          ...row,
          name: 'renewal-scale',
          what: `cost of a renewal among ${thousands(many)} subscriptions`,
          beside: `among ${thousands(few)}`,
          unit: 'ms',
          must: 2,
          aim: 1.5,
        },
        cost(seen.many),
        cost(seen.few),
      ),
      figure(
        {
          ...row,
          name: 'renewal-scale-memory',
          beside: `among ${thousands(few)}`,
          what: '… memory at its peak',
          unit: 'MB',
          must: 300,
          aim: 300,
        },
        seen.many.map(({ memory }) => memory),
        seen.few.map(({ memory }) => memory),
      ),
    ];
  });
}

/** A gateway that takes its time. */
export async function renewalLatency(cx) {
  const count = cx.full ? 50_000 : cx.quick ? 5000 : 10_000;
  const file = await folderOf(cx, 'latency');
  const seed = file('seed.db');
  const due = await fillDue(cx, seed, { count });
  return withLedger(async (books) => {
    const runs = [];
    for (let round = 0; round < ROUNDS; round++) {
      const copy = await copyOf(seed, file(`${round}.db`));
      const env = { PROYECTA_SANDBOX_LATENCY: String(LATENCY_MS) };
      runs.push(await renewAll(copy, books, { due, env, look: () => books.call('underWay', copy) }));
      await removeFile(copy);
    }
    const row = { better: 'higher' };
    return [
      figure(
        {
          ...row,
          name: 'renewal-in-flight',
          what: `charges in flight, gateway that takes ${LATENCY_MS} ms`,
          unit: '',
          must: 500,
          aim: 500,
        },
        // While it runs at full: the middle of all looks.
        runs.map(({ seen }) => median(seen)),
      ),
      figure(
        { ...row, name: 'renewal-latency', what: '… renewals', unit: '/s', aim: 1000 },
        runs.map(rate(due)),
      ),
    ];
  });
}

/** Two processes with a worker each on one PostgreSQL, beside one. */
export async function renewalWorkers(cx) {
  const count = cx.full ? 20_000 : cx.quick ? 2000 : 5000;
  // Beside a PostgreSQL no key can be made.
  const env = { PROYECTA_ENCRYPTION_KEY: randomBytes(32).toString('base64') };
  const server = await startPostgres();
  try {
    return await withSide(startSide(PG), async (books) => {
      const version = await books.call('makeDurable', server.url);
      const seed = await books.call('createDatabase', server.url, 'seed');
      const due = await fillDue(cx, seed, { count, env });
      const run = (workers) => async (round) => {
        const copy = await books.call('createDatabase', server.url, `w${workers}_${round}`, 'seed');
        return renewAll(copy, books, { due, workers, env });
      };
      const { one, two } = await interleave(ROUNDS, { one: run(1), two: run(2) });
      return [
        comparison(
          {
            name: 'renewal-workers',
            what: `renewals on PostgreSQL ${version}, two worker processes`,
            beside: 'one worker process',
            unit: '/s',
            better: 'higher',
            aim: 1.6,
          },
          two.map(rate(due)),
          one.map(rate(due)),
        ),
      ];
    });
  } finally {
    await server.stop();
  }
}

const START = Date.UTC(2026, 0, 1);
const YEAR_ON = Date.UTC(2027, 0, 1);

/** A year of a thousand monthly subscriptions by a test clock. */
export async function clockYear(cx) {
  const count = cx.quick ? 200 : 1000;
  const file = await folderOf(cx, 'clock');
  const samples = { together: [], apart: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, apart] of [
      ['together', 0],
      // Over the days of a month.
      ['apart', Math.floor((28 * DAY_MS) / count)],
    ]) {
      samples[name].push(
        await withBilling(async (side) => {
          await side.call('open', file(`${name}-${round}.db`));
          const clock = await side.call('fillByClock', count, START, apart);
          return side.call('advance', clock, YEAR_ON);
        }),
      );
    }
  }
  const what = `testClocks.advance of a year, ${thousands(count)} monthly subscriptions`;
  const row = { unit: 's', better: 'lower' };
  return [
    figure({ ...row, name: 'clock-year', what, must: 10, aim: 4 }, samples.together),
    figure(
      { ...row, name: 'clock-year-apart', what: '… that renew each at a time of its own' },
      samples.apart,
    ),
  ];
}
