// `commerce.usages.record` and `list`: what was used of an item, against what may be used.
const { race } = require('../support/catalogue.js');
const { atClock, calls, flat, seats, subscribe } = require('../support/subscribed.js');
const {
  allEvents,
  closeStores,
  expectError,
  expectInvalid,
  openStore,
  Proyecta,
} = require('../support/store.js');

const { ConflictError, InvalidRequestError, NotFoundError } = Proyecta;
let store;
let usages;
let customer;
let clock;
beforeEach(async () => {
  store = openStore();
  usages = store.usages;
  clock = await atClock(store, '2026-04-01T00:00:00Z');
  customer = clock.customer;
});
afterEach(closeStores);

const counted = async (rest, options) => {
  const made = await subscribe(store, customer, calls(rest), options);
  const id = made.item.id;
  return {
    ...made,
    record: (record, more = {}) => usages.record({ subscriptionItemId: id, record, ...more }),
  };
};

test('an entry adds to what was used before', async () => {
  const { item, subscription, record } = await counted();
  await clock.advance('2026-04-11T00:00:00Z');
  const first = await record(5, { payload: 'batch 7' });
  expect(first).toEqual({
    id: expect.stringMatching(/^use_[0-9a-hjkmnp-tv-z]{26}$/),
    object: 'usage',
    subscriptionItemId: item.id,
    subscriptionId: subscription.id,
    record: 5,
    quota: 0,
    accumulatedRecord: 5,
    accumulatedQuota: null,
    amountForQuota: 0,
    currency: 'KRW',
    orderId: null,
    restDays: 20,
    at: '2026-04-11T00:00:00.000Z',
    via: 'api',
    payload: 'batch 7',
    createdAt: '2026-04-11T00:00:00.000Z',
    testClock: clock.clock.id,
  });
  expect(await record('2.5')).toMatchObject({ record: '2.5', accumulatedRecord: '7.5' });
  expect(await record(-1)).toMatchObject({ record: -1, accumulatedRecord: '6.5' });
  const entries = await usages.list({ subscriptionItemId: item.id }).toArray({ limit: 10 });
  expect(entries.map((entry) => entry.record)).toEqual([-1, '2.5', 5]);
  expect(entries[2]).toMatchObject({ id: first.id, payload: 'batch 7', via: 'api' });
  const told = (await allEvents(store)).filter(({ type }) => type === 'usage.recorded');
  expect(told.map(({ subjectId }) => subjectId)).toEqual(entries.map(({ id }) => id).reverse());
  expect(told[0].data.object).toMatchObject({ id: first.id, record: 5, payload: null });
});

test('late entries count, those outside of the running period do not', async () => {
  const { record, subscription } = await counted();
  await clock.advance('2026-04-20T12:00:00Z');
  await record(3, { at: '2026-04-20T11:00:00Z' });
  expect(await record(4, { at: '2026-04-02T00:00:00Z' })).toMatchObject({ accumulatedRecord: 7 });
  expect(await record(1, { at: '2026-04-01T00:00:00Z' })).toMatchObject({ accumulatedRecord: 8 });
  await expectInvalid(record(1, { at: '2026-03-31T23:59:59.999Z' }), 'at');
  await expectInvalid(record(1, { at: '2026-05-01T00:00:00Z' }), 'at');
  await expectInvalid(record(1, { at: '2027-05-01T00:00:00Z' }), 'at');
  expect((await usages.calculate(subscription.id)).amount).toBe(80);
  await clock.advance('2026-05-01T00:00:00Z');
  await expectInvalid(record(1, { at: '2026-04-30T23:59:59Z' }), 'at');
  expect(await record(2)).toMatchObject({ accumulatedRecord: 2 });
  const [renewal] = (await store.subscriptions.list({ customerId: customer.id })).data;
  expect(renewal.currentPeriodStart).toBe('2026-05-01T00:00:00.000Z');
});

test('nothing is taken back that was not recorded', async () => {
  const { record } = await counted();
  await expectInvalid(record(-1), 'record');
  await record(5);
  await expectInvalid(record('-5.000001'), 'record');
  expect(await record(-5)).toMatchObject({ accumulatedRecord: 0 });
});

test('a limit holds, and stays from period to period', async () => {
  const { record } = await counted();
  expect(await record(undefined, { quota: 10 })).toMatchObject({
    accumulatedQuota: 10,
    amountForQuota: 0,
    orderId: null,
  });
  await record(8);
  const refused = await expectError(record(3), ConflictError, 'quota_exceeded', 'record');
  expect(refused.details).toMatchObject({ left: '2' });
  expect(await record(3, { quota: 1 })).toMatchObject({ accumulatedRecord: 11, accumulatedQuota: 11 });
  await expectInvalid(record(undefined, { quota: -1 }), 'quota');
  await clock.advance('2026-05-02T00:00:00Z');
  expect(await record(11)).toMatchObject({ accumulatedRecord: 11, accumulatedQuota: 11 });
  await expectError(record(1), ConflictError, 'quota_exceeded', 'record');
});

test('however many record at once, a limit holds and nothing is lost', async () => {
  const { item, record } = await counted();
  await record(undefined, { quota: 10 });
  const { won, codes } = await race(25, () => record(1));
  expect({ won, codes }).toEqual({ won: 10, codes: ['quota_exceeded'] });
  expect(await usages.list({ subscriptionItemId: item.id }).toArray({ limit: 100 })).toHaveLength(11);
});

test('by customer and feature', async () => {
  await store.features.create({ id: 'feat_calls', name: 'Calls', type: 'metered' });
  const by = (record) => usages.record({ customerId: customer.id, featureId: 'feat_calls', record });
  await expectError(by(1), NotFoundError, 'item_not_found', 'featureId');
  const product = { features: ['feat_calls'] };
  await subscribe(store, customer, flat(), { product });
  await expectError(by(1), NotFoundError, 'item_not_found', 'featureId');
  const { item } = await counted({}, { product });
  expect(await by(4)).toMatchObject({ subscriptionItemId: item.id, accumulatedRecord: 4 });
  const second = await counted({}, { product });
  const refused = await expectInvalid(by(1), 'featureId');
  expect(refused.details.subscriptionItemIds.sort()).toEqual([item.id, second.item.id].sort());
});

test('what the parameters have to be', async () => {
  const { item, record } = await counted();
  await expectInvalid(record(undefined), 'record', 'parameter_missing');
  await expectInvalid(record(0), 'record');
  await expectInvalid(record(undefined, { quota: 0 }), 'quota');
  await expectInvalid(record('1.0000001'), 'record');
  await expectInvalid(record(1, { customerId: customer.id }), 'customerId');
  await expectInvalid(record(1, { featureId: 'feat_1' }), 'featureId');
  await expectInvalid(usages.record({ record: 1 }), 'subscriptionItemId', 'parameter_missing');
  const noFeature = usages.record({ record: 1, customerId: customer.id });
  await expectInvalid(noFeature, 'featureId', 'parameter_missing');
  const noCustomer = usages.record({ record: 1, featureId: 'feat_1' });
  await expectInvalid(noCustomer, 'customerId', 'parameter_missing');
  const none = usages.record({ subscriptionItemId: 'si_none', record: 1 });
  await expectError(none, NotFoundError, 'item_not_found', 'subscriptionItemId');
  await expectError(
    usages.list({ subscriptionItemId: 'si_none' }),
    NotFoundError,
    'item_not_found',
    'subscriptionItemId',
  );
  const plan = await subscribe(store, customer, flat());
  const unmetered = usages.record({ subscriptionItemId: plan.item.id, record: 1 });
  await expectError(unmetered, InvalidRequestError, 'usage_not_metered', 'subscriptionItemId');
  const apart = { at: '2026-04-01T00:00:00Z', effectiveAt: '2026-03-31T23:30:00Z' };
  await expectInvalid(record(1, apart), 'effectiveAt');
  expect(await usages.list({ subscriptionItemId: item.id }).toArray({ limit: 10 })).toEqual([]);
});

test('nothing is used of what is paused or over', async () => {
  const { subscription, record } = await counted();
  await record(1);
  await store.subscriptions.pause(subscription.id);
  await expectError(record(1), ConflictError, 'subscription_state', 'subscriptionId');
  await store.subscriptions.resume(subscription.id);
  await record(1);
  await store.subscriptions.cancel(subscription.id, { when: 'now' });
  await expectError(record(1), ConflictError, 'subscription_ended', 'subscriptionId');
});

test('in a trial it counts and costs nothing', async () => {
  const { subscription, record } = await counted({}, { trial: { interval: 'day', count: 10 } });
  expect(await record(500)).toMatchObject({ accumulatedRecord: 500, restDays: 10 });
  const sum = await usages.calculate(subscription.id);
  expect(sum).toMatchObject({ amount: 0, periodEnd: '2026-04-11T00:00:00.000Z' });
  expect(sum.items).toMatchObject([{ count: 500, amount: 0, lines: [] }]);
  await clock.advance('2026-04-11T00:00:00Z');
  expect(await record(2)).toMatchObject({ accumulatedRecord: 2 });
});

test('the texts of entries go with their customer', async () => {
  const { subscription, item, record } = await counted();
  await record(1, { payload: 'called by Zq7Secret' });
  await store.subscriptions.cancel(subscription.id, { when: 'now' });
  await store.customers.delete(customer.id);
  const [entry] = await usages.list({ subscriptionItemId: item.id }).toArray({ limit: 10 });
  expect(entry).toMatchObject({ record: 1, payload: null });
  expect(JSON.stringify(await allEvents(store))).not.toContain('Zq7Secret');
});

test('a repeat with the same key is one entry', async () => {
  const { item } = await counted();
  const ask = () =>
    usages.record({ subscriptionItemId: item.id, record: 5 }, { idempotencyKey: 'one-of-a-kind' });
  const first = await ask();
  expect(await ask()).toEqual(first);
  expect(await usages.list({ subscriptionItemId: item.id }).toArray({ limit: 10 })).toHaveLength(1);
});

test('seats that are paid at the end are counted by time', async () => {
  const made = await subscribe(store, customer, seats({ usageClaim: 'arrears' }), { quantity: 2 });
  const record = (count, at) => usages.record({ subscriptionItemId: made.item.id, record: count, at });
  await clock.advance('2026-04-16T00:00:00Z');
  expect(await record(2)).toMatchObject({ accumulatedRecord: 4, accumulatedQuota: null });
  const now = await store.subscriptions.get(made.subscription.id);
  expect(now.items[0].quantity).toBe(4);
  // Two for the whole month, two for half of it.
  expect(await usages.calculate(now.id)).toMatchObject({ amount: 9000, items: [{ count: 3 }] });
  await expectInvalid(record('0.5'), 'record');
  await expectInvalid(record(-5), 'record');
  await expectInvalid(record(1, '2026-04-17T00:00:00Z'), 'at');
  await clock.advance('2026-05-01T00:00:00Z');
  const orders = await usages.calculate(now.id);
  expect(orders).toMatchObject({ amount: 12000, items: [{ count: 4 }] });
});
