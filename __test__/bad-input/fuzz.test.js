// Anything at all, handed to any operation: an answer or a refusal, never an accident.
const fc = require('fast-check');
const { fillCatalogue } = require('../support/catalogue-operations.js');
const { fillMethod } = require('../support/payment-operations.js');
const { runProgram } = require('../support/package.js');
const { callOf, fill, fillField, OPERATIONS, parametersOf, withValue } = require('../support/operations.js');
const { openStore, Proyecta } = require('../support/store.js');

const REFUSALS = [Proyecta.InvalidRequestError, Proyecta.NotFoundError, Proyecta.ConflictError];

const store = openStore();
let stored;
beforeAll(async () => {
  stored = await fill(store);
});

/** What a call has just deleted, made anew. */
async function refill() {
  const { customers, customFields } = store;
  const customer = await customers.create({ email: 'stored@example.com', name: 'Stored' });
  const fields = await customFields.list({ limit: 100 }).toArray({ limit: 1000 });
  const field = fields.find(({ key }) => key === 'stored') ?? (await fillField(store));
  const found = await store.paymentMethods.get(stored.method.id).catch(() => null);
  const method = found ?? (await fillMethod(store, customer));
  const kinds = ['product', 'price', 'feature', 'coupon'];
  const lives = (kind) =>
    store[`${kind}s`].get(stored[kind].id).then(
      () => true,
      () => false,
    );
  const alive = await Promise.all(kinds.map(lives));
  return fillCatalogue(
    store,
    { ...stored, customer, method, field },
    kinds.filter((_, index) => !alive[index]),
  );
}

const units = fc.array(fc.nat(0xffff), { maxLength: 20 }).map((codes) => String.fromCharCode(...codes));
const anything = fc.oneof(
  fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
    maxDepth: 2,
  }),
  units,
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.double(),
  fc.json({ maxDepth: 4 }).map((text) => JSON.parse(text)),
  fc.constantFrom(
    '',
    ' ',
    '__proto__',
    'constructor',
    'cus_',
    '1e400',
    2 ** 63,
    -(2 ** 63),
    1e308,
    -0,
    5e-324,
  ),
);

/** An example that is accepted. */
function example(name) {
  const { accepted, given } = OPERATIONS[name];
  return (accepted ?? given)(stored);
}

const places = Object.entries(OPERATIONS).flatMap(([name, { params }]) => [
  { name, steps: [] },
  ...parametersOf(params).map(({ steps }) => ({ name, steps })),
]);

async function expectAnswered(call, what) {
  const outcome = await call().then(
    (answer) => (Buffer.isBuffer(answer) ? null : JSON.parse(JSON.stringify(answer))),
    (error) => error,
  );
  if (!(outcome instanceof Error)) return;
  const known = REFUSALS.some((Class) => outcome instanceof Class);
  expect([what, known, outcome.message]).toEqual([what, true, outcome.message]);
  if (outcome instanceof Proyecta.InvalidRequestError) expect(outcome.message.length).toBeLessThan(1000);
}

test('any value at any parameter is answered or refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), anything, async ({ name, steps }, value) => {
      const params = steps.length === 0 ? value : withValue(example(name), steps, value);
      await expectAnswered(async () => callOf(store, name, params), name);
      if (name.endsWith('.delete')) stored = await refill();
    }),
    { numRuns: 1500 },
  );
});

test('any arguments at all are answered or refused', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(OPERATIONS)),
      fc.array(anything, { maxLength: 4 }),
      (name, args) => expectAnswered(async () => callOf(store, name, ...args), name),
    ),
    { numRuns: 500 },
  );
});

test('after all of it the store is whole', async () => {
  const { customers } = store;
  const { id } = await customers.create({ email: 'whole@example.com', name: '온전한 이름' });
  expect((await customers.list({ query: '온전' })).data.map((row) => row.id)).toEqual([id]);
  const events = await store.events.list({ limit: 100 }).toArray({ limit: 10_000 });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  for (const customer of await customers.list({ limit: 100 }).toArray({ limit: 10_000 })) {
    expect(await customers.get(customer.id)).toEqual(customer);
  }
});

test('a program that makes bad calls lives on and ends by itself', async () => {
  const { code, stdout, stderr } = await runProgram(`
    import Proyecta from '@proyecta-ai/sdk';
    const { commerce } = new Proyecta({ database: ':memory:' });
    commerce.customers.list({ limit: 0 });
    commerce.events.list(Symbol('never used'));
    let refused = 0;
    for (const email of [5, null, 'x', '\\ud800', 'a\\0b', Symbol('x'), 'y'.repeat(1 << 20)]) {
      await commerce.customers.create({ email }).catch(() => { refused += 1; });
    }
    const { email } = await commerce.customers.create({ email: 'after@example.com' });
    console.log(refused, email);
  `);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '7 after@example.com\n', stderr: '' });
});
