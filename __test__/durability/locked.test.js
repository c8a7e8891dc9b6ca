// Another process holds the write lock for longer than a call may take.
const { sdk: Proyecta } = require('../support/package.js');
const { newDatabase } = require('../support/folder.js');
const { failure, someone } = require('../support/customers.js');
const { holdLock } = require('../support/lock.js');

describe('while another process holds the write lock', () => {
  const database = newDatabase();
  let proyecta;
  let customers;
  let release;
  let first;

  beforeAll(async () => {
    proyecta = new Proyecta({ database });
    customers = proyecta.commerce.customers;
    first = await customers.create(someone('first'));
    release = await holdLock(database);
  });

  test('a write fails with a code of its own when its timeout is over, and may be tried again', async () => {
    const begun = performance.now();
    const error = await failure(customers.create(someone('late'), { timeout: 300 }));
    expect(error).toMatchObject({ name: 'UnavailableError', code: 'database_locked', retryable: true });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(290);
    expect(performance.now() - begun).toBeLessThan(2000);
  });

  test('a write that comes behind a patient one keeps to its own timeout', async () => {
    const patient = failure(customers.create(someone('patient')));
    const begun = performance.now();
    const error = await failure(customers.create(someone('hasty'), { timeout: 300 }));
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(error.code).toBe('database_locked');
    expect((await patient).code).toBe('database_locked');
  });

  test('reads go on', async () => {
    expect(await customers.get(first.id)).toEqual(first);
    expect((await customers.list({ query: 'first' })).data).toEqual([first]);
  });

  test('a write that is given up says so and is not made later', async () => {
    const controller = new AbortController();
    const call = failure(customers.create(someone('given-up'), { signal: controller.signal }));
    controller.abort(new Error('enough'));
    expect(await call).toMatchObject({ name: 'AbortError', cause: new Error('enough') });
  });

  test('a write that waits is made as soon as the lock is free, and nothing else was', async () => {
    const waiting = customers.create(someone('waiting'));
    await release();
    expect((await waiting).email).toBe('waiting@example.com');
    for (const name of ['late', 'patient', 'hasty', 'given-up']) {
      expect((await customers.list({ email: `${name}@example.com` })).data).toEqual([]);
    }
    expect((await customers.create(someone('late'))).version).toBe(1);
    await proyecta.close();
  });
});
