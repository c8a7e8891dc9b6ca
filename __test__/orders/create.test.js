// `commerce.orders`: made, found, listed, given up.
const { addsUp, sell, sellMonthly } = require('../support/buying.js');
const { ids } = require('../support/catalogue.js');
const {
  allEvents,
  closeStores,
  expectError,
  expectInvalid,
  openStore,
  Proyecta,
} = require('../support/store.js');

const { ConflictError, InvalidRequestError, NotFoundError } = Proyecta;
let store;
let orders;
let customer;
beforeEach(async () => {
  store = openStore();
  orders = store.orders;
  customer = await store.customers.create({ email: 'a@example.com' });
});
afterEach(closeStores);

const order = (items, rest = {}) => orders.create({ customerId: customer.id, items, ...rest });

test('an order is open until it is paid, and nothing is charged', async () => {
  const priceId = await sell(store);
  const made = await order([{ priceId, quantity: 2 }], { metadata: { cart: '7' } });
  expect(made).toMatchObject({
    id: expect.stringMatching(/^ord_/),
    object: 'order',
    type: 'one_time',
    status: 'open',
    customerId: customer.id,
    lineItems: [{ priceId, quantity: 2, minQuantity: 1, maxQuantity: null }],
    total: 10_000,
    subtotal: 10_000,
    currency: 'KRW',
    paidAt: null,
    paymentId: null,
    attempts: 0,
    charging: false,
    stockHeldUntil: null,
    metadata: { cart: '7' },
    version: 1,
  });
  expect(made.items).toMatchObject([{ type: 'sku', amount: 10_000, state: 'created', priceId }]);
  addsUp(made);
  expect(await orders.get(made.id)).toEqual(made);
  expect(await orders.get({ number: made.number })).toEqual(made);
  const event = (await allEvents(store)).at(-1);
  expect(event).toMatchObject({ type: 'order.created', subjectId: made.id, data: { object: made } });
});

test('what recurs makes an initial order', async () => {
  const [once, monthly] = [await sell(store), await sellMonthly(store)];
  const made = await order([{ priceId: once }, { priceId: monthly }]);
  expect(made).toMatchObject({ type: 'initial', total: 14_900, subscriptionIds: [] });
  expect(made.items.map(({ subscriptionItemId }) => subscriptionItemId)).toEqual([null, null]);
});

test('what it costs is what the preview says', async () => {
  await store.coupons.create({ code: 'TEN', percentOff: 10, duration: 'once' });
  const priceId = await sellMonthly(store, {
    introDiscount: { price: 900 },
    setupFee: { name: 'Setup', amount: 5000, when: 'initially' },
  });
  const seen = await store.preview({
    customerId: customer.id,
    lineItems: [{ priceId }],
    discountCodes: ['TEN'],
  });
  const made = await order([{ priceId }], { discountCodes: ['TEN'] });
  expect(made.total).toBe(seen.total);
  expect(made.items.map(({ amount }) => amount)).toEqual(seen.lines.map(({ amount }) => amount));
  expect(made.items.map(({ type }) => type)).toEqual(['sku', 'discount', 'fee', 'discount']);
});

test('lists are by customer, type and status, newest first', async () => {
  const [once, monthly] = [await sell(store), await sellMonthly(store)];
  const other = await store.customers.create({ email: 'b@example.com' });
  const first = await order([{ priceId: once }]);
  const second = await order([{ priceId: monthly }]);
  const third = await orders.create({ customerId: other.id, items: [{ priceId: once }] });
  await orders.cancel(first.id);
  const listed = async (params) => ids((await orders.list(params)).data);
  expect(await listed({})).toEqual([third.id, second.id, first.id]);
  expect(await listed({ customerId: customer.id })).toEqual([second.id, first.id]);
  expect(await listed({ type: 'one_time' })).toEqual([third.id, first.id]);
  expect(await listed({ status: 'canceled' })).toEqual([first.id]);
  expect(await listed({ status: 'open', customerId: other.id })).toEqual([third.id]);
  const every = await orders.list({ limit: 1 }).toArray({ limit: 10 });
  expect(ids(every)).toEqual([third.id, second.id, first.id]);
});

test('an order that is given up is never paid', async () => {
  const made = await order([{ priceId: await sell(store) }]);
  const canceled = await orders.cancel(made.id, { reason: 'changed my mind' });
  expect(canceled).toMatchObject({ status: 'canceled', cancelReason: 'changed my mind', version: 2 });
  expect(canceled.items).toMatchObject([{ state: 'cancelled' }]);
  expect(await orders.cancel(made.id)).toEqual(canceled);
  expect((await allEvents(store)).at(-1)).toMatchObject({ type: 'order.canceled', subjectId: made.id });
  const pay = orders.pay(made.id, { paymentMethodId: 'pm_1' });
  await expectError(pay, ConflictError, 'order_not_payable', 'orderId');
  await expectError(orders.payLink(made.id), ConflictError, 'order_state', 'orderId');
});

test('bad input names what is wrong', async () => {
  const priceId = await sell(store, { maximumQuantity: 5 });
  await expectInvalid(order([{ priceId, quantity: 2, minQuantity: 3 }]), 'items[0].quantity');
  await expectInvalid(order([{ priceId, minQuantity: 3, maxQuantity: 2 }]), 'items[0].maxQuantity');
  await expectInvalid(order([{ priceId, quantity: 6 }]), 'items[0].quantity');
  await expectInvalid(order([{ priceId }], { purchaseDeadline: '2020-01-01' }), 'purchaseDeadline');
  await expectInvalid(orders.get({}), 'orderId', 'parameter_missing');
  await expectInvalid(orders.get({ orderId: 'ord_1', number: 1 }), 'number');
  const dollars = await sell(store, { currency: 'USD' });
  await expectInvalid(order([{ priceId }, { priceId: dollars }]), 'items[1]');
  const none = [NotFoundError, 'price_not_found', 'items[0].priceId'];
  await expectError(order([{ priceId: 'var_none' }]), ...none);
  await expectError(orders.get('ord_none'), NotFoundError, 'order_not_found', 'orderId');
  await expectError(orders.get({ number: 99_999 }), NotFoundError, 'order_not_found', 'number');
  const few = await sell(store, {}, { stock: 1 });
  const stock = [ConflictError, 'out_of_stock', 'items[0].quantity'];
  await expectError(order([{ priceId: few, quantity: 2 }]), ...stock);
  const coded = await expectError(
    order([{ priceId }], { discountCodes: ['NONE'] }),
    InvalidRequestError,
    'discount_code_invalid',
    'discountCodes',
  );
  expect(coded.details.invalid).toMatchObject([{ code: 'NONE', reason: 'not_found' }]);
  expect((await orders.list({})).data).toEqual([]);
});

test('an item moves along its states, and money moves none of them', async () => {
  await store.paymentMethods.create({
    customerId: customer.id,
    card: { number: '4242424242424242', expirationYear: '30', expirationMonth: '12' },
  });
  const made = await order([{ priceId: await sell(store) }]);
  const itemId = made.items[0].id;
  const move = (state, rest = {}) => orders.updateItem(made.id, { itemId, state, ...rest });
  await expectError(move('order_delivery_preparing'), ConflictError, 'item_state', 'state');
  await expectError(move('paid'), ConflictError, 'item_state', 'state');
  await orders.pay(made.id);
  const moved = await move('order_delivery_preparing', { reason: 'packed' });
  expect(moved.items).toMatchObject([{ state: 'order_delivery_preparing', stateReason: 'packed' }]);
  await expectError(move('cancellation_refunded'), ConflictError, 'item_state', 'state');
  await expectError(move('created'), ConflictError, 'item_state', 'state');
  await expectError(
    orders.updateItem(made.id, { itemId: 'oi_none', state: 'order_delivery_on_the_way' }),
    NotFoundError,
    'item_not_found',
    'itemId',
  );
  await expectError(
    move('order_delivery_on_the_way', { ifVersion: 1 }),
    ConflictError,
    'version_conflict',
    'ifVersion',
  );
});
