// Stands beside a test's PostgreSQL server. When its standard input ends, because the server is to
// stop or because the program that started it is no more, it stops the server and removes the folder.
//
// Usage: postgres-keeper.mjs <folder>, then one line of JSON: { pgCtl, uid?, gid? }
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
// An interrupt at the terminal reaches the whole group; here the end of the input counts.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

let text = '';
for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
if (text !== '') {
  const { pgCtl, ...owner } = JSON.parse(text);
  const args = ['stop', '-D', join(folder, 'data'), '-m', 'immediate', '-w', '-s'];
  // Fails when the server never started.
  spawnSync(pgCtl, args, { ...owner, cwd: folder, stdio: 'ignore' });
}
rmSync(folder, { recursive: true, force: true });
