// Whoever asks something of a subscription before its worker came finds it as if the worker had been in time.
const { failure } = require('../support/customers.js');
const { CARD } = require('../support/payment-operations.js');
const { flat, subscribe, withCard } = require('../support/subscribed.js');
const { closeStores, openStore } = require('../support/store.js');
const { until } = require('../support/until.js');

let store;
beforeEach(() => {
  store = openStore({ timezone: 'Asia/Seoul' });
});
afterEach(closeStores);

const orders = (subscriptionId) => store.orders.list({ subscriptionId }).toArray({ limit: 100 });

/** A subscription whose paid period is over, and nobody has renewed it: there is no worker. */
async function overdue(card = {}) {
  const { customer } = await withCard(store, {}, card);
  const end = new Date(Date.now() + 700);
  const made = await subscribe(store, customer, flat(), { currentPeriodEnd: end });
  await until('the period is over', () => Date.now() > end.getTime() + 5);
  return { ...made, end, customer };
}

test('a change of quantity comes after the renewal that was due before', async () => {
  const { subscription, end } = await overdue();
  const changed = await store.subscriptions.updateQuantity(subscription.id, {
    quantity: 2,
    effectiveDate: 'immediate',
  });
  expect(changed).toMatchObject({ status: 'active', currentPeriodStart: end.toISOString() });
  expect(changed.items[0].quantity).toBe(2);
  const made = await orders(subscription.id);
  expect(made.map(({ type, status }) => [type, status])).toEqual([
    ['renewal', 'paid'],
    ['renewal', 'paid'],
  ]);
  expect(made[1].total).toBe(9000);
});

test('a repeat with the same key renews once and changes once', async () => {
  const { subscription } = await overdue();
  const change = () =>
    store.subscriptions.updateQuantity(
      subscription.id,
      { quantity: 3, effectiveDate: 'immediate' },
      { idempotencyKey: 'three' },
    );
  const answers = await Promise.all([change(), change(), change()]);
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toEqual(answers[0]);
  expect(await orders(subscription.id)).toHaveLength(2);
});

test('what was due is charged before a cancellation now, and not after one at the end of the period', async () => {
  const { subscription } = await overdue();
  const ended = await store.subscriptions.cancel(subscription.id, { when: 'now' });
  expect(ended.status).toBe('canceled');
  expect((await orders(subscription.id)).map(({ type }) => type)).toEqual(['renewal']);
});

test('a renewal that is declined first leaves the change to what it led to', async () => {
  const { subscription } = await overdue({ number: '4000 0000 0001 0000' });
  const paused = await failure(
    store.subscriptions.updateQuantity(subscription.id, { quantity: 2, effectiveDate: 'immediate' }),
  );
  expect(paused.code).toBe('subscription_state');
  expect(await store.subscriptions.get(subscription.id)).toMatchObject({ status: 'past_due' });
  expect((await orders(subscription.id)).map(({ status }) => status)).toEqual(['open']);
});

test('a preview shows what the change will cost once the renewal is paid, and pays nothing', async () => {
  const { subscription } = await overdue();
  const preview = await store.subscriptions.updateQuantity(subscription.id, {
    quantity: 2,
    effectiveDate: 'immediate',
    preview: true,
  });
  expect(await orders(subscription.id)).toEqual([]);
  await store.subscriptions.updateQuantity(subscription.id, {
    quantity: 2,
    effectiveDate: 'immediate',
  });
  const [change] = await orders(subscription.id);
  expect(change.total).toBeGreaterThan(8900);
  expect(preview.total).toBeGreaterThanOrEqual(change.total);
});

test('a new card comes before what is charged to it', async () => {
  const { subscription } = await overdue({ number: '4000 0000 0001 0000' });
  const changed = await store.subscriptions.updatePaymentMethod(subscription.id, { card: CARD });
  expect(changed.status).toBe('active');
  await store.subscriptions.updateQuantity(subscription.id, { quantity: 2, effectiveDate: 'immediate' });
  expect((await orders(subscription.id)).map(({ status }) => status)).toEqual(['paid', 'paid']);
});
