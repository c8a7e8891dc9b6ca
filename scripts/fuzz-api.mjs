// Holds the server to its OpenAPI document: schemathesis asks what the document allows and what it
// does not, and every answer has to be one that the document describes.
// `node scripts/fuzz-api.mjs [--dev] [schemathesis options]`, on the release addon or the dev one; the seed
// is fixed, so that a finding comes again.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { main, Problem } from './lib/problem.mjs';
import { output, ROOT, run, status } from './lib/shell.mjs';
import { report, runSuites } from './lib/suite.mjs';

const SEED = 20_260_301;
const FOLDER = join(ROOT, 'build/fuzz');
const SETTINGS = join(ROOT, 'scripts/fuzz');
const BIN = join(FOLDER, 'venv', process.platform === 'win32' ? 'Scripts' : 'bin');

/** schemathesis in an environment of its own, made anew when the pinned versions change. */
async function installFuzzer() {
  const wanted = await readFile(join(SETTINGS, 'requirements.txt'), 'utf8');
  const stamp = join(FOLDER, 'installed.txt');
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return;
  const python = ['python3', 'python'].find(
    (name) => output(name, ['-c', 'import venv, ensurepip']) !== null,
  );
  if (!python)
    throw new Problem(
      'The fuzzer needs Python 3 with its venv module (Debian: `apt-get install python3-venv`).',
    );
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  await run(python, ['-m', 'venv', join(FOLDER, 'venv')]);
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement'];
  await run(join(BIN, 'python'), [...install, join(SETTINGS, 'requirements.txt')]);
  await writeFile(stamp, wanted);
}

/** Our server on a free port over a fresh database; `url`, and `stop`, which gives how it ended. */
async function startServer(program, folder, key) {
  const args = [program, 'serve', '--listen', '127.0.0.1:0'];
  const env = {
    ...process.env,
    PROYECTA_DATABASE_URL: join(folder, 'fuzz.db'),
    PROYECTA_API_KEY: key,
    PROYECTA_LOG_LEVEL: 'warn',
    // The hooks say where each request comes from.
    PROYECTA_TRUSTED_PROXY: '127.0.0.1',
  };
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  const listening = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const address = /listening on (http:\S+)/.exec(line);
      if (address) return address[1];
    }
    return null;
  })();
  const url = await listening;
  if (url === null) throw new Problem('The server did not start; its output is above.');
  child.stdout.resume();
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** What a run found, from its report: an operation passes when nothing was found about it. */
async function outcome(path) {
  const report = JSON.parse(await readFile(path, 'utf8').catch(() => 'null'));
  if (report === null) throw new Problem('The fuzzer left no report; its output is above.');
  const { operations, test_cases: cases, failures, errors, complete } = report;
  // The settings leave out what has no end.
  if (!complete || operations.tested < operations.selected)
    throw new Problem(`The fuzzer tried ${operations.tested} of ${operations.selected} operations.`);
  console.log(`${cases.generated} requests to ${operations.tested} operations`);
  const blamed = new Set(failures.flatMap((failure) => failure.operations));
  return { passed: operations.tested - blamed.size, failed: cases.unique_failures + errors.length };
}

/** Starts a server, asks it everything, and sees that it is still there to be stopped. */
async function fuzz(program, options) {
  await installFuzzer();
  const folder = await mkdtemp(join(tmpdir(), 'proyecta-fuzz-'));
  const key = `fuzz_${randomBytes(18).toString('hex')}`;
  const path = join(FOLDER, 'report.json');
  await rm(path, { force: true });
  const server = await startServer(program, folder, key);
  const args = ['--config-file', join(SETTINGS, 'schemathesis.toml'), 'run', `${server.url}/openapi.json`];
  args.push('--seed', String(SEED), '--report-json-path', path, ...options);
  const code = await status(join(BIN, 'schemathesis'), args, {
    cwd: SETTINGS,
    env: { PROYECTA_API_KEY: key, PYTHONDONTWRITEBYTECODE: '1' },
  });
  const ending = await server.stop();
  await rm(folder, { recursive: true, force: true });
  const counts = await outcome(path);
  if (ending.code !== 0)
    throw new Problem(`The server ended with ${ending.code ?? ending.signal}: it must survive everything.`);
  // It may fail without a finding, by a mistake in its settings.
  if (code !== 0 && counts.failed === 0) throw new Problem(`The fuzzer ended with ${code}.`);
  return counts;
}

/** The command's program, beside the addon that it is to load. */
async function programOf(dev) {
  const folder = dev ? join(ROOT, 'build/dev') : ROOT;
  if (!existsSync(join(folder, 'native.cjs')))
    throw new Problem('Build the addon first (npm run build, or npm run build:dev).');
  const program = join(folder, 'bin/proyecta.js');
  if (!dev) return program;
  await mkdir(dirname(program), { recursive: true });
  await copyFile(join(ROOT, 'bin/proyecta.js'), program);
  return program;
}

await main(async () => {
  const given = process.argv.slice(2);
  const program = await programOf(given.includes('--dev'));
  const options = given.filter((argument) => argument !== '--dev');
  report(await runSuites([{ name: 'contract fuzzer', run: () => fuzz(program, options) }]));
});
