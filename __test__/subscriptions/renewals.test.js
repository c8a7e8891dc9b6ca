// Subscriptions that run by themselves: trials, renewals, declines and what follows, by a test clock.
const { atClock, flat, subscribe, withCard } = require('../support/subscribed.js');
const { allEvents, closeStores, openStore } = require('../support/store.js');
const { until } = require('../support/until.js');

let store;
beforeEach(() => {
  store = openStore({ timezone: 'Asia/Seoul' });
});
afterEach(closeStores);

const JANUARY = '2026-01-31T00:00:00Z';
const get = (id) => store.subscriptions.get(id);
const orders = (subscriptionId) => store.orders.list({ subscriptionId }).toArray({ limit: 1000 });
const payments = (customerId) => store.payments.list({ customerId }).toArray({ limit: 1000 });

/** How often each type of event happened. */
async function counted() {
  const count = {};
  for (const { type } of await allEvents(store)) count[type] = (count[type] ?? 0) + 1;
  return count;
}

test('a year of months is charged by itself, and the 31st survives February', async () => {
  const { customer, advance } = await atClock(store, JANUARY);
  const { subscription } = await subscribe(store, customer, flat());
  expect(subscription).toMatchObject({
    object: 'subscription',
    status: 'active',
    currentPeriodStart: '2026-01-31T00:00:00.000Z',
    currentPeriodEnd: '2026-02-28T00:00:00.000Z',
    paymentsCount: 1,
  });
  await advance('2027-01-31T00:00:00Z');
  expect(await get(subscription.id)).toMatchObject({
    status: 'active',
    currentPeriodStart: '2027-01-31T00:00:00.000Z',
    currentPeriodEnd: '2027-02-28T00:00:00.000Z',
    paymentsCount: 13,
  });
  const all = await orders(subscription.id);
  expect(all.map(({ type, status, total }) => [type, status, total])).toEqual([
    ...Array(12).fill(['renewal', 'paid', 9000]),
    ['initial', 'paid', 9000],
  ]);
  const made = all.map(({ createdAt }) => createdAt.slice(0, 10)).reverse();
  expect(made.slice(0, 5)).toEqual(['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31']);
  expect(await counted()).toMatchObject({
    'payment.succeeded': 13,
    'order.paid': 13,
    'subscription.created': 1,
    'subscription.renewed': 12,
    'subscription.payment_due': 12,
  });
});

test('one jump does what many steps do', async () => {
  const state = async (steps) => {
    const { customer, advance } = await atClock(store, JANUARY, { number: '4000 0000 0001 0004' });
    const { subscription } = await subscribe(store, customer, flat({ recurring: { interval: 'week' } }));
    for (const to of steps) await advance(to);
    const { id, customerId, items, orderId, openOrderId, paymentMethodId, ...rest } = await get(
      subscription.id,
    );
    const { testClock, ...shown } = rest;
    const paid = (await payments(customerId)).map(({ status, amount, createdAt }) => [
      status,
      amount,
      createdAt,
    ]);
    return { shown, paid };
  };
  const days = Array.from({ length: 80 }, (_, day) => new Date(Date.parse(JANUARY) + day * 86_400_000));
  const end = days.at(-1);
  const jumped = await state([end]);
  expect(await state(days)).toEqual(jumped);
  expect(jumped.shown.status).toBe('expired');
  expect(jumped.paid.filter(([status]) => status === 'succeeded')).toHaveLength(4);
  // The renewal that failed, and five retries.
  expect(jumped.paid.filter(([status]) => status === 'failed')).toHaveLength(6);
});

test('a second advance to the same instant does nothing', async () => {
  const { customer, advance } = await atClock(store, JANUARY);
  await subscribe(store, customer, flat());
  await advance('2026-06-30T00:00:00Z');
  const before = await allEvents(store);
  await advance('2026-06-30T00:00:00Z');
  expect(await allEvents(store)).toEqual(before);
});

test('a trial is announced, then charged; once for each customer', async () => {
  const { customer, advance } = await atClock(store, '2026-03-01T00:00:00Z');
  const product = { trial: { interval: 'day', count: 14 } };
  const { subscription, priceId } = await subscribe(store, customer, flat(), { product });
  expect(subscription).toMatchObject({
    status: 'trialing',
    trialEnd: '2026-03-15T00:00:00.000Z',
    paymentsCount: 0,
  });
  expect(await payments(customer.id)).toEqual([]);
  await advance('2026-03-15T00:00:00Z');
  expect(await get(subscription.id)).toMatchObject({
    status: 'active',
    currentPeriodStart: '2026-03-15T00:00:00.000Z',
    paymentsCount: 1,
  });
  expect(await counted()).toMatchObject({ 'subscription.trial_will_end': 1, 'payment.succeeded': 1 });
  const again = await store.subscriptions.create({ customerId: customer.id, items: [{ priceId }] });
  expect(again.status).toBe('active');
});

test('a trial that ends without a card is cancelled, or what the setting says', async () => {
  for (const [trialEndWithoutMethod, status] of [
    ['cancel', 'canceled'],
    ['pause', 'paused'],
    ['past_due', 'past_due'],
  ]) {
    await store.settings.update({ trialEndWithoutMethod });
    const clock = await store.testClocks.create({ now: '2026-03-01T00:00:00Z' });
    const customer = await store.customers.create({ email: `${status}@example.com`, testClock: clock.id });
    const { subscription } = await subscribe(store, customer, flat(), {
      trial: { interval: 'day', count: 7 },
    });
    expect(subscription.status).toBe('trialing');
    await store.testClocks.advance(clock.id, { to: '2026-03-08T00:00:00Z' });
    expect((await get(subscription.id)).status).toBe(status);
  }
});

test('a declined renewal is past due, is retried, and recovers with another card at once', async () => {
  const { customer, advance } = await atClock(store, '2026-04-01T00:00:00Z', {
    number: '4000 0000 0001 0001',
  });
  const { subscription } = await subscribe(store, customer, flat());
  await advance('2026-05-03T00:00:00Z');
  expect(await get(subscription.id)).toMatchObject({ status: 'past_due' });
  const failed = (await payments(customer.id)).filter(({ status }) => status === 'failed');
  expect(failed.map(({ createdAt }) => createdAt.slice(0, 10))).toEqual(['2026-05-02', '2026-05-01']);
  expect(failed[0]).toMatchObject({ declineCode: 'insufficient_funds', retryable: true });
  const card = { number: '4242 4242 4242 4242', expirationYear: '30', expirationMonth: '12' };
  const recovered = await store.subscriptions.updatePaymentMethod(subscription.id, { card });
  expect(recovered).toMatchObject({ status: 'active', currentPeriodStart: '2026-05-01T00:00:00.000Z' });
  expect(await counted()).toMatchObject({ 'subscription.past_due': 1, 'subscription.recovered': 1 });
});

test('a hard decline is not tried again, and ends on the last day', async () => {
  const { customer, advance } = await atClock(store, '2026-04-01T00:00:00Z', {
    number: '4000 0000 0004 0001',
  });
  const { subscription } = await subscribe(store, customer, flat());
  await advance('2026-05-14T23:00:00Z');
  expect((await get(subscription.id)).status).toBe('past_due');
  await advance('2026-05-15T00:00:00Z');
  expect(await get(subscription.id)).toMatchObject({
    status: 'expired',
    endedAt: '2026-05-15T00:00:00.000Z',
  });
  expect((await payments(customer.id)).filter(({ status }) => status === 'failed')).toHaveLength(1);
});

test('where retries end is a setting', async () => {
  for (const retryEnd of ['unpaid', 'paused', 'canceled']) {
    await store.settings.update({ retryDays: [1], retryEnd });
    const { customer, advance } = await atClock(store, '2026-04-01T00:00:00Z', {
      number: '4000 0000 0001 0001',
    });
    const { subscription } = await subscribe(store, customer, flat());
    await advance('2026-05-05T00:00:00Z');
    expect((await get(subscription.id)).status).toBe(retryEnd);
  }
});

test('an answer that is lost charges nobody twice, and stops nobody’s service', async () => {
  const { customer, advance } = await atClock(store, '2026-04-01T00:00:00Z');
  const { subscription } = await subscribe(store, customer, flat());
  const lost = { number: '4000 0000 0003 0000', expirationYear: '30', expirationMonth: '12' };
  const method = await store.paymentMethods.create({ customerId: customer.id, card: lost });
  await store.subscriptions.updatePaymentMethod(subscription.id, { paymentMethodId: method.id });
  await advance('2026-05-01T00:00:00Z');
  expect(await get(subscription.id)).toMatchObject({ status: 'active', charging: true });
  expect((await payments(customer.id))[0].status).toBe('unknown');
  await advance('2026-05-01T01:00:00Z');
  expect(await get(subscription.id)).toMatchObject({
    status: 'active',
    charging: false,
    currentPeriodStart: '2026-05-01T00:00:00.000Z',
  });
  const statuses = (await payments(customer.id)).map(({ status }) => status);
  expect(statuses).toEqual(['succeeded', 'succeeded']);
});

test('one that is never paid for costs nobody anything', async () => {
  const clock = await store.testClocks.create({ now: '2026-04-01T00:00:00Z' });
  const customer = await store.customers.create({ email: 'none@example.com', testClock: clock.id });
  const { subscription } = await subscribe(store, customer, flat());
  expect(subscription.status).toBe('incomplete');
  await store.testClocks.advance(clock.id, { to: '2026-04-02T00:00:00Z' });
  expect((await get(subscription.id)).status).toBe('incomplete_expired');
  expect(await payments(customer.id)).toEqual([]);
});

test('a free plan needs no card', async () => {
  const clock = await store.testClocks.create({ now: '2026-04-01T00:00:00Z' });
  const customer = await store.customers.create({ email: 'free@example.com', testClock: clock.id });
  const { subscription } = await subscribe(store, customer, flat({ unitAmount: 0 }));
  await store.testClocks.advance(clock.id, { to: '2026-09-15T00:00:00Z' });
  expect(await get(subscription.id)).toMatchObject({
    status: 'active',
    currentPeriodStart: '2026-09-01T00:00:00.000Z',
  });
});

test('what ran elsewhere goes on here', async () => {
  const { customer, advance } = await atClock(store, '2026-04-10T00:00:00Z');
  const { subscription } = await subscribe(store, customer, flat(), {
    startAt: '2026-03-20T00:00:00Z',
    currentPeriodEnd: '2026-04-20T00:00:00Z',
  });
  expect(subscription).toMatchObject({ status: 'active', currentPeriodEnd: '2026-04-20T00:00:00.000Z' });
  expect(await payments(customer.id)).toEqual([]);
  await advance('2026-04-20T00:00:00Z');
  expect(await get(subscription.id)).toMatchObject({ currentPeriodEnd: '2026-05-20T00:00:00.000Z' });
  expect(await payments(customer.id)).toHaveLength(1);
});

test('the whole store may go by a clock', async () => {
  const clock = await store.testClocks.create({ now: '2026-04-01T00:00:00Z', scope: 'store' });
  const customer = await store.customers.create({ email: 'whole@example.com' });
  expect(customer).toMatchObject({ testClock: clock.id, createdAt: '2026-04-01T00:00:00.000Z' });
  const card = { number: '4242 4242 4242 4242', expirationYear: '30', expirationMonth: '12' };
  await store.paymentMethods.create({ customerId: customer.id, card });
  const { subscription } = await subscribe(store, customer, flat());
  expect(subscription).toMatchObject({ testClock: clock.id, startedAt: '2026-04-01T00:00:00.000Z' });
  await store.testClocks.advance(clock.id, { to: '2026-07-01T00:00:00Z' });
  expect((await get(subscription.id)).paymentsCount).toBe(4);
});

test('without a test clock it is time itself that moves them', async () => {
  const { customer } = await withCard(store);
  const end = new Date(Date.now() + 1500);
  const { subscription } = await subscribe(store, customer, flat(), { trial: { end } });
  expect(subscription).toMatchObject({ status: 'trialing', testClock: null });
  await until('the trial’s end', async () => (await get(subscription.id)).status === 'active');
  expect(await get(subscription.id)).toMatchObject({
    currentPeriodStart: end.toISOString(),
    paymentsCount: 1,
  });
  expect(await payments(customer.id)).toMatchObject([{ status: 'succeeded', amount: 9000 }]);
});
