// `idempotencyKey`: a repeat gets the first answer and acts no second time.
const fc = require('fast-check');
const { failure } = require('../support/customers.js');
const {
  allEvents,

  countCustomers,
  expectError,
  expectInvalid,
  openStore,
  Proyecta,
} = require('../support/store.js');

const { IdempotencyError } = Proyecta;
let store;
let customers;
beforeEach(() => {
  store = openStore();
  customers = store.customers;
});

const KEY = { idempotencyKey: 'order-7' };
const expectReused = (call) =>
  expectError(call, IdempotencyError, 'idempotency_key_reused', 'idempotencyKey');

test('a repeat gives the first answer, even after the customer has changed', async () => {
  const params = { email: 'a@example.com', name: 'First' };
  const first = await customers.create(params, KEY);
  await customers.update(first.id, { name: 'Second', email: 'b@example.com' });
  expect(await customers.create(params, KEY)).toEqual(first);
  expect(await customers.create(params)).not.toEqual(first);
});

test('a repeat of a change does not change again', async () => {
  const { id } = await customers.create({ email: 'a@example.com' });
  const first = await customers.update(id, { name: 'A' }, KEY);
  await customers.update(id, { name: 'B' });
  expect(await customers.update(id, { name: 'A' }, KEY)).toEqual(first);
  expect(await customers.get(id)).toMatchObject({ name: 'B', version: 3 });
  expect(await allEvents(store)).toHaveLength(3);
});

test('a repeat with ifVersion is no conflict', async () => {
  const { id } = await customers.create({ email: 'a@example.com' });
  const first = await customers.update(id, { name: 'A', ifVersion: 1 }, KEY);
  expect(await customers.update(id, { name: 'A', ifVersion: 1 }, KEY)).toEqual(first);
});

test('every writing call takes a key', async () => {
  const { customFields, signupForm } = store;
  const { id } = await customers.create({ email: 'a@example.com' });
  const calls = {
    'customers.recordLogin': () => customers.recordLogin(id, KEY),
    'customFields.create': () => customFields.create({ type: 'text', label: 'Generated key' }, KEY),
    'customFields.update': () => customFields.update('f', { label: 'New' }, KEY),
    'customFields.delete': () => customFields.delete('f', KEY),
    'signupForm.update': () => signupForm.update({ fields: { phone: { label: 'Tel' } } }, KEY),
    'signupForm.submit': () =>
      signupForm.submit({ email: 's@example.com', name: 'S', password: 'correct horse' }, KEY),
    'customers.delete': () => customers.delete(id, KEY),
  };
  await customFields.create({ key: 'f', type: 'text', label: 'F' });
  for (const [name, call] of Object.entries(calls)) {
    const first = await call();
    const before = await allEvents(store);
    expect([name, await call()]).toEqual([name, first]);
    expect([name, await allEvents(store)]).toEqual([name, before]);
  }
});

test('other parameters with the same key are an error, and nothing happens', async () => {
  const first = await customers.create({ email: 'a@example.com' }, KEY);
  const error = await expectReused(customers.create({ email: 'b@example.com' }, KEY));
  expect(error).toMatchObject({ type: 'idempotency_conflict', statusCode: 409, retryable: false });
  expect(error.message).not.toContain('example.com');
  await expectReused(customers.create({ email: 'a@example.com', name: 'A' }, KEY));
  await expectReused(customers.create({ email: 'A@example.com' }, KEY));
  expect(await countCustomers(store)).toBe(1);
  expect(await customers.create({ email: 'a@example.com' }, KEY)).toEqual(first);
});

test('the same request written in another way is a repeat', async () => {
  const first = await customers.create(
    { email: 'a@example.com', name: 'A', metadata: { x: '1', y: '2' } },
    KEY,
  );
  const again = { metadata: { y: '2', x: '1' }, name: 'A', phone: undefined, email: 'a@example.com' };
  expect(await customers.create(again, KEY)).toEqual(first);
  const changed = await customers.update(first.id, { name: 'B' }, KEY);
  expect(await customers.update({ name: 'B', customerId: first.id }, KEY)).toEqual(changed);
});

test('another customer with the same key and change is an error', async () => {
  const a = await customers.create({ email: 'a@example.com' });
  const b = await customers.create({ email: 'b@example.com' });
  await customers.update(a.id, { name: 'N' }, KEY);
  await expectReused(customers.update(b.id, { name: 'N' }, KEY));
  expect((await customers.get(b.id)).name).toBeNull();
});

test('a key counts for one operation', async () => {
  const { id } = await customers.create({ email: 'a@example.com' }, KEY);
  expect((await customers.update(id, { name: 'A' }, KEY)).name).toBe('A');
  expect((await customers.recordLogin(id, KEY)).lastLoginAt).not.toBeNull();
  expect((await customers.delete(id, KEY)).deleted).toBe(true);
});

test('keys differ in every character', async () => {
  for (const [index, idempotencyKey] of [
    'key',
    'Key',
    'key1',
    '키',
    'k e y',
    "k'ey",
    'x'.repeat(255),
  ].entries()) {
    await customers.create({ email: `u${index}@example.com` }, { idempotencyKey });
  }
  expect(await countCustomers(store)).toBe(7);
});

test('refused parameters are not kept: corrected ones go through with the same key', async () => {
  await expectInvalid(customers.create({ email: 'not an address' }, KEY), 'email');
  await expectInvalid(
    customers.create({ email: 'a@example.com', nam: 'A' }, KEY),
    'nam',
    'parameter_unknown',
  );
  await expectInvalid(customers.create({ email: 'a@example.com', phone: '12' }, KEY), 'phone');
  await failure(customers.create({ email: 'a@example.com', attributes: { x: 'y'.repeat(5001) } }, KEY));
  const { id } = await customers.create({ email: 'a@example.com' }, KEY);
  await store.customFields.create({ key: 'n', type: 'number', label: 'N' });
  await expectInvalid(customers.update(id, { attributes: { n: 'x' } }, KEY), 'attributes.n');
  expect((await customers.update(id, { attributes: { n: 1 } }, KEY)).attributes).toEqual({ n: 1 });
});

test('reading calls ignore a key', async () => {
  const a = await customers.create({ email: 'a@example.com' });
  const b = await customers.create({ email: 'b@example.com' });
  expect(await customers.get(a.id, KEY)).toEqual(a);
  expect(await customers.get(b.id, KEY)).toEqual(b);
  const changed = await customers.update(a.id, { name: 'A' });
  expect(await customers.get(a.id, KEY)).toEqual(changed);
  expect((await customers.list({ limit: 1 }, KEY)).data).toHaveLength(1);
  expect((await customers.list({ limit: 2 }, KEY)).data).toHaveLength(2);
});

test('the same call many times at once acts once and answers each alike', async () => {
  const params = { email: 'a@example.com', name: 'A' };
  const answers = await Promise.all(Array.from({ length: 50 }, () => customers.create(params, KEY)));
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  const { id } = answers[0];
  const logins = await Promise.all(Array.from({ length: 50 }, () => customers.recordLogin(id, KEY)));
  for (const login of logins) expect(login).toEqual(logins[0]);
  expect(await customers.get(id)).toEqual(logins[0]);
  expect(await allEvents(store)).toHaveLength(2);
});

test('different calls at once with one key: one acts, the others are errors', async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 50 }, (_, index) => customers.create({ email: `u${index}@example.com` }, KEY)),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const { reason } of outcomes) if (reason) expect(reason).toBeInstanceOf(IdempotencyError);
  expect(await countCustomers(store)).toBe(1);
});

test('answers hold no secret: a password is not part of a repeat', async () => {
  const params = { email: 's@example.com', name: 'S', password: 'correct horse' };
  const first = await store.signupForm.submit(params, KEY);
  const again = await store.signupForm.submit(params, KEY);
  expect(again).toEqual(first);
  expect(JSON.stringify(again)).not.toMatch(/correct horse|argon2/);
  const error = await expectReused(store.signupForm.submit({ ...params, password: 'wrong horse!' }, KEY));
  expect(error.message).not.toContain('horse');
});

test.each([
  [''],
  ['x'.repeat(256)],
  ['a\0b'],
  ['a\nb'],
  ['\ud800'],
  [5],
  [null],
  [{}],
  [Symbol('k')],
  [['k']],
])('%p is no key', async (idempotencyKey) => {
  await expectInvalid(customers.create({ email: 'a@example.com' }, { idempotencyKey }), 'idempotencyKey');
  expect(await countCustomers(store)).toBe(0);
});

// A random history against a model: what each key answered first.
const keyed = fc.constantFrom('k1', 'k2', 'k3', undefined);
const who = fc.nat(3);
const step = fc.oneof(
  fc.record({ do: fc.constant('create'), who, name: fc.constantFrom('A', 'B'), key: keyed }),
  fc.record({ do: fc.constant('update'), who, name: fc.constantFrom('A', 'B', null), key: keyed }),
  fc.record({ do: fc.constant('recordLogin'), who, key: keyed }),
  fc.record({ do: fc.constant('delete'), who, key: keyed }),
);

test('in any history a key gives its first answer, an error for another request, and acts once', async () => {
  let histories = 0;
  const state = (ids) => Promise.all([...ids].map((id) => customers.get(id).catch(({ code }) => code)));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const tag = `h${histories++}`;
      const firsts = new Map();
      const ids = new Map();
      const erased = new Set();
      for (const { do: operation, who: index, name, key } of steps) {
        const params =
          operation === 'create'
            ? { email: `${index}@${tag}.example.com`, name }
            : { customerId: ids.get(index) ?? 'cus_nobody', ...(operation === 'update' ? { name } : {}) };
        const body = JSON.stringify(params);
        const slot = `${operation} ${key}`;
        const first = key === undefined ? undefined : firsts.get(slot);
        const before = await state(ids.values());
        const options = key === undefined ? undefined : { idempotencyKey: `${tag}-${key}` };
        const call = customers[operation](params, options);
        const outcome = await call.then((answer) => ({ answer })).catch((error) => ({ error }));
        if (first === undefined) {
          if (outcome.error) {
            expect(outcome.error.type).toBe('not_found');
            continue;
          }
          const { id } = outcome.answer;
          if (operation === 'create') ids.set(index, id);
          if (operation === 'delete') erased.add(id);
          // The deletion's own answer holds nothing personal and stays.
          if (operation === 'delete') for (const one of firsts.values()) one.gone ||= one.answer.id === id;
          if (key !== undefined) firsts.set(slot, { body, answer: outcome.answer, gone: false });
        } else if (first.body !== body) {
          expect(outcome.error?.code).toBe('idempotency_key_reused');
        } else if (first.gone) {
          expect(outcome.error?.code).toBe('idempotency_answer_erased');
        } else {
          expect(outcome.answer).toEqual(first.answer);
        }
        if (first !== undefined) expect(await state(ids.values())).toEqual(before);
      }
      for (const id of ids.values()) {
        const events = await store.events.list({ subjectId: id }).toArray({ limit: 100 });
        const last = erased.has(id) ? null : await customers.get(id);
        expect(events.map(({ subjectVersion }) => subjectVersion)).toEqual(
          events.map((_, index) => index + 1),
        );
        if (last) expect(last.version).toBe(events.length);
      }
    }),
    { numRuns: 150 },
  );
});
