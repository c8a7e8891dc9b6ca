// The load generator: a process of its own, so that what it needs falls on no server.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { programs } from './programs.mjs';
import { KEY, processorTime } from './serving.mjs';

let files = 0;

/** Writes requests, `[method, path, body?]` each, to a file that the load generator reads. */
export async function requestFile(workspace, requests) {
  files += 1;
  const path = join(workspace, `requests-${files}.txt`);
  const lines = requests.map(([method, target, body]) =>
    body === undefined ? `${method} ${target}` : `${method} ${target} ${JSON.stringify(body)}`,
  );
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

/**
 * Sends requests over `connections`: for so many `seconds`, or each once. Answers the rate, the
 * latencies in milliseconds, and the server's processor time per request in microseconds.
 */
export async function load(server, requests, { connections = 64, seconds }) {
  const mode = seconds === undefined ? ['once'] : ['seconds', String(seconds)];
  const before = processorTime(server.pid);
  const { stdout } = await promisify(execFile)(programs.load(), [
    ...[server.address, requests, KEY, String(connections)],
    ...mode,
  ]);
  const used = processorTime(server.pid) - before;
  const seen = checked(JSON.parse(stdout));
  return { ...seen, rate: seen.requests / seen.seconds, processor: (used / seen.requests) * 1e6 };
}

/** Opens connections with one request each, and runs something while they stay open. */
export async function whileIdle(server, requests, connections, run) {
  const args = [server.address, requests, KEY, String(connections), 'idle'];
  const child = spawn(programs.load(), args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  try {
    const [line] = await Promise.race([once(child.stdout, 'data'), exit.then(() => [])]);
    if (line === undefined) throw new Error('the load generator could not open its connections');
    checked(JSON.parse(line));
    return await run();
  } finally {
    child.stdin.end();
    await exit;
  }
}

function checked(seen) {
  if (seen.failed === 0) return seen;
  throw new Error(`${seen.failed} of ${seen.requests} requests failed, the last with ${seen.lastFailure}`);
}
