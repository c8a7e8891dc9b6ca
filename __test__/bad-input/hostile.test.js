// Objects that do not behave, keys that reach for prototypes, and calls of no known form.
const { NO_DATA, SECRET, TRAPS, hostile, nested, thrower } = require('../support/bad-values.js');
const { failure } = require('../support/customers.js');
const { callOf, fill, OPERATIONS, parametersOf, withValue } = require('../support/operations.js');
const { contents, expectInvalid, openStore, Proyecta } = require('../support/store.js');

const store = openStore();
const { customers, customFields, events, signupForm } = store;
let stored;
let before;
beforeAll(async () => {
  stored = await fill(store);
  before = await contents(store);
});
afterEach(async () => {
  expect({}.polluted).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(await contents(store)).toEqual(before);
});

const names = Object.keys(OPERATIONS);
const given = (name) => OPERATIONS[name].given(stored);

/** The refusal of a call without a parameter to blame. */
async function expectMisused(call) {
  const error = await expectInvalid(call, null);
  expect(error.message).not.toContain(SECRET);
  return error;
}

describe.each(names)('%s', (name) => {
  const { params, id } = OPERATIONS[name];
  const parameters = parametersOf(params);

  test('names the parameter whose getter throws, and keeps what was thrown as the cause', async () => {
    for (const { path, steps } of parameters) {
      const object = withValue(given(name), steps, undefined);
      let at = object;
      for (const step of steps.slice(0, -1)) at = at[step];
      Object.defineProperty(at, steps.at(-1), { enumerable: true, get: thrower });
      const error = await expectInvalid(callOf(store, name, object), path);
      expect(error.cause.message).toContain('thrown by the caller');
      expect(error.message).not.toContain(SECRET);
      expect(JSON.stringify(error)).not.toContain(SECRET);
    }
  });

  test('takes no parameters that cannot be read', async () => {
    for (const trap of TRAPS.filter((one) => one !== 'has' && one !== 'get')) {
      await expectMisused(callOf(store, name, hostile([trap])));
    }
    await expectMisused(callOf(store, name, hostile(TRAPS)));
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    await expectMisused(callOf(store, name, proxy));
  });

  test('takes its parameters as a plain object', async () => {
    const nothing = ['an object with a getter that throws', 'an object with the key __proto__'];
    const objects = Object.keys(NO_DATA).filter(
      (key) => key.startsWith('an object') || nothing.includes(key),
    );
    for (const [description, make] of Object.entries(NO_DATA)) {
      if (objects.includes(description)) continue;
      const error = await failure(() => callOf(store, name, make()));
      expect([description, error.name, error.param]).toEqual([description, 'InvalidRequestError', null]);
    }
    for (const value of [null, 5, true, [], [given(name)]]) await expectMisused(callOf(store, name, value));
    // A text is an id, where there is one.
    if (id === undefined) await expectMisused(callOf(store, name, SECRET));
  });

  test('refuses keys that reach for prototypes', async () => {
    const text = JSON.stringify(given(name)).slice(1);
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      const object = JSON.parse(`{"${key}":{"polluted":true}${text === '}' ? '' : ','}${text}`);
      const error = await failure(() => callOf(store, name, object));
      expect([error.name, error.param]).toEqual(['InvalidRequestError', key]);
    }
    for (const { path, steps, kind } of parameters) {
      if (!/^(object|metadata|attributes)/.test(kind)) continue;
      for (const key of ['__proto__', 'constructor', 'prototype']) {
        const value = JSON.parse(`{"${key}":"x"}`);
        const error = await failure(() => callOf(store, name, withValue(given(name), steps, value)));
        expect([error.name, error.param]).toEqual(['InvalidRequestError', `${path}.${key}`]);
      }
    }
  });

  test('inherits nothing from the prototype of its parameters', async () => {
    const made = Object.assign(Object.create({ [parameters[0]?.path ?? 'email']: SECRET }), given(name));
    await expectMisused(callOf(store, name, made));
  });

  if (id !== undefined) {
    test('takes its id as a text only', async () => {
      const long = 'x'.repeat(1 << 20);
      for (const value of [long, `cus_${long}`, 'a\0b', '\ud800', '', ' ']) {
        const { customerId, key, ...rest } = given(name);
        const error = await failure(() => callOf(store, name, value, rest));
        expect([error.name, error.param]).toEqual(['InvalidRequestError', id]);
        expect(error.message.length).toBeLessThan(500);
      }
    });

    test('misses an id that is undefined', async () => {
      const error = await expectInvalid(callOf(store, name, undefined), id, 'parameter_missing');
      expect(error.message).toContain(name);
      await expectInvalid(callOf(store, name, { [id]: undefined }), id, 'parameter_missing');
    });
  }
});

test('a getter is read once: what was checked is what is stored', async () => {
  let reads = 0;
  const params = {
    email: 'once@example.com',
    get name() {
      reads += 1;
      return reads === 1 ? 5 : 'Sneaky';
    },
  };
  await expectInvalid(customers.create(params), 'name');
  expect(reads).toBe(1);
});

test('keys that reach for prototypes are refused however deep they lie', async () => {
  const attributes = JSON.parse('{"a":{"b":[{"__proto__":{"polluted":true}}]}}');
  await expectInvalid(
    customers.create({ email: 'a@example.com', attributes }),
    'attributes.a.b[0].__proto__',
  );
  const field = JSON.parse('{"name":{"__proto__":{"enabled":false}}}');
  await expectInvalid(signupForm.update({ fields: field }), 'fields.name.__proto__');
});

test('values that are too deep or too many are refused before they are read to the end', async () => {
  const create = (attributes) => customers.create({ email: 'a@example.com', attributes });
  const deep = await failure(create({ deep: nested(100) }));
  expect([deep.name, deep.param.startsWith('attributes.deep')]).toEqual(['InvalidRequestError', true]);
  let reads = 0;
  const many = Array.from({ length: 1000 }, () => Array(1000).fill(0));
  const counted = new Proxy(many, {
    get: (target, key) => {
      reads += 1;
      return target[key];
    },
  });
  const error = await failure(create({ many: counted }));
  expect([error.name, error.param.startsWith('attributes.many')]).toEqual(['InvalidRequestError', true]);
  expect(reads).toBeLessThan(1000);
  // A small object that grows when it is written: 2 to the power of 40 values.
  let shared = ['x'];
  for (let level = 0; level < 40; level++) shared = [shared, shared];
  expect((await failure(create({ shared }))).param).toMatch(/^attributes\.shared/);
});

test('an attribute has at most 5,000 characters, and metadata no page as a key', async () => {
  const long = 'x'.repeat(1 << 20);
  const create = (params) => customers.create({ email: 'a@example.com', ...params });
  for (const params of [{ metadata: { [long]: 'v' } }, { attributes: { [long]: 'v' } }, { [long]: 'v' }]) {
    const error = await failure(create(params));
    expect(error.name).toBe('InvalidRequestError');
    expect(error.message.length + error.param.length).toBeLessThan(1000);
  }
  await expectInvalid(create({ attributes: { list: Array(3000).fill('x') } }), 'attributes.list');
  await expectInvalid(create({ metadata: { 'a\ud800': 'v' } }), 'metadata."a\\ud800"');
  await expectInvalid(create({ metadata: { 'a\0b': 'v' } }), 'metadata');
  await expectInvalid(create({ attributes: { 'a\0b': 'v' } }), 'attributes');
  await expectInvalid(create({ attributes: { a: { b: 'c\0d' } } }), 'attributes.a');
});

describe('the options of a call', () => {
  const email = 'fresh@example.com';
  const create = (options) => customers.create({ email }, options);

  test('are a plain object', async () => {
    for (const options of [null, 5, 'key', true, [], () => {}, Symbol('x'), new Map(), new (class {})()]) {
      await expectMisused(create(options));
    }
    await expectMisused(create(hostile(TRAPS)));
  });

  test.each([
    ['timeout', [0, -1, 1.5, '5', Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, null, [], {}, 5n]],
    ['maxRetries', [-1, 1.5, '5', Number.NaN, null, [], {}]],
    ['signal', [5, 'x', null, {}, [], { aborted: false }, () => {}]],
    ['headers', [5, 'x', null, [], { a: 5 }, { a: ['b'] }, new Map()]],
    ['idempotencyKey', [5, null, '', [], {}, 'x'.repeat(256), 'x'.repeat(1 << 20), 'a\0b', '\ud800']],
  ])('have a %s that fits', async (option, values) => {
    for (const value of values) {
      const error = await expectInvalid(create({ [option]: value }), option);
      expect(error.message.length).toBeLessThan(500);
    }
    const throwing = Object.defineProperty({}, option, { enumerable: true, get: thrower });
    await expectInvalid(create(throwing), option);
  });

  test.each([
    ['timeOut', 'timeout'],
    ['idempotency_key', 'idempotencyKey'],
    ['idempotencykey', 'idempotencyKey'],
    ['signl', 'signal'],
    ['retries', ''],
    ['__proto__', ''],
  ])('have no %s', async (option, meant) => {
    const options = JSON.parse(`{"${option}":"x"}`);
    const error = await expectInvalid(create(options), option, 'parameter_unknown');
    expect(error.message).toContain(meant);
    await expectInvalid(events.list({}, options), option, 'parameter_unknown');
  });
});

describe('a call of no known form', () => {
  test('says which form it has', async () => {
    const calls = [
      () => customers.create('a@example.com'),
      () => customers.create('a@example.com', { name: 'A' }),
      () => customers.list('a'),
      () => events.list('customer.created'),
      () => customFields.create('plan'),
      () => customers.get('cus_a', 'cus_b'),
      () => customers.get('cus_a', {}, {}, {}).then(() => customers.get('cus_a', [], {})),
      () => customers.update('cus_a', 'name', 'New'),
      () => customers.update('cus_a', null),
      () => customers.create({ email: 'a@example.com' }, {}, {}),
    ];
    for (const call of calls) {
      const error = await failure(call);
      if (error.code === 'customer_not_found') continue;
      expect([error.name, error.code]).toEqual(['InvalidRequestError', 'parameter_invalid']);
      expect(error.message).toMatch(/(customers|events|customFields)\.\w+\(/);
    }
    await expectInvalid(customers.create(), null, 'parameter_missing');
    await expectInvalid(customFields.create(undefined), null, 'parameter_missing');
  });

  test('takes no parameters where there are none', async () => {
    await expectInvalid(signupForm.get({ id: 'x' }), 'id', 'parameter_unknown');
    await expectInvalid(customers.importTemplate({ format: 'xls' }), 'format', 'parameter_unknown');
    await expectMisused(signupForm.get('x'));
  });

  test('rejects and never throws at once', async () => {
    for (const name of names) {
      const promise = callOf(store, name, Symbol('x'), Symbol('y'), Symbol('z'));
      expect(await promise.catch((error) => error.name)).toBe('InvalidRequestError');
    }
    const rejected = await customers.import(Symbol('x')).catch((error) => error);
    expect(rejected).toBeInstanceOf(Proyecta.InvalidRequestError);
  });
});

describe('customers.import', () => {
  const file = Buffer.from('email\na@example.com\n');

  test('takes a file that is one', async () => {
    await expectInvalid(customers.import(), 'file', 'parameter_missing');
    const wrong = [
      null,
      5,
      true,
      '',
      'a\0b',
      '\ud800',
      [],
      {},
      () => {},
      new Map(),
      new URL('https://example.com/x'),
    ];
    for (const value of wrong) await expectInvalid(customers.import(value), 'file');
    for (const trap of ['get', 'has', 'getPrototypeOf']) {
      const error = await failure(customers.import(hostile([trap])));
      expect([trap, error.name]).toEqual([trap, 'InvalidRequestError']);
    }
    for (const value of ['./there-is-none.csv', __dirname, Buffer.alloc(0), Buffer.from('\0\x01\x02')]) {
      const error = await failure(customers.import(value));
      expect([error.name, error.code]).toEqual(['InvalidRequestError', 'file_invalid']);
    }
  });

  test('takes parameters that fit', async () => {
    for (const onExisting of ['replace', '', 5, true, ['skip'], {}, SECRET, 'a\0b']) {
      const error = await expectInvalid(customers.import(file, { onExisting }), 'onExisting');
      expect(error.message).not.toContain(SECRET);
    }
    for (const dryRun of ['true', 1, [], {}])
      await expectInvalid(customers.import(file, { dryRun }), 'dryRun');
    for (const onProgress of [5, 'x', {}, null]) {
      await expectInvalid(customers.import(file, { onProgress }), 'onProgress');
    }
    const error = await expectInvalid(
      customers.import(file, { onExist: 'skip' }),
      'onExist',
      'parameter_unknown',
    );
    expect(error.message).toContain('onExisting');
    for (const params of [null, 5, 'skip', [], new Map()])
      await expectMisused(customers.import(file, params));
    await expectInvalid(customers.import(file, {}, { dryRun: true }), 'dryRun', 'parameter_unknown');
  });
});
