// `npm run bench`: measures the package beside better-sqlite3, from a fresh clone. Imports no npm
// package before they are installed.
//
//   --quick           100,000 customers instead of 1,000,000, and shorter rounds
//   --full            renewals of 100,000 subscriptions and among 1,000,000, which take half an hour
//   --only NAME       one case; may be given several times
//   --rounds N        rounds per case, 7 at least (the default)
//   --folder DIR      where the databases lie while it runs, to measure another disk
//   --json FILE       writes the figures
//   --publish         writes docs/bench.md and docs/bench.svg
//   --from FILE       with --publish: from the figures that --json wrote, without measuring
//   --svg FILE        writes the chart alone
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePeers } from '../bench/lib/install.mjs';
import { ensurePrograms } from '../bench/lib/programs.mjs';
import { buildRelease, bundle } from './build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { binaryOf, hostPlatform } from './lib/platform.mjs';
import { checkTools } from './lib/preflight.mjs';
import { main, Problem } from './lib/problem.mjs';
import { ROOT } from './lib/shell.mjs';

const LEAST_ROUNDS = 7;

function readOptions() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string', default: String(LEAST_ROUNDS) },
      folder: { type: 'string' },
      json: { type: 'string' },
      publish: { type: 'boolean', default: false },
      from: { type: 'string' },
      svg: { type: 'string' },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < LEAST_ROUNDS) {
    throw new Problem(`--rounds must be a whole number, ${LEAST_ROUNDS} or more.`);
  }
  const targets = {
    svg: values.publish ? join(ROOT, 'docs/bench.svg') : values.svg,
    markdown: values.publish ? join(ROOT, 'docs/bench.md') : undefined,
  };
  return { ...values, rounds, publish: targets.svg ? targets : null };
}

async function ensureBuilt() {
  if (!existsSync(join(ROOT, binaryOf(hostPlatform())))) {
    console.error('Building the release addon (minutes the first time) …');
    await buildRelease();
  }
  await ensurePrograms();
  await bundle();
}

await main(async () => {
  const options = readOptions();
  checkTools();
  await ensureDependencies();
  await ensurePeers();
  const { load, measure, NAMES, publish } = await import('../bench/main.mjs');
  if (options.from) return publish(options.publish, await load(options.from));
  const unknown = options.only.find((name) => !NAMES.includes(name));
  if (unknown) throw new Problem(`There is no case \`${unknown}\`: ${NAMES.join(', ')}.`);
  await ensureBuilt();
  if (!(await measure(options))) process.exitCode = 1;
});
