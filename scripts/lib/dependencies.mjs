import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm, ROOT, run } from './shell.mjs';

/** Installs npm packages when they are missing or are not those of the lock file. */
export async function ensureDependencies(folder = ROOT) {
  if (upToDate(folder)) return;
  console.log('Installing npm packages (npm ci) …');
  const [command, args, options] = npm(['ci', '--no-audit', '--no-fund']);
  await run(command, args, { ...options, cwd: folder, what: 'Installing the npm packages' });
}

// npm records what it installed; packages for other platforms are in the lock file only.
function upToDate(folder) {
  const installed = join(folder, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const have = packages(installed);
  const want = packages(join(folder, 'package-lock.json'));
  return Object.entries(want).every(
    ([path, { version, optional }]) =>
      path === '' || (have[path] ? have[path].version === version : optional === true),
  );
}

const packages = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;
