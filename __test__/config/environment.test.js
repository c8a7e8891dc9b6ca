// What the constructor's options and the environment come to.
const { existsSync, readdirSync } = require('node:fs');
const { join } = require('node:path');
const { inspect } = require('node:util');
const { runProgram, sdk: Proyecta } = require('../support/package.js');
const { failure, someone } = require('../support/customers.js');
const { newDatabase, newFolder } = require('../support/folder.js');

const { AuthenticationError, InvalidRequestError } = Proyecta;
const KEY = 'sk_test_environment';
const saved = { ...process.env };

beforeEach(() => {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('PROYECTA_')) delete process.env[name];
  }
});

afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in saved)) delete process.env[name];
  Object.assign(process.env, saved);
});

const opened = [];

function open(options) {
  const proyecta = new Proyecta(options);
  opened.push(proyecta);
  return proyecta;
}

afterEach(() => Promise.all(opened.splice(0).map((proyecta) => proyecta.close())));

/** What the constructor throws. */
function refusal(options) {
  try {
    open(options);
  } catch (error) {
    return error;
  }
  throw new Error('the constructor took the options');
}

/** Makes a database that belongs to `KEY`, and so tells which key a client came with. */
async function lockedDatabase() {
  const database = newDatabase();
  const proyecta = new Proyecta({ database, apiKey: KEY });
  await proyecta.commerce.customers.create(someone('owner'));
  await proyecta.close();
  return database;
}

const canRead = async (proyecta) => (await proyecta.commerce.customers.list()).data.length === 1;

describe('an option that is left out comes from the environment', () => {
  test('PROYECTA_DATABASE_URL and PROYECTA_API_KEY', async () => {
    process.env.PROYECTA_DATABASE_URL = `file:${await lockedDatabase()}`;
    process.env.PROYECTA_API_KEY = KEY;
    expect(await canRead(open())).toBe(true);
    expect(await canRead(open({}))).toBe(true);
    expect(await canRead(open({ apiKey: undefined, database: undefined }))).toBe(true);
    process.env.PROYECTA_API_KEY = 'sk_test_another';
    expect((await failure(canRead(open()))).code).toBe('api_key_unknown');
  });

  test('PROYECTA_TIMEZONE and PROYECTA_CURRENCY', async () => {
    Object.assign(process.env, { PROYECTA_TIMEZONE: 'Asia/Seoul', PROYECTA_CURRENCY: 'USD' });
    expect(await open({ database: ':memory:' }).store).toMatchObject({
      timezone: 'Asia/Seoul',
      currency: 'USD',
    });
  });

  test.each([
    ['PROYECTA_TIMEOUT', 'soon', 'timeout'],
    ['PROYECTA_MAX_RETRIES', '-1', 'maxRetries'],
    ['PROYECTA_PUBLIC_URL', 'nowhere', 'publicUrl'],
    ['PROYECTA_WORKER', 'maybe', 'worker'],
    ['PROYECTA_LOG_LEVEL', 'loud', 'logLevel'],
    ['PROYECTA_DATABASE_URL', 'mysql://localhost/app', 'database'],
  ])('%s, and what does not fit is told with its name', (name, value, param) => {
    process.env[name] = value;
    const error = refusal(param === 'database' ? {} : { database: ':memory:' });
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error).toMatchObject({ code: 'configuration_invalid', param });
    expect(error.message).toContain(name);
    expect(error.message).not.toContain(value);
  });

  test('numbers and flags are written as texts there', async () => {
    const values = { TIMEOUT: '5000', MAX_RETRIES: '2', WORKER: 'false', LOG_LEVEL: 'error' };
    for (const [name, value] of Object.entries(values)) process.env[`PROYECTA_${name}`] = value;
    expect(await open({ database: ':memory:' }).store).toMatchObject({ mode: 'test' });
  });

  test('an empty variable counts as unset', async () => {
    Object.assign(process.env, { PROYECTA_API_KEY: '', PROYECTA_BASE_URL: '', PROYECTA_DATABASE_URL: '' });
    expect(await open({ database: ':memory:' }).store).toMatchObject({ mode: 'test', timezone: 'UTC' });
  });

  test('an empty apiKey is no key, not a malformed one', async () => {
    expect((await open({ database: ':memory:', apiKey: '' }).store).mode).toBe('test');
  });
});

describe('explicit options beat the environment', () => {
  test('the key and the database', async () => {
    const database = await lockedDatabase();
    process.env.PROYECTA_API_KEY = 'sk_test_another';
    process.env.PROYECTA_DATABASE_URL = newDatabase();
    expect(await canRead(open({ database, apiKey: KEY }))).toBe(true);
    expect(existsSync(process.env.PROYECTA_DATABASE_URL)).toBe(false);
  });

  test('the time zone', async () => {
    process.env.PROYECTA_TIMEZONE = 'not a zone';
    const { timezone } = await open({ database: ':memory:', timezone: 'Europe/Berlin' }).store;
    expect(timezone).toBe('Europe/Berlin');
  });

  test('an explicit database beats PROYECTA_BASE_URL', async () => {
    process.env.PROYECTA_BASE_URL = 'http://127.0.0.1:9';
    expect((await open({ database: ':memory:' }).store).mode).toBe('test');
  });

  test('an explicit baseUrl beats PROYECTA_DATABASE_URL', () => {
    process.env.PROYECTA_DATABASE_URL = newDatabase();
    const error = refusal({ baseUrl: 'http://127.0.0.1:9' });
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.message).toContain('PROYECTA_API_KEY');
  });
});

describe('a remote engine', () => {
  test.each([
    ['both options', { database: ':memory:', baseUrl: 'http://127.0.0.1:9', apiKey: KEY }, {}],
    [
      'both variables',
      { apiKey: KEY },
      { PROYECTA_DATABASE_URL: ':memory:', PROYECTA_BASE_URL: 'http://127.0.0.1:9' },
    ],
  ])('together with a database is an error that names %s', (_, options, variables) => {
    Object.assign(process.env, variables);
    const error = refusal(options);
    expect(error).toMatchObject({ name: 'InvalidRequestError', code: 'configuration_invalid' });
    const names = Object.keys(variables).length > 0 ? Object.keys(variables) : ['database', 'baseUrl'];
    for (const name of names) expect(error.message).toContain(name);
  });

  test.each([
    ['option', { baseUrl: 'http://127.0.0.1:9' }, {}],
    ['variable', {}, { PROYECTA_BASE_URL: 'http://127.0.0.1:9' }],
  ])('without a key throws at once and names the variable: %s', (_, options, variables) => {
    Object.assign(process.env, variables);
    const error = refusal(options);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ code: 'api_key_missing', param: 'apiKey', statusCode: 401 });
    expect(error.message).toContain('PROYECTA_API_KEY');
  });

  test('with a key is all that it takes, and nothing is connected to yet', async () => {
    process.env.PROYECTA_BASE_URL = 'http://127.0.0.1:9/api/billing/';
    process.env.PROYECTA_API_KEY = KEY;
    process.env.NODE_ENV = 'production';
    const proyecta = open();
    expect(JSON.parse(JSON.stringify(proyecta))).toMatchObject({ baseUrl: 'http://127.0.0.1:9/api/billing' });
    await proyecta.close();
  });

  test.each([
    'not a URL',
    'ftp://127.0.0.1/',
    '127.0.0.1:8080',
    'http://someone:secret-word@127.0.0.1/',
    'http://127.0.0.1/?tenant=secret-word',
    'http://127.0.0.1/#secret-word',
  ])('an address that does not fit is refused without being quoted: %s', (baseUrl) => {
    const error = refusal({ baseUrl, apiKey: KEY });
    expect(error).toMatchObject({ code: 'configuration_invalid', param: 'baseUrl' });
    expect(inspect(error, { showHidden: true })).not.toContain('secret-word');
  });

  test.each([
    ['a file that is not there', () => join(newFolder(), 'missing.pem')],
    ['a file without a certificate', () => __filename],
  ])('a certificate must be one: %s', (_, path) => {
    const error = refusal({ baseUrl: 'https://127.0.0.1:9', apiKey: KEY, caCertificate: path() });
    expect(error).toMatchObject({ code: 'configuration_invalid', param: 'caCertificate' });
  });

  test.each(['onRequest', 'onResponse'])('%s must be a function', (name) => {
    const error = refusal({ baseUrl: 'http://127.0.0.1:9', apiKey: KEY, [name]: 'log' });
    expect(error).toMatchObject({ code: 'configuration_invalid', param: name });
  });
});

describe('in production', () => {
  beforeEach(() => {
    process.env.NODE_ENV = 'production';
  });

  test.each([
    ['without a key', {}],
    ['with a key', { apiKey: KEY }],
  ])('a database must be named: %s', (_, options) => {
    const error = refusal(options);
    expect(error).toMatchObject({
      name: 'InvalidRequestError',
      code: 'configuration_invalid',
      param: 'database',
    });
    expect(error.message).toContain('PROYECTA_DATABASE_URL');
  });

  test('a named one is used', async () => {
    expect((await open({ database: newDatabase() }).store).mode).toBe('test');
    process.env.PROYECTA_DATABASE_URL = newDatabase();
    expect((await open().store).mode).toBe('test');
  });

  test('no database appears by accident', async () => {
    const cwd = newFolder();
    const source = `import Proyecta from '@proyecta-ai/sdk';
try { new Proyecta(); } catch (error) { console.log(error.code); }`;
    const env = { ...process.env, NODE_ENV: 'production' };
    const { stdout, stderr } = await runProgram(source, { cwd, env });
    expect({ stdout, stderr }).toEqual({ stdout: 'configuration_invalid\n', stderr: '' });
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe('an option that does not fit', () => {
  test.each([
    ['databse', 'database'],
    ['databaseUrl', 'database'],
    ['apikey', 'apiKey'],
    ['api_key', 'apiKey'],
    ['baseURL', 'baseUrl'],
    ['timeZone', 'timezone'],
    ['curency', 'currency'],
    ['timeOut', 'timeout'],
  ])('%s gets %s suggested', (name, near) => {
    const error = refusal({ database: ':memory:', [name]: 'x' });
    expect(error).toMatchObject({ name: 'InvalidRequestError', code: 'configuration_invalid', param: name });
    expect(error.message).toMatch(new RegExp(`did you mean ${near}\\?`));
  });

  test('one that is like none gets the list', () => {
    expect(refusal({ zzzzzzzz: 1 }).message).toMatch(/apiKey.*database/);
  });

  test.each([
    ['apiKey', 12345],
    ['apiKey', ['sk_test_environment']],
    ['database', 5],
    ['database', ''],
    ['database', '\ud800.db'],
    ['database', null],
    ['timezone', {}],
    ['currency', () => 'KRW'],
    ['timeout', 0],
    ['timeout', 1.5],
    ['timeout', '5000'],
    ['timeout', Number.NaN],
    ['maxRetries', -1],
    ['worker', 'yes'],
    ['logger', {}],
    ['logLevel', 'loud'],
    ['publicUrl', 'example.com'],
    ['encryptionKey', 'hunter2'],
    ['encryptionKey', `${'A'.repeat(43)},short`],
    ['encryptionKey', 5],
  ])('%s: %p is refused by its name', (name, value) => {
    const error = refusal({ database: ':memory:', [name]: value });
    expect(error).toMatchObject({ name: 'InvalidRequestError', param: name, statusCode: 400 });
    expect(error.message).toContain(name);
  });

  test.each([[null], ['sk_test_environment'], [5], [[]], [new Map()], [() => ({})]])(
    'options that are no object are refused: %p',
    (options) => {
      expect(refusal(options)).toMatchObject({ name: 'InvalidRequestError', code: 'configuration_invalid' });
    },
  );

  test('a getter that throws becomes the cause', () => {
    const broken = new Error('broken');
    const options = {
      get database() {
        throw broken;
      },
    };
    expect(refusal(options)).toMatchObject({ name: 'InvalidRequestError', cause: broken });
  });

  test('values that may be secrets are never quoted', () => {
    const url = 'redis://app:hunter2@db.example.com/app';
    for (const options of [
      { database: url },
      { database: 'mysql://app:hunter2@db/app' },
      { database: url, baseUrl: 'x' },
    ]) {
      const error = refusal(options);
      expect(error.message + error.stack + JSON.stringify(error)).not.toMatch(/hunter2|db\.example/);
    }
  });

  test('the error points at the line with the constructor', () => {
    expect(refusal({ databse: 'x' }).stack).toMatch(/environment\.test\.js:\d+:\d+/);
  });
});

test('a client that is never used leaves nothing behind', async () => {
  const cwd = newFolder();
  const source = `import Proyecta from '@proyecta-ai/sdk';
const proyecta = new Proyecta();
await new Proyecta({ database: 'app.db' }).close();
console.log(typeof proyecta.commerce.customers.create);`;
  const { code, stdout, stderr } = await runProgram(source, { cwd });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'function\n', stderr: '' });
  expect(readdirSync(cwd)).toEqual([]);
  expect(existsSync(join(cwd, '.proyecta'))).toBe(false);
});
