// What the tests need of the operating system, installed where that can be done without asking.
import { output, status } from './shell.mjs';

/** Installs a package of Debian's, as root only; says whether it did. */
export async function installDebian(name) {
  if (process.getuid?.() !== 0 || output('apt-get', ['--version']) === null) return false;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '-qq', '--no-install-recommends', name];
  if ((await status('apt-get', install, { env })) === 0) return true;
  await status('apt-get', ['update', '-qq'], { env });
  return (await status('apt-get', install, { env })) === 0;
}

/** Makes sure of a program whose package has its name; the tests that need it say so when it is missing. */
export async function ensureProgram(name, flag = '--version') {
  if (output(name, [flag]) !== null) return;
  console.log(`No ${name} on the PATH; installing one for the tests …`);
  if (!(await installDebian(name))) {
    console.error(`✖ Some tests need ${name}: install it so that it is on the PATH, and try again.`);
  }
}
