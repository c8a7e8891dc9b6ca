// `npm test`: every suite, from a fresh clone, cheapest first; `npm test rust jest` runs those two.
// Imports no npm package before they are installed.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { buildDev, bundle, generate, TEST_FEATURES } from './build.mjs';
import { ensureChromium } from './chromium.mjs';
import { checkLayers } from './layers.mjs';
import { ensureProgram } from './lib/debian.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { startEveryPostgres } from './lib/postgres.mjs';
import { checkRustComponents, checkTools } from './lib/preflight.mjs';
import { main, Problem } from './lib/problem.mjs';
import { node, output, ROOT, run, status, watched } from './lib/shell.mjs';
import { report, runSuites } from './lib/suite.mjs';

const bin = (path) => join(ROOT, 'node_modules', path);
const cargo = (args, env) => run('cargo', args, { env });

const SUITES = [
  { name: 'rustfmt', run: () => cargo(['fmt', '--check']) },
  {
    name: 'biome',
    run: () =>
      node([
        bin('@biomejs/biome/bin/biome'),
        'ci',
        `--colors=${process.stdout.isTTY ? 'force' : 'off'}`,
        '.',
      ]),
  },
  { name: 'types', run: () => node([bin('typescript/bin/tsc'), '--project', '.']) },
  { name: 'layers', run: checkLayers },
  {
    name: 'clippy',
    run: () => cargo(['clippy', '--locked', '--all-targets', ...TEST_FEATURES, '--', '-D', 'warnings']),
  },
  { name: 'addon', run: buildDev },
  { name: 'generated', needs: ['addon'], run: () => generate(true) },
  { name: 'rust', run: testRust },
  { name: 'jest', needs: ['addon'], run: testJavaScript },
];

async function testRust() {
  const nextest = output('cargo', ['nextest', '--version']) !== null;
  await ensureProgram('pgbouncer');
  // Every version that can be started here; the store suites run on each of them.
  const postgres = await startEveryPostgres();
  const env = { PROYECTA_TEST_POSTGRES_URLS: postgres.urls };
  const suites = [];
  try {
    suites.push(nextest ? await runNextest(env) : await runCargoTest(['--all-targets'], env));
  } finally {
    await postgres.stop();
  }
  suites.push(await runCargoTest(['--doc']));
  const sum = (field) => suites.reduce((total, counts) => total + counts[field], 0);
  const counts = { passed: sum('passed'), failed: sum('failed') };
  if (counts.passed + counts.failed === 0) throw new Problem('There was no Rust test to run.');
  return counts;
}

async function runNextest(env) {
  const args = ['nextest', 'run', '--locked', '--no-fail-fast', ...TEST_FEATURES];
  const { code, output: text } = await watched('cargo', args, { env });
  const line = /^\s*Summary .*?(\d+) tests? run: (.*)$/m.exec(stripVTControlCharacters(text));
  if (!line) throw new Problem('The Rust tests did not run; see above.');
  const passed = Number(/(\d+) passed/.exec(line[2])?.[1] ?? 0);
  const skipped = Number(/(\d+) skipped/.exec(line[2])?.[1] ?? 0);
  return counted({ code, passed, failed: Number(line[1]) - passed, skipped });
}

async function runCargoTest(selection, env) {
  const args = ['test', '--locked', '--no-fail-fast', ...selection, ...TEST_FEATURES];
  const { code, output: text } = await watched('cargo', args, { env });
  const counts = { code, passed: 0, failed: 0, skipped: 0 };
  for (const [, passed, failed, ignored] of text.matchAll(
    /^test result: .*?(\d+) passed; (\d+) failed; (\d+) ignored/gm,
  )) {
    counts.passed += Number(passed);
    counts.failed += Number(failed);
    counts.skipped += Number(ignored);
  }
  return counted(counts);
}

// The tests find the packed tarballs, and a PostgreSQL server, through
// `__test__/support/global-setup.mjs`. Everything runs over an embedded SQLite, the contract also over
// the other fronts (`__test__/support/fronts.js`).
async function testJavaScript() {
  await bundle();
  const file = join(ROOT, 'build/jest.json');
  await mkdir(join(ROOT, 'build'), { recursive: true });
  await rm(file, { force: true });
  await ensureProgram('curl');
  // Without Chromium the page tests fail, and only they.
  const env = {
    PROYECTA_TEST_BUILT: '1',
    PROYECTA_TEST_ON: process.env.PROYECTA_TEST_ON || 'all',
    PROYECTA_CHROMIUM: (await ensureChromium()) ?? '',
  };
  const args = [bin('jest/bin/jest.js'), '--ci', '--json', `--outputFile=${file}`];
  const code = await status(process.execPath, args, { env });
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) throw new Problem('Jest did not run; see above.');
  const results = JSON.parse(text);
  return counted({
    code,
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests + results.numTodoTests,
  });
}

// A tool that failed without naming a test failed all the same, and a skipped test is a failure.
function counted({ code, passed, failed, skipped }) {
  if (skipped > 0) console.error(`✖ ${skipped} skipped: every test has to run.`);
  const total = failed + skipped;
  return { passed, failed: total === 0 && code !== 0 ? 1 : total };
}

await main(async () => {
  checkTools();
  checkRustComponents();
  await ensureDependencies();
  const wanted = process.argv.slice(2);
  const unknown = wanted.find((name) => !SUITES.some((suite) => suite.name === name));
  if (unknown)
    throw new Problem(`There is no suite \`${unknown}\`: ${SUITES.map(({ name }) => name).join(', ')}.`);
  const chosen = SUITES.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const needed = new Set(chosen.flatMap(({ name, needs = [] }) => [name, ...needs]));
  report(await runSuites(SUITES.filter(({ name }) => needed.has(name))));
});
