// The operations of payment methods with their parameters, for operations.js, where the kinds are
// explained; `digits` is a text of digits that no other text is like.

/** A card that is approved. */
const CARD = { number: '4242 4242 4242 4242', expirationYear: '30', expirationMonth: '12' };

const CARD_KINDS = {
  number: 'digits!',
  expirationYear: 'digits!',
  expirationMonth: 'digits!',
  password: 'digits',
  isCorporate: 'boolean',
  personalId: 'digits',
  corporateId: 'digits',
};

const PAYMENTS = {
  'paymentMethods.create': {
    shape: 'PaymentMethodCreateParams',
    given: ({ customer }) => ({ customerId: customer.id, card: CARD }),
    params: {
      customerId: 'id!',
      card: CARD_KINDS,
      authKey: 'digits',
      makeDefault: 'boolean',
      metadata: 'metadata!',
    },
  },
  'paymentMethods.get': {
    shape: 'PaymentMethodGetParams',
    id: 'paymentMethodId',
    given: ({ method }) => ({ paymentMethodId: method.id }),
    params: { paymentMethodId: 'id!' },
  },
  'paymentMethods.list': {
    shape: 'PaymentMethodListParams',
    given: ({ customer }) => ({ customerId: customer.id }),
    params: { customerId: 'id!', limit: 'limit', cursor: 'cursor' },
  },
  'paymentMethods.update': {
    shape: 'PaymentMethodUpdateParams',
    id: 'paymentMethodId',
    given: ({ method }) => ({ paymentMethodId: method.id, metadata: { changed: 'yes' } }),
    params: { paymentMethodId: 'id!', default: 'true!', metadata: 'metadata!', ifVersion: 'whole' },
  },
  'paymentMethods.delete': {
    shape: 'PaymentMethodDeleteParams',
    id: 'paymentMethodId',
    given: ({ method }) => ({ paymentMethodId: method.id }),
    params: { paymentMethodId: 'id!', ifVersion: 'whole' },
  },
};

/** A payment method that operations can be about. */
const fillMethod = (store, customer) => store.paymentMethods.create({ customerId: customer.id, card: CARD });

module.exports = { CARD, CARD_KINDS, PAYMENTS, fillMethod };
