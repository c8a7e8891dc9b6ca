// Quotas that are paid in advance: raised in mid-period they are charged at once, and count when
// they are paid.
const { atClock, calls, seats, subscribe } = require('../support/subscribed.js');
const { allEvents, closeStores, expectError, openStore, Proyecta } = require('../support/store.js');

const { CardError, ConflictError } = Proyecta;
let store;
let usages;
beforeEach(() => {
  store = openStore();
  usages = store.usages;
});
afterEach(closeStores);

/** Somebody whose card declines from the `approved + 1`-th charge on. */
async function prepaid(price, { approved, ...rest } = {}) {
  const number = approved === undefined ? {} : { number: `4000 0000 0001 000${approved}` };
  const clock = await atClock(store, '2026-04-01T00:00:00Z', number);
  const made = await subscribe(store, clock.customer, price, rest);
  const quota = (amount, more = {}) =>
    usages.record({ subscriptionItemId: made.item.id, quota: amount, ...more });
  const again = () => store.subscriptions.get(made.subscription.id);
  return { ...clock, ...made, quota, again };
}

const paid = async () =>
  (await allEvents(store))
    .filter(({ type, data }) => type === 'order.paid' && data.object.type === 'quota_topup')
    .map(({ data }) => data.object);

test('a quota of calls is charged at once, to the price of all of them', async () => {
  const tiers = [
    { upTo: 100, unitAmount: 10 },
    { upTo: null, unitAmount: 5 },
  ];
  const { quota, item } = await prepaid(calls({ usageClaim: 'advance', tiers }));
  const nothing = usages.record({ subscriptionItemId: item.id, record: 1 });
  await expectError(nothing, ConflictError, 'quota_exceeded', 'record');
  const first = await quota(80);
  expect(first).toMatchObject({ accumulatedQuota: 80, amountForQuota: 800, restDays: 30 });
  const second = await quota(40);
  expect(second).toMatchObject({ accumulatedQuota: 120, amountForQuota: 300 });
  const orders = await paid();
  expect(orders.map(({ id }) => id)).toEqual([first.orderId, second.orderId]);
  expect(orders[1]).toMatchObject({ total: 300, currency: 'KRW' });
  expect(orders[1].items).toMatchObject([
    { quantity: 40, amount: 300, reason: { code: 'quota_added', text: '120 units instead of 80' } },
  ]);
  const used = await usages.record({ subscriptionItemId: item.id, record: 120 });
  expect(used).toMatchObject({ accumulatedRecord: 120 });
  await expectError(
    usages.record({ subscriptionItemId: item.id, record: 1 }),
    ConflictError,
    'quota_exceeded',
    'record',
  );
});

test('seats are charged for the days that are left, and stay', async () => {
  const { quota, advance, again, subscription } = await prepaid(seats(), { quantity: 2 });
  await advance('2026-04-11T15:00:00Z');
  const more = await quota(3);
  // Twenty of thirty days, that of the change included.
  expect(more).toMatchObject({
    accumulatedQuota: 5,
    amountForQuota: 6000,
    restDays: 20,
    at: '2026-04-11T00:00:00.000Z',
  });
  expect((await again()).items[0].quantity).toBe(5);
  const [next] = (await store.subscriptions.upcoming(subscription.id, { periods: 1 })).data;
  expect(next.total).toBe(15_000);
});

test('what is lowered gives nothing back, and tells what it would be', async () => {
  const { quota, advance, again } = await prepaid(seats(), { quantity: 4 });
  await advance('2026-04-16T00:00:00Z');
  const less = await quota(-2);
  expect(less).toMatchObject({ accumulatedQuota: 2, amountForQuota: -3000, orderId: null });
  expect((await again()).items[0].quantity).toBe(2);
  expect(await paid()).toEqual([]);
});

test('a declined card changes nothing', async () => {
  const { quota, again, item } = await prepaid(seats(), { quantity: 1, approved: 1 });
  const before = await again();
  const entries = await usages.list({ subscriptionItemId: item.id }).toArray({ limit: 10 });
  const refused = await expectError(quota(1), CardError, 'card_declined');
  expect(refused).toMatchObject({ declineCode: 'insufficient_funds', retryable: true });
  const after = await again();
  expect(after).toMatchObject({ status: 'active', charging: false, openOrderId: null, items: before.items });
  expect(await usages.list({ subscriptionItemId: item.id }).toArray({ limit: 10 })).toEqual(entries);
  const orders = (await allEvents(store)).filter(({ data }) => data.object?.type === 'quota_topup');
  expect(orders.at(-1).data.object.status).toBe('canceled');
});

test('a lost answer: the quota counts once the money is found', async () => {
  const clock = await atClock(store, '2026-04-01T00:00:00Z', {});
  const made = await subscribe(store, clock.customer, calls({ usageClaim: 'advance' }));
  const lost = await store.paymentMethods.create({
    customerId: clock.customer.id,
    card: { number: '4000 0000 0003 0000', expirationYear: '30', expirationMonth: '12' },
  });
  await store.subscriptions.updatePaymentMethod(made.subscription.id, { paymentMethodId: lost.id });
  const ask = () => usages.record({ subscriptionItemId: made.item.id, quota: 7 });
  await expectError(ask(), ConflictError, 'payment_in_progress');
  await expectError(ask(), ConflictError, 'payment_in_progress', 'subscriptionId');
  expect(await usages.list({ subscriptionItemId: made.item.id }).toArray({ limit: 10 })).toEqual([]);
  await clock.advance('2026-04-02T00:00:00Z');
  expect(await usages.list({ subscriptionItemId: made.item.id }).toArray({ limit: 10 })).toMatchObject([
    { quota: 7 },
  ]);
  expect(await paid()).toMatchObject([{ total: 70 }]);
});

test('exactly what is expected, or nothing', async () => {
  const { quota, item } = await prepaid(calls({ usageClaim: 'advance' }));
  const refused = await expectError(
    quota(3, { expectTotal: 29 }),
    ConflictError,
    'total_differs',
    'expectTotal',
  );
  expect(refused.details).toMatchObject({ total: 30 });
  expect(await usages.list({ subscriptionItemId: item.id }).toArray({ limit: 10 })).toEqual([]);
  expect(await quota(3, { expectTotal: 30 })).toMatchObject({ amountForQuota: 30 });
});

test('a quota is for its period, seats go on', async () => {
  const bought = await prepaid(calls({ usageClaim: 'advance' }));
  await bought.quota(10);
  await bought.advance('2026-05-01T00:00:00Z');
  const gone = usages.record({ subscriptionItemId: bought.item.id, record: 1 });
  await expectError(gone, ConflictError, 'quota_exceeded', 'record');
});

test('seats that were changed as a quantity are there for a quota', async () => {
  const { quota, subscription, item, again } = await prepaid(seats(), { quantity: 2 });
  await store.subscriptions.updateQuantity(subscription.id, { quantity: 5, effectiveDate: 'immediate' });
  expect(await quota(1)).toMatchObject({ accumulatedQuota: 6 });
  expect((await again()).items[0].quantity).toBe(6);
  const entries = await usages.list({ subscriptionItemId: item.id }).toArray({ limit: 10 });
  expect(entries.map(({ quota: seats, via }) => [seats, via])).toEqual([
    [1, 'api'],
    [3, 'system'],
    [2, 'system'],
  ]);
});
