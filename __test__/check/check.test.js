// `commerce.check` in its plain form: a feature may be used while a subscription gives service.
const { atClock, flat, subscribe } = require('../support/subscribed.js');
const { closeStores, expectError, openStore, Proyecta } = require('../support/store.js');

const { NotFoundError } = Proyecta;
let store;
let feature;
beforeEach(async () => {
  store = openStore();
  feature = await store.features.create({ id: 'feat_export', name: 'Export' });
});
afterEach(closeStores);

const product = { features: ['feat_export'] };
const reason = async (customer, featureId = feature.id) =>
  (await store.check({ customerId: customer.id, featureId })).reason;

test('allowed while a subscription gives the feature and service', async () => {
  const { customer, advance } = await atClock(store);
  const { subscription } = await subscribe(store, customer, flat(), { product });
  expect(await store.check({ customerId: customer.id, featureId: feature.id })).toEqual({
    allowed: true,
    reason: 'subscribed',
    hasAccess: true,
    featureId: feature.id,
    customerId: customer.id,
    balance: null,
    stale: false,
  });
  await store.subscriptions.cancel(subscription.id, { when: 'period_end' });
  expect(await reason(customer)).toBe('subscribed');
  await advance('2026-05-01T00:00:00Z');
  expect(await store.check({ customerId: customer.id, featureId: feature.id })).toMatchObject({
    allowed: false,
    reason: 'not_subscribed',
    hasAccess: false,
  });
});

test('not without a subscription, nor with one of another product', async () => {
  const { customer } = await atClock(store);
  expect(await reason(customer)).toBe('not_subscribed');
  await subscribe(store, customer, flat());
  expect(await reason(customer)).toBe('not_subscribed');
  const other = await store.customers.create({ email: 'other@example.com' });
  expect(await reason(other)).toBe('not_subscribed');
});

test('a pause stops it, and a trial does not', async () => {
  const { customer } = await atClock(store);
  const { subscription } = await subscribe(store, customer, flat(), {
    product,
    trial: { interval: 'day', count: 14 },
  });
  expect(subscription.status).toBe('trialing');
  expect(await reason(customer)).toBe('subscribed');
  await store.subscriptions.pause(subscription.id);
  expect(await reason(customer)).toBe('not_in_service');
  await subscribe(store, customer, flat(), { product });
  expect(await reason(customer)).toBe('subscribed');
});

test('past due by the days of grace', async () => {
  const { customer, advance } = await atClock(store, undefined, { number: '4000 0000 0001 0001' });
  await subscribe(store, customer, flat(), { product });
  await advance('2026-05-01T00:00:00Z');
  expect(await reason(customer)).toBe('not_in_service');
  await store.settings.update({ pastDueGraceDays: 3 });
  expect(await reason(customer)).toBe('subscribed');
  await advance('2026-05-03T23:59:59Z');
  expect(await reason(customer)).toBe('subscribed');
  await advance('2026-05-04T00:00:00Z');
  expect(await reason(customer)).toBe('not_in_service');
});

test('what is not there', async () => {
  const { customer } = await atClock(store);
  const ask = (params) => store.check({ customerId: customer.id, featureId: feature.id, ...params });
  await expectError(ask({ featureId: 'feat_none' }), NotFoundError, 'feature_not_found', 'featureId');
  await expectError(ask({ customerId: 'cus_none' }), NotFoundError, 'customer_not_found', 'customerId');
  await store.features.archive(feature.id);
  expect(await reason(customer)).toBe('not_subscribed');
});
