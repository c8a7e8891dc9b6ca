// A call does not take longer than it is given.
const { sdk: Proyecta } = require('../support/package.js');
const { everyCustomer, failure, someone } = require('../support/customers.js');
const { newDatabase } = require('../support/folder.js');

const TIMED_OUT = {
  name: 'TimeoutError',
  code: 'timeout',
  type: 'timeout',
  statusCode: 504,
  retryable: true,
};

let proyecta;
let customers;

beforeAll(async () => {
  proyecta = new Proyecta({ database: newDatabase() });
  customers = proyecta.commerce.customers;
  const rows = Array.from({ length: 10_000 }, (_, index) => `t${index}@example.com,Many Ones\n`);
  await customers.import(Buffer.from(`email,name\n${rows.join('')}`));
});
afterAll(() => proyecta.close());

/** A search that looks at every row, several times over. */
const slow = (options) =>
  customers.list(
    { query: 'many ones', sort: 'name', createdAfter: 0, limit: 100, expand: ['total'] },
    options,
  );

/** How long a call takes that ends well. */
async function duration(call) {
  const begun = performance.now();
  await call();
  return performance.now() - begun;
}

test('a list over many rows that takes longer is stopped', async () => {
  const spent = await duration(slow);
  expect(spent).toBeGreaterThan(2);
  expect(await failure(slow({ timeout: 1 }))).toMatchObject(TIMED_OUT);
  expect((await slow({ timeout: 60_000 })).data).toHaveLength(100);
});

test('a list over many rows can be aborted', async () => {
  const controller = new AbortController();
  const call = failure(slow({ signal: controller.signal }));
  await new Promise(setImmediate);
  controller.abort('in the middle');
  expect(await call).toMatchObject({ name: 'AbortError', cause: 'in the middle' });
});

test("the client's timeout is for calls that name none, which may name a longer one", async () => {
  const hasty = new Proyecta({ database: newDatabase(), timeout: 1 });
  const call = (options) => hasty.commerce.customers.create(someone('x'), options);
  // Making the database alone takes longer than that.
  expect(await failure(call())).toMatchObject(TIMED_OUT);
  expect((await call({ timeout: 60_000 })).email).toBe('x@example.com');
  await hasty.close();
});

test('a write either timed out and was not made, or was made and answers', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 2000 }, (_, index) =>
      customers.create(someone(`w${index}`), { timeout: 1 + (index % 60) }).then(
        () => 'made',
        ({ code }) => code,
      ),
    ),
  );
  const emails = new Set((await everyCustomer(proyecta)).map(({ email }) => email));
  const expected = outcomes.map((_, index) => (emails.has(`w${index}@example.com`) ? 'made' : 'timeout'));
  expect(outcomes).toEqual(expected);
});

test.each([[0], [-1], [1.5], [Number.NaN], [Number.POSITIVE_INFINITY], [2 ** 31], ['100'], [null], [{}]])(
  'a timeout of %p is refused',
  async (timeout) => {
    const error = await failure(customers.create(someone('x'), { timeout }));
    expect(error).toMatchObject({ name: 'InvalidRequestError', param: 'timeout' });
  },
);

test('a timeout and a signal work together, and the first one counts', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  expect(await failure(slow({ signal, timeout: 1 }))).toMatchObject(TIMED_OUT);
  const call = failure(slow({ signal, timeout: 60_000 }));
  controller.abort();
  expect(await call).toMatchObject({ name: 'AbortError' });
});
