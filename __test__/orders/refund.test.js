// Money that goes back: `orders.refund`, `payments.refund`.
const { CARDS, paymentsOf, sell, sellMonthly } = require('../support/buying.js');
const { race } = require('../support/catalogue.js');
const { allEvents, closeStores, expectError, openStore, Proyecta } = require('../support/store.js');

const { ConflictError, NotFoundError } = Proyecta;
let store;
let orders;
let customer;
beforeEach(async () => {
  store = openStore();
  orders = store.orders;
  customer = await store.customers.create({ email: 'a@example.com' });
  await store.paymentMethods.create({ customerId: customer.id, card: CARDS.good });
});
afterEach(closeStores);

async function paid(items) {
  const { id } = await orders.create({ customerId: customer.id, items });
  return orders.pay(id);
}

test('a part, then the rest', async () => {
  const order = await paid([{ priceId: await sell(store) }]);
  const part = await orders.refund(order.id, { amount: 2000, reason: 'scratched' });
  expect(part).toMatchObject({
    status: 'partially_refunded',
    refundedAmount: 2000,
    refunds: [{ amount: 2000, reason: 'scratched', status: 'succeeded' }],
    items: [{ refundedAmount: 2000, state: 'cancellation_refunded_partially' }],
  });
  expect(await paymentsOf(store, order.id)).toMatchObject([
    { status: 'partially_refunded', refundedAmount: 2000 },
  ]);
  const rest = await orders.refund(order.id);
  expect(rest).toMatchObject({
    status: 'refunded',
    refundedAmount: 5000,
    items: [{ refundedAmount: 5000, state: 'cancellation_refunded' }],
  });
  expect(await paymentsOf(store, order.id)).toMatchObject([{ status: 'refunded', refundedAmount: 5000 }]);
  const types = (await allEvents(store)).map(({ type }) => type);
  expect(types.filter((type) => type === 'order.refunded')).toHaveLength(2);
  expect(types.filter((type) => type === 'payment.refunded')).toHaveLength(2);
  await expectError(orders.refund(order.id), ConflictError, 'order_state', 'orderId');
});

test('of one item, and of a payment', async () => {
  const [one, other] = [await sell(store), await sell(store, { unitAmount: 3000 })];
  const order = await paid([{ priceId: one }, { priceId: other }]);
  const itemId = order.items[1].id;
  const part = await orders.refund(order.id, { itemId });
  expect(part).toMatchObject({ refundedAmount: 3000 });
  expect(part.items.map(({ refundedAmount }) => refundedAmount)).toEqual([0, 3000]);
  const above = await expectError(
    orders.refund(order.id, { itemId, amount: 1 }),
    ConflictError,
    'amount_above_refundable',
    'amount',
  );
  expect(above.details).toMatchObject({ refundable: 0 });
  const payment = await store.payments.refund(order.paymentId);
  expect(payment).toMatchObject({ id: order.paymentId, status: 'refunded', refundedAmount: 8000 });
  expect(await orders.get(order.id)).toMatchObject({ status: 'refunded' });
});

test('never more than is left, however many ask at once', async () => {
  const order = await paid([{ priceId: await sell(store) }]);
  const above = await expectError(
    orders.refund(order.id, { amount: 5001 }),
    ConflictError,
    'amount_above_refundable',
    'amount',
  );
  expect(above.details).toMatchObject({ refundable: 5000 });
  const { won } = await race(12, () => orders.refund(order.id, { amount: 1000 }));
  expect(won).toBe(5);
  expect(await orders.get(order.id)).toMatchObject({ status: 'refunded', refundedAmount: 5000 });
  expect(await paymentsOf(store, order.id)).toMatchObject([{ refundedAmount: 5000 }]);
});

test('a repeat with the same idempotency key gives back once', async () => {
  const order = await paid([{ priceId: await sell(store) }]);
  const once = { idempotencyKey: 'back-once' };
  const first = await orders.refund(order.id, { amount: 1000 }, once);
  expect(await orders.refund(order.id, { amount: 1000 }, once)).toEqual(first);
  expect(await orders.get(order.id)).toMatchObject({ refundedAmount: 1000 });
});

test('all of an initial order cancels every subscription that it made', async () => {
  const yearly = { recurring: { interval: 'year' } };
  const order = await paid([
    { priceId: await sellMonthly(store) },
    { priceId: await sellMonthly(store, yearly) },
  ]);
  await orders.refund(order.id, { amount: 1000 });
  const canceled = async () =>
    (await allEvents(store))
      .filter(({ type }) => type === 'subscription.canceled')
      .map(({ subjectId }) => subjectId);
  expect(await canceled()).toEqual([]);
  await orders.refund(order.id);
  expect(await canceled()).toEqual(order.subscriptionIds);
  // Nothing more is charged or given back for that.
  expect(await orders.get(order.id)).toMatchObject({ status: 'refunded', refundedAmount: 19_800 });
  expect((await orders.list({})).data).toHaveLength(1);
});

test('what was not paid gives nothing back', async () => {
  const { id } = await orders.create({
    customerId: customer.id,
    items: [{ priceId: await sell(store) }],
  });
  await expectError(orders.refund(id), ConflictError, 'order_state', 'orderId');
  await expectError(orders.refund('ord_none'), NotFoundError, 'order_not_found', 'orderId');
  await expectError(store.payments.refund('pay_none'), NotFoundError, 'payment_not_found', 'paymentId');
  await expectError(store.payments.get('pay_none'), NotFoundError, 'payment_not_found', 'paymentId');
  await expectError(store.payments.receipt('none'), NotFoundError, 'payment_not_found', 'key');
});
