// Another process holds the write lock for longer than a call may take.
const { sdk: Proyecta } = require('../support/package.js');
const { newDatabase } = require('../support/folder.js');
const { failure, someone } = require('../support/customers.js');
const { Neighbour } = require('../support/neighbour.js');
const { holdLock } = require('../support/lock.js');

describe('while another process holds the write lock', () => {
  const database = newDatabase();
  let proyecta;
  let customers;
  let release;
  let first;
  let reader;

  beforeAll(async () => {
    proyecta = new Proyecta({ database });
    customers = proyecta.commerce.customers;
    first = await customers.create(someone('first'));
    reader = await Neighbour.open({ database });
    await reader.call('customers.list');
    release = await holdLock(database);
  });

  test('a write fails with a code of its own when its timeout is over, and may be tried again', async () => {
    const begun = performance.now();
    const error = await failure(customers.create(someone('late'), { timeout: 300 }));
    expect(error).toMatchObject({ name: 'UnavailableError', code: 'database_locked', retryable: true });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(290);
    expect(performance.now() - begun).toBeLessThan(4000);
  });

  test('a write that comes behind a patient one keeps to its own timeout', async () => {
    const controller = new AbortController();
    const patient = failure(customers.create(someone('patient'), { signal: controller.signal }));
    // By the time this one is answered the first is being tried.
    await customers.list();
    const begun = performance.now();
    const error = await failure(customers.create(someone('hasty'), { timeout: 300 }));
    expect(performance.now() - begun).toBeLessThan(4000);
    expect(error.code).toBe('database_locked');
    controller.abort();
    expect((await patient).code).toBe('aborted');
  });

  test('without a timeout a write gives up after some seconds, with the same code', async () => {
    expect(await failure(customers.create(someone('patient')))).toMatchObject({ code: 'database_locked' });
  });

  test('a process that starts then keeps to the timeout of its first write', async () => {
    const neighbour = await Neighbour.open({ database });
    const begun = performance.now();
    const error = await failure(neighbour.call('customers.create', someone('starter'), { timeout: 300 }));
    expect(error).toMatchObject({ name: 'UnavailableError', code: 'database_locked', retryable: true });
    expect(performance.now() - begun).toBeLessThan(4000);
    await neighbour.kill();
  });

  test('a process that has only read so far keeps to the timeout of its first write', async () => {
    const begun = performance.now();
    const error = await failure(reader.call('customers.create', someone('reader'), { timeout: 300 }));
    expect(performance.now() - begun).toBeLessThan(4000);
    expect(error.code).toBe('database_locked');
    await reader.kill();
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
    for (const name of ['late', 'patient', 'hasty', 'starter', 'reader', 'given-up']) {
      expect((await customers.list({ email: `${name}@example.com` })).data).toEqual([]);
    }
    expect((await customers.create(someone('late'))).version).toBe(1);
    await proyecta.close();
  });
});
