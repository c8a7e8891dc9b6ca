// The operations about orders, payments and subscriptions with their parameters, for operations.js,
// where the kinds are explained. `KIND` names what a parameter takes beside an object with members.

const { CARD, CARD_KINDS } = require('./payment-operations.js');

const KIND = Symbol('kind');

const PAGE = { limit: 'limit', cursor: 'cursor' };
const TRIAL = { [KIND]: 'boolean-or-object', interval: 'word', count: 'whole', end: 'instant' };
const trial = { interval: 'day', count: 7 };

/** What every change of a subscription has beside the subscription. */
const CONDITIONS = { preview: 'boolean', effectiveAt: 'instant', expectTotal: 'signed' };

const capital = (word) => word[0].toUpperCase() + word.slice(1);

/** A read or a change of one object. */
const about = (noun, verb, kind, params = {}, given = {}) => ({
  [`${noun}s.${verb}`]: {
    shape: `${capital(noun)}${capital(verb)}Params`,
    id: `${noun}Id`,
    given: () => ({ [`${noun}Id`]: `${kind}_1`, ...given }),
    params: { [`${noun}Id`]: 'id!', ...params },
  },
});

/** A change of a subscription. */
const change = (verb, params = {}, given = {}) =>
  about('subscription', verb, 'sub', { ...params, ...CONDITIONS, ifVersion: 'whole' }, given);

const list = (noun, params) => ({
  [`${noun}s.list`]: {
    shape: `${capital(noun)}ListParams`,
    given: () => ({}),
    params: { ...params, ...PAGE },
  },
});

const CHECKOUT = {
  checkout: {
    shape: 'CheckoutParams',
    given: ({ price }) => ({
      customer: { email: 'fresh@example.com' },
      lineItems: [{ variantId: price.id }],
      successUrl: 'https://example.com/thanks',
      trial,
    }),
    accepted: ({ customer, price }) => ({
      customerId: customer.id,
      lineItems: [{ variantId: price.id }],
      successUrl: 'https://example.com/thanks',
    }),
    params: {
      customerId: 'id',
      customer: { email: 'email!', name: 'text' },
      lineItems: ['object', { variantId: 'id', priceId: 'id', quantity: 'whole', options: 'ids' }],
      successUrl: 'url!',
      cancelUrl: 'url',
      promotionCode: 'loose',
      discountCodes: 'texts',
      trial: TRIAL,
      expiresAt: 'instant',
      locale: 'word',
      metadata: 'metadata!',
    },
  },
  ...about('checkoutSession', 'get', 'cs'),
  ...list('checkoutSession', { customerId: 'id' }),
  ...about('checkoutSession', 'expire', 'cs', { ifVersion: 'whole' }),
  ...about(
    'checkoutSession',
    'complete',
    'cs',
    {
      card: CARD_KINDS,
      paymentMethodId: 'id',
      quantity: 'whole',
      quantities: ['object', { priceId: 'id!', quantity: 'whole!' }],
      promotionCode: 'loose',
      discountCodes: 'texts',
    },
    { card: CARD, quantities: [{ priceId: 'var_1', quantity: 1 }] },
  ),
};

const ORDERS = {
  'orders.create': {
    shape: 'OrderCreateParams',
    given: ({ customer, price }) => ({ customerId: customer.id, items: [{ priceId: price.id }] }),
    params: {
      customerId: 'id!',
      items: [
        'object',
        { priceId: 'id!', optionIds: 'ids', quantity: 'whole', minQuantity: 'whole', maxQuantity: 'whole' },
      ],
      discountCodes: 'texts',
      purchaseDeadline: 'instant',
      gateway: 'text',
      metadata: 'metadata!',
    },
  },
  'orders.get': {
    shape: 'OrderGetParams',
    id: 'orderId',
    given: () => ({ orderId: 'ord_1' }),
    params: { orderId: 'id', number: 'whole' },
  },
  ...list('order', { customerId: 'id', subscriptionId: 'id', type: 'word', status: 'word' }),
  ...about(
    'order',
    'pay',
    'ord',
    { paymentMethodId: 'id', card: CARD_KINDS, expectTotal: 'signed', ifVersion: 'whole' },
    { card: CARD },
  ),
  ...about('order', 'payLink', 'ord', {
    successUrl: 'url',
    errorUrl: 'url',
    cancelUrl: 'url',
    locale: 'word',
  }),
  ...about('order', 'cancel', 'ord', { reason: 'text', ifVersion: 'whole' }),
  ...about('order', 'refund', 'ord', { amount: 'whole', reason: 'text', itemId: 'id', ifVersion: 'whole' }),
  ...about(
    'order',
    'updateItem',
    'ord',
    { itemId: 'id!', state: 'word!', reason: 'text', ifVersion: 'whole' },
    { itemId: 'oi_1', state: 'order_delivery_preparing' },
  ),
  ...about('payment', 'get', 'pay'),
  ...list('payment', { customerId: 'id', orderId: 'id', subscriptionId: 'id', status: 'word' }),
  ...about('payment', 'refund', 'pay', { amount: 'whole', reason: 'text', ifVersion: 'whole' }),
  'payments.receipt': {
    shape: 'PaymentReceiptParams',
    id: 'key',
    given: () => ({ key: 'stored' }),
    params: { key: 'text!' },
  },
};

const QUANTITY = { quantity: 'whole', optionIds: 'ids' };

const SUBSCRIPTIONS = {
  'subscriptions.create': {
    shape: 'SubscriptionCreateParams',
    given: ({ customer, price }) => ({ customerId: customer.id, items: [{ priceId: price.id }], trial }),
    params: {
      customerId: 'id!',
      items: ['object', { priceId: 'id!', ...QUANTITY }],
      paymentMethodId: 'id',
      trial: TRIAL,
      startAt: 'instant',
      currentPeriodEnd: 'instant',
      discountCodes: 'texts',
      metadata: 'metadata!',
      ...CONDITIONS,
    },
  },
  ...about('subscription', 'get', 'sub'),
  ...list('subscription', { customerId: 'id', status: 'word-or-words' }),
  ...about(
    'subscription',
    'update',
    'sub',
    { metadata: 'metadata!', ifVersion: 'whole' },
    { metadata: { note: 'x' } },
  ),
  ...change('cancel', { when: 'word-or-instant', credit: 'word-or-boolean' }),
  ...change('uncancel'),
  ...change(
    'pause',
    { when: 'word', until: { [KIND]: 'instant-or-object', interval: 'word!', count: 'whole!' } },
    { until: { interval: 'month', count: 1 } },
  ),
  ...change('resume'),
  ...change(
    'changePlan',
    {
      variantId: 'id',
      priceId: 'id',
      itemId: 'id',
      when: 'word',
      ...QUANTITY,
      discountCodes: 'texts',
    },
    { priceId: 'var_1' },
  ),
  ...change('cancelPendingChange'),
  ...change(
    'updateQuantity',
    { itemId: 'id', quantity: 'whole!', effectiveDate: 'word!' },
    { quantity: 2, effectiveDate: 'immediate' },
  ),
  ...change('addItem', { priceId: 'id', variantId: 'id', ...QUANTITY, when: 'word' }, { priceId: 'var_1' }),
  ...change('updateItem', { itemId: 'id!', ...QUANTITY, when: 'word' }, { itemId: 'si_1', quantity: 2 }),
  ...change('removeItem', { itemId: 'id!', when: 'word', credit: 'word-or-boolean' }, { itemId: 'si_1' }),
  ...change('changePaymentDate', { at: 'instant!', gap: 'word' }, { at: '2099-01-01T00:00:00Z' }),
  ...change('renewNow'),
  ...change(
    'updatePaymentMethod',
    { card: CARD_KINDS, paymentMethodId: 'id', retry: 'boolean' },
    { card: CARD },
  ),
  ...about('subscription', 'upcoming', 'sub', { periods: 'whole' }),
};

const BILLING = {
  ...CHECKOUT,
  ...ORDERS,
  ...SUBSCRIPTIONS,
  'usages.record': {
    shape: 'UsageRecordParams',
    given: () => ({ subscriptionItemId: 'si_1', record: 5 }),
    params: {
      subscriptionItemId: 'id',
      customerId: 'id',
      featureId: 'id',
      record: 'signed-decimal',
      quota: 'signed-decimal',
      at: 'instant',
      payload: 'text',
      effectiveAt: 'instant',
      expectTotal: 'signed',
    },
  },
  'usages.calculate': {
    shape: 'UsageCalculateParams',
    id: 'subscriptionId',
    given: () => ({ subscriptionId: 'sub_1' }),
    params: { subscriptionId: 'id!' },
  },
  'usages.list': {
    shape: 'UsageListParams',
    given: () => ({ subscriptionItemId: 'si_1' }),
    params: { subscriptionItemId: 'id!', ...PAGE },
  },
  'creditBalance.get': {
    shape: 'CreditBalanceGetParams',
    given: ({ customer }) => ({ customerId: customer.id, currency: 'KRW' }),
    params: { customerId: 'id!', currency: 'currency!' },
  },
  'creditBalance.adjust': {
    shape: 'CreditBalanceAdjustParams',
    given: ({ customer }) => ({ customerId: customer.id, amount: 500, currency: 'KRW', reason: 'sorry' }),
    params: { customerId: 'id!', amount: 'signed!', currency: 'currency!', reason: 'text!' },
  },
  'creditBalance.list': {
    shape: 'CreditBalanceListParams',
    given: ({ customer }) => ({ customerId: customer.id }),
    params: { customerId: 'id!', currency: 'currency', ...PAGE },
  },
  check: {
    shape: 'CheckParams',
    given: ({ customer, feature }) => ({ customerId: customer.id, featureId: feature.id }),
    params: { customerId: 'id!', featureId: 'id!' },
  },
  forecast: {
    shape: 'ForecastParams',
    given: () => ({ until: '2099-01-01T00:00:00Z' }),
    params: { until: 'instant!' },
  },
  'testClocks.create': {
    shape: 'TestClockCreateParams',
    given: () => ({ now: '2026-01-01T00:00:00Z' }),
    params: { now: 'instant!', name: 'text', scope: 'word' },
  },
  ...about('testClock', 'get', 'clk'),
  ...list('testClock', {}),
  ...about('testClock', 'advance', 'clk', { to: 'instant!' }, { to: '2099-01-01T00:00:00Z' }),
  ...about('testClock', 'delete', 'clk', { ifVersion: 'whole' }),
  'sandbox.emit': {
    shape: 'SandboxEmitParams',
    id: 'paymentId',
    given: () => ({ paymentId: 'pay_1', event: 'settled' }),
    params: { paymentId: 'id!', event: 'word!' },
  },
};

module.exports = { BILLING, KIND };
