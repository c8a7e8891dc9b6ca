// What is going to be charged: `subscriptions.upcoming` and `commerce.forecast`.
const { atClock, flat, subscribe } = require('../support/subscribed.js');
const { closeStores, expectError, expectInvalid, openStore, Proyecta } = require('../support/store.js');

const { NotFoundError } = Proyecta;
let store;
beforeEach(() => {
  store = openStore();
});
afterEach(closeStores);

test('the coming payments of a subscription, on one page', async () => {
  const { customer } = await atClock(store, '2026-01-31T00:00:00Z');
  const { subscription, priceId } = await subscribe(store, customer, flat());
  const page = await store.subscriptions.upcoming(subscription.id, { periods: 3 });
  expect(page).toMatchObject({ hasMore: false, nextCursor: null });
  expect(page.data.map(({ at, total, currency }) => [at, total, currency])).toEqual([
    ['2026-02-28T00:00:00.000Z', 9000, 'KRW'],
    ['2026-03-31T00:00:00.000Z', 9000, 'KRW'],
    ['2026-04-30T00:00:00.000Z', 9000, 'KRW'],
  ]);
  expect(page.data[0].lines).toMatchObject([{ type: 'price', priceId, amount: 9000 }]);
  expect((await store.subscriptions.upcoming(subscription.id)).data).toHaveLength(1);
  await store.subscriptions.cancel(subscription.id, { when: 'period_end' });
  expect((await store.subscriptions.upcoming(subscription.id, { periods: 3 })).data).toEqual([]);
  const none = store.subscriptions.upcoming('sub_none');
  await expectError(none, NotFoundError, 'subscription_not_found', 'subscriptionId');
});

test('a whole store, by day and currency', async () => {
  const clock = await store.testClocks.create({ now: '2026-01-10T00:00:00Z', scope: 'store' });
  const dollars = flat({ currency: 'USD', unitAmount: 2900 });
  for (const price of [flat(), flat({ unitAmount: 1000 }), dollars]) {
    const customer = await store.customers.create({
      email: `${price.currency}${price.unitAmount}@example.com`,
    });
    const card = { number: '4242 4242 4242 4242', expirationYear: '30', expirationMonth: '12' };
    await store.paymentMethods.create({ customerId: customer.id, card });
    await subscribe(store, customer, price);
  }
  const until = '2026-03-10T00:00:00Z';
  expect(await store.forecast({ until })).toEqual({
    object: 'forecast',
    data: [
      { date: '2026-02-10', currency: 'KRW', amount: 10_000, count: 2 },
      { date: '2026-02-10', currency: 'USD', amount: 2900, count: 1 },
      { date: '2026-03-10', currency: 'KRW', amount: 10_000, count: 2 },
      { date: '2026-03-10', currency: 'USD', amount: 2900, count: 1 },
    ],
    until: '2026-03-10T00:00:00.000Z',
  });
  const [customer] = (await store.customers.list()).data.filter(({ email }) => email.startsWith('KRW9000'));
  const credit = { customerId: customer.id, amount: 12_000, currency: 'KRW', reason: 'a gift' };
  await store.creditBalance.adjust(credit);
  const less = await store.forecast({ until });
  const won = less.data.filter(({ currency }) => currency === 'KRW');
  expect(won).toEqual([
    { date: '2026-02-10', currency: 'KRW', amount: 1000, count: 1 },
    { date: '2026-03-10', currency: 'KRW', amount: 7000, count: 2 },
  ]);
  await store.testClocks.advance(clock.id, { to: '2026-02-10T00:00:00Z' });
  expect((await store.forecast({ until })).data.map(({ date }) => date)).toEqual([
    '2026-03-10',
    '2026-03-10',
  ]);
});

test('days are those of the store', async () => {
  const { customer } = await atClock(store, '2026-01-10T16:00:00Z');
  await store.settings.update({ timezone: 'Asia/Seoul' });
  await subscribe(store, customer, flat());
  const { data } = await store.forecast({ until: new Date(Date.now() + 20 * 86_400_000) });
  expect(data.every(({ date }) => date.endsWith('-11'))).toBe(true);
});

test('neither the past nor too far ahead', async () => {
  await expectInvalid(store.forecast({ until: '2020-01-01T00:00:00Z' }), 'until');
  await expectInvalid(store.forecast({ until: '2099-01-01T00:00:00Z' }), 'until');
  expect((await store.forecast({ until: new Date(Date.now() + 86_400_000) })).data).toEqual([]);
});
