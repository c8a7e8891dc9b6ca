// What the command line says about itself, and to those who type something else.
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { cli, done } = require('../support/cli.js');
const { newFolder } = require('../support/folder.js');
const { packageFolder, sdk: Proyecta } = require('../support/package.js');

const cwd = newFolder();

test('help lists every command', async () => {
  const help = await done(['--help'], { cwd });
  for (const command of [
    'serve',
    'migrate',
    'keys create',
    'keys list',
    'keys revoke',
    'keys import',
    'stores create',
    'stores list',
    'customers import',
    'customers export',
    'catalog push',
    'catalog pull',
    'catalog types',
    'doctor',
    'openapi',
    'backup',
    'compact',
  ]) {
    expect(help).toContain(command);
  }
});

test('the version is the package’s', async () => {
  expect(await done(['--version'], { cwd })).toBe(`proyecta ${Proyecta.VERSION}\n`);
});

test('npx finds the program', () => {
  const { bin } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  expect(bin).toEqual({ proyecta: 'bin/proyecta.js' });
});

test.each([
  [[], 'a command is missing'],
  [['keys'], 'one of: create, list, revoke, import'],
  [['serv'], "a similar subcommand exists: 'serve'"],
  [['keys', 'list', '--jsn'], "unexpected argument '--jsn'"],
  [['backup'], '<FILE>'],
  [['catalog'], 'one of: push, pull, types'],
  [['catalog', 'push'], '<FILE>'],
  [['keys', 'revoke', 'cus_1'], 'key_'],
  [['keys', 'create', '--scope', 'all'], 'full, read_only'],
  [['keys', 'create', '--store', 'nonsense'], 'store_'],
  [['serve', '--listen', 'everywhere'], '--listen'],
  [['serve', '--body-limit', 'much'], 'size'],
  [['serve', '--cors-origin', 'app.example.com'], 'origin'],
  [['serve', '--rate-limit', '0'], '--rate-limit'],
])('%j is refused in one sentence that helps', async (args, part) => {
  const { code, stdout, stderr } = await cli(args, { cwd });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^proyecta: .*; see proyecta --help\n$/);
  expect(stderr).toContain(part);
});

test('a secret that stands where it should not is never echoed', async () => {
  for (const secret of ['sk_live_0123456789abcdefghij', 'a-token-that-a-shop-brings-along']) {
    const { code, stdout, stderr } = await cli(['keys', 'import', secret], { cwd });
    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain(secret.slice(8));
  }
  const url = 'postgres://me:hunter2@127.0.0.1:1/db?connect_timeout=1';
  for (const args of [['stores', 'list'], ['doctor'], ['doctor', url]]) {
    const { stdout, stderr } = await cli(args, { cwd, env: { PROYECTA_DATABASE_URL: url } });
    expect(stdout + stderr).not.toContain('hunter2');
  }
  const key = { PROYECTA_DATABASE_URL: 'x.db', PROYECTA_API_KEY: 'sk_live_0123456789abcdefghij' };
  for (const args of [['serve', '--help'], ['doctor']]) {
    const { stdout, stderr } = await cli(args, { cwd, env: key });
    expect(stdout + stderr).not.toContain('0123456789');
  }
});

describe('without a name the database is the SDK’s', () => {
  const folder = newFolder();
  const deep = join(folder, 'src/deep');

  test('beside the nearest package.json, ignored by git', async () => {
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{}');
    const store = (await done(['stores', 'create'], { cwd: deep })).trim();
    expect(readFileSync(join(folder, '.proyecta/.gitignore'), 'utf8')).toBe('*\n');
    const proyecta = new Proyecta({ database: join(folder, '.proyecta/proyecta.db') });
    expect(await proyecta.store).toMatchObject({ id: store, mode: 'test' });
    await proyecta.close();
  });

  test('in production it must be named', async () => {
    const { code, stderr } = await cli(['stores', 'list'], { cwd: deep, env: { NODE_ENV: 'production' } });
    expect(code).toBe(1);
    expect(stderr).toContain('PROYECTA_DATABASE_URL');
  });

  test('an empty variable counts as unset', async () => {
    const env = { PROYECTA_DATABASE_URL: '', PROYECTA_DATABASE: '', PROYECTA_CURRENCY: '' };
    const [store] = JSON.parse(await done(['stores', 'list', '--json'], { cwd: deep, env }));
    expect(store.currency).toBe('KRW');
    expect(JSON.parse(await done(['stores', 'create', '--json'], { cwd: deep, env })).currency).toBe('KRW');
  });
});

test('what only reads makes no database', async () => {
  const folder = newFolder();
  for (const args of [
    ['stores', 'list'],
    ['keys', 'list'],
    ['customers', 'export', '-'],
    ['catalog', 'pull'],
    ['catalog', 'types', 'catalog.d.ts'],
    ['backup', 'b.db'],
    ['compact'],
  ]) {
    const { code, stderr } = await cli([...args, '--database', 'none.db'], { cwd: folder });
    expect({ args, code, stderr }).toMatchObject({
      args,
      code: 1,
      stderr: expect.stringContaining('none.db'),
    });
  }
  expect(require('node:fs').readdirSync(folder)).toEqual([]);
});
