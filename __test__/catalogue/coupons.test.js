// `commerce.coupons`: what a discount code takes off.
const {
  allEvents,
  closeStores,
  expectError,
  expectInvalid,
  openStore,
  Proyecta,
} = require('../support/store.js');
const { ids, INSTANT, race } = require('../support/catalogue.js');

const { ConflictError, NotFoundError } = Proyecta;
let store;
let coupons;
beforeEach(() => {
  store = openStore();
  coupons = store.coupons;
});
afterEach(closeStores);

const ten = (rest = {}) => ({ code: 'WELCOME10', percentOff: 10, duration: 'once', ...rest });

test('a code, how much, and how long', async () => {
  const coupon = await coupons.create(ten());
  expect(coupon).toEqual({
    id: expect.stringMatching(/^coup_[0-9a-hjkmnp-tv-z]{26}$/),
    object: 'coupon',
    code: 'WELCOME10',
    name: null,
    description: null,
    percentOff: 10,
    amountOff: null,
    currency: null,
    duration: 'once',
    durationInMonths: null,
    maxRedemptions: null,
    maxRedemptionsPerCustomer: null,
    redeemBy: null,
    active: true,
    products: [],
    metadata: {},
    version: 1,
    createdAt: expect.stringMatching(INSTANT),
    updatedAt: coupon.createdAt,
  });
  expect(await coupons.get(coupon.id)).toEqual(coupon);
});

test('everything that is given comes back', async () => {
  await store.products.create({ id: 'prod_a', name: 'A' });
  const given = {
    id: 'coup_spring',
    code: 'Spring-26',
    name: 'Spring',
    description: 'For all.',
    amountOff: 5000,
    currency: 'KRW',
    duration: 'repeating',
    durationInMonths: 3,
    maxRedemptions: 100,
    maxRedemptionsPerCustomer: 1,
    redeemBy: '2026-06-01T00:00:00.000Z',
    active: false,
    products: ['prod_a'],
    metadata: { campaign: 'spring' },
  };
  expect(await coupons.create(given)).toMatchObject({ ...given, percentOff: null });
});

test.each([
  [10, 10],
  ['10', 10],
  ['10.50', '10.5'],
  [12.5, '12.5'],
  [0.1, '0.1'],
  ['0.000001', '0.000001'],
  [100, 100],
])('a percentage of %p comes back as %p', async (percentOff, shown) => {
  expect((await coupons.create(ten({ percentOff }))).percentOff).toBe(shown);
});

test.each([
  [{ percentOff: 0 }, 'percentOff'],
  [{ percentOff: 101 }, 'percentOff'],
  [{ percentOff: '100.000001' }, 'percentOff'],
  [{ percentOff: -1 }, 'percentOff'],
  [{ percentOff: '1e1' }, 'percentOff'],
  [{ percentOff: 0.1 + 0.2 }, 'percentOff'],
  [{ percentOff: undefined }, 'percentOff'],
  [{ amountOff: 5 }, 'amountOff'],
  [{ currency: 'KRW' }, 'currency'],
  [{ percentOff: undefined, amountOff: 5 }, 'currency'],
  [{ percentOff: undefined, amountOff: 0, currency: 'KRW' }, 'amountOff'],
  [{ percentOff: undefined, amountOff: 2 ** 53, currency: 'KRW' }, 'amountOff'],
  [{ percentOff: undefined, amountOff: 5, currency: 'WON' }, 'currency'],
  [{ duration: undefined }, 'duration', 'parameter_missing'],
  [{ duration: 'twice' }, 'duration'],
  [{ duration: 'repeating' }, 'durationInMonths'],
  [{ durationInMonths: 3 }, 'durationInMonths'],
  [{ duration: 'repeating', durationInMonths: 0 }, 'durationInMonths'],
  [{ code: 'TWO WORDS' }, 'code'],
  [{ code: '' }, 'code'],
  [{ code: 'x'.repeat(65) }, 'code'],
  [{ maxRedemptions: 0 }, 'maxRedemptions'],
  [{ redeemBy: '2026-02-30' }, 'redeemBy'],
  [{ redeemBy: '2100-01-01' }, 'redeemBy'],
  [{ products: ['var_1'] }, 'products[0]'],
])('refuses %j', async (bad, param, ...[code]) => {
  await expectInvalid(coupons.create(ten(bad)), param, code);
  expect((await coupons.list()).data).toEqual([]);
});

test('it is for products that are there, each named once', async () => {
  await store.products.create({ id: 'prod_a', name: 'A' });
  const gone = coupons.create(ten({ products: ['prod_a', 'prod_none'] }));
  await expectError(gone, NotFoundError, 'product_not_found', 'products[1]');
  await expectInvalid(coupons.create(ten({ products: ['prod_a', 'prod_a'] })), 'products[1]');
});

test('a code is the same in any case, and belongs to one coupon', async () => {
  const first = await coupons.create(ten({ code: 'Welcome10' }));
  expect(first.code).toBe('Welcome10');
  for (const code of ['welcome10', ' WELCOME10 ']) {
    const error = await expectError(
      coupons.create(ten({ code })),
      ConflictError,
      'coupon_code_taken',
      'code',
    );
    expect(error.details).toEqual({ couponId: first.id });
    expect(await coupons.get({ code })).toEqual(first);
  }
  const cases = ['race', 'RACE', 'Race', 'rAcE'];
  const { won, codes } = await race(20, (index) => coupons.create(ten({ code: cases[index % 4] })));
  expect([won, codes]).toEqual([1, ['coupon_code_taken']]);
  await expectError(coupons.get({ code: 'none' }), NotFoundError, 'coupon_not_found', 'code');
  await expectError(coupons.get('coup_none'), NotFoundError, 'coupon_not_found', 'couponId');
  await expectInvalid(coupons.get({ code: 'a', couponId: 'coup_1' }), 'code');
  await expectInvalid(coupons.get({}), 'couponId', 'parameter_missing');
});

test('what it takes off never changes, the rest does', async () => {
  const before = await coupons.create(ten({ name: 'Old', maxRedemptions: 5, metadata: { a: '1' } }));
  const after = await coupons.update(before.id, {
    name: null,
    description: 'New.',
    maxRedemptions: null,
    maxRedemptionsPerCustomer: 2,
    redeemBy: '2027-01-01',
    active: false,
    metadata: { a: null },
    ifVersion: 1,
  });
  expect(after).toEqual({
    ...before,
    name: null,
    description: 'New.',
    maxRedemptions: null,
    maxRedemptionsPerCustomer: 2,
    redeemBy: '2027-01-01T00:00:00.000Z',
    active: false,
    metadata: {},
    version: 2,
    updatedAt: expect.any(String),
  });
  expect(await coupons.update(before.id, { active: false })).toEqual(after);
  for (const member of ['code', 'percentOff', 'amountOff', 'currency', 'duration', 'durationInMonths']) {
    const change = coupons.update(before.id, { [member]: ten()[member] ?? 1 });
    await expectInvalid(change, member, 'parameter_unknown');
  }
  const late = coupons.update(before.id, { active: true, ifVersion: 1 });
  await expectError(late, ConflictError, 'version_conflict', 'ifVersion');
});

test('a deleted coupon leaves its code, and keeps its id', async () => {
  const { id } = await coupons.create(ten({ id: 'coup_a' }));
  expect(await coupons.delete(id)).toEqual({ id, object: 'coupon', deleted: true });
  await expectError(coupons.get(id), NotFoundError, 'coupon_not_found', 'couponId');
  await expectError(coupons.get({ code: 'WELCOME10' }), NotFoundError, 'coupon_not_found', 'code');
  await expectError(coupons.create(ten({ id })), ConflictError, 'coupon_id_taken', 'id');
  await coupons.create(ten());
  expect((await allEvents(store)).map(({ type }) => type)).toEqual([
    'coupon.created',
    'coupon.deleted',
    'coupon.created',
  ]);
});

test('lists are newest first, by the beginning of a code and by what can be redeemed', async () => {
  for (const [index, code] of ['SPRING1', 'spring2', 'AUTUMN'].entries())
    await coupons.create(ten({ id: `coup_${index}`, code, active: index !== 1 }));
  const found = async (params) => ids(await coupons.list({ limit: 1, ...params }).toArray({ limit: 100 }));
  expect(await found({})).toEqual(['coup_2', 'coup_1', 'coup_0']);
  expect(await found({ query: 'Spring' })).toEqual(['coup_1', 'coup_0']);
  expect(await found({ query: 'umn' })).toEqual([]);
  expect(await found({ active: true })).toEqual(['coup_2', 'coup_0']);
  expect(await found({ active: false })).toEqual(['coup_1']);
});
