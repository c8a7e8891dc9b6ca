// `commerce.orders.pay`: charged once, whoever comes how often.
const { CARDS, paymentsOf, sell, sellMonthly, stockOf } = require('../support/buying.js');
const { race } = require('../support/catalogue.js');
const { failure } = require('../support/customers.js');
const { allEvents, closeStores, expectError, openStore, Proyecta } = require('../support/store.js');

const { CardError, ConflictError, InvalidRequestError, NotFoundError } = Proyecta;
let store;
let orders;
let customer;
beforeEach(async () => {
  store = openStore();
  orders = store.orders;
  customer = await store.customers.create({ email: 'a@example.com' });
});
afterEach(closeStores);

const order = async (items, rest = {}) =>
  orders.create({ customerId: customer.id, items: items ?? [{ priceId: await sell(store) }], ...rest });
const method = (card = CARDS.good) => store.paymentMethods.create({ customerId: customer.id, card });

test('a card becomes a payment method and pays', async () => {
  const { id } = await order();
  const paid = await orders.pay(id, { card: CARDS.good, expectTotal: 5000, ifVersion: 1 });
  expect(paid).toMatchObject({
    status: 'paid',
    charging: false,
    attempts: 1,
    paidAt: expect.any(String),
    paymentId: expect.stringMatching(/^pay_/),
    paymentMethodId: expect.stringMatching(/^pm_/),
    items: [{ state: 'paid' }],
  });
  const methods = await store.paymentMethods.list({ customerId: customer.id });
  expect(methods.data).toMatchObject([{ id: paid.paymentMethodId, isDefault: true, last4: '4242' }]);
  const payment = await store.payments.get(paid.paymentId);
  expect(payment).toMatchObject({
    object: 'payment',
    orderId: id,
    customerId: customer.id,
    amount: 5000,
    currency: 'KRW',
    status: 'succeeded',
    gateway: 'sandbox',
    reference: expect.any(String),
  });
  expect((await store.payments.list({ orderId: id })).data).toEqual([payment]);
  expect(await store.payments.receipt(payment.key)).toMatchObject({
    object: 'receipt',
    paymentStatus: 'complete',
    paymentDate: payment.paidAt,
    amount: 5000,
    orderId: id,
  });
  const types = (await allEvents(store)).map(({ type }) => type);
  expect(types.slice(-3)).toEqual(['payment_method.created', 'payment.succeeded', 'order.paid']);
});

test('without a word the default payment method pays, or the one that is named', async () => {
  const [first, second] = [await method(), await method(CARDS.other)];
  expect(await orders.pay((await order()).id)).toMatchObject({ paymentMethodId: first.id });
  const named = await orders.pay((await order()).id, { paymentMethodId: second.id });
  expect(named).toMatchObject({ status: 'paid', paymentMethodId: second.id });
});

test('what is paid comes back as it is, and is not charged again', async () => {
  const { id } = await order();
  const paid = await orders.pay(id, { card: CARDS.good });
  expect(await orders.pay(id, { card: CARDS.other, ifVersion: 1 })).toEqual(paid);
  expect(await orders.pay(id)).toEqual(paid);
  expect(await paymentsOf(store, id)).toHaveLength(1);
  expect((await store.paymentMethods.list({ customerId: customer.id })).data).toHaveLength(1);
});

test('two dozen payers at once charge once', async () => {
  await method();
  const { id } = await order();
  const { won, codes } = await race(24, (index) => orders.pay(id, index % 2 ? {} : { card: CARDS.good }));
  expect(won).toBeGreaterThan(0);
  expect(codes.filter((code) => code !== 'payment_in_progress')).toEqual([]);
  expect(await paymentsOf(store, id)).toHaveLength(1);
  expect(await orders.get(id)).toMatchObject({ status: 'paid', attempts: 1 });
});

test('a repeat with the same idempotency key is told the first answer', async () => {
  const { id } = await order();
  const once = { idempotencyKey: 'pay-once' };
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => orders.pay(id, { card: CARDS.good }, once)),
  );
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(await paymentsOf(store, id)).toHaveLength(1);
});

test('a decline leaves the order open; the next card may pay it', async () => {
  const { id } = await order();
  const registered = await failure(() => orders.pay(id, { card: CARDS.refused }));
  expect(registered).toMatchObject({ name: 'CardError', code: 'card_declined' });
  expect(await paymentsOf(store, id)).toEqual([]);
  const declined = await expectError(orders.pay(id, { card: CARDS.declined }), CardError, 'card_declined');
  expect(declined).toMatchObject({ retryable: true, details: { orderId: id } });
  expect(await orders.get(id)).toMatchObject({
    status: 'open',
    charging: false,
    items: [{ state: 'payment_failure' }],
  });
  expect(await paymentsOf(store, id)).toMatchObject([
    { status: 'failed', declineCode: declined.declineCode, retryable: true },
  ]);
  const paid = await orders.pay(id, { card: CARDS.good });
  expect(paid).toMatchObject({ status: 'paid', attempts: 2 });
  expect((await paymentsOf(store, id)).map(({ status }) => status)).toEqual(['failed', 'succeeded']);
});

test('a decline is kept for repeats with its key', async () => {
  const { id } = await order();
  const pay = () => failure(() => orders.pay(id, { card: CARDS.declined }, { idempotencyKey: 'k' }));
  const [first, second] = [await pay(), await pay()];
  expect([first.name, second.name]).toEqual(['CardError', 'CardError']);
  expect(second.details).toEqual(first.details);
  expect(await paymentsOf(store, id)).toHaveLength(1);
});

test('a lost answer leaves it being charged: nobody charges it again', async () => {
  const { id } = await order();
  const waiting = await orders.pay(id, { card: CARDS.lost });
  expect(waiting).toMatchObject({ status: 'open', charging: true });
  expect(await paymentsOf(store, id)).toMatchObject([{ status: 'unknown' }]);
  const busy = [ConflictError, 'payment_in_progress', 'orderId'];
  await expectError(orders.pay(id, { card: CARDS.good }), ...busy);
  await expectError(orders.cancel(id), ...busy);
  expect(await paymentsOf(store, id)).toHaveLength(1);
});

test('an initial order makes its subscriptions', async () => {
  const [monthly, yearly] = [
    await sellMonthly(store),
    await sellMonthly(store, { recurring: { interval: 'year' } }),
  ];
  const { id } = await order([{ priceId: monthly }, { priceId: yearly }]);
  const paid = await orders.pay(id, { card: CARDS.good });
  expect(paid.subscriptionIds).toHaveLength(2);
  for (const { subscriptionItemId } of paid.items) expect(subscriptionItemId).toMatch(/^si_/);
  const events = (await allEvents(store)).filter(({ type }) => type === 'subscription.created');
  expect(events.map(({ subjectId }) => subjectId)).toEqual(paid.subscriptionIds);
  for (const { data } of events) {
    expect(data.object).toMatchObject({ status: 'active', paymentMethodId: paid.paymentMethodId });
  }
  expect(await store.prices.get(monthly)).toMatchObject({ id: monthly });
  const immutable = store.prices.update(monthly, { unitAmount: 1 });
  await expectError(immutable, ConflictError, 'price_immutable', 'priceId');
});

test('a trial is free, and keeps the card that is given', async () => {
  const priceId = await sellMonthly(store, {}, { trial: { interval: 'day', count: 14 } });
  const free = await order([{ priceId }]);
  expect(free.total).toBe(0);
  const paid = await orders.pay(free.id, { card: CARDS.good });
  expect(paid).toMatchObject({ status: 'paid', paymentId: null, attempts: 0 });
  expect(paid.paymentMethodId).toMatch(/^pm_/);
  expect(await paymentsOf(store, free.id)).toEqual([]);
  const created = (await allEvents(store)).find(({ type }) => type === 'subscription.created');
  expect(created.data.object).toMatchObject({
    status: 'trialing',
    paymentMethodId: paid.paymentMethodId,
  });
  // Once for each customer: the second one is paid from its first day on.
  expect((await order([{ priceId }])).total).toBe(9900);
});

test('stock is held from the payment on, and free again after a cancellation', async () => {
  const priceId = await sell(store, {}, { stock: 3 });
  const made = await order([{ priceId, quantity: 2 }]);
  expect(await stockOf(store, priceId)).toBe(3);
  await failure(() => orders.pay(made.id, { card: CARDS.declined }));
  expect(await stockOf(store, priceId)).toBe(1);
  expect((await orders.get(made.id)).stockHeldUntil).not.toBeNull();
  const other = await order([{ priceId }]);
  expect(await orders.pay(other.id, { card: CARDS.good })).toMatchObject({ status: 'paid' });
  await orders.cancel(made.id);
  expect(await stockOf(store, priceId)).toBe(2);
});

test('what stands in the way says so', async () => {
  const { id } = await order();
  await expectError(orders.pay(id), ConflictError, 'no_payment_method', 'paymentMethodId');
  const total = await expectError(
    orders.pay(id, { card: CARDS.good, expectTotal: 1 }),
    ConflictError,
    'total_differs',
    'expectTotal',
  );
  expect(total.details).toMatchObject({ total: 5000 });
  const version = orders.pay(id, { card: CARDS.good, ifVersion: 9 });
  await expectError(version, ConflictError, 'version_conflict', 'ifVersion');
  const stranger = await store.customers.create({ email: 'b@example.com' });
  const theirs = await store.paymentMethods.create({ customerId: stranger.id, card: CARDS.good });
  const foreign = orders.pay(id, { paymentMethodId: theirs.id });
  await expectError(foreign, NotFoundError, 'payment_method_not_found', 'paymentMethodId');
  const both = orders.pay(id, { paymentMethodId: theirs.id, card: CARDS.good });
  await expectError(both, InvalidRequestError, 'parameter_invalid', 'paymentMethodId');
  await expectError(orders.pay('ord_none'), NotFoundError, 'order_not_found', 'orderId');
  const elsewhere = await order(null, { gateway: 'elsewhere' });
  const other = orders.pay(elsewhere.id, { card: CARDS.good });
  await expectError(other, InvalidRequestError, 'parameter_invalid', 'card');
  expect(await paymentsOf(store, id)).toEqual([]);
});
