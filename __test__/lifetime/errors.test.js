// Errors are real ones: classes, causes, and stacks that lead to the caller.
const { basename } = require('node:path');
const { inspect } = require('node:util');
const { sdk: Proyecta } = require('../support/package.js');
const { failure, someone } = require('../support/customers.js');
const { newDatabase } = require('../support/folder.js');
const { openStore } = require('../support/store.js');

const CLASSES = [
  'InvalidRequestError',
  'AuthenticationError',
  'PermissionError',
  'NotFoundError',
  'ConflictError',
  'IdempotencyError',
  'CardError',
  'RateLimitError',
  'GatewayError',
  'UnavailableError',
  'InternalError',
  'ConnectionError',
  'TimeoutError',
  'AbortError',
];

let customers;
let made;

beforeAll(async () => {
  const store = openStore();
  customers = store.customers;
  await store.customFields.create({ key: 'pin', type: 'password', label: 'Pin' });
  made = await customers.create(someone('made'));
  await customers.create(someone('other'));
});

/** An error of each class that this release can bring about, with its status. */
const samples = [
  ['InvalidRequestError', 400, 'invalid_request', () => customers.create({ email: 'nonsense', name: 'X' })],
  ['NotFoundError', 404, 'not_found', () => customers.get('cus_nobody')],
  ['ConflictError', 409, 'conflict', () => customers.update(made.id, { email: 'other@example.com' })],
  [
    'IdempotencyError',
    409,
    'idempotency_conflict',
    async () => {
      await customers.create(someone('once'), { idempotencyKey: 'k' });
      await customers.create(someone('twice'), { idempotencyKey: 'k' });
    },
  ],
  ['AbortError', 499, 'aborted', () => customers.list({}, { signal: AbortSignal.abort() })],
  [
    'TimeoutError',
    504,
    'timeout',
    // Hashing takes its time on purpose, in every front.
    () => customers.create({ ...someone('x'), attributes: { pin: 'a long password' } }, { timeout: 1 }),
  ],
  [
    'AuthenticationError',
    401,
    'authentication',
    () => new Proyecta({ database: ':memory:', apiKey: 'short' }).store,
  ],
  ['UnavailableError', 503, 'unavailable', () => new Proyecta({ database: `${newDatabase()}/x/y.db` }).store],
];

test('every class hangs on Proyecta and is a real subclass of Error', () => {
  for (const name of CLASSES) {
    const Class = Proyecta[name];
    expect(Class.prototype).toBeInstanceOf(Proyecta.ProyectaError);
    expect(Object.getPrototypeOf(Class)).toBe(Proyecta.ProyectaError);
    expect(Class.name).toBe(name);
    const error = new Class({ code: 'internal', message: 'text' });
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe(name);
    expect(String(error)).toBe(`${name}: text`);
    expect(Object.keys(error)).not.toContain('name');
  }
});

describe.each(samples)('%s', (name, statusCode, type, call) => {
  let error;
  beforeAll(async () => {
    error = await failure(call);
  });

  test('is thrown as itself', () => {
    expect(error).toBeInstanceOf(Proyecta[name]);
    expect(error).toBeInstanceOf(Proyecta.ProyectaError);
    expect(error).toBeInstanceOf(Error);
    expect(error.constructor).toBe(Proyecta[name]);
    expect(error).toMatchObject({ name, type, statusCode, code: expect.stringMatching(/^[a-z_]+$/) });
    for (const other of CLASSES.filter((one) => one !== name))
      expect(error).not.toBeInstanceOf(Proyecta[other]);
  });

  test('names itself in its stack, which leads to this file', () => {
    expect(error.stack.split('\n')[0]).toBe(`${name}: ${error.message}`);
    expect(error.stack).toMatch(/errors\.test\.js:\d+:\d+/);
  });

  test('can be written as JSON, without its stack and its cause', () => {
    const json = JSON.parse(JSON.stringify(error));
    expect(json).toMatchObject({ name, type, code: error.code, message: error.message, statusCode });
    expect(json).toHaveProperty('param', error.param);
    expect(json).not.toHaveProperty('stack');
    expect(json).not.toHaveProperty('cause');
    expect(inspect(error)).toContain(error.message);
  });
});

describe('the stack leads to the line of the call', () => {
  /** The line of this file that called the function that called this one. */
  const lineHere = () => Number(/errors\.test\.js:(\d+)/.exec(new Error().stack.split('\n')[2])[1]);

  const expectLine = (error, line) => {
    const places = [...error.stack.matchAll(/([^/(\s]+\.js):(\d+):\d+/g)];
    const first = places.find(([, file]) => file === basename(__filename));
    expect({ line: Number(first?.[2]), stack: error.stack }).toMatchObject({ line });
  };

  test.each([
    ['that is answered on the spot', () => customers.get('cus_nobody')],
    ['that is answered later', () => customers.update('cus_nobody', { name: 'X' })],
    ['that is refused before it begins', () => customers.create({ emial: 'x' })],
    ['with wrong options', () => customers.get('cus_nobody', { timeuot: 5 })],
    ['of a list', () => customers.list({ limit: 0 })],
    ['of a list that is refused before it begins', () => customers.list(5)],
    ['of a list that is searched', () => customers.list({ query: 'x', cursor: 'nonsense' })],
    ['of an import', () => customers.import(5)],
    ['of an import that is answered later', () => customers.import('/missing/file.csv')],
    ['for the store', () => new Proyecta({ database: '/missing/proyecta.db' }).store],
  ])('%s', async (_, call) => {
    let line;
    try {
      line = lineHere() + 1;
      await call();
    } catch (error) {
      expect(error).toBeInstanceOf(Proyecta.ProyectaError);
      expect(error.stack).toMatch(/errors\.test\.js/);
      const lines = [...error.stack.matchAll(/errors\.test\.js:(\d+)/g)].map((match) => Number(match[1]));
      expect({ lines, stack: error.stack }).toMatchObject({ lines: expect.arrayContaining([line]) });
      return;
    }
    throw new Error('did not fail');
  });

  test('also through several functions that await each other', async () => {
    const inner = async () => await customers.update('cus_nobody', { name: 'X' });
    const outer = async () => await inner();
    const error = await failure(outer());
    expectLine(error, Number(/errors\.test\.js:(\d+)/.exec(new Error().stack)[1]) - 3);
    expect(error.stack).toMatch(/at (async )?outer/);
  });

  test('in an iteration', async () => {
    const iterate = async () => {
      for await (const _ of customers.list({ limit: 'abc' }));
    };
    expect((await failure(iterate())).stack).toMatch(/iterate/);
  });

  test('in Promise.all, with the index', async () => {
    const all = async () =>
      await Promise.all([customers.get(made.id), customers.update('cus_nobody', { name: 'X' })]);
    expect((await failure(all())).stack).toMatch(/Promise\.all \(index 1\)/);
  });

  test('of the constructor', () => {
    let error;
    try {
      new Proyecta({ databse: 'x' });
    } catch (caught) {
      error = caught;
    }
    expectLine(error, Number(/errors\.test\.js:(\d+)/.exec(new Error().stack)[1]) - 4);
  });
});

test('the stack names the method, and none of the lines inside it', async () => {
  const { stack } = await failure(() => customers.create({ email: 5 }));
  const frames = stack.split('\n').slice(1);
  expect(frames[0]).toContain('customers.create');
  expect(frames.filter((frame) => /proyecta-ai/.test(frame)).length).toBeLessThanOrEqual(1);
});

test('messages name parameters and ids, never personal values', async () => {
  const secret = 'very.personal@example.com';
  await customers.create({ email: secret, name: 'Very Personal' });
  const errors = await Promise.all(
    [
      customers.create({ email: `${secret} ${secret}`, name: 'Very Personal' }),
      customers.create({ email: secret, name: 'Very Personal', phone: 'Very Personal' }),
      customers.update(made.id, { email: secret }),
      customers.create({ id: made.id, email: secret, name: 'Very Personal' }),
      customers.create({ email: secret, name: 'Very Personal', address: { country: 'Very Personal' } }),
      customers.list({ email: secret, limit: 0 }),
      customers.list({ query: 'Very Personal', cursor: secret }),
      customers.create({
        email: secret,
        name: 'Very Personal',
        metadata: { note: 'Very Personal'.repeat(50) },
      }),
    ].map(failure),
  );
  for (const error of errors) {
    expect(`${error.stack}${JSON.stringify(error)}${inspect(error)}`).not.toMatch(
      /very\.personal|Very Personal/i,
    );
  }
});
