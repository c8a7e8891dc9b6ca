// `commerce.checkout` and `commerce.checkoutSessions`.
const { CARDS, paymentsOf, sell, sellMonthly } = require('../support/buying.js');
const { ids, race } = require('../support/catalogue.js');
const {
  allEvents,
  closeStores,
  expectError,
  expectInvalid,
  openStore,
  Proyecta,
} = require('../support/store.js');

const { CardError, ConflictError, InvalidRequestError, NotFoundError, PermissionError } = Proyecta;
let store;
let sessions;
let customer;
beforeEach(async () => {
  store = openStore();
  sessions = store.checkoutSessions;
  customer = await store.customers.create({ email: 'a@example.com' });
});
afterEach(closeStores);

const successUrl = 'https://example.com/thanks';
const checkout = (lineItems, rest = {}) =>
  store.checkout({ customerId: customer.id, lineItems, successUrl, ...rest });
const HOUR = 3_600_000;

describe('a session', () => {
  test('is an order on its way to be paid', async () => {
    const priceId = await sell(store);
    const session = await checkout([{ variantId: priceId, quantity: 2 }], {
      cancelUrl: 'https://example.com/back',
      locale: 'ko',
      metadata: { from: 'test' },
    });
    expect(session).toMatchObject({
      id: expect.stringMatching(/^cs_/),
      object: 'checkout_session',
      status: 'open',
      customerId: customer.id,
      lineItems: [{ priceId, quantity: 2 }],
      total: 10_000,
      currency: 'KRW',
      successUrl,
      cancelUrl: 'https://example.com/back',
      locale: 'ko',
      completedAt: null,
      metadata: { from: 'test' },
      version: 1,
    });
    expect(session.url).toMatch(/\/checkout\/[\w-]{32}$/);
    const lasts = Date.parse(session.expiresAt) - Date.parse(session.createdAt);
    expect(lasts).toBe(24 * HOUR);
    expect(await sessions.get(session.id)).toEqual(session);
    expect(await store.orders.get(session.orderId)).toMatchObject({
      status: 'open',
      checkoutSessionId: session.id,
      total: 10_000,
    });
    const [other] = [await checkout([{ priceId }])];
    expect(other.url).not.toBe(session.url);
    expect(ids((await sessions.list({ customerId: customer.id })).data)).toEqual([other.id, session.id]);
  });

  test('finds its customer by e-mail, or makes one', async () => {
    const lineItems = [{ priceId: await sell(store) }];
    const known = await store.checkout({ customer: { email: 'A@example.com' }, lineItems, successUrl });
    expect(known.customerId).toBe(customer.id);
    const { won } = await race(8, () =>
      store.checkout({
        customer: { email: 'new@example.com', name: 'New' },
        line_items: lineItems,
        successUrl,
      }),
    );
    expect(won).toBe(8);
    const made = await store.customers.list({ email: 'new@example.com' });
    expect(made.data).toMatchObject([{ name: 'New' }]);
    const theirs = await sessions.list({ customerId: made.data[0].id });
    expect(theirs.data).toHaveLength(8);
  });

  test('is paid once, in however many tabs', async () => {
    const { id, orderId } = await checkout([{ priceId: await sell(store) }]);
    const { won, codes } = await race(16, () => sessions.complete(id, { card: CARDS.good }));
    expect(won).toBeGreaterThan(0);
    expect(codes.filter((code) => code !== 'payment_in_progress')).toEqual([]);
    const complete = await sessions.get(id);
    expect(complete).toMatchObject({ status: 'complete', completedAt: expect.any(String) });
    expect(await sessions.complete(id, { card: CARDS.good })).toEqual(complete);
    expect(await paymentsOf(store, orderId)).toMatchObject([{ status: 'succeeded', amount: 5000 }]);
    const types = (await allEvents(store)).map(({ type }) => type);
    expect(types.filter((type) => type === 'checkout_session.completed')).toHaveLength(1);
  });

  test('takes a decline and another card', async () => {
    const { id, orderId } = await checkout([{ priceId: await sell(store) }]);
    await expectError(sessions.complete(id, { card: CARDS.declined }), CardError, 'card_declined');
    expect(await sessions.get(id)).toMatchObject({ status: 'open' });
    expect(await sessions.complete(id, { card: CARDS.good })).toMatchObject({ status: 'complete' });
    expect((await paymentsOf(store, orderId)).map(({ status }) => status)).toEqual(['failed', 'succeeded']);
  });

  test('for things once and things that recur', async () => {
    const lineItems = [{ priceId: await sell(store) }, { priceId: await sellMonthly(store) }];
    const { id, orderId, total } = await checkout(lineItems);
    expect(total).toBe(14_900);
    await sessions.complete(id, { card: CARDS.good });
    const order = await store.orders.get(orderId);
    expect(order).toMatchObject({ type: 'initial', status: 'paid', total: 14_900 });
    expect(order.subscriptionIds).toHaveLength(1);
  });

  test('lets the payer choose', async () => {
    await store.coupons.create({ code: 'HALF', percentOff: 50, duration: 'once' });
    const [one, other] = [await sell(store), await sell(store, { unitAmount: 1000, maximumQuantity: 3 })];
    const { id, orderId } = await checkout([{ priceId: one }, { priceId: other }]);
    await expectInvalid(sessions.complete(id, { quantity: 2, card: CARDS.good }), 'quantity');
    const none = { quantities: [{ priceId: 'var_none', quantity: 1 }], card: CARDS.good };
    await expectInvalid(sessions.complete(id, none), 'quantities[0].priceId');
    const many = { quantities: [{ priceId: other, quantity: 4 }], card: CARDS.good };
    await expectInvalid(sessions.complete(id, many), 'lineItems[1].quantity');
    const chosen = { quantities: [{ priceId: other, quantity: 3 }], promotionCode: 'half' };
    const complete = await sessions.complete(id, { ...chosen, card: CARDS.good });
    expect(complete).toMatchObject({ status: 'complete', total: 4000, discount: 4000 });
    expect(await store.orders.get(orderId)).toMatchObject({
      total: 4000,
      discounts: [{ code: 'half', amount: 4000 }],
    });
  });

  test('of nothing needs no card', async () => {
    const { id, orderId, total } = await checkout([{ priceId: await sellMonthly(store) }], {
      trial: { interval: 'day', count: 7 },
    });
    expect(total).toBe(0);
    expect(await sessions.complete(id)).toMatchObject({ status: 'complete' });
    const order = await store.orders.get(orderId);
    expect(order).toMatchObject({ status: 'paid', paymentMethodId: null });
    expect(order.subscriptionIds).toHaveLength(1);
  });

  test('closes its order with it', async () => {
    const { id, orderId } = await checkout([{ priceId: await sell(store) }]);
    const expired = await sessions.expire(id, { ifVersion: 1 });
    expect(expired).toMatchObject({ status: 'expired', version: 2 });
    expect(await sessions.expire(id)).toEqual(expired);
    expect(await store.orders.get(orderId)).toMatchObject({ status: 'expired' });
    const closed = [ConflictError, 'checkout_session_closed', 'checkoutSessionId'];
    await expectError(sessions.complete(id, { card: CARDS.good }), ...closed);
    expect((await allEvents(store)).at(-1)).toMatchObject({ type: 'checkout_session.expired' });
    const paid = await checkout([{ priceId: await sell(store) }]);
    await sessions.complete(paid.id, { card: CARDS.good });
    await expectError(sessions.expire(paid.id), ...closed);
  });
});

describe('a pay link', () => {
  test('leads to the same page, and goes on without it', async () => {
    const { id } = await store.orders.create({
      customerId: customer.id,
      items: [{ priceId: await sell(store), minQuantity: 2, maxQuantity: 3 }],
    });
    const link = await store.orders.payLink(id, { successUrl, errorUrl: 'https://example.com/oops' });
    expect(link).toEqual({ object: 'pay_link', url: expect.stringMatching(/\/checkout\/[\w-]{32}$/) });
    expect(await store.orders.payLink(id)).toEqual(link);
    const { checkoutSessionId } = await store.orders.get(id);
    const session = await sessions.get(checkoutSessionId);
    expect(session).toMatchObject({ url: link.url, successUrl, errorUrl: 'https://example.com/oops' });
    await sessions.expire(checkoutSessionId);
    expect(await store.orders.get(id)).toMatchObject({ status: 'open' });
    const next = await store.orders.payLink(id);
    expect(next.url).not.toBe(link.url);
    const order = await store.orders.get(id);
    await expectInvalid(
      sessions.complete(order.checkoutSessionId, { quantity: 4, card: CARDS.good }),
      'quantity',
    );
    await sessions.complete(order.checkoutSessionId, { quantity: 3, card: CARDS.good });
    expect(await store.orders.get(id)).toMatchObject({ status: 'paid', total: 15_000 });
  });
});

describe('bad input', () => {
  test('names what is wrong, and makes nothing', async () => {
    const priceId = await sell(store);
    const lineItems = [{ priceId }];
    const before = (await allEvents(store)).length;
    await expectInvalid(store.checkout({ lineItems, successUrl }), 'customerId', 'parameter_missing');
    await expectInvalid(checkout(lineItems, { customer: { email: 'b@example.com' } }), 'customer');
    await expectInvalid(checkout([{}]), 'lineItems[0].variantId', 'parameter_missing');
    await expectInvalid(checkout(lineItems, { expiresAt: '2020-01-01' }), 'expiresAt');
    await expectInvalid(checkout(lineItems, { promotionCode: 'A', discountCodes: ['B'] }), 'promotionCode');
    await expectInvalid(checkout(lineItems, { successUrl: 'http://example.com' }), 'successUrl');
    const monthly = await sellMonthly(store);
    await expectInvalid(checkout([{ priceId: monthly }], { trial: { end: '2020-01-01' } }), 'trial.end');
    await expectError(
      checkout([{ variantId: 'var_none' }]),
      NotFoundError,
      'price_not_found',
      'lineItems[0].variantId',
    );
    await expectError(
      checkout(lineItems, { promotionCode: 'NONE' }),
      InvalidRequestError,
      'discount_code_invalid',
      'discountCodes',
    );
    await expectError(
      checkout(lineItems, { customerId: 'cus_none' }),
      NotFoundError,
      'customer_not_found',
      'customerId',
    );
    const made = (await allEvents(store)).slice(before).map(({ type }) => type);
    expect(made.filter((type) => !/^(product|price)\./.test(type))).toEqual([]);
    const none = [NotFoundError, 'checkout_session_not_found', 'checkoutSessionId'];
    await expectError(sessions.get('cs_none'), ...none);
    await expectError(sessions.expire('cs_none'), ...none);
    await expectError(sessions.complete('cs_none'), ...none);
    const { id } = await checkout(lineItems);
    await expectError(sessions.complete(id), ConflictError, 'no_payment_method', 'paymentMethodId');
    const twice = { card: CARDS.good, quantity: 1, quantities: [{ priceId, quantity: 1 }] };
    await expectInvalid(sessions.complete(id, twice), 'quantity');
  });

  test('a live store needs an address for its pages, and nobody completes for a payer', async () => {
    const live = openStore({ apiKey: 'sk_live_checkout_0123456789abcdef' });
    const priceId = await sell(live);
    await expectError(
      live.checkout({ customer: { email: 'a@example.com' }, lineItems: [{ priceId }], successUrl }),
      InvalidRequestError,
      'public_url_missing',
      'publicUrl',
    );
    await expectError(live.checkoutSessions.complete('cs_1'), PermissionError, 'test_mode_only');
  });
});
