// `timezone` and `currency` only seed a new store.
const { sdk: Proyecta } = require('../support/package.js');
const { failure, someone } = require('../support/customers.js');
const { newDatabase } = require('../support/folder.js');

async function storeOf(options) {
  const proyecta = new Proyecta(options);
  try {
    return await proyecta.store;
  } finally {
    await proyecta.close();
  }
}

/** The error of the constructor or of the first call. */
const refusal = (options) => failure(() => storeOf(options));

test('a new store has what the constructor says, else UTC and KRW', async () => {
  const options = { database: ':memory:', timezone: 'Asia/Seoul', currency: 'USD' };
  expect(await storeOf(options)).toMatchObject({ timezone: 'Asia/Seoul', currency: 'USD' });
  expect(await storeOf({ database: ':memory:' })).toMatchObject({ timezone: 'UTC', currency: 'KRW' });
});

test('a store keeps them, and the options may be left out or repeated later', async () => {
  const database = newDatabase();
  const store = await storeOf({ database, timezone: 'Asia/Seoul', currency: 'USD' });
  expect(await storeOf({ database })).toEqual(store);
  expect(await storeOf({ database, timezone: 'Asia/Seoul', currency: 'USD' })).toEqual(store);
  expect(await storeOf({ database, currency: 'USD' })).toEqual(store);
});

test.each([
  ['timezone', 'Europe/Berlin', 'Asia/Seoul'],
  ['currency', 'EUR', 'USD'],
])(
  'another %s is a conflict that names both, at every call, and changes nothing',
  async (param, other, stored) => {
    const database = newDatabase();
    const store = await storeOf({ database, timezone: 'Asia/Seoul', currency: 'USD' });
    const proyecta = new Proyecta({ database, [param]: other });
    const calls = [proyecta.store, proyecta.commerce.customers.create(someone('new'))].map(failure);
    for (const error of await Promise.all(calls)) {
      expect(error).toMatchObject({ name: 'ConflictError', code: 'setting_differs', param });
      expect(error.message).toContain(other);
      expect(error.message).toContain(stored);
    }
    await proyecta.close();
    expect(await storeOf({ database })).toEqual(store);
  },
);

test('what settings made of them counts, not what they were at first', async () => {
  const database = newDatabase();
  const proyecta = new Proyecta({ database, timezone: 'Asia/Seoul' });
  await proyecta.commerce.settings.update({ timezone: 'Europe/Berlin' });
  expect(await proyecta.store).toMatchObject({ timezone: 'Europe/Berlin' });
  await proyecta.close();
  const error = await refusal({ database, timezone: 'Asia/Seoul' });
  expect(error).toMatchObject({ name: 'ConflictError', code: 'setting_differs', param: 'timezone' });
  expect(await storeOf({ database, timezone: 'Europe/Berlin' })).toMatchObject({ version: 2 });
});

test('another one is a conflict also for a test store that adopts a key', async () => {
  const database = newDatabase();
  const store = await storeOf({ database });
  const error = await refusal({ database, apiKey: 'sk_test_seeds', timezone: 'Asia/Seoul' });
  expect(error).toMatchObject({ name: 'ConflictError', code: 'setting_differs', param: 'timezone' });
  expect(await storeOf({ database, apiKey: 'sk_test_other' })).toEqual(store);
});

test.each([
  ['timezone', 'Mars/Olympus'],
  ['timezone', '+09:00'],
  ['timezone', 'x'.repeat(10_000)],
  ['currency', 'WON'],
  ['currency', 'KRWX'],
  ['currency', '원'],
])('%s %p does not exist and is refused, before any store is made', async (param, value) => {
  const database = newDatabase();
  const error = await refusal({ database, [param]: value });
  expect(error).toMatchObject({ name: 'InvalidRequestError', code: 'configuration_invalid', param });
  expect(error.message.length).toBeLessThan(500);
  expect(await storeOf({ database, timezone: 'Asia/Seoul' })).toMatchObject({ timezone: 'Asia/Seoul' });
});
