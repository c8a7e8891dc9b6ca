// Customers who neither order nor log in: a notice, then dormant, each once in a silence.
const { atClock, flat, subscribe } = require('../support/subscribed.js');
const { allEvents, closeStores, openStore } = require('../support/store.js');

let store;
beforeEach(() => {
  store = openStore();
});
afterEach(closeStores);

const heard = async (customer) => {
  const events = await allEvents(store);
  const about = events.filter(({ type, subjectId }) => subjectId === customer.id && type.includes('dorman'));
  return about.map(({ type, createdAt }) => [type, createdAt]);
};

test.each([
  ['one jump', ['2029-01-01T00:00:00Z']],
  [
    'many steps',
    ['2027-02-28T23:59:59Z', '2027-03-01T00:00:00Z', '2027-03-20T00:00:00Z', '2029-01-01T00:00:00Z'],
  ],
])('eleven months and twelve, in %s', async (_, stops) => {
  const { customer, advance } = await atClock(store, '2026-04-01T00:00:00Z');
  for (const stop of stops) await advance(stop);
  expect(await heard(customer)).toEqual([
    ['customer.dormancy_notice', '2027-03-01T00:00:00.000Z'],
    ['customer.dormant', '2027-04-01T00:00:00.000Z'],
  ]);
  const dormant = await store.customers.get(customer.id);
  expect(dormant).toMatchObject({ status: 'dormant', dormantAt: '2027-04-01T00:00:00.000Z' });
});

test('a login wakes up, and a silence after it is another one', async () => {
  const { customer, advance } = await atClock(store, '2026-04-01T00:00:00Z');
  await advance('2027-04-10T00:00:00Z');
  const awake = await store.customers.recordLogin(customer.id);
  expect(awake).toMatchObject({ status: 'normal', dormantAt: null, lastLoginAt: '2027-04-10T00:00:00.000Z' });
  await advance('2028-05-01T00:00:00Z');
  expect((await heard(customer)).slice(2)).toEqual([
    ['customer.dormancy_notice', '2028-03-10T00:00:00.000Z'],
    ['customer.dormant', '2028-04-10T00:00:00.000Z'],
  ]);
});

test('never while something is subscribed to, and an order wakes up', async () => {
  const { customer, advance } = await atClock(store, '2026-04-01T00:00:00Z');
  await advance('2027-05-01T00:00:00Z');
  expect((await store.customers.get(customer.id)).status).toBe('dormant');
  const { subscription } = await subscribe(store, customer, flat());
  expect(await store.customers.get(customer.id)).toMatchObject({ status: 'normal', dormantAt: null });
  await advance('2029-05-01T00:00:00Z');
  expect(await heard(customer)).toHaveLength(2);
  await store.subscriptions.cancel(subscription.id, { when: 'now' });
  await advance('2031-01-01T00:00:00Z');
  // The last renewal was on 1 May 2029.
  expect((await heard(customer)).slice(2)).toEqual([
    ['customer.dormancy_notice', '2030-04-01T00:00:00.000Z'],
    ['customer.dormant', '2030-05-01T00:00:00.000Z'],
  ]);
});
