// Databases with subscriptions that are due, and runs of the worker over them.
import { copyFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { startSide } from './side.mjs';

const BILLING = fileURLToPath(new URL('../sides/billing.mjs', import.meta.url));
const LEDGER = fileURLToPath(new URL('../sides/ledger.mjs', import.meta.url));

/** Between two looks at how far a run is. */
const LOOK_MS = 20;
/** A run is over when nothing is due within so long: a charge under way has a job of its own before. */
const OVER_MS = 3_600_000;
/** A run that takes longer has come to a stop. */
const LONGEST_MS = 1_800_000;

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Runs something with a process of the package, and stops it however it ends. */
export async function withBilling(run, { onProgress, env } = {}) {
  return withSide(startSide(BILLING, onProgress, env), run);
}

/** Runs something with a process of better-sqlite3. */
export const withLedger = (run) => withSide(startSide(LEDGER), run);

/** Runs something with a side, and stops it. */
export async function withSide(side, run) {
  try {
    return await run(side);
  } finally {
    await side.stop();
  }
}

/** Fills a database with subscriptions and waits until those that are to be due are. */
export async function fillDue(cx, database, { count, every = 1, spread = 10_000, env }) {
  const bar = cx.progress(`${count.toLocaleString('en')} subscriptions, through the public API`);
  const onProgress = ({ done, of }) => bar.update(done / of);
  const due = await withBilling(
    async (side) => {
      await side.call('open', database);
      return side.call('fill', count, every, spread);
    },
    { onProgress, env },
  );
  bar.end();
  await pause(Math.max(0, due - Date.now()));
  return Math.ceil(count / every);
}

/** A copy of a closed file. */
export async function copyOf(file, copy) {
  await removeFile(copy);
  await copyFile(file, copy);
  return copy;
}

/** Removes a database file with what lies beside it. */
export async function removeFile(file) {
  for (const suffix of ['', '-wal', '-shm']) await rm(`${file}${suffix}`, { force: true });
}

/**
 * Lets the workers of some processes renew everything that is due; `books` looks on. Answers the seconds
 * from when the first one was asked to open the database until the last charge was recorded, what
 * `look` saw on the way, and the most memory of a process, in MB.
 */
export async function renewAll(database, books, { due, workers = 1, env, look } = {}) {
  const seen = [];
  const sides = Array.from({ length: workers }, () => startSide(BILLING, undefined, env));
  try {
    // The processes are there before the clock starts.
    await Promise.all(sides.map((side) => side.call('memory')));
    const begun = performance.now();
    await Promise.all(sides.map((side) => side.call('open', database, true)));
    for (let next = 0; next !== null && next < Date.now() + OVER_MS; ) {
      if (performance.now() - begun > LONGEST_MS) throw new Error('the renewals do not come to an end');
      if (look) seen.push(await look());
      await pause(LOOK_MS);
      next = await books.call('nextJob', database);
    }
    const seconds = (performance.now() - begun) / 1000;
    const memory = (await Promise.all(sides.map((side) => side.call('memory')))).map(({ peak }) => peak);
    checkOutcome(await books.call('outcome', database), due);
    return { seconds, seen, memory: Math.max(...memory) };
  } finally {
    await Promise.all(sides.map((side) => side.stop()));
  }
}

// A run that forgets something, or charges twice, is no measurement.
function checkOutcome(outcome, due) {
  for (const [what, count] of Object.entries(outcome)) {
    if (Number(count) !== due) throw new Error(`${due} renewals were due, and there are ${count} ${what}`);
  }
}
