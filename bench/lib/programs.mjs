// What has to be compiled for the cases over HTTP: our server as a plain binary, the load generator,
// and the server that always answers the same.
import { join } from 'node:path';
import { output, ROOT, run } from '../../scripts/lib/shell.mjs';

const RELEASE = ['build', '--locked', '--release', '--no-default-features'];

let folder;

const built = (name) => {
  folder ??= JSON.parse(
    output('cargo', ['metadata', '--locked', '--no-deps', '--format-version', '1']),
  ).target_directory;
  return join(folder, 'release', process.platform === 'win32' ? `${name}.exe` : name);
};

/** Paths of the programs. */
export const programs = {
  proyecta: () => built('proyecta'),
  load: () => built('examples/load'),
  fixedAnswer: () => built('examples/fixed_answer'),
};

/** Builds them, where something has changed. */
export async function ensurePrograms() {
  await run('cargo', [...RELEASE, '--features', 'server', '--bin', 'proyecta'], {
    what: 'Building the server',
  });
  await run('cargo', [...RELEASE, '--features', 'bench', '--example', 'load', '--example', 'fixed_answer'], {
    what: 'Building the load generator',
  });
}

export { ROOT };
