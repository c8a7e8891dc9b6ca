// The package as a user's project has it: installed from its packed tarballs into an empty project
// (global-setup.mjs).
const { execFile } = require('node:child_process');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const projectFolder = process.env.PROYECTA_TEST_PROJECT;
if (!projectFolder) throw new Error('run the tests with Jest from the repository (npm test)');

/** Where the package lies in the project. */
const packageFolder = join(projectFolder, 'node_modules/@proyecta-ai/sdk');

/** What `require('@proyecta-ai/sdk')` gives: the class, with everything else on it. */
const sdk = require(packageFolder);

/**
 * Runs a program of the project in a process of its own and gives `{ code, signal, stdout, stderr }`.
 * `source` is the text of an ES module, or of a CommonJS one with `commonjs: true`; `args` go to the
 * program, `flags` to Node. Further options are those of `execFile`.
 */
function runProgram(source, { commonjs = false, args = [], flags = [], ...options } = {}) {
  const folder = mkdtempSync(join(projectFolder, 'program-'));
  const file = join(folder, commonjs ? 'main.cjs' : 'main.mjs');
  writeFileSync(file, source);
  return new Promise((resolve) => {
    const settings = { cwd: folder, maxBuffer: 1 << 26, timeout: 60_000, ...options };
    const child = execFile(process.execPath, [...flags, file, ...args], settings, (_, stdout, stderr) => {
      rmSync(folder, { recursive: true, force: true });
      resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr });
    });
  });
}

module.exports = {
  packageFolder,
  projectFolder,
  sdk,
  runProgram,
  /** The packed tarballs, the root package's first. */
  tarballs: JSON.parse(process.env.PROYECTA_TEST_TARBALLS),
};
