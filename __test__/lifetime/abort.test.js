// A call can be given up, and says so only when nothing was changed.
const { getEventListeners, setMaxListeners } = require('node:events');
const { existsSync } = require('node:fs');
const { packageFolder, runProgram, sdk: Proyecta } = require('../support/package.js');
const { everyCustomer, everyEvent, failure, someone } = require('../support/customers.js');
const { newDatabase } = require('../support/folder.js');
const { holdLock } = require('../support/lock.js');

const { AbortError, ProyectaError } = Proyecta;
const ABORTED = { name: 'AbortError', code: 'aborted', type: 'aborted' };

let proyecta;
let customers;

beforeAll(() => {
  proyecta = new Proyecta({ database: newDatabase() });
  customers = proyecta.commerce.customers;
});
afterAll(() => proyecta.close());

/**
 * The error of a create that was aborted after it had begun. One that was committed first answers, as it
 * should; then another one is tried.
 */
async function abortedMeanwhile(reason) {
  for (;;) {
    const fresh = new Proyecta({ database: newDatabase() });
    const controller = new AbortController();
    const call = fresh.commerce.customers.create(someone('x'), { signal: controller.signal });
    const outcome = call.catch((error) => error);
    controller.abort(reason);
    const error = await outcome;
    const { data } = await fresh.commerce.customers.list();
    await fresh.close();
    expect(data).toEqual(error instanceof Error ? [] : [error]);
    if (error instanceof Error) return error;
  }
}

const isStored = async (name) => (await customers.list({ email: someone(name).email })).data.length === 1;

describe('a signal that is aborted already', () => {
  const reason = new Error('enough');
  const { signal } = (() => {
    const controller = new AbortController();
    controller.abort(reason);
    return controller;
  })();

  test.each([
    ['create', () => customers.create(someone('before'), { signal })],
    ['get', () => customers.get('cus_nobody', { signal })],
    ['list', () => customers.list({}, { signal })],
    ['list by e-mail', () => customers.list({ email: 'a@example.com' }, { signal })],
    ['import', () => customers.import(Buffer.from('email,name\nbefore@example.com,B\n'), {}, { signal })],
    ['events.list', () => proyecta.commerce.events.list({}, { signal })],
  ])('lets nothing begin: %s', async (_, call) => {
    const error = await failure(call());
    expect(error).toMatchObject(ABORTED);
    expect(error).toBeInstanceOf(AbortError);
    expect(error.cause).toBe(reason);
    expect(await isStored('before')).toBe(false);
  });

  test('is the error of an iteration too', async () => {
    const iteration = (async () => {
      for await (const _ of customers.list({}, { signal }));
    })();
    expect((await failure(iteration)).cause).toBe(reason);
  });

  test('does not even make the database', async () => {
    const database = newDatabase();
    const fresh = new Proyecta({ database });
    expect(await failure(fresh.commerce.customers.create(someone('x'), { signal }))).toMatchObject(ABORTED);
    await fresh.close();
    expect(existsSync(database)).toBe(false);
  });
});

describe('a signal that is aborted meanwhile', () => {
  test('either stops a create or lets it answer, and the database agrees', async () => {
    const outcomes = { made: 0, aborted: 0 };
    for (let index = 0; index < 200; index++) {
      const controller = new AbortController();
      const call = customers.create(someone(`race${index}`), { signal: controller.signal });
      // At once, after a turn of the event loop, or in between.
      if (index % 3 === 1) await null;
      if (index % 3 === 2) await new Promise(setImmediate);
      controller.abort();
      const outcome = await call.then(
        () => 'made',
        ({ code }) => code,
      );
      outcomes[outcome]++;
      expect(await isStored(`race${index}`)).toBe(outcome === 'made');
    }
    expect(outcomes.made + outcomes.aborted).toBe(200);
    const events = await everyEvent(proyecta);
    expect(events).toHaveLength((await everyCustomer(proyecta)).length);
  });

  test('stops one call of many in a group, and the others are made', async () => {
    const controllers = Array.from({ length: 64 }, () => new AbortController());
    const calls = controllers.map(({ signal }, index) =>
      customers.create(someone(`group${index}`), { signal }).then(
        () => 'made',
        ({ code }) => code,
      ),
    );
    for (let index = 0; index < 64; index += 2) controllers[index].abort();
    const outcomes = await Promise.all(calls);
    for (let index = 0; index < 64; index++) {
      if (index % 2 === 1) expect(outcomes[index]).toBe('made');
      expect(await isStored(`group${index}`)).toBe(outcomes[index] === 'made');
    }
  });

  test('stops a client that is still opening its database', async () => {
    const error = await abortedMeanwhile('while opening');
    expect(error).toMatchObject({ ...ABORTED, cause: 'while opening' });
  });

  test('stops an iteration between its pages', async () => {
    await Promise.all(Array.from({ length: 30 }, (_, index) => customers.create(someone(`page${index}`))));
    const controller = new AbortController();
    let seen = 0;
    const iteration = (async () => {
      for await (const _ of customers.list({ limit: 10 }, { signal: controller.signal })) {
        if (++seen === 5) controller.abort();
      }
    })();
    expect(await failure(iteration)).toMatchObject(ABORTED);
    // The page that was there already is still given out.
    expect(seen).toBe(10);
  });
});

test('an import that is aborted keeps the rows that went in, and the same file brings the rest', async () => {
  const fresh = new Proyecta({ database: newDatabase() });
  const rows = Array.from({ length: 20_000 }, (_, index) => `row${index}@example.com,Row ${index}\n`);
  const file = Buffer.from(`email,name\n${rows.join('')}`);
  const total = async () => (await fresh.commerce.customers.list({ limit: 1, expand: ['total'] })).total;
  const controller = new AbortController();
  const onProgress = () => controller.abort('enough');
  const error = await failure(
    fresh.commerce.customers.import(file, { onProgress }, { signal: controller.signal }),
  );
  expect(error).toMatchObject({ ...ABORTED, cause: 'enough' });
  const stored = await total();
  expect(stored).toBeLessThan(20_000);
  expect(error.details.created).toBe(stored);
  const report = await fresh.commerce.customers.import(file);
  expect(report).toMatchObject({ created: 20_000 - stored, unchanged: stored, failed: 0 });
  expect(await total()).toBe(20_000);
  await fresh.close();
});

test('a signal that is aborted after the answer changes nothing', async () => {
  const controller = new AbortController();
  const made = await customers.create(someone('after'), { signal: controller.signal });
  controller.abort();
  expect(await customers.get(made.id)).toEqual(made);
});

test('a write that was committed answers, although its signal was aborted before the answer was read', async () => {
  // The thread is kept busy from the call on, until the write is certainly done.
  const source = `import Proyecta from '@proyecta-ai/sdk';
import { readdirSync, statSync } from 'node:fs';
const proyecta = new Proyecta({ database: process.argv[2] });
const { customers } = proyecta.commerce;
await customers.create({ email: 'first@example.com', name: 'First' });
const size = () => statSync(process.argv[2] + '-wal').size;
const before = size();
const controller = new AbortController();
const call = customers.create({ email: 'ada@example.com', name: 'Ada' }, { signal: controller.signal });
while (size() === before);
// The log grows before the commit is on disk; another client of the file sees when it is.
const { Worker } = await import('node:worker_threads');
const state = new Int32Array(new SharedArrayBuffer(4));
new Worker(\`
const { workerData } = require('node:worker_threads');
const Proyecta = require(workerData.sdk);
const { customers } = new Proyecta({ database: workerData.database }).commerce;
(async () => {
  while ((await customers.list({ email: 'ada@example.com' })).data.length === 0);
  Atomics.store(workerData.state, 0, 1);
})();\`, { eval: true, workerData: { state, database: process.argv[2], sdk: process.argv[3] } });
while (Atomics.load(state, 0) === 0);
controller.abort();
console.log((await call).email);`;
  const { stdout, stderr } = await runProgram(source, { args: [newDatabase(), packageFolder] });
  expect({ stdout, stderr }).toEqual({ stdout: 'ada@example.com\n', stderr: '' });
});

describe('the reason becomes the cause', () => {
  test.each([
    ['an error', new TypeError('mine')],
    ['a text', 'because'],
    ['null', null],
    ['an object', { code: 7 }],
  ])('%s', async (_, reason) => {
    const signal = AbortSignal.abort(reason);
    expect((await failure(customers.create(someone('x'), { signal }))).cause).toBe(reason);
    expect((await abortedMeanwhile(reason)).cause).toBe(reason);
  });

  test('none given: what the platform says', async () => {
    const error = await failure(customers.create(someone('x'), { signal: AbortSignal.abort() }));
    expect(error.cause).toMatchObject({ name: 'AbortError' });
    expect(error).toBeInstanceOf(ProyectaError);
  });

  test('AbortSignal.timeout() and AbortSignal.any() work too', async () => {
    const signal = AbortSignal.any([AbortSignal.timeout(1), new AbortController().signal]);
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
    const error = await failure(customers.create(someone('x'), { signal }));
    expect(error).toMatchObject(ABORTED);
    expect(error.cause).toMatchObject({ name: 'TimeoutError' });
  });
});

describe('a signal that many calls share', () => {
  test('keeps no listener of a thousand calls, one after the other or at once', async () => {
    const { signal } = new AbortController();
    setMaxListeners(1, signal);
    const warnings = [];
    const warn = (warning) => warnings.push(warning.name);
    process.on('warning', warn);
    const made = await customers.create(someone('shared'), { signal });
    for (let index = 0; index < 400; index++) await customers.get(made.id, { signal });
    for (let index = 0; index < 100; index++) await customers.list({ limit: 1 }, { signal });
    const calls = Array.from({ length: 500 }, (_, index) =>
      customers.create(someone(`s${index % 50}`), { signal }),
    );
    expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1);
    await Promise.all(calls);
    await failure(customers.create({ email: 'nonsense' }, { signal }));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    await new Promise(setImmediate);
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });

  test('stops all of them at once', async () => {
    const database = newDatabase();
    const fresh = new Proyecta({ database });
    await fresh.store;
    // Nothing is committed before the signal: another process holds the file.
    const release = await holdLock(database);
    const controller = new AbortController();
    const { signal } = controller;
    const people = Array.from({ length: 300 }, (_, index) => someone(`a${index}`));
    const calls = people.map((person) => fresh.commerce.customers.create(person, { signal }));
    const outcomes = Promise.allSettled(calls);
    controller.abort('all');
    for (const { reason } of await outcomes) expect(reason).toMatchObject({ ...ABORTED, cause: 'all' });
    await release();
    const stored = new Set((await everyCustomer(fresh)).map(({ email }) => email));
    expect(people.filter(({ email }) => stored.has(email))).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    await fresh.close();
  });
});
