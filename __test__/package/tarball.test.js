// What is in the tarballs, and what the usual checkers say of them.
const { execFile } = require('node:child_process');
const { readdirSync, readFileSync } = require('node:fs');
const { join, relative, resolve } = require('node:path');
const { packageFolder, projectFolder, tarballs } = require('../support/package.js');

const ROOT = resolve(__dirname, '../..');
const readJson = (...path) => JSON.parse(readFileSync(join(...path), 'utf8'));
const committed = readJson(ROOT, 'package.json');
const published = readJson(packageFolder, 'package.json');

function tool(path, ...args) {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [join(ROOT, 'node_modules', path), ...args],
      (_, stdout, stderr) => {
        done({ code: child.exitCode, output: stdout + stderr });
      },
    );
  });
}

test('publint has nothing to say', async () => {
  const { code, output } = await tool('publint/src/cli.js', 'run', '--strict', tarballs[0]);
  expect(output).toContain('All good!');
  expect(code).toBe(0);
});

test('the types are right in every resolution mode', async () => {
  const cli = '@arethetypeswrong/cli/dist/index.js';
  const { code, output } = await tool(cli, '--format', 'json', '--profile', 'strict', tarballs[0]);
  const { analysis } = JSON.parse(output);
  expect(analysis.problems).toEqual([]);
  expect(Object.keys(analysis.entrypoints['.'].resolutions).sort()).toEqual([
    'bundler',
    'node10',
    'node16-cjs',
    'node16-esm',
  ]);
  expect(code).toBe(0);
});

test('the root package holds exactly the listed files', () => {
  const present = readdirSync(packageFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('sdk/node_modules'))
    .map((entry) => relative(packageFolder, join(entry.parentPath, entry.name)));
  expect(present.sort()).toEqual([...committed.files, 'package.json'].sort());
});

test('nothing runs on installation, and nothing else is installed', () => {
  const folder = join(projectFolder, 'node_modules/@proyecta-ai');
  const names = readdirSync(folder);
  expect(names).toHaveLength(2);
  for (const name of names) {
    const { scripts, dependencies } = readJson(folder, name, 'package.json');
    expect({ name, scripts, dependencies }).toEqual({ name });
  }
  const others = readdirSync(join(projectFolder, 'node_modules')).filter((name) => !name.startsWith('.'));
  expect(others).toEqual(['@proyecta-ai']);
});

test('the platform packages are optional dependencies of the published package only', () => {
  expect(committed).not.toHaveProperty('optionalDependencies');
  expect(committed).not.toHaveProperty('dependencies');
  const platforms = readdirSync(join(ROOT, 'npm')).map((name) => `${committed.name}-${name}`);
  expect(platforms).toHaveLength(committed.napi.targets.length);
  const versions = Object.fromEntries(platforms.map((name) => [name, committed.version]));
  expect(published.optionalDependencies).toEqual(versions);
});

test('every manifest has the same version, licence and engines', () => {
  const cargo = readFileSync(join(ROOT, 'Cargo.toml'), 'utf8');
  expect(/^version = "(.*)"$/m.exec(cargo)[1]).toBe(committed.version);
  expect(/^license = "(.*)"$/m.exec(cargo)[1]).toBe(committed.license);
  const { version, license, engines } = committed;
  for (const name of readdirSync(join(ROOT, 'npm'))) {
    expect({ name, ...readJson(ROOT, 'npm', name, 'package.json') }).toMatchObject({
      name: `${committed.name}-${name}`,
      main: `proyecta.${name}.node`,
      version,
      license,
      engines,
    });
  }
});

test('npm ci takes the committed manifest and lock file', async () => {
  const npm = process.env.npm_execpath;
  const args = ['ci', '--dry-run', '--offline', '--ignore-scripts', '--no-audit'];
  const [command, rest] = npm?.endsWith('.js') ? [process.execPath, [npm, ...args]] : ['npm', args];
  await new Promise((done, failed) => {
    execFile(command, rest, { cwd: ROOT }, (error) => (error ? failed(error) : done()));
  });
  expect(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).not.toContain('"resolved"');
});
