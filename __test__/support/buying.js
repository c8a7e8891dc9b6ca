// What the suites about orders and checkout begin with.
const { CARD } = require('./payment-operations.js');

/** Cards of the sandbox gateway, by what they do. */
const CARDS = {
  good: CARD,
  other: { ...CARD, number: '5555555555554444' },
  refused: { ...CARD, number: '4000000000000002' },
  declined: { ...CARD, number: '4000000000000341' },
  lost: { ...CARD, number: '4000000000030000' },
};

/** The id of a price of a new product. */
async function sell(store, variant = {}, product = {}) {
  const { variants } = await store.products.create({
    name: 'Thing',
    ...product,
    variants: [{ name: 'Piece', currency: 'KRW', unitAmount: 5000, ...variant }],
  });
  return variants[0].id;
}

/** A monthly price. */
const sellMonthly = (store, variant = {}, product = {}) =>
  sell(store, { name: 'Monthly', unitAmount: 9900, recurring: { interval: 'month' }, ...variant }, product);

/** How many pieces are left of the product of a price. */
async function stockOf(store, priceId) {
  const { productId } = await store.prices.get(priceId);
  return (await store.products.get(productId)).stock;
}

/** Every payment of an order, the first one first. */
async function paymentsOf(store, orderId) {
  const payments = await store.payments.list({ orderId, limit: 100 }).toArray({ limit: 1000 });
  return payments.reverse();
}

/** The sums of an order or a session hold. */
function addsUp({ items, subtotal, discount, tax, total }) {
  expect(items.reduce((sum, { amount }) => sum + amount, 0)).toBe(total);
  expect(subtotal - discount + tax).toBe(total);
}

module.exports = { CARDS, sell, sellMonthly, stockOf, paymentsOf, addsUp };
