// Examples as a user runs them: a copy beside the installed package, started with its own command.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} = require('node:fs');
const { basename, dirname, join, resolve } = require('node:path');
const { projectFolder } = require('../support/package.js');

const ROOT = resolve(__dirname, '../..');
const LEFT_OUT = ['node_modules', 'data', '.proyecta'];

const copies = [];
const running = new Set();

/** The environment without what would lead a program to another database. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('PROYECTA_') && name !== 'NODE_ENV'),
);

/** Copies a file or folder of `examples` into a small project of its own; gives the copy. */
function copyExample(name) {
  const folder = mkdtempSync(join(projectFolder, 'example-'));
  copies.push(folder);
  // Without a package.json the default database would be the surrounding project's.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const filter = (path) => !LEFT_OUT.includes(basename(path));
  cpSync(join(ROOT, 'examples', name), join(folder, name), { recursive: true, filter });
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  for (const dependency of dependenciesOf(join(folder, name))) {
    const link = join(modules, dependency);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', dependency), link, 'junction');
  }
  return join(folder, name);
}

/** The packages that an example installs itself; this one is found in the project above. */
function dependenciesOf(example) {
  const manifest = join(example, 'package.json');
  if (!existsSync(manifest)) return [];
  const { dependencies } = JSON.parse(readFileSync(manifest, 'utf8'));
  return Object.keys(dependencies).filter((name) => name !== '@proyecta-ai/sdk');
}

/**
 * Starts a copied example on a free port, with the command that `npm start` runs, and waits for the
 * address that it prints.
 */
async function start(folder, ...args) {
  return startWith(folder, {}, ...args);
}

/** The same with further environment variables. */
async function startWith(folder, variables, ...args) {
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const [command, ...rest] = scripts.start.split(' ');
  expect(command).toBe('node');
  const env = { ...environment, PORT: '0', ...variables };
  const child = spawn(process.execPath, [...rest, ...args], { cwd: folder, env });
  const exited = once(child, 'exit');
  const app = { folder, url: null, log: '', stop };
  running.add(app);

  async function stop() {
    running.delete(app);
    child.kill('SIGTERM');
    const [code, signal] = await exited;
    return { code, signal };
  }

  app.url = await new Promise((resolveUrl, reject) => {
    const read = (text) => {
      app.log += text;
      const address = /http:\/\/127\.0\.0\.1:\d+\S*/.exec(app.log);
      if (address) resolveUrl(address[0]);
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    exited.then(([code, signal]) => reject(new Error(`ended with ${code ?? signal}: ${app.log}`)), reject);
  });
  return app;
}

/** Ends what still runs and removes the copies; for `afterAll`. */
async function cleanUp() {
  await Promise.all([...running].map((app) => app.stop()));
  for (const folder of copies.splice(0)) rmSync(folder, { recursive: true, force: true });
}

module.exports = { cleanUp, copyExample, environment, start, startWith };
