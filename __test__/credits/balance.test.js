// `commerce.creditBalance`: what customers have left to spend, an entry for each change.
const { race } = require('../support/catalogue.js');
const { flat, subscribe, withCard } = require('../support/subscribed.js');
const {
  allEvents,
  closeStores,
  expectError,
  expectInvalid,
  openStore,
  Proyecta,
} = require('../support/store.js');

const { ConflictError, NotFoundError } = Proyecta;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
let store;
let credits;
let customer;
beforeEach(async () => {
  store = openStore();
  credits = store.creditBalance;
  customer = await store.customers.create({ email: 'a@example.com' });
});
afterEach(closeStores);

const adjust = (amount, rest = {}) =>
  credits.adjust({ customerId: customer.id, amount, currency: 'KRW', reason: 'sorry', ...rest });
const balance = async (currency = 'KRW') => (await credits.get({ customerId: customer.id, currency })).amount;

test('an entry adds to the balance or takes from it, and is never changed', async () => {
  expect(await credits.get({ customerId: customer.id, currency: 'KRW' })).toEqual({
    object: 'credit_balance',
    customerId: customer.id,
    amount: 0,
    currency: 'KRW',
  });
  const first = await adjust(5000);
  expect(first).toEqual({
    id: expect.stringMatching(/^crd_[0-9a-hjkmnp-tv-z]{26}$/),
    object: 'credit_entry',
    customerId: customer.id,
    amount: 5000,
    balance: 5000,
    currency: 'KRW',
    reason: 'sorry',
    orderId: null,
    createdAt: expect.stringMatching(INSTANT),
  });
  const second = await adjust(-1200, { reason: 'too much' });
  expect(second).toMatchObject({ amount: -1200, balance: 3800 });
  const other = await adjust(7, { currency: 'usd' });
  expect(other).toMatchObject({ currency: 'USD', balance: 7 });
  expect([await balance(), await balance('USD'), await balance('JPY')]).toEqual([3800, 7, 0]);
  expect(await credits.list({ customerId: customer.id }).toArray({ limit: 10 })).toEqual([
    other,
    second,
    first,
  ]);
  const won = await credits.list({ customerId: customer.id, currency: 'KRW' });
  expect(won.data).toEqual([second, first]);
});

test('pages go on where the one before ended', async () => {
  for (let amount = 1; amount <= 5; amount++) await adjust(amount);
  const all = await credits.list({ customerId: customer.id, limit: 2 }).toArray({ limit: 10 });
  expect(all.map(({ amount }) => amount)).toEqual([5, 4, 3, 2, 1]);
  const first = await credits.list({ customerId: customer.id, limit: 2 });
  const elsewhere = credits.list({ customerId: customer.id, currency: 'KRW', cursor: first.nextCursor });
  await expectInvalid(elsewhere, 'cursor', 'cursor_invalid');
});

test('below zero it never is, whoever asks at once', async () => {
  await adjust(1000);
  const refused = await expectError(adjust(-1001), ConflictError, 'credit_insufficient', 'amount');
  expect(refused.details).toMatchObject({ balance: 1000 });
  await expectError(adjust(-1, { currency: 'USD' }), ConflictError, 'credit_insufficient', 'amount');
  const { won, codes } = await race(20, () => adjust(-100));
  expect({ won, codes }).toEqual({ won: 10, codes: ['credit_insufficient'] });
  expect(await balance()).toBe(0);
  const entries = await credits.list({ customerId: customer.id }).toArray({ limit: 100 });
  expect(entries.reduce((sum, { amount }) => sum + amount, 0)).toBe(0);
});

test('first changes at once all count', async () => {
  const { won } = await race(20, () => adjust(10));
  expect(won).toBe(20);
  expect(await balance()).toBe(200);
});

test('a repeat with the same key is one change', async () => {
  const ask = () =>
    credits.adjust(
      { customerId: customer.id, amount: 500, currency: 'KRW', reason: 'once' },
      { idempotencyKey: 'one-of-a-kind' },
    );
  const first = await ask();
  expect(await ask()).toEqual(first);
  expect(await balance()).toBe(500);
});

test('input that does not fit', async () => {
  await expectInvalid(adjust(0), 'amount');
  await expectInvalid(adjust(1.5), 'amount');
  await expectInvalid(adjust(1, { currency: 'XXQ' }), 'currency');
  await expectInvalid(adjust(1, { reason: '' }), 'reason');
  await adjust(Number.MAX_SAFE_INTEGER - 1_000_000_000_000_000).catch(() => undefined);
  const before = await balance();
  await expectError(adjust(1, { customerId: 'cus_none' }), NotFoundError, 'customer_not_found', 'customerId');
  await store.customers.delete(customer.id);
  await expectError(adjust(1), NotFoundError, 'customer_deleted', 'customerId');
  await expectError(balance(), NotFoundError, 'customer_deleted', 'customerId');
  expect(before).toBeGreaterThanOrEqual(0);
});

test('the next order takes it by itself, and an entry names the order', async () => {
  const { customer: payer } = await withCard(store);
  await credits.adjust({ customerId: payer.id, amount: 2000, currency: 'KRW', reason: 'welcome' });
  const { subscription } = await subscribe(store, payer, flat());
  const [spent, given] = await credits.list({ customerId: payer.id }).toArray({ limit: 10 });
  expect(given).toMatchObject({ amount: 2000, balance: 2000, orderId: null });
  expect(spent).toMatchObject({ amount: -2000, balance: 0, orderId: subscription.orderId });
});

test('no event tells of an adjustment: the entry does', async () => {
  const before = await allEvents(store);
  await adjust(100);
  expect(await allEvents(store)).toEqual(before);
});
