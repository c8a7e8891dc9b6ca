// The operations of the catalogue with their parameters, for operations.js, where the kinds are
// explained.

const RECURRING = { interval: 'word!', intervalCount: 'whole' };
const TIER = { upTo: 'decimal', unitAmount: 'whole', unitAmountDecimal: 'decimal', flatAmount: 'whole' };

/** What every input about a price has. */
const PRICE = {
  unitAmount: 'whole',
  unitAmountDecimal: 'decimal',
  recurring: RECURRING,
  claim: 'word',
  usageClaim: 'word',
  introDiscount: { price: 'whole', amountOff: 'whole', percentOff: 'decimal' },
  setupFee: { name: 'text!', amount: 'whole!', when: 'word!', claim: 'word' },
  expiry: { at: 'instant', after: RECURRING, payments: 'whole' },
  serviceStartDay: 'whole',
  tiers: ['object', TIER],
  tierMode: 'word',
  packageSize: 'decimal',
  percent: 'decimal',
  minimumAmount: 'whole',
  maximumAmount: 'whole',
  includedUnits: 'decimal',
  bundle: { priceIds: 'ids!', firstPaymentExtra: 'whole' },
  billingDay: 'whole',
  maximumQuantity: 'whole',
  description: 'text',
  unit: 'text',
  isDefault: 'boolean',
  order: 'whole',
  metadata: 'metadata!',
};
const OWN = { id: 'id', uuid: 'uuid' };
const CHANGED = { name: 'text!', type: 'word!', currency: 'currency!', ifVersion: 'whole' };

/** What every input about a product has. */
const PRODUCT = {
  description: 'text',
  kind: 'word',
  status: 'word',
  features: [
    'id-or-object',
    {
      id: 'id!',
      limit: 'decimal',
      reset: 'word',
      overage: 'word',
      hardLimit: 'decimal',
      perEntity: 'boolean',
      rollover: 'boolean',
    },
  ],
  options: {
    groups: [
      'object',
      { name: 'text!', type: 'word', values: ['text-or-object', { id: 'id', name: 'text!' }] },
    ],
    combinations: [
      'object',
      { values: 'texts', optionIds: 'ids', price: 'signed', stock: 'whole', status: 'word' },
    ],
  },
  stock: 'whole',
  trial: { interval: 'word!', count: 'whole!' },
  subtitle: 'text',
  summary: 'text',
  sku: 'text',
  featuredImageUrl: 'text',
  imageUrls: 'texts',
  notice: 'text',
  rejectionReason: 'text',
  categories: ['object', { id: 'text!', name: 'text!' }],
  eventBadges: ['object', { event: 'text!', startsAt: 'instant', endsAt: 'instant' }],
  widgets: { trial: 'boolean', eventBadge: 'boolean', oneTimePurchasable: 'boolean', notice: 'boolean' },
  countrySetting: {
    countryCode: 'country!',
    timezone: 'zone',
    currency: 'currency',
    isDefault: 'boolean',
    taxRate: 'decimal',
  },
  oneTimePurchasable: 'boolean',
  order: 'whole',
  metadata: 'metadata!',
};

/** A product with something of everything. */
const everything = (feature) => ({
  features: [{ id: feature.id, limit: 5 }],
  options: {
    groups: [{ name: 'Size', values: [{ name: 'S' }] }],
    combinations: [{ values: ['S'], price: -5 }],
  },
  trial: { interval: 'day', count: 7 },
  categories: [{ id: '1', name: 'Clothes' }],
  eventBadges: [{ event: 'SALE' }],
  widgets: {},
  countrySetting: { countryCode: 'KR' },
});

const recurring = { interval: 'month' };
/** A price that is accepted, and one with something of everything, which is not. */
const plain = { name: 'Fresh', currency: 'KRW', unitAmount: 100, recurring };
const overfull = {
  recurring,
  introDiscount: { price: 5 },
  setupFee: { name: 'Fee', amount: 5, when: 'initially' },
  expiry: { after: { interval: 'year' } },
  tiers: [{ unitAmount: 5 }],
  bundle: { priceIds: [] },
};

const PAGE = { limit: 'limit', cursor: 'cursor' };

/** `archive` and `delete` of a noun. */
const ending = (noun, capital, verbs) =>
  Object.fromEntries(
    verbs.map((verb) => [
      `${noun}s.${verb}`,
      {
        shape: `${capital}${verb[0].toUpperCase()}${verb.slice(1)}Params`,
        id: `${noun}Id`,
        given: (stored) => ({ [`${noun}Id`]: stored[noun].id }),
        params: { [`${noun}Id`]: 'id!', ifVersion: 'whole' },
      },
    ]),
  );

const CATALOGUE = {
  'products.create': {
    shape: 'ProductCreateParams',
    given: ({ feature }) => ({ name: 'Fresh', ...everything(feature) }),
    params: { ...OWN, name: 'text!', variants: 'list', ...PRODUCT },
  },
  'products.get': {
    shape: 'ProductGetParams',
    id: 'productId',
    given: ({ product }) => ({ productId: product.id }),
    params: { productId: 'id!' },
  },
  'products.list': {
    shape: 'ProductListParams',
    given: () => ({}),
    params: {
      query: 'loose',
      kind: 'word',
      status: 'word',
      archived: 'boolean',
      sort: 'word',
      ...PAGE,
      expand: 'words',
    },
  },
  'products.update': {
    shape: 'ProductUpdateParams',
    id: 'productId',
    given: ({ product, feature }) => ({ productId: product.id, ...everything(feature) }),
    params: { productId: 'id!', name: 'text!', ...PRODUCT, ifVersion: 'whole' },
  },
  ...ending('product', 'Product', ['archive', 'delete']),
  'prices.create': {
    shape: 'PriceCreateParams',
    given: ({ product }) => ({ productId: product.id, ...plain, ...overfull }),
    accepted: ({ product }) => ({ productId: product.id, ...plain }),
    params: {
      productId: 'id!',
      ...OWN,
      name: 'text!',
      type: 'word',
      currency: 'currency!',
      ...PRICE,
    },
  },
  'prices.get': {
    shape: 'PriceGetParams',
    id: 'priceId',
    given: ({ price }) => ({ priceId: price.id }),
    params: { priceId: 'id!' },
  },
  'prices.list': {
    shape: 'PriceListParams',
    given: () => ({}),
    params: { productId: 'id', archived: 'boolean', currency: 'currency', type: 'word', ...PAGE },
  },
  'prices.update': {
    shape: 'PriceUpdateParams',
    id: 'priceId',
    given: ({ price }) => ({ priceId: price.id, ...overfull }),
    accepted: ({ price }) => ({ priceId: price.id, unitAmount: 5 }),
    params: { priceId: 'id!', ...CHANGED, ...PRICE },
  },
  'prices.replace': {
    shape: 'PriceReplaceParams',
    id: 'priceId',
    given: ({ price }) => ({ priceId: price.id, ...overfull }),
    accepted: ({ price }) => ({ priceId: price.id, unitAmount: 5 }),
    params: { priceId: 'id!', ...OWN, ...CHANGED, ...PRICE },
  },
  ...ending('price', 'Price', ['archive', 'delete']),
  'features.create': {
    shape: 'FeatureCreateParams',
    given: () => ({ name: 'Fresh' }),
    params: {
      id: 'id',
      name: 'text!',
      description: 'text',
      type: 'word',
      unit: 'text',
      metadata: 'metadata!',
    },
  },
  'features.get': {
    shape: 'FeatureGetParams',
    id: 'featureId',
    given: ({ feature }) => ({ featureId: feature.id }),
    params: { featureId: 'id!' },
  },
  'features.list': {
    shape: 'FeatureListParams',
    given: () => ({}),
    params: { query: 'loose', type: 'word', archived: 'boolean', ...PAGE },
  },
  'features.update': {
    shape: 'FeatureUpdateParams',
    id: 'featureId',
    given: ({ feature }) => ({ featureId: feature.id, name: 'Changed' }),
    params: {
      featureId: 'id!',
      name: 'text!',
      description: 'text',
      unit: 'text',
      metadata: 'metadata!',
      ifVersion: 'whole',
    },
  },
  ...ending('feature', 'Feature', ['archive', 'delete']),
  'coupons.create': {
    shape: 'CouponCreateParams',
    given: () => ({ code: 'FRESH', percentOff: 10, duration: 'once' }),
    params: {
      id: 'id',
      code: 'text!',
      name: 'text',
      description: 'text',
      percentOff: 'decimal',
      amountOff: 'whole',
      currency: 'currency',
      duration: 'word!',
      durationInMonths: 'whole',
      maxRedemptions: 'whole',
      maxRedemptionsPerCustomer: 'whole',
      redeemBy: 'instant',
      active: 'boolean',
      products: 'ids',
      metadata: 'metadata!',
    },
  },
  'coupons.get': {
    shape: 'CouponGetParams',
    id: 'couponId',
    given: ({ coupon }) => ({ couponId: coupon.id }),
    params: { couponId: 'id', code: 'text' },
  },
  'coupons.list': {
    shape: 'CouponListParams',
    given: () => ({}),
    params: { query: 'loose', active: 'boolean', ...PAGE },
  },
  'coupons.update': {
    shape: 'CouponUpdateParams',
    id: 'couponId',
    given: ({ coupon }) => ({ couponId: coupon.id, name: 'Changed' }),
    params: {
      couponId: 'id!',
      name: 'text',
      description: 'text',
      maxRedemptions: 'whole',
      maxRedemptionsPerCustomer: 'whole',
      redeemBy: 'instant',
      active: 'boolean!',
      products: 'ids',
      metadata: 'metadata!',
      ifVersion: 'whole',
    },
  },
  ...ending('coupon', 'Coupon', ['delete']),
  preview: {
    shape: 'PreviewParams',
    given: ({ price }) => ({ lineItems: [{ variantId: price.id }] }),
    params: {
      customerId: 'id',
      lineItems: ['object', { variantId: 'id', priceId: 'id', quantity: 'whole', options: 'ids' }],
      discountCodes: 'texts',
      periods: 'whole',
      locale: 'word',
    },
  },
};

/** What operations of the catalogue can be about; `gone` names what of `stored` was deleted since. */
async function fillCatalogue(store, stored = {}, gone = ['product', 'price', 'feature', 'coupon']) {
  const filled = { ...stored };
  if (gone.includes('product') || gone.includes('price')) {
    const variants = [{ name: 'Stored', currency: 'KRW', unitAmount: 100 }];
    filled.product = await store.products.create({ name: 'Stored', variants });
    [filled.price] = filled.product.variants;
  }
  if (gone.includes('feature')) {
    filled.feature = await store.features.create({ name: 'Stored', type: 'metered' });
  }
  if (gone.includes('coupon')) {
    filled.coupon = await store.coupons.create({ code: 'STORED', percentOff: 10, duration: 'once' });
  }
  return filled;
}

module.exports = { CATALOGUE, fillCatalogue };
