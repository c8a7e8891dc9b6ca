// Stores and their keys.
const { readFileSync } = require('node:fs');
const { cli, done } = require('../support/cli.js');
const { failure } = require('../support/customers.js');
const { newDatabase } = require('../support/folder.js');
const { sdk: Proyecta } = require('../support/package.js');

const database = newDatabase();
const env = { PROYECTA_DATABASE_URL: database };
const json = async (...args) => JSON.parse(await done([...args, '--json'], { env }));
let test_;
let live;

beforeAll(async () => {
  test_ = await json('stores', 'create', '--timezone', 'Asia/Seoul');
  live = await json('stores', 'create', '--mode', 'live', '--currency', 'usd');
});

test('stores are listed with what they were made with', async () => {
  expect(await json('stores', 'list')).toEqual([test_, live]);
  expect(test_).toMatchObject({ object: 'store', mode: 'test', timezone: 'Asia/Seoul', currency: 'KRW' });
  expect(live).toMatchObject({ mode: 'live', timezone: 'UTC', currency: 'USD' });
  const table = await done(['stores', 'list'], { env });
  expect(table.split('\n')[0]).toMatch(/^ID +MODE +TIMEZONE +CURRENCY +CREATED$/);
  expect(table).toContain(live.id);
});

test('a zone or currency that does not exist makes no store', async () => {
  for (const args of [
    ['--timezone', 'Seoul'],
    ['--currency', 'WON'],
  ]) {
    expect((await cli(['stores', 'create', ...args], { env })).code).toBe(1);
  }
  expect(await json('stores', 'list')).toHaveLength(2);
});

test('a key is shown once, opens its store, and is never seen again', async () => {
  const { code, stdout, stderr } = await cli(['keys', 'create', '--store', live.id, '--name', '결제 서버'], {
    env,
  });
  expect(code).toBe(0);
  const key = stdout.trim();
  expect(stdout).toMatch(/^sk_live_[0-9A-Za-z]{36}\n$/);
  expect(stderr).not.toContain(key.slice(8));

  const proyecta = new Proyecta({ database, apiKey: key });
  expect((await proyecta.store).id).toBe(live.id);
  await proyecta.close();

  const listed = await done(['keys', 'list'], { env });
  expect(listed).toContain('결제 서버');
  expect(listed).toContain(key.slice(-4));
  const [record] = await json('keys', 'list', '--store', live.id);
  expect(record).toMatchObject({
    object: 'api_key',
    store: live.id,
    scope: 'full',
    name: '결제 서버',
    revokedAt: null,
  });
  expect(JSON.stringify(record) + listed + readFileSync(database, 'latin1')).not.toContain(key.slice(8, 30));
});

test('a mistyped key is told from one of another database', async () => {
  const key = (await done(['keys', 'create', '--store', test_.id], { env })).trim();
  const wrong = key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a');
  for (const [apiKey, code] of [
    [wrong, 'api_key_malformed'],
    ['sk_test_1', 'api_key_unknown'],
  ]) {
    const proyecta = new Proyecta({ database, apiKey });
    expect(await failure(proyecta.commerce.customers.list())).toMatchObject({ code });
    await proyecta.close();
  }
});

test('a revoked key opens nothing', async () => {
  const made = await json('keys', 'create', '--store', test_.id, '--expires', '90d');
  expect(Date.parse(made.expiresAt) - Date.parse(made.createdAt)).toBeGreaterThan(89 * 86_400_000);
  const revoked = await json('keys', 'revoke', made.id);
  expect(revoked).toMatchObject({ id: made.id, revokedAt: expect.any(String) });
  expect(revoked).not.toHaveProperty('key');
  const proyecta = new Proyecta({ database, apiKey: made.key });
  expect(await failure(proyecta.commerce.customers.list())).toMatchObject({ code: 'api_key_revoked' });
  await proyecta.close();
});

test('a key is brought along by standard input or a variable, never by an argument', async () => {
  const token = 'a-token-that-the-shop-has-sent-for-years';
  const input = `${token}\n`;
  const { stdout } = await cli(['keys', 'import', '--store', test_.id], { env, input });
  expect(stdout).toContain('…ears');
  expect(stdout).not.toContain('token');
  const proyecta = new Proyecta({ database, apiKey: token });
  expect((await proyecta.store).id).toBe(test_.id);
  await proyecta.close();

  const again = await cli(['keys', 'import', '--store', test_.id], { env, input });
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('has this key already') });
  const mode = { ...env, LEGACY: 'another-token-of-that-same-shop', PROYECTA_MODE: 'live' };
  await done(['keys', 'import', '--from-env', 'LEGACY', '--store', live.id], { env: mode });
});

test.each([
  ['another store', ['keys', 'create', '--store', 'store_none'], 1, 'no store store_none'],
  ['no store of several', ['keys', 'create'], 1, '--store'],
  ['an unknown record', ['keys', 'revoke', 'key_none'], 1, 'key_none'],
  ['keys of no store', ['keys', 'list', '--store', 'store_none'], 1, 'store_none'],
  ['an end that is over', ['keys', 'create', '--expires', '2026-01-01', '--store', 'STORE'], 1, 'future'],
  ['an end that is none', ['keys', 'create', '--expires', 'soon', '--store', 'STORE'], 2, '90d'],
  ['a name of two lines', ['keys', 'create', '--name', 'a\nb', '--store', 'STORE'], 1, 'one line'],
  ['no key to bring along', ['keys', 'import', '--store', 'STORE'], 2, 'no key'],
  ['a variable that is not set', ['keys', 'import', '--from-env', 'NOT_SET'], 2, 'NOT_SET'],
])('%s is refused', async (_, args, code, part) => {
  const before = await json('keys', 'list');
  const refused = await cli(
    args.map((arg) => (arg === 'STORE' ? test_.id : arg)),
    { env },
  );
  expect(refused).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(part) });
  expect(await json('keys', 'list')).toEqual(before);
});

test('a live key does not go into a test store, nor a short text anywhere', async () => {
  for (const [input, part] of [
    ['sk_live_0123456789abcdef', 'live key'],
    ['short', '24 to 128'],
  ]) {
    const refused = await cli(['keys', 'import', '--store', test_.id], { env, input });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(part) });
    expect(refused.stderr).not.toContain(input);
  }
});
