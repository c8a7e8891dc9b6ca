// `commerce.sandbox.emit`: what a gateway says of a payment, as often and in whatever order.
const { atClock, flat, subscribe } = require('../support/subscribed.js');
const { allEvents, closeStores, expectError, openStore, Proyecta } = require('../support/store.js');

const { NotFoundError, PermissionError } = Proyecta;
let store;
beforeEach(() => {
  store = openStore();
});
afterEach(closeStores);

const paymentOf = async (event = 'payment.succeeded') =>
  (await allEvents(store)).filter(({ type }) => type === event).at(-1).data.object;

test('a dispute and its end, in any order and twice', async () => {
  const { customer } = await atClock(store);
  const { subscription } = await subscribe(store, customer, flat());
  const payment = await paymentOf();
  const emit = (event) => store.sandbox.emit(payment.id, event);
  expect(await store.sandbox.emit(payment.id, { event: 'settled' })).toEqual(payment);
  expect(await emit('disputed')).toMatchObject({ id: payment.id, status: 'disputed' });
  expect(await emit('disputed')).toMatchObject({ status: 'disputed', version: payment.version + 1 });
  expect((await store.subscriptions.get(subscription.id)).status).toBe('active');
  expect(await emit('dispute_won')).toMatchObject({ status: 'succeeded' });
  expect(await emit('disputed')).toMatchObject({ status: 'succeeded' });
  expect(await emit('failed')).toMatchObject({ status: 'succeeded' });
  expect(await emit('refunded')).toMatchObject({ status: 'refunded', refundedAmount: payment.amount });
});

test.each([
  ['4000 0000 0003 0003', 'disputed'],
  ['4000 0000 0003 0004', 'succeeded'],
])('%s is disputed by itself three days later', async (number, end) => {
  const { customer, advance } = await atClock(store, '2026-04-01T00:00:00Z', { number });
  await subscribe(store, customer, flat());
  const payment = await paymentOf();
  await advance('2026-04-03T23:59:59Z');
  expect((await paymentOf()).status).toBe('succeeded');
  await advance('2026-04-04T00:00:00Z');
  expect(await paymentOf('payment.disputed')).toMatchObject({ id: payment.id, status: 'disputed' });
  await advance('2026-04-20T00:00:00Z');
  const last = (await allEvents(store)).filter(({ subjectId }) => subjectId === payment.id).at(-1);
  expect(last.data.object.status).toBe(end);
});

test('what is not there, and live stores', async () => {
  const none = store.sandbox.emit('pay_none', { event: 'settled' });
  await expectError(none, NotFoundError, 'payment_not_found', 'paymentId');
  const live = openStore({ apiKey: 'sk_live_contract_0123456789abcdef' });
  await expectError(live.sandbox.emit('pay_none', { event: 'settled' }), PermissionError, 'test_mode_only');
});
