// Payment methods of a customer: the default, lists, changes, and the end of them.
const { CARD } = require('../support/payment-operations.js');
const {
  allEvents,
  closeStores,
  expectError,
  expectInvalid,
  openStore,
  Proyecta,
} = require('../support/store.js');

const { ConflictError, NotFoundError } = Proyecta;
let store;
let methods;
let customer;
beforeEach(async () => {
  store = openStore();
  methods = store.paymentMethods;
  customer = await store.customers.create({ email: 'a@example.com' });
});
afterEach(closeStores);

const create = (rest = {}) => methods.create({ customerId: customer.id, card: CARD, ...rest });
const everyMethod = () => methods.list({ customerId: customer.id }).toArray({ limit: 1000 });
const defaults = async () => (await everyMethod()).filter(({ isDefault }) => isDefault).map(({ id }) => id);
const types = async () => (await allEvents(store)).map(({ type }) => type);
const notFound = (call) => expectError(call, NotFoundError, 'payment_method_not_found', 'paymentMethodId');

test('one is the default: the first, until another is made it', async () => {
  const first = await create();
  const second = await create();
  expect([first.isDefault, second.isDefault]).toEqual([true, false]);
  const third = await create({ makeDefault: true });
  expect(await defaults()).toEqual([third.id]);
  expect(await methods.update(second.id, { default: true })).toMatchObject({ isDefault: true, version: 2 });
  expect(await defaults()).toEqual([second.id]);
  expect(await methods.get(third.id)).toMatchObject({ isDefault: false, version: 2 });
  expect(await types()).toEqual([
    'customer.created',
    'payment_method.created',
    'payment_method.created',
    'payment_method.updated',
    'payment_method.created',
    'payment_method.updated',
    'payment_method.updated',
  ]);
});

test('one is the default, however many are made at once', async () => {
  await Promise.all(Array.from({ length: 12 }, (_, index) => create({ makeDefault: index % 2 === 0 })));
  expect(await everyMethod()).toHaveLength(12);
  expect(await defaults()).toHaveLength(1);
  const ids = (await everyMethod()).map(({ id }) => id);
  await Promise.all(ids.map((id) => methods.update(id, { default: true })));
  expect(await defaults()).toHaveLength(1);
  await Promise.all(ids.slice(0, 11).map((id) => methods.delete(id)));
  expect(await defaults()).toEqual([ids[11]]);
});

test('a change that changes nothing is none', async () => {
  const method = await create();
  expect(await methods.update(method.id, { default: true })).toEqual(method);
  expect(await methods.update(method.id, { metadata: {} })).toEqual(method);
  expect(await types()).toEqual(['customer.created', 'payment_method.created']);
});

test('metadata changes key by key, with the version', async () => {
  const method = await create({ metadata: { a: '1', b: '2' } });
  const after = await methods.update(method.id, { metadata: { a: null, c: '3' }, ifVersion: 1 });
  expect(after).toEqual({
    ...method,
    metadata: { b: '2', c: '3' },
    version: 2,
    updatedAt: expect.any(String),
  });
  const [event] = (await allEvents(store)).slice(-1);
  expect(event.data).toEqual({ object: after, before: { metadata: { a: '1', b: '2' } } });
  const late = methods.update(method.id, { metadata: { d: '4' }, ifVersion: 1 });
  await expectError(late, ConflictError, 'version_conflict', 'ifVersion');
  await expectError(
    methods.delete(method.id, { ifVersion: 1 }),
    ConflictError,
    'version_conflict',
    'ifVersion',
  );
});

test.each([
  [{ default: false }, 'default'],
  [{ default: 'yes' }, 'default'],
  [{ default: null }, 'default'],
  [{ card: CARD }, 'card', 'parameter_unknown'],
  [{ metadata: 'x' }, 'metadata'],
])('refuses the change %j', async (bad, param, ...[code]) => {
  const method = await create();
  await expectInvalid(methods.update(method.id, bad), param, code);
  expect(await methods.get(method.id)).toEqual(method);
});

test('lists are of one customer, newest first', async () => {
  const other = await store.customers.create({ email: 'b@example.com' });
  await methods.create({ customerId: other.id, card: CARD });
  const made = [];
  for (let index = 0; index < 5; index++) made.push(await create());
  const newest = made.map(({ id }) => id).reverse();
  const paged = await methods.list({ customerId: customer.id, limit: 2 }).toArray({ limit: 100 });
  expect(paged.map(({ id }) => id)).toEqual(newest);
  const page = await methods.list({ customerId: customer.id, limit: 2 });
  expect(page).toMatchObject({ hasMore: true, nextCursor: expect.any(String) });
  const foreign = methods.list({ customerId: other.id, cursor: page.nextCursor });
  await expectInvalid(foreign, 'cursor', 'cursor_invalid');
  const none = methods.list({ customerId: 'cus_none' });
  await expectError(none, NotFoundError, 'customer_not_found', 'customerId');
});

test('a deleted one is gone, and the newest that is left becomes the default', async () => {
  const [first, second, third] = [await create(), await create(), await create()];
  const answer = { id: first.id, object: 'payment_method', deleted: true };
  expect(await methods.delete(first.id, undefined, { idempotencyKey: 'd' })).toEqual(answer);
  expect(await methods.delete({ paymentMethodId: first.id }, { idempotencyKey: 'd' })).toEqual(answer);
  expect(await defaults()).toEqual([third.id]);
  for (const call of [
    () => methods.get(first.id),
    () => methods.update(first.id, { default: true }),
    () => methods.delete(first.id),
  ]) {
    await notFound(call);
  }
  expect((await everyMethod()).map(({ id }) => id)).toEqual([third.id, second.id]);
  const deleted = (await allEvents(store)).find(({ type }) => type === 'payment_method.deleted');
  expect(deleted).toMatchObject({
    subjectId: first.id,
    subjectVersion: 2,
    data: { object: null, before: first },
  });
  await methods.delete(second.id);
  await methods.delete(third.id);
  expect(await everyMethod()).toEqual([]);
  expect(await create()).toMatchObject({ isDefault: true });
});

test('a method is of its store', async () => {
  const { id } = await create();
  const elsewhere = openStore().paymentMethods;
  await notFound(elsewhere.get(id));
  await notFound(elsewhere.delete(id));
  await notFound(methods.get('pm_none'));
});

test('a deleted customer takes its payment methods along', async () => {
  const key = { idempotencyKey: 'first' };
  const first = await methods.create({ customerId: customer.id, card: CARD, metadata: { a: 'hidden' } }, key);
  const second = await create();
  await methods.delete(second.id);
  await store.customers.delete(customer.id);
  await notFound(methods.get(first.id));
  const list = methods.list({ customerId: customer.id });
  await expectError(list, NotFoundError, 'customer_deleted', 'customerId');
  const events = await allEvents(store);
  expect(JSON.stringify(events)).not.toMatch(/4242|hidden|Visa/);
  expect(events.slice(-2).map(({ type }) => type)).toEqual(['payment_method.deleted', 'customer.deleted']);
});
