// Once for all suites: the package is built, packed and installed from its tarballs into an empty
// project, which `package.js` gives to the tests, and a PostgreSQL server is started for `store.js`.
import { buildDev, bundle } from '../../scripts/build.mjs';
import { findChromium } from '../../scripts/chromium.mjs';
import { installTarballs } from '../../scripts/lib/installed.mjs';
import { startPostgres } from '../../scripts/lib/postgres.mjs';
import { pack } from '../../scripts/pack.mjs';

export default async function setup() {
  if (!process.env.PROYECTA_TEST_BUILT) {
    await buildDev();
    await bundle();
  }
  const tarballs = await pack({ build: 'dev' });
  const installed = await installTarballs(tarballs);
  globalThis.proyectaInstalled = installed;
  process.env.PROYECTA_TEST_PROJECT = installed.folder;
  process.env.PROYECTA_TEST_TARBALLS = JSON.stringify(tarballs);
  process.env.PROYECTA_CHROMIUM ??= findChromium() ?? '';
  // Another version that is installed here can be asked for, such as 15.
  globalThis.proyectaPostgres = await startPostgres(process.env.PROYECTA_TEST_POSTGRES);
  process.env.PROYECTA_TEST_POSTGRES_URL = globalThis.proyectaPostgres.url;
}
