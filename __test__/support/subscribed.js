// Customers who subscribe to something, by a test clock.
const { CARD } = require('./payment-operations.js');

/** Ten won a call, the first hundred of a period free; paid at its end, or with its start. */
const calls = (rest = {}) => ({
  name: 'Calls',
  type: 'usage',
  currency: 'KRW',
  recurring: { interval: 'month' },
  usageClaim: 'arrears',
  tiers: [{ upTo: null, unitAmount: 10 }],
  ...rest,
});

/** Three thousand won a seat. */
const seats = (rest = {}) => ({
  name: 'Seats',
  type: 'seat',
  currency: 'KRW',
  recurring: { interval: 'month' },
  usageClaim: 'advance',
  tiers: [{ upTo: null, unitAmount: 3000 }],
  ...rest,
});

const flat = (rest = {}) => ({
  name: 'Plan',
  currency: 'KRW',
  unitAmount: 9000,
  recurring: { interval: 'month' },
  ...rest,
});

let made = 0;

/** A test clock that shows an instant, and a customer with a card who goes by it. */
async function atClock(store, now = '2026-04-01T00:00:00Z', card = {}) {
  const clock = await store.testClocks.create({ now });
  const { customer, method } = await withCard(store, { testClock: clock.id }, card);
  const advance = (to) => store.testClocks.advance(clock.id, { to });
  return { clock, customer, method, advance };
}

/** A customer with a card. */
async function withCard(store, rest = {}, card = {}) {
  const customer = await store.customers.create({ email: `payer${made++}@example.com`, ...rest });
  const method = await store.paymentMethods.create({ customerId: customer.id, card: { ...CARD, ...card } });
  return { customer, method };
}

/** Subscribes a customer to a new product with one price. */
async function subscribe(store, customer, price, { product = {}, ...rest } = {}) {
  const { id } = await store.products.create({ name: 'Service', ...product });
  const { id: priceId } = await store.prices.create({ productId: id, ...price });
  const quantity = rest.quantity === undefined ? {} : { quantity: rest.quantity };
  delete rest.quantity;
  const subscription = await store.subscriptions.create({
    customerId: customer.id,
    items: [{ priceId, ...quantity }],
    ...rest,
  });
  return { subscription, item: subscription.items[0], productId: id, priceId };
}

module.exports = { calls, seats, flat, atClock, withCard, subscribe };
