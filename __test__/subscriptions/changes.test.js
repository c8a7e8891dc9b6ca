// What people ask of a subscription: shown before, done once, and refused where it cannot be.
const { atClock, flat, subscribe } = require('../support/subscribed.js');
const { closeStores, expectError, expectInvalid, openStore, Proyecta } = require('../support/store.js');

const { CardError, ConflictError, InvalidRequestError, NotFoundError } = Proyecta;
let store;
beforeEach(() => {
  store = openStore();
});
afterEach(closeStores);

/** Somebody on 1 April with a plan of 9,000 won, and a dearer and a cheaper plan of the same product. */
async function planned(number) {
  const clock = await atClock(store, '2026-04-01T00:00:00Z', number === undefined ? {} : { number });
  const made = await subscribe(store, clock.customer, flat());
  const price = (name, unitAmount, rest) =>
    store.prices.create({ productId: made.productId, ...flat({ name, unitAmount, ...rest }) });
  const plus = await price('Plus', 18_000);
  const mini = await price('Mini', 3000);
  const yearly = await price('Yearly', 90_000, { recurring: { interval: 'year' } });
  const again = () => store.subscriptions.get(made.subscription.id);
  return { ...clock, ...made, id: made.subscription.id, plus, mini, yearly, again };
}

test('a preview is what is charged, and changes nothing', async () => {
  const { id, plus, advance, again, customer } = await planned();
  await advance('2026-04-16T00:00:00Z');
  const before = await again();
  const preview = await store.subscriptions.changePlan(id, { variantId: plus.id, preview: true });
  expect(preview).toMatchObject({ object: 'subscription_preview', total: 4500, currency: 'KRW' });
  expect(preview.lines.map(({ type, amount }) => [type, amount])).toEqual([
    ['proration_credit', -4500],
    ['proration_charge', 9000],
  ]);
  expect(preview.nextCharge).toEqual({ at: '2026-05-01T00:00:00.000Z', total: 18_000, currency: 'KRW' });
  expect(await again()).toEqual(before);
  const { effectiveAt, total } = preview;
  const changed = await store.subscriptions.changePlan(id, {
    variantId: plus.id,
    effectiveAt,
    expectTotal: total,
  });
  expect(changed.items).toMatchObject([{ priceId: plus.id }]);
  const { data } = await store.payments.list({ customerId: customer.id });
  expect(data.map(({ amount }) => amount)).toEqual([4500, 9000]);
});

test('another total than expected is a conflict, and nothing is charged', async () => {
  const { id, plus, customer } = await planned();
  const call = store.subscriptions.changePlan(id, { variantId: plus.id, expectTotal: 1 });
  const error = await expectError(call, ConflictError, 'total_differs', 'expectTotal');
  expect(error.details).toEqual({ total: 9000 });
  expect((await store.payments.list({ customerId: customer.id })).data).toHaveLength(1);
});

test('a declined upgrade changes nothing', async () => {
  const { id, plus, again } = await planned('4000 0000 0001 0001');
  const before = await again();
  const call = store.subscriptions.changePlan(id, { variantId: plus.id });
  const error = await expectError(call, CardError, 'card_declined');
  expect(error).toMatchObject({ declineCode: 'insufficient_funds', retryable: true });
  expect(await again()).toMatchObject({ status: 'active', charging: false, items: before.items });
});

test('a downgrade waits for the period’s end, and can be dropped', async () => {
  const { id, mini, advance, again } = await planned();
  const later = await store.subscriptions.changePlan(id, { variantId: mini.id });
  expect(later.pendingChange).toMatchObject({
    at: '2026-05-01T00:00:00.000Z',
    items: [{ priceId: mini.id }],
  });
  expect((await store.subscriptions.cancelPendingChange(id)).pendingChange).toBeNull();
  await store.subscriptions.changePlan(id, { variantId: mini.id });
  await advance('2026-05-01T00:00:00Z');
  expect(await again()).toMatchObject({ pendingChange: null, items: [{ priceId: mini.id }] });
  const { data } = await store.orders.list({ subscriptionId: id });
  expect(data[0].total).toBe(3000);
});

test('from months to a year: a new cycle, and the rest of the old one back', async () => {
  const { id, yearly, advance, again } = await planned();
  await advance('2026-04-16T00:00:00Z');
  await store.subscriptions.changePlan(id, { variantId: yearly.id });
  expect(await again()).toMatchObject({
    interval: 'year',
    currentPeriodStart: '2026-04-16T00:00:00.000Z',
    currentPeriodEnd: '2027-04-16T00:00:00.000Z',
  });
  const { data } = await store.orders.list({ subscriptionId: id });
  expect(data[0].total).toBe(90_000 - 4500);
});

test('more at once is charged for the rest, less costs less the next time', async () => {
  const { id, advance, again } = await planned();
  await advance('2026-04-16T00:00:00Z');
  await store.subscriptions.updateQuantity(id, { quantity: 3, effectiveDate: 'immediate' });
  const [more] = (await store.orders.list({ subscriptionId: id })).data;
  expect(more.total).toBe(9000);
  await store.subscriptions.updateQuantity(id, { quantity: 1, effectiveDate: 'immediate' });
  expect((await again()).items).toMatchObject([{ quantity: 1 }]);
  await advance('2026-05-01T00:00:00Z');
  const [next] = (await store.orders.list({ subscriptionId: id })).data;
  expect(next.total).toBe(9000);
});

test('cancelled with the period, taken back, cancelled at once with credit', async () => {
  const { id, advance, again, customer } = await planned();
  expect(await store.subscriptions.cancel(id)).toMatchObject({
    status: 'active',
    cancelAt: '2026-05-01T00:00:00.000Z',
  });
  expect((await store.subscriptions.uncancel(id)).cancelAt).toBeNull();
  await advance('2026-04-21T00:00:00Z');
  expect(await store.subscriptions.cancel(id, { when: 'now', credit: 'credit' })).toMatchObject({
    status: 'canceled',
  });
  const balance = await store.creditBalance.get({ customerId: customer.id, currency: 'KRW' });
  expect(balance.balance ?? balance.amount).toBe(3000);
  await advance('2026-08-01T00:00:00Z');
  expect((await again()).paymentsCount).toBe(1);
});

test('a pause makes the period longer', async () => {
  const { id, advance, again } = await planned();
  await advance('2026-04-11T00:00:00Z');
  expect((await store.subscriptions.pause(id, { until: { interval: 'day', count: 10 } })).status).toBe(
    'paused',
  );
  await advance('2026-04-20T00:00:00Z');
  expect((await again()).status).toBe('paused');
  await advance('2026-04-21T00:00:00Z');
  expect(await again()).toMatchObject({ status: 'active', currentPeriodEnd: '2026-05-11T00:00:00.000Z' });
});

test('what has ended never comes back', async () => {
  const { id, plus } = await planned();
  await store.subscriptions.cancel(id, { when: 'now' });
  const { subscriptions } = store;
  for (const call of [
    () => subscriptions.cancel(id),
    () => subscriptions.uncancel(id),
    () => subscriptions.pause(id),
    () => subscriptions.resume(id),
    () => subscriptions.changePlan(id, { variantId: plus.id }),
    () => subscriptions.updateQuantity(id, { quantity: 2, effectiveDate: 'immediate' }),
    () => subscriptions.renewNow(id),
    () => subscriptions.changePaymentDate(id, { at: '2027-01-01' }),
  ]) {
    await expectError(call(), ConflictError, 'subscription_ended', 'subscriptionId');
  }
});

test('two changes at once are made one after the other', async () => {
  const { id, again } = await planned();
  const changes = [2, 3, 4, 5].map((quantity) =>
    store.subscriptions.updateQuantity(id, { quantity, effectiveDate: 'immediate' }),
  );
  const outcomes = await Promise.allSettled(changes);
  for (const { status, reason } of outcomes)
    if (status === 'rejected') expect(reason.code).toBe('payment_in_progress');
  const { items } = await again();
  const orders = await store.orders.list({ subscriptionId: id }).toArray({ limit: 100 });
  const paid = orders.filter(({ status }) => status === 'paid').map(({ total }) => total);
  expect(paid.reduce((sum, total) => sum + total, 0)).toBeGreaterThanOrEqual(9000 * items[0].quantity);
});

test('the same key charges once', async () => {
  const { id, plus, customer } = await planned();
  const call = () => store.subscriptions.changePlan(id, { variantId: plus.id }, { idempotencyKey: 'once' });
  const [one, other] = await Promise.all([call(), call()]);
  expect(other).toEqual(one);
  expect((await store.payments.list({ customerId: customer.id })).data).toHaveLength(2);
});

test('what does not fit is refused, and says why', async () => {
  const { id, customer, productId } = await planned();
  const { subscriptions } = store;
  await expectError(subscriptions.get('sub_none'), NotFoundError, 'subscription_not_found', 'subscriptionId');
  await expectError(
    subscriptions.create({ customerId: customer.id, items: [{ priceId: 'var_none' }] }),
    NotFoundError,
    'price_not_found',
    'items[0].priceId',
  );
  const dollars = await store.prices.create({ productId, ...flat({ currency: 'USD' }) });
  await expectInvalid(subscriptions.changePlan(id, { variantId: dollars.id }), 'priceId');
  const once = await store.prices.create({ productId, name: 'Once', currency: 'KRW', unitAmount: 1 });
  await expectInvalid(
    subscriptions.create({ customerId: customer.id, items: [{ priceId: once.id }] }),
    'items[0].priceId',
  );
  await expectInvalid(subscriptions.cancel(id, { when: '2026-01-01' }), 'when');
  await expectInvalid(subscriptions.changePaymentDate(id, { at: '2026-01-01' }), 'at');
  await expectError(subscriptions.resume(id), ConflictError, 'subscription_state', 'subscriptionId');
  await expectError(
    subscriptions.updateQuantity(id, { quantity: 0, effectiveDate: 'immediate' }),
    InvalidRequestError,
    'parameter_invalid',
    'quantity',
  );
  const clock = await store.testClocks.create({ now: '2026-04-01' });
  await expectError(
    store.testClocks.advance(clock.id, { to: '2026-03-01' }),
    InvalidRequestError,
    'clock_backwards',
    'to',
  );
});

test('lists by customer and status, with what comes next', async () => {
  const { id, customer } = await planned();
  const other = await atClock(store);
  await subscribe(store, other.customer, flat());
  const ids = async (filter) => (await store.subscriptions.list(filter)).data.map((one) => one.id);
  expect(await ids({ customerId: customer.id })).toEqual([id]);
  expect(await ids({ customerId: customer.id, status: 'canceled' })).toEqual([]);
  expect(await ids({ status: ['active', 'canceled'] })).toHaveLength(2);
  const { data } = await store.subscriptions.upcoming(id, { periods: 3 });
  expect(data.map(({ at, total }) => [at.slice(0, 10), total])).toEqual([
    ['2026-05-01', 9000],
    ['2026-06-01', 9000],
    ['2026-07-01', 9000],
  ]);
});
