import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npm, run } from './shell.mjs';

/**
 * An empty project in a folder of its own with the given tarballs installed, as a user would have
 * it: outside the repository, so that nothing of the repository's node_modules is in reach.
 */
export async function installTarballs(tarballs) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'proyecta-installed-')));
  await writeFile(join(folder, 'package.json'), '{ "name": "app", "private": true }\n');
  // Offline: the platform packages of the other platforms are optional and not to be had.
  const flags = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  const [command, args, options] = npm(['install', ...tarballs, ...flags, '--loglevel=error']);
  await run(command, args, {
    ...options,
    cwd: folder,
    // npm passes its own settings on to what it starts; the project is to have none of them.
    env: Object.fromEntries(
      Object.keys(process.env)
        .filter((name) => name.startsWith('npm_config_') || name.startsWith('npm_package_'))
        .map((name) => [name, undefined]),
    ),
    what: 'Installing the packed tarballs',
  });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
