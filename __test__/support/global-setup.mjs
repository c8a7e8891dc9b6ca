// Once for all suites: the package is built, packed and installed from its tarballs into an empty
// project; `package.js` gives it to the tests.
import { buildDev, bundle } from '../../scripts/build.mjs';
import { findChromium } from '../../scripts/chromium.mjs';
import { installTarballs } from '../../scripts/lib/installed.mjs';
import { pack } from '../../scripts/pack.mjs';

export default async function setup() {
  if (!process.env.PROYECTA_TEST_BUILT) {
    await buildDev();
    await bundle();
  }
  const tarballs = await pack({ build: 'dev' });
  const installed = await installTarballs(tarballs);
  process.env.PROYECTA_TEST_PROJECT = installed.folder;
  process.env.PROYECTA_TEST_TARBALLS = JSON.stringify(tarballs);
  process.env.PROYECTA_CHROMIUM ??= findChromium() ?? '';
  globalThis.proyectaInstalled = installed;
}
