// Ids, keys and user names of the caller's own.
const {
  allEvents,
  closeStores,
  countCustomers,
  expectError,
  expectInvalid,
  openStore,
  Proyecta,
} = require('../support/store.js');

const { ConflictError, NotFoundError } = Proyecta;
let store;
let customers;
beforeEach(() => {
  store = openStore();
  customers = store.customers;
});
afterEach(closeStores);

describe('an own id together with an e-mail address', () => {
  test('is used when both are free', async () => {
    const customer = await customers.create({ id: 'cus_own', email: 'own@example.com' });
    expect(customer).toMatchObject({ id: 'cus_own', email: 'own@example.com', version: 1 });
    expect(await customers.get('cus_own')).toEqual(customer);
  });

  test('gives back the stored customer, unchanged, when both are the same one', async () => {
    const first = await customers.create({ id: 'cus_own', email: 'own@example.com', name: 'First' });
    const again = await customers.create({ id: 'cus_own', email: ' OWN@example.com', name: 'Second' });
    expect(again).toEqual(first);
    expect(await allEvents(store)).toHaveLength(1);
  });

  async function conflict(params, details, named) {
    const before = await allEvents(store);
    const error = await expectError(customers.create(params), ConflictError, 'customer_conflict', 'id');
    expect(error).toMatchObject({ type: 'conflict', statusCode: 409 });
    expect(error.details).toEqual({ params: ['id', 'email'], ...details });
    expect(error.message).toMatch(/\bid\b/);
    expect(error.message).toMatch(/\bemail\b/);
    for (const id of named) expect(error.message).toContain(id);
    expect(error.message).not.toContain(params.email);
    expect(await allEvents(store)).toEqual(before);
  }

  test('is a conflict when only the id is taken', async () => {
    await customers.create({ id: 'cus_own', email: 'own@example.com' });
    await conflict({ id: 'cus_own', email: 'free@example.com' }, { idCustomerId: 'cus_own' }, ['cus_own']);
    expect(await countCustomers(store)).toBe(1);
  });

  test('is a conflict when only the e-mail is taken', async () => {
    const { id } = await customers.create({ email: 'taken@example.com' });
    await conflict({ id: 'cus_free', email: 'Taken@example.com' }, { emailCustomerId: id }, [id, 'cus_free']);
    await expectError(customers.get('cus_free'), NotFoundError, 'customer_not_found', 'customerId');
  });

  test('is a conflict when they are two customers', async () => {
    await customers.create({ id: 'cus_one', email: 'one@example.com' });
    await customers.create({ id: 'cus_two', email: 'two@example.com' });
    const details = { idCustomerId: 'cus_one', emailCustomerId: 'cus_two' };
    await conflict({ id: 'cus_one', email: 'two@example.com' }, details, ['cus_one', 'cus_two']);
  });

  test('goes to exactly one of many that ask at once', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) =>
        customers.create({ id: 'cus_own', email: `u${index}@example.com` }),
      ),
    );
    const made = outcomes.filter(({ status }) => status === 'fulfilled');
    expect(made).toHaveLength(1);
    for (const { reason } of outcomes) if (reason) expect(reason.code).toBe('customer_conflict');
    expect(await countCustomers(store)).toBe(1);
  });

  test('may look like a generated one', async () => {
    const { id } = await customers.create({ email: 'a@example.com' });
    const own = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`;
    expect((await customers.create({ id: own, email: 'b@example.com' })).id).toBe(own);
  });

  test('is case-sensitive', async () => {
    await customers.create({ id: 'cus_own', email: 'a@example.com' });
    await customers.create({ id: 'cus_OWN', email: 'b@example.com' });
    expect((await customers.get('cus_OWN')).email).toBe('b@example.com');
    expect((await customers.get('cus_own')).email).toBe('a@example.com');
  });
});

test.each(['cus_a', `cus_${'x'.repeat(60)}`, 'cus_A-Z_09', 'cus_42'])('%s may be an id', async (id) => {
  expect((await customers.create({ id, email: 'a@example.com' })).id).toBe(id);
});

test.each([
  '',
  'cus_',
  'own',
  'CUS_own',
  'cus-own',
  'sub_own',
  'cus_a b',
  'cus_ä',
  'cus_a/b',
  'cus_a.b',
  `cus_${'x'.repeat(61)}`,
])('%j is no id', async (id) => {
  await expectInvalid(customers.create({ id, email: 'a@example.com' }), 'id');
  await expectInvalid(customers.get(id), 'customerId');
  await expectInvalid(customers.list({ startingAfter: id }), 'startingAfter');
  expect(await countCustomers(store)).toBe(0);
});

describe.each([
  ['key', 'customer_key_taken'],
  ['username', 'username_taken'],
])('%s', (name, code) => {
  const value = 'Value 1';

  test('belongs to one customer: a second create is a conflict that names the first', async () => {
    const { id } = await customers.create({ email: 'a@example.com', [name]: value });
    const error = await expectError(
      customers.create({ email: 'b@example.com', [name]: value }),
      ConflictError,
      code,
      name,
    );
    expect(error.details).toEqual({ customerId: id });
    expect(error.message).toContain(id);
    expect(error.message).not.toContain(value);
    expect(await countCustomers(store)).toBe(1);
    expect(await allEvents(store)).toHaveLength(1);
  });

  test('belongs to one customer: an update is a conflict too, and changes nothing', async () => {
    const first = await customers.create({ email: 'a@example.com', [name]: value });
    const second = await customers.create({ email: 'b@example.com', [name]: 'Value 2' });
    const change = customers.update(second.id, { name: 'New', [name]: value });
    const error = await expectError(change, ConflictError, code, name);
    expect(error.details).toEqual({ customerId: first.id });
    expect(await customers.get(second.id)).toEqual(second);
  });

  test('may be given again to the customer that has it', async () => {
    const first = await customers.create({ email: 'a@example.com', [name]: value });
    expect(await customers.update(first.id, { [name]: value })).toEqual(first);
  });

  test('is free after it was changed, cleared, or its customer deleted', async () => {
    const first = await customers.create({ email: 'a@example.com', [name]: value });
    await customers.update(first.id, { [name]: 'Value 2' });
    const second = await customers.create({ email: 'b@example.com', [name]: value });
    expect((await customers.update(second.id, { [name]: null }))[name]).toBeNull();
    const third = await customers.create({ email: 'c@example.com', [name]: value });
    await customers.delete(third.id);
    expect((await customers.update(first.id, { [name]: value }))[name]).toBe(value);
  });

  test('goes to exactly one of many that ask at once', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) =>
        customers.create({ email: `u${index}@example.com`, [name]: value }),
      ),
    );
    const refusals = outcomes.filter(({ status }) => status === 'rejected');
    expect(refusals).toHaveLength(49);
    for (const { reason } of refusals) expect(reason.code).toBe(code);
    expect(await countCustomers(store)).toBe(1);
  });

  test('is not asked when the e-mail address already has its customer', async () => {
    const first = await customers.create({ email: 'a@example.com' });
    await customers.create({ email: 'b@example.com', [name]: value });
    expect(await customers.create({ email: 'a@example.com', [name]: value })).toEqual(first);
  });
});

test('a key finds its customer, and no longer after it was changed', async () => {
  const { id } = await customers.create({ email: 'a@example.com', key: 'user:1' });
  expect((await customers.get({ key: 'user:1' })).id).toBe(id);
  await customers.update(id, { key: 'user:2' });
  expect((await customers.get({ key: 'user:2' })).id).toBe(id);
  await expectError(customers.get({ key: 'user:1' }), NotFoundError, 'customer_not_found', 'key');
});

test('a key and a user name are spaces of their own', async () => {
  const first = await customers.create({ email: 'a@example.com', key: 'same' });
  const second = await customers.create({ email: 'b@example.com', username: 'same' });
  expect((await customers.get({ key: 'same' })).id).toBe(first.id);
  expect(second.username).toBe('same');
});
