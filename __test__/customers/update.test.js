// `customers.update`: what it is given replaces, the rest stays.
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

const ADDRESS = {
  line1: '1 Main St',
  line2: 'Flat 2',
  city: 'Seoul',
  state: 'Seoul',
  postal_code: '06234',
  country: 'KR',
};

test('changes what it is given, counts the version, and leaves the rest, in both call styles', async () => {
  const first = await customers.create({ email: 'a@example.com', name: 'A', address: ADDRESS });
  const second = await customers.update(first.id, { name: 'B' });
  expect(second).toEqual({ ...first, name: 'B', version: 2, updatedAt: second.updatedAt });
  expect(Date.parse(second.updatedAt)).toBeGreaterThanOrEqual(Date.parse(first.updatedAt));
  const third = await customers.update({ customerId: first.id, phone: '02-312-3456' });
  expect(third).toEqual({ ...second, phone: '+8223123456', version: 3, updatedAt: third.updatedAt });
  expect(await customers.get(first.id)).toEqual(third);
});

test('every field can be changed', async () => {
  const { id } = await customers.create({ email: 'a@example.com' });
  const changes = {
    email: 'New@example.com',
    name: '이영희',
    phone: '+14155552671',
    address: ADDRESS,
    key: 'k',
    username: 'u',
    attributes: { a: 'x' },
    metadata: { m: 'y' },
    marketing: { sms: true, email: true, kakao: true },
    additionalRecipients: ['b@example.com'],
    countryCode: 'JP',
    shipping: { name: 'R', phone: '+821012345678', address: ADDRESS },
  };
  expect(await customers.update(id, changes)).toMatchObject({ id, version: 2, ...changes });
});

test('null clears every field that may be empty', async () => {
  const given = {
    name: 'A',
    phone: '010-1234-5678',
    address: ADDRESS,
    key: 'k',
    username: 'u',
    additionalRecipients: ['b@example.com'],
    countryCode: 'KR',
    shipping: { name: 'R' },
  };
  const { id } = await customers.create({ email: 'a@example.com', ...given });
  const nulls = Object.fromEntries(Object.keys(given).map((name) => [name, null]));
  expect(await customers.update(id, nulls)).toMatchObject({ ...nulls, additionalRecipients: [] });
});

test('undefined changes nothing', async () => {
  const customer = await customers.create({ email: 'a@example.com', name: 'A', address: ADDRESS });
  const nothing = { email: undefined, name: undefined, address: undefined, metadata: undefined };
  expect(await customers.update(customer.id, nothing)).toEqual(customer);
});

test('the e-mail address cannot be taken away', async () => {
  const customer = await customers.create({ email: 'a@example.com' });
  await expectInvalid(customers.update(customer.id, { email: null }), 'email');
  await expectInvalid(customers.update(customer.id, { email: '' }), 'email');
  expect(await customers.get(customer.id)).toEqual(customer);
});

test('an e-mail address of another customer is a conflict that names its id, and changes nothing', async () => {
  const first = await customers.create({ email: 'first@example.com' });
  const second = await customers.create({ email: 'second@example.com' });
  const change = customers.update(second.id, { email: ' FIRST@example.com', name: 'New' });
  const error = await expectError(change, ConflictError, 'email_taken', 'email');
  expect(error.details).toEqual({ customerId: first.id });
  expect(error.message).toContain(first.id);
  expect(error.message).not.toMatch(/first@/i);
  expect(await customers.get(second.id)).toEqual(second);
});

test('the old e-mail address is free afterwards, and the new one is held', async () => {
  const first = await customers.create({ email: 'old@example.com', name: 'First' });
  await customers.update(first.id, { email: 'new@example.com' });
  const second = await customers.create({ email: 'OLD@example.com', name: 'Second' });
  expect(second.id).not.toBe(first.id);
  expect(second.name).toBe('Second');
  expect((await customers.create({ email: 'NEW@example.com' })).id).toBe(first.id);
  expect((await customers.list({ email: 'new@example.com' })).data.map(({ id }) => id)).toEqual([first.id]);
  const back = customers.update(first.id, { email: 'old@example.com' });
  await expectError(back, ConflictError, 'email_taken', 'email');
});

test('two customers can exchange their addresses', async () => {
  const [a, b] = [
    await customers.create({ email: 'a@example.com' }),
    await customers.create({ email: 'b@example.com' }),
  ];
  await customers.update(a.id, { email: 'aside@example.com' });
  await customers.update(b.id, { email: 'a@example.com' });
  await customers.update(a.id, { email: 'b@example.com' });
  expect((await customers.create({ email: 'a@example.com' })).id).toBe(b.id);
  expect((await customers.create({ email: 'b@example.com' })).id).toBe(a.id);
});

test('the own address in another spelling is no conflict, and is kept in the new spelling', async () => {
  const { id } = await customers.create({ email: 'jane@example.com' });
  expect(await customers.update(id, { email: 'Jane@Example.com' })).toMatchObject({
    email: 'Jane@Example.com',
    version: 2,
  });
  expect((await customers.create({ email: 'JANE@example.com' })).id).toBe(id);
});

test('one address goes to exactly one of many that ask at once', async () => {
  const made = await Promise.all(
    Array.from({ length: 30 }, (_, index) => customers.create({ email: `u${index}@example.com` })),
  );
  const outcomes = await Promise.allSettled(
    made.map(({ id }) => customers.update(id, { email: 'wanted@example.com' })),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const { reason } of outcomes) if (reason) expect(reason.code).toBe('email_taken');
  expect(await countCustomers(store)).toBe(30);
});

test('an address is replaced as a whole, and so is a delivery', async () => {
  const { id } = await customers.create({
    email: 'a@example.com',
    address: ADDRESS,
    shipping: { name: 'R', phone: '+821012345678', address: ADDRESS },
  });
  const changed = await customers.update(id, { address: { city: 'Busan' }, shipping: { name: 'S' } });
  const empty = { line1: null, line2: null, city: null, state: null, postal_code: null, country: null };
  expect(changed.address).toEqual({ ...empty, city: 'Busan' });
  expect(changed.shipping).toMatchObject({ name: 'S', phone: null });
  expect(changed.shipping.address?.line1 ?? null).toBeNull();
});

test.each(['metadata', 'attributes'])('%s is replaced key by key, and null removes a key', async (field) => {
  const { id } = await customers.create({
    email: 'a@example.com',
    [field]: { keep: '1', change: '2', drop: '3' },
  });
  const changed = await customers.update(id, {
    [field]: { change: 'two', drop: null, add: '4', absent: null },
  });
  expect(changed[field]).toEqual({ keep: '1', change: 'two', add: '4' });
  expect((await customers.update(id, { [field]: {} }))[field]).toEqual(changed[field]);
  expect((await customers.update(id, { [field]: { keep: undefined } }))[field]).toEqual(changed[field]);
});

test('a marketing channel left out stays as it is', async () => {
  const { id } = await customers.create({ email: 'a@example.com', marketing: { sms: true, email: true } });
  const changed = await customers.update(id, { marketing: { email: false } });
  expect(changed.marketing).toEqual({ sms: true, email: false, kakao: false });
});

test('a list of recipients is replaced as a whole', async () => {
  const { id } = await customers.create({ email: 'a@example.com', additionalRecipients: ['b@example.com'] });
  const changed = await customers.update(id, { additionalRecipients: ['c@example.com', 'D@example.com'] });
  expect(changed.additionalRecipients).toEqual(['c@example.com', 'D@example.com']);
});

test('what is stored already changes nothing: no version, no time, no event', async () => {
  const given = { name: 'A', phone: '010-1234-5678', address: ADDRESS, metadata: { a: '1' } };
  const customer = await customers.create({ email: 'a@example.com', ...given });
  expect(await customers.update(customer.id, given)).toEqual(customer);
  expect(await customers.update(customer.id, {})).toEqual(customer);
  expect(await customers.update(customer.id, { email: 'a@example.com', metadata: { x: null } })).toEqual(
    customer,
  );
  expect(await allEvents(store)).toHaveLength(1);
});

test('ifVersion lets a change through only on the version that was read', async () => {
  const { id } = await customers.create({ email: 'a@example.com' });
  expect((await customers.update(id, { name: 'A', ifVersion: 1 })).version).toBe(2);
  const late = customers.update(id, { name: 'B', ifVersion: 1 });
  await expectError(late, ConflictError, 'version_conflict', 'ifVersion');
  await expectError(
    customers.update(id, { name: 'B', ifVersion: 3 }),
    ConflictError,
    'version_conflict',
    'ifVersion',
  );
  expect(await customers.get(id)).toMatchObject({ name: 'A', version: 2 });
});

test('of many changes at once of one version exactly one goes through', async () => {
  const { id } = await customers.create({ email: 'a@example.com' });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 40 }, (_, index) => customers.update(id, { name: `N${index}`, ifVersion: 1 })),
  );
  const done = outcomes.filter(({ status }) => status === 'fulfilled');
  expect(done).toHaveLength(1);
  expect(await customers.get(id)).toEqual(done[0].value);
});

test('changes at once of different keys are all kept', async () => {
  const { id } = await customers.create({ email: 'a@example.com' });
  const keys = Array.from({ length: 40 }, (_, index) => `k${index}`);
  await Promise.all(keys.map((key) => customers.update(id, { metadata: { [key]: key } })));
  const stored = await customers.get(id);
  expect(stored.metadata).toEqual(Object.fromEntries(keys.map((key) => [key, key])));
  expect(stored.version).toBe(41);
});

test('a customer that does not exist is not found', async () => {
  const change = customers.update('cus_nobody', { name: 'A' });
  await expectError(change, NotFoundError, 'customer_not_found', 'customerId');
  expect(await countCustomers(store)).toBe(0);
});

test('the id may stand first or among the parameters, but not be two', async () => {
  const { id } = await customers.create({ email: 'a@example.com' });
  expect((await customers.update(id, { customerId: id, name: 'A' })).name).toBe('A');
  await expectInvalid(customers.update(id, { customerId: 'cus_other', name: 'B' }), 'customerId');
  await expectInvalid(customers.update(undefined, { name: 'B' }), 'customerId', 'parameter_missing');
  await expectInvalid(customers.update({ name: 'B' }), 'customerId', 'parameter_missing');
});

describe('recordLogin', () => {
  test('notes the time, in both call styles, with an event each', async () => {
    const before = Date.now();
    const { id } = await customers.create({ email: 'a@example.com' });
    const first = await customers.recordLogin(id);
    expect(first).toMatchObject({ id, version: 2, status: 'normal', dormantAt: null });
    expect(Date.parse(first.lastLoginAt)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(first.lastLoginAt)).toBeLessThanOrEqual(Date.now());
    const second = await customers.recordLogin({ customerId: id });
    expect(Date.parse(second.lastLoginAt)).toBeGreaterThanOrEqual(Date.parse(first.lastLoginAt));
    expect(await customers.get(id)).toEqual(second);
    expect((await allEvents(store)).map(({ type }) => type)).toEqual([
      'customer.created',
      'customer.updated',
      'customer.updated',
    ]);
  });

  test('of nobody is not found', async () => {
    const login = customers.recordLogin('cus_nobody');
    await expectError(login, NotFoundError, 'customer_not_found', 'customerId');
  });
});
