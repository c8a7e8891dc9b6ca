// Finds the Chromium for the page tests, and installs one when there is none.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { installDebian } from './lib/debian.mjs';
import { ROOT, status } from './lib/shell.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

const ELSEWHERE = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Path of a Chromium, from the PATH if there is one, else freshly installed; null if that failed. */
export async function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  console.log('No Chromium on the PATH; installing one for the page tests …');
  await installChromium();
  const installed = findChromium();
  if (installed === null) {
    console.error(
      '✖ The page tests need Chromium, and it could neither be found nor installed: install `chromium` so that it is on the PATH, and try again.',
    );
  }
  return installed;
}

/** Path of the Chromium that is there, or null. */
export function findChromium() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const candidates = [
    process.env.PROYECTA_CHROMIUM,
    ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name + suffix))),
    ...ELSEWHERE,
    downloaded(),
  ];
  return candidates.find((path) => path && existsSync(path)) ?? null;
}

const playwright = () => createRequire(join(ROOT, 'package.json'))('playwright-core');

// Where playwright keeps the one that belongs to its version.
function downloaded() {
  try {
    return playwright().chromium.executablePath();
  } catch {
    return null;
  }
}

// Debian's own package brings the libraries it needs; playwright's download may lack some.
async function installChromium() {
  if (await installDebian('chromium')) return;
  const cli = join(ROOT, 'node_modules/playwright-core/cli.js');
  await status(process.execPath, [cli, 'install', 'chromium-headless-shell', 'chromium']);
}
