// The payment method of a subscription that lives is not deleted from under it.
const { failure } = require('../support/customers.js');
const { CARD } = require('../support/payment-operations.js');
const { flat, subscribe, withCard } = require('../support/subscribed.js');
const { closeStores, openStore } = require('../support/store.js');

afterEach(closeStores);

test('a method that is charged stays until the subscription has another one, or has ended', async () => {
  const store = openStore();
  const { customer, method } = await withCard(store);
  const { subscription } = await subscribe(store, customer, flat());
  expect(await failure(store.paymentMethods.delete(method.id))).toMatchObject({
    code: 'payment_method_in_use',
    param: 'paymentMethodId',
    details: { subscriptionId: subscription.id },
  });
  expect((await store.paymentMethods.get(method.id)).status).toBe('active');
  const changed = await store.subscriptions.updatePaymentMethod(subscription.id, { card: CARD });
  expect((await store.paymentMethods.delete(method.id)).deleted).toBe(true);
  await store.subscriptions.cancel(subscription.id, { when: 'now' });
  expect((await store.paymentMethods.delete(changed.paymentMethodId)).deleted).toBe(true);
});
