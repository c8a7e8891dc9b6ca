import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureDependencies } from '../../scripts/lib/dependencies.mjs';
import { Problem } from '../../scripts/lib/problem.mjs';
import { npm, output, ROOT, status } from '../../scripts/lib/shell.mjs';

const FOLDER = join(ROOT, 'bench');
const BINARY = join(FOLDER, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node');

/**
 * Installs what the benchmarks compare with. better-sqlite3 is compiled here when that is possible:
 * it is then made by the same compiler as our own engine, and nothing but npm packages has to be
 * fetched. Without a C++ compiler or Python its install script fetches a binary.
 */
export async function ensurePeers() {
  // npm passes on what it found in the root's .npmrc, where scripts are off.
  Object.assign(process.env, { npm_config_ignore_scripts: 'false' }, sourceBuild());
  await ensureDependencies(FOLDER);
  if (existsSync(BINARY)) return;
  console.error('Building better-sqlite3 …');
  const [command, args, options] = npm(['rebuild', 'better-sqlite3']);
  await status(command, args, { ...options, cwd: FOLDER });
  if (existsSync(BINARY)) return;
  throw new Problem(
    'better-sqlite3 could not be built: install Python 3 and a C++ compiler (`apt-get install python3 g++` on Debian and Ubuntu) and try again.',
  );
}

function sourceBuild() {
  const python = output('python3', ['--version']) ?? output('python', ['--version']);
  if (python === null || output('c++', ['--version']) === null) return {};
  const headers = nodeHeaders();
  return {
    npm_config_build_from_source: 'better-sqlite3',
    ...(headers === null ? {} : { npm_config_nodedir: headers }),
  };
}

// Node's own archives and most packages of it bring the headers along; else node-gyp fetches them.
function nodeHeaders() {
  const folder = dirname(dirname(process.execPath));
  const file = join(folder, 'include/node/node_version.h');
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8');
  const part = (name) => new RegExp(`^#define NODE_${name}_VERSION (\\d+)`, 'm').exec(text)?.[1];
  const version = ['MAJOR', 'MINOR', 'PATCH'].map(part).join('.');
  return version === process.versions.node ? folder : null;
}
