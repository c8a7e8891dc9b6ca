// Holds the server to its OpenAPI document: schemathesis asks what the document allows and what it
// does not, and every answer has to be one that the document describes.
// `node scripts/fuzz-api.mjs [seconds] [schemathesis options]`; the seed is fixed, so that a finding comes again.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { main, Problem } from './lib/problem.mjs';
import { output, ROOT, run, status } from './lib/shell.mjs';

const SEED = 20_260_301;
const SECONDS = 240;
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
async function startServer(folder, key) {
  const args = [join(ROOT, 'bin/proyecta.js'), 'serve', '--listen', '127.0.0.1:0'];
  const env = { ...process.env, PROYECTA_DATABASE_URL: join(folder, 'fuzz.db'), PROYECTA_API_KEY: key };
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

/** What the run found, from its report. */
async function outcome(report) {
  const { operations, failures } = JSON.parse(await readFile(report, 'utf8'));
  return { operations, failures };
}

await main(async () => {
  const [seconds = SECONDS, ...options] = process.argv.slice(2);
  if (!existsSync(join(ROOT, 'native.cjs'))) throw new Problem('Build the addon first (npm run build:dev).');
  await installFuzzer();
  const folder = await mkdtemp(join(tmpdir(), 'proyecta-fuzz-'));
  const key = `sk_test_${randomBytes(18).toString('hex')}`;
  const report = join(FOLDER, 'report.json');
  await rm(report, { force: true });
  const server = await startServer(folder, key);
  let code;
  try {
    const args = ['--config-file', join(SETTINGS, 'schemathesis.toml'), 'run', `${server.url}/openapi.json`];
    args.push('--seed', String(SEED), '--max-time', String(seconds), '--report-json-path', report);
    args.push('--header', `Authorization: Bearer ${key}`, ...options);
    code = await status(join(BIN, 'schemathesis'), args, { cwd: SETTINGS });
  } finally {
    const { code: ending, signal } = await server.stop();
    await rm(folder, { recursive: true, force: true });
    if (ending !== 0)
      throw new Problem(`The server ended with ${ending ?? signal}: it must survive everything.`);
  }
  console.log(await outcome(report), code);
});
