// Customers whose subscriptions live, whose cards a gateway knows, or who are paying, are not deleted unseen.
const { failure } = require('../support/customers.js');
const { flat, subscribe, withCard } = require('../support/subscribed.js');
const { allEvents, closeStores, openStore } = require('../support/store.js');

let store;
beforeEach(() => {
  store = openStore({ timezone: 'Asia/Seoul' });
});
afterEach(closeStores);

const erased = (id) => failure(store.customers.get(id));

test('a living subscription refuses the deletion, and says which one it is', async () => {
  const { customer } = await withCard(store);
  const { subscription } = await subscribe(store, customer, flat());
  expect(await failure(store.customers.delete(customer.id))).toMatchObject({
    code: 'customer_subscribed',
    param: 'customerId',
    details: { subscriptionId: subscription.id },
  });
  expect((await store.customers.get(customer.id)).email).toBe(customer.email);
  await store.subscriptions.cancel(subscription.id, { when: 'now' });
  expect((await store.customers.delete(customer.id)).deleted).toBe(true);
});

test('cancelSubscriptions ends them all at once, and the ledger stays', async () => {
  const { customer, method } = await withCard(store);
  const one = (await subscribe(store, customer, flat())).subscription;
  const other = (await subscribe(store, customer, flat({ name: 'Other' }))).subscription;
  const answer = await store.customers.delete(customer.id, { cancelSubscriptions: true });
  expect(answer).toEqual({ id: customer.id, object: 'customer', deleted: true });
  for (const { id } of [one, other])
    expect(await store.subscriptions.get(id)).toMatchObject({ status: 'canceled', customerId: customer.id });
  expect((await erased(customer.id)).code).toBe('customer_deleted');
  expect((await failure(store.paymentMethods.get(method.id))).code).toBe('payment_method_not_found');
  const types = (await allEvents(store)).map(({ type }) => type);
  expect(types.filter((type) => type === 'subscription.canceled')).toHaveLength(2);
  expect(types.slice(-2)).toEqual(['payment_method.deleted', 'customer.deleted']);
  expect(await store.orders.get(one.orderId)).toMatchObject({ status: 'paid', total: 9000 });
});

test('cancelSubscriptions is no condition: nobody needs a subscription to be deleted', async () => {
  const { id } = await store.customers.create({ email: 'free@example.com' });
  expect((await store.customers.delete(id, { cancelSubscriptions: true })).deleted).toBe(true);
});

test('a repeat with the same key gets the first answer', async () => {
  const { customer } = await withCard(store);
  await subscribe(store, customer, flat());
  const erase = () =>
    store.customers.delete(customer.id, { cancelSubscriptions: true }, { idempotencyKey: 'erase' });
  const [first, second] = await Promise.all([erase(), erase()]);
  expect(second).toEqual(first);
  expect(await erase()).toEqual(first);
});

test('whoever is paying is not deleted before it is settled', async () => {
  const { customer, method } = await withCard(store, {}, { number: '4000 0000 0003 0002' });
  const order = await store.orders.create({
    customerId: customer.id,
    items: [{ priceId: await onceForAll() }],
  });
  await store.orders.pay(order.id, { paymentMethodId: method.id }).catch(() => {});
  const [payment] = await store.payments.list({ customerId: customer.id }).toArray({ limit: 100 });
  expect(['pending', 'unknown']).toContain(payment.status);
  for (const act of [() => store.customers.delete(customer.id), () => store.paymentMethods.delete(method.id)])
    expect(await failure(act())).toMatchObject({
      code: 'payment_in_progress',
      details: { paymentId: payment.id },
    });
  await store.sandbox.emit(payment.id, { event: 'settled' });
  expect((await store.customers.delete(customer.id)).deleted).toBe(true);
});

/** A price that is paid once. */
async function onceForAll() {
  const { id: productId } = await store.products.create({ name: 'Book' });
  const { id } = await store.prices.create({ productId, name: 'Book', currency: 'KRW', unitAmount: 5000 });
  return id;
}
