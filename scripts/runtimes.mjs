// Tries the packed release package in an empty project: on every runtime of .ci, or, with `--this`,
// on the Node that runs this script.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installTarballs } from './lib/installed.mjs';
import { main, Problem } from './lib/problem.mjs';
import { ROOT, watched } from './lib/shell.mjs';
import { report, runSuites } from './lib/suite.mjs';
import { pack } from './pack.mjs';

const bin = (path) => join(ROOT, '.ci/node_modules', path);

const THIS = [{ name: `node ${process.versions.node}`, command: process.execPath }];

const ALL = [
  { name: 'node 20', command: bin('node20/bin/node') },
  { name: 'node 22', command: bin('node22/bin/node') },
  { name: 'node 24', command: bin('node24/bin/node') },
  { name: 'bun', command: bin('@oven/bun-linux-x64/bin/bun') },
  { name: 'deno', command: bin('@deno/linux-x64-glibc/deno'), args: ['run', '--allow-all', '--no-lock'] },
];

async function smoke(folder, { command, args = [] }) {
  const { code, output } = await watched(command, [...args, 'smoke.mjs'], {
    cwd: folder,
    // These runtimes are to fetch nothing and to remember nothing.
    env: { DENO_DIR: join(folder, '.deno'), DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' },
  });
  if (code !== 0 || !output.includes('smoke: ok'))
    throw new Problem(`The smoke test failed (exit code ${code}).`);
  return { passed: 1 };
}

await main(async () => {
  const runtimes = process.argv.includes('--this') ? THIS : ALL;
  const { folder, remove } = await installTarballs(await pack());
  try {
    await copyFile(join(ROOT, '.ci/smoke.mjs'), join(folder, 'smoke.mjs'));
    report(
      await runSuites(runtimes.map((runtime) => ({ name: runtime.name, run: () => smoke(folder, runtime) }))),
    );
  } finally {
    await remove();
  }
});
