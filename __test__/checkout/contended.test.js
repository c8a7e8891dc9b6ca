// What there is little of, wanted by many at once.
const { CARDS, sell, sellMonthly, stockOf } = require('../support/buying.js');
const { race } = require('../support/catalogue.js');
const { closeStores, openStore } = require('../support/store.js');

let store;
let method;
let customer;
beforeEach(async () => {
  store = openStore();
  customer = await store.customers.create({ email: 'a@example.com' });
  method = await store.paymentMethods.create({ customerId: customer.id, card: CARDS.good });
});
afterEach(closeStores);

const successUrl = 'https://example.com/thanks';
const BUYERS = 500;

/** As many sessions as there are buyers, paid all at once. */
async function rush(count, lineItems, rest = {}) {
  const made = await Promise.all(
    Array.from({ length: count }, () =>
      store.checkout({ customerId: customer.id, lineItems, successUrl, ...rest }),
    ),
  );
  const outcome = await race(count, (index) =>
    store.checkoutSessions.complete(made[index].id, { paymentMethodId: method.id }),
  );
  const payments = await store.payments.list({ status: 'succeeded', limit: 100 }).toArray({ limit: 1000 });
  return { ...outcome, payments };
}

test('500 buyers of ten pieces get ten pieces', async () => {
  const priceId = await sell(store, {}, { stock: 10 });
  const { won, codes, payments } = await rush(BUYERS, [{ priceId }]);
  expect({ won, codes, paid: payments.length }).toEqual({ won: 10, codes: ['out_of_stock'], paid: 10 });
  expect(await stockOf(store, priceId)).toBe(0);
});

test('a combination of options has a stock of its own, in whatever order it is named', async () => {
  const { options, variants } = await store.products.create({
    name: 'Shirt',
    kind: 'box',
    options: {
      groups: [
        { name: 'Size', values: ['S', 'L'] },
        { name: 'Colour', values: ['Red', 'Blue'] },
      ],
      combinations: [{ values: ['L', 'Blue'], stock: 3 }],
    },
    variants: [{ name: 'One', currency: 'KRW', unitAmount: 1000 }],
  });
  const values = options.groups.flatMap((group) => group.values);
  const named = (...names) => names.map((name) => values.find((value) => value.name === name).id);
  const lineItems = [{ priceId: variants[0].id, options: named('Blue', 'L') }];
  const { won, codes } = await rush(20, lineItems);
  expect({ won, codes }).toEqual({ won: 3, codes: ['out_of_stock'] });
});

test('a code is redeemed as often as it may be', async () => {
  await store.coupons.create({ code: 'FIVE', percentOff: 50, duration: 'once', maxRedemptions: 5 });
  const priceId = await sell(store);
  const { won, codes, payments } = await rush(BUYERS, [{ priceId }], { promotionCode: 'FIVE' });
  expect({ won, codes, paid: payments.length }).toEqual({
    won: 5,
    codes: ['discount_code_invalid'],
    paid: 5,
  });
  for (const { amount } of payments) expect(amount).toBe(2500);
});

test('what each customer may have once is bought once', async () => {
  const priceId = await sellMonthly(store, {}, { oneTimePurchasable: true });
  const { won, codes, payments } = await rush(20, [{ priceId }]);
  expect({ won, paid: payments.length }).toEqual({ won: 1, paid: 1 });
  const known = ['already_subscribed', 'payment_in_progress'];
  expect(codes.filter((code) => !known.includes(code))).toEqual([]);
});
