// Servers under measurement: each a process of its own, ended by closing its standard input or by a
// signal to it alone; and what such a process used of the machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programs, ROOT } from './programs.mjs';

/** A key that an app would bring along; it opens nothing outside a run. */
export const KEY = 'bench-key-00000000000000000000001';

const FASTIFY = fileURLToPath(new URL('../peer/fastify.mjs', import.meta.url));
const STARTING_MS = 30_000;
/** Ticks of /proc/PID/stat in a second: the same on every Linux that Node runs on. */
const TICKS = 100;

/** Our server: `as` is `'binary'` or `'node'`, which is what `npx proyecta serve` runs. */
export function startOurs(database, as = 'binary') {
  const serve = ['serve', '--database', database, '--listen', '127.0.0.1:0', '--log-level', 'warn'];
  const environment = { PROYECTA_API_KEY: KEY };
  return as === 'binary'
    ? start(programs.proyecta(), serve, environment)
    : start(process.execPath, [join(ROOT, 'bin/proyecta.js'), ...serve], environment);
}

/** Fastify on better-sqlite3. */
export async function startFastify(workspace, database, schema = []) {
  const file = join(workspace, 'schema.json');
  await writeFile(file, JSON.stringify(schema));
  return start(process.execPath, [FASTIFY, database, file, KEY]);
}

/** axum, answering everything with `answer`. */
export async function startFixed(workspace, answer) {
  const file = join(workspace, 'answer.json');
  await writeFile(file, answer);
  return start(programs.fixedAnswer(), [file]);
}

async function start(program, args, environment = {}) {
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production', ...environment },
  });
  const ended = once(child, 'exit').then(([code]) => code);
  const stop = async () => {
    child.stdin.end();
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended;
  };
  try {
    const address = await listening(child, ended);
    return { pid: child.pid, address, url: `http://${address}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function listening(child, ended) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('a server does not start')), STARTING_MS);
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      const found = /listening on http:\/\/(\S+)/.exec(text);
      if (!found) return;
      clearTimeout(late);
      resolve(found[1]);
    });
    child.once('error', reject);
    ended.then((code) => reject(new Error(`a server ended with exit code ${code}`)));
  });
}

/** Seconds of processor time that a process has used so far, in itself and in the system for it. */
export function processorTime(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is a name in brackets that may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** MB that a process has in memory. */
export function residentMemory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return (Number(/^VmRSS:\s+(\d+) kB/m.exec(status)[1]) * 1024) / 1e6;
}

/** Runs something with servers and stops them however it ends. */
export async function withServers(starting, run) {
  const servers = {};
  try {
    for (const [name, startOne] of Object.entries(starting)) servers[name] = await startOne();
    return await run(servers);
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
  }
}
