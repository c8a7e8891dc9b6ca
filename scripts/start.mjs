// `npm start`: everything from a fresh clone to the tour of the package. Imports no npm package
// before they are installed.
import { buildRelease, bundle } from './build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { checkFile, checkTools } from './lib/preflight.mjs';
import { main } from './lib/problem.mjs';
import { node } from './lib/shell.mjs';

await main(async () => {
  checkTools();
  await ensureDependencies();
  console.log('Building the release addon (minutes the first time) …');
  await buildRelease();
  await bundle();
  checkFile('examples/tour.mjs', 'is this a complete clone?');
  console.log('');
  await node(['examples/tour.mjs', ...process.argv.slice(2)], { what: 'The tour' });
});
