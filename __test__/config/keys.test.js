// Which store a key opens.
const { sdk: Proyecta } = require('../support/package.js');
const { everyCustomer, failure, someone } = require('../support/customers.js');
const { newDatabase } = require('../support/folder.js');

const { AuthenticationError } = Proyecta;
const TEST = 'sk_test_4f9a1c';
const LIVE = 'sk_live_0123456789abcdef';
const OWN = 'Own-key_of.a~shop+with/24=';

const clients = [];
afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));

function open(database, apiKey) {
  const client = new Proyecta({ database, apiKey });
  clients.push(client);
  return client;
}

/** Opens, makes a customer with that name, closes, and answers the store. */
async function use(database, apiKey, name) {
  const client = new Proyecta({ database, apiKey });
  try {
    const store = await client.store;
    if (name) await client.commerce.customers.create(someone(name));
    return store;
  } finally {
    await client.close();
  }
}

async function expectUnknown(database, apiKey) {
  const client = open(database, apiKey);
  const { customers } = client.commerce;
  const calls = [client.store, customers.list(), customers.create(someone('x'))].map(failure);
  for (const error of await Promise.all(calls)) {
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({
      code: 'api_key_unknown',
      param: 'apiKey',
      statusCode: 401,
      retryable: false,
    });
  }
}

describe('a fresh database', () => {
  test('adopts the first key it sees, and no other one later', async () => {
    const database = newDatabase();
    const store = await use(database, TEST, 'ada');
    expect(store.mode).toBe('test');
    await expectUnknown(database, `${TEST}0`);
    await expectUnknown(database, LIVE);
    await expectUnknown(database, OWN);
    expect(await use(database, TEST)).toEqual(store);
    expect(await everyCustomer(open(database, TEST))).toHaveLength(1);
  });

  test('refuses another key also while the first client is still there', async () => {
    const database = newDatabase();
    await open(database, TEST).store;
    await expectUnknown(database, OWN);
    expect((await open(database, TEST).store).mode).toBe('test');
  });

  test('that two keys reach at the same moment belongs to one of them', async () => {
    const database = newDatabase();
    const keys = Array.from({ length: 8 }, (_, index) => `sk_test_${index}`);
    const outcomes = await Promise.allSettled(keys.map((key) => open(database, key).store));
    const codes = outcomes.map(({ reason }) => reason?.code ?? 'opened').sort();
    expect(codes).toEqual([...Array(7).fill('api_key_unknown'), 'opened']);
  });

  test('becomes a live store under a live key', async () => {
    const database = newDatabase();
    expect((await use(database, LIVE, 'ada')).mode).toBe('live');
  });
});

describe('a keyless store', () => {
  test('is a test store and adopts a test key with all that it holds', async () => {
    const database = newDatabase();
    const store = await use(database, undefined, 'ada');
    expect(store.mode).toBe('test');
    expect(await use(database, TEST, 'grace')).toEqual(store);
    await expectUnknown(database, 'sk_test_second');
    const names = (await everyCustomer(open(database, TEST))).map(({ name }) => name);
    expect(names.sort()).toEqual(['Customer ada', 'Customer grace']);
  });

  test('never adopts a live key', async () => {
    const database = newDatabase();
    await use(database, undefined, 'ada');
    await expectUnknown(database, LIVE);
    expect((await use(database, undefined)).mode).toBe('test');
    expect((await use(database, TEST)).mode).toBe('test');
  });
});

test('a live store needs its key', async () => {
  const database = newDatabase();
  await use(database, LIVE, 'ada');
  const keyless = open(database, undefined);
  const calls = [keyless.store, keyless.commerce.customers.list()].map(failure);
  for (const error of await Promise.all(calls)) {
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ code: 'api_key_missing', param: 'apiKey', statusCode: 401 });
    expect(error.message).toContain('PROYECTA_API_KEY');
  }
  await expectUnknown(database, TEST);
  await expectUnknown(database, 'sk_live_0123456789abcdeg');
  expect((await use(database, LIVE)).mode).toBe('live');
});

describe("a shop's own key", () => {
  test.each([
    ['24 characters', 'k'.repeat(24)],
    ['128 characters', 'K'.repeat(128)],
    ['every printable sign', OWN],
    ['a start that is not ours', 'pk_test_0123456789abcdefgh'],
  ])('of %s opens a store of its own', async (_, key) => {
    const database = newDatabase();
    expect((await use(database, key, 'ada')).mode).toBe('test');
    await expectUnknown(database, `${key.slice(0, -1)}#`);
  });

  test.each([
    ['too short', 'k'.repeat(23)],
    ['too long', 'k'.repeat(129)],
    ['with a blank', `${'k'.repeat(12)} ${'k'.repeat(12)}`],
    ['with a line break', `${'k'.repeat(24)}\n`],
    ['with a tab', `${'k'.repeat(24)}\t`],
    ['with a letter beyond ASCII', `${'k'.repeat(24)}é`],
    ['in Korean', '열쇠'.repeat(12)],
    ['a live key that is too short to be safe', 'sk_live_short'],
    ['a test key without an end', 'sk_test_'],
  ])('%s is malformed, is not quoted, and makes no store', async (_, key) => {
    const database = newDatabase();
    const error = await failure(() => use(database, key));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ code: 'api_key_malformed', param: 'apiKey', statusCode: 401 });
    expect(error.message).toContain('24 to 128');
    if (key !== 'sk_test_') expect(`${error.stack}${JSON.stringify(error)}`).not.toContain(key.trim());
    expect((await use(database, LIVE)).mode).toBe('live');
  });
});
