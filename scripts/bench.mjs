// `npm run bench`: builds the release addon, installs what the benchmarks compare with, and runs them;
// arguments go to them. Imports no npm package before they are installed.
import { join } from 'node:path';
import { buildRelease, bundle } from './build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { checkFile, checkTools } from './lib/preflight.mjs';
import { main } from './lib/problem.mjs';
import { node, ROOT } from './lib/shell.mjs';

await main(async () => {
  checkTools();
  await ensureDependencies();
  await ensureDependencies(join(ROOT, 'bench'));
  await buildRelease();
  await bundle();
  checkFile('bench/index.mjs', 'is this a complete clone?');
  await node(['bench/index.mjs', ...process.argv.slice(2)], { what: 'The bench' });
});
