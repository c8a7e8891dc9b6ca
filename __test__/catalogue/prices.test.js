// `commerce.prices`, also called `variants`: what a product costs.
const {
  allEvents,
  closeStores,
  contents,
  expectError,
  expectInvalid,
  openStore,
  Proyecta,
} = require('../support/store.js');
const { byUsage, ids, INSTANT, monthly, race, UUID } = require('../support/catalogue.js');

const { ConflictError, NotFoundError } = Proyecta;
const productId = 'prod_a';
let store;
let prices;
beforeEach(async () => {
  store = openStore();
  prices = store.prices;
  await store.products.create({ id: productId, name: 'A' });
});
afterEach(closeStores);

const create = (rest) => prices.create({ productId, ...monthly(rest) });
const usage = (rest) => prices.create({ productId, ...byUsage(rest) });
const bundle = (priceIds, rest) => create({ type: 'bundle', bundle: { priceIds }, ...rest });
const missing = (call, param = 'priceId') => expectError(call, NotFoundError, 'price_not_found', param);
const defaults = async () =>
  (await prices.list({ productId })).data.filter(({ isDefault }) => isDefault).map(({ name }) => name);

test('variants are the very same', async () => {
  expect(store.variants).toBe(store.prices);
  const { id } = await store.variants.create({ productId, ...monthly() });
  expect((await store.prices.get(id)).id).toBe(id);
});

describe('create', () => {
  test('has a default for what is left out', async () => {
    const price = await create();
    expect(price).toEqual({
      id: expect.stringMatching(/^var_[0-9a-hjkmnp-tv-z]{26}$/),
      object: 'price',
      uuid: expect.stringMatching(UUID),
      productId,
      name: 'Monthly',
      description: null,
      type: 'flat',
      currency: 'KRW',
      unitAmount: 9900,
      unitAmountDecimal: '9900',
      unit: null,
      recurring: { interval: 'month', intervalCount: 1 },
      claim: 'advance',
      usageClaim: null,
      introDiscount: null,
      setupFee: null,
      expiry: null,
      serviceStartDay: null,
      tiers: null,
      tierMode: null,
      packageSize: null,
      percent: null,
      minimumAmount: null,
      maximumAmount: null,
      includedUnits: null,
      bundle: null,
      billingDay: null,
      maximumQuantity: null,
      isDefault: true,
      sold: false,
      replaces: null,
      order: 0,
      metadata: {},
      version: 1,
      createdAt: expect.stringMatching(INSTANT),
      updatedAt: price.createdAt,
      archivedAt: null,
    });
    expect(await prices.get(price.id)).toEqual(price);
    expect((await store.products.get(productId)).variants).toEqual([price]);
    const once = await create({ recurring: undefined });
    expect([once.type, once.recurring]).toEqual(['one_time', null]);
  });

  test('gives back everything that is given', async () => {
    const flat = {
      id: 'var_flat',
      uuid: '01939d53-5c00-7000-8000-0000000000ff',
      description: 'All of it.',
      unit: 'licence',
      recurring: { interval: 'year', intervalCount: 2 },
      claim: 'arrears',
      setupFee: { name: 'Installation', amount: 30000, when: 'initially', claim: 'advance' },
      serviceStartDay: 3,
      billingDay: 25,
      maximumQuantity: 10,
      order: 7,
      metadata: { a: 'b' },
    };
    expect(await create(flat)).toMatchObject(flat);
    const metered = {
      type: 'seat',
      unitAmount: 1000,
      usageClaim: 'advance',
      tierMode: 'volume',
      minimumAmount: 100,
      maximumAmount: 5000,
      includedUnits: '2.5',
    };
    expect(await usage(metered)).toMatchObject({
      ...metered,
      tiers: [
        { upTo: 1000, unitAmount: 0, unitAmountDecimal: '0', flatAmount: 0 },
        { upTo: null, unitAmount: null, unitAmountDecimal: '0.5', flatAmount: 0 },
      ],
    });
  });

  test.each([
    [{ price: 100 }, { price: 100, amountOff: null, percentOff: null }],
    [{ price: 0 }, { price: 0, amountOff: null, percentOff: null }],
    [{ amountOff: 1 }, { price: null, amountOff: 1, percentOff: null }],
    [{ percentOff: '33.3' }, { price: null, amountOff: null, percentOff: '33.3' }],
  ])('takes a first purchase of %j', async (introDiscount, shown) => {
    expect((await create({ introDiscount })).introDiscount).toEqual(shown);
  });

  test.each([
    [{ at: '2027-01-01' }, { at: '2027-01-01T00:00:00.000Z', after: null, payments: null }],
    [
      { after: { interval: 'month' } },
      { at: null, after: { interval: 'month', intervalCount: 1 }, payments: null },
    ],
    [{ payments: 12 }, { at: null, after: null, payments: 12 }],
  ])('takes an expiry of %j', async (expiry, shown) => {
    expect((await create({ expiry })).expiry).toEqual(shown);
  });

  test.each([
    [{ tierMode: 'band', tiers: [{ upTo: 10, flatAmount: 500 }, { flatAmount: 900 }] }, 'band'],
    [{ tierMode: 'package', packageSize: 100, tiers: [{ unitAmount: 5 }] }, 'package'],
    [{ tierMode: 'percentage', percent: '1.3', tiers: undefined }, 'percentage'],
  ])('takes tiers of %j', async (given, mode) => {
    const { tierMode, packageSize, percent, tiers } = await usage(given);
    expect([tierMode, packageSize, percent]).toEqual([
      mode,
      given.packageSize ?? null,
      given.percent ?? null,
    ]);
    expect(tiers).toHaveLength(given.tiers?.length ?? 0);
  });

  test.each([
    ['2900', 2900, '2900'],
    [0.5, null, '0.5'],
    ['0.000000000001', null, '0.000000000001'],
    ['10.50', null, '10.5'],
    ['9007199254740991', Number.MAX_SAFE_INTEGER, '9007199254740991'],
  ])('keeps every digit of %p', async (unitAmountDecimal, unitAmount, shown) => {
    const price = await create({ unitAmount: undefined, unitAmountDecimal });
    expect([price.unitAmount, price.unitAmountDecimal]).toEqual([unitAmount, shown]);
  });

  test.each([
    // FLAT without a period, and what belongs to periods.
    [{ type: 'flat', recurring: null }, 'recurring'],
    [{ type: 'one_time' }, 'recurring'],
    [{ recurring: { interval: 'month', intervalCount: 0 } }, 'recurring.intervalCount'],
    [{ recurring: { interval: 'hour' } }, 'recurring.interval'],
    [{ recurring: null, claim: 'arrears' }, 'claim'],
    [{ recurring: null, billingDay: 1 }, 'billingDay'],
    [{ recurring: null, serviceStartDay: 1 }, 'serviceStartDay'],
    [{ recurring: null, expiry: { payments: 3 } }, 'expiry'],
    [{ recurring: { interval: 'week' }, billingDay: 1 }, 'billingDay'],
    [{ billingDay: 32 }, 'billingDay'],
    // Amounts.
    [{ unitAmount: undefined }, 'unitAmount'],
    [{ unitAmount: -1 }, 'unitAmount'],
    [{ unitAmount: 1.5 }, 'unitAmount'],
    [{ unitAmount: 2 ** 53 }, 'unitAmount'],
    [{ unitAmount: '9900' }, 'unitAmount'],
    [{ unitAmountDecimal: '1' }, 'unitAmountDecimal'],
    [{ unitAmount: undefined, unitAmountDecimal: '-1' }, 'unitAmountDecimal'],
    [{ unitAmount: undefined, unitAmountDecimal: '1e9' }, 'unitAmountDecimal'],
    [{ unitAmount: undefined, unitAmountDecimal: '0.0000000000001' }, 'unitAmountDecimal'],
    [{ unitAmount: undefined, unitAmountDecimal: '9007199254740992' }, 'unitAmount'],
    [{ currency: undefined }, 'currency', 'parameter_missing'],
    [{ currency: 'WON' }, 'currency'],
    [{ currency: 'XAU' }, 'currency'],
    // Widgets.
    [{ introDiscount: {} }, 'introDiscount'],
    [{ introDiscount: { price: 1, amountOff: 1 } }, 'introDiscount'],
    [{ introDiscount: { percentOff: 101 } }, 'introDiscount.percentOff'],
    [{ introDiscount: { amountOff: 0 } }, 'introDiscount.amountOff'],
    [{ introDiscount: { price: -1 } }, 'introDiscount.price'],
    [{ setupFee: { name: 'F', amount: 1 } }, 'setupFee.when', 'parameter_missing'],
    [{ setupFee: { name: 'F', amount: -1, when: 'initially' } }, 'setupFee.amount'],
    [{ recurring: null, setupFee: { name: 'F', amount: 1, when: 'periodic' } }, 'setupFee.when'],
    [{ expiry: {} }, 'expiry'],
    [{ expiry: { payments: 1, at: '2027-01-01' } }, 'expiry'],
    [{ expiry: { payments: 0 } }, 'expiry.payments'],
    [{ expiry: { at: '2026-02-30' } }, 'expiry.at'],
    [{ expiry: { after: { interval: 'month', intervalCount: 1001 } } }, 'expiry.after.intervalCount'],
    [{ maximumQuantity: 0 }, 'maximumQuantity'],
    // What belongs to usage.
    [{ tiers: [{ unitAmount: 1 }] }, 'tiers'],
    [{ includedUnits: 5 }, 'includedUnits'],
    [{ percent: '1.3' }, 'percent'],
    [{ bundle: { priceIds: ['var_1'] } }, 'bundle'],
    // Names.
    [{ name: undefined }, 'name', 'parameter_missing'],
    [{ type: 'monthly' }, 'type'],
    [{ id: 'prod_1' }, 'id'],
    [{ order: -1 }, 'order'],
    [{ unitamount: 1 }, 'unitamount', 'parameter_unknown'],
  ])('refuses %j', async (bad, param, ...[code]) => {
    await expectInvalid(create(bad), param, code);
    expect((await prices.list()).data).toEqual([]);
  });

  test.each([
    [{ tiers: undefined }, 'tiers'],
    [{ tiers: [] }, 'tiers'],
    [{ tiers: [{ upTo: 10, unitAmount: 1 }] }, 'tiers[0].upTo'],
    [{ tiers: [{ unitAmount: 1 }, { unitAmount: 1 }] }, 'tiers[0].upTo'],
    [{ tiers: [{ upTo: 10 }, { upTo: 5 }, {}] }, 'tiers[1].upTo'],
    [{ tiers: [{ upTo: 10 }, { upTo: 10 }, {}] }, 'tiers[1].upTo'],
    [{ tiers: [{ upTo: 0 }, {}] }, 'tiers[0].upTo'],
    [{ tiers: [{ upTo: -5 }, {}] }, 'tiers[0].upTo'],
    [{ tiers: [{ unitAmount: -1 }] }, 'tiers[0].unitAmount'],
    [{ tiers: [{ unitAmount: 1, unitAmountDecimal: '1' }] }, 'tiers[0].unitAmountDecimal'],
    [{ tiers: [{ flatAmount: -1 }] }, 'tiers[0].flatAmount'],
    [{ tierMode: 'band' }, 'tiers[1].unitAmount'],
    [{ tierMode: 'stairs' }, 'tierMode'],
    [{ tierMode: 'package' }, 'packageSize'],
    [{ tierMode: 'percentage', tiers: undefined }, 'percent'],
    [{ tierMode: 'percentage', tiers: undefined, percent: 101 }, 'percent'],
    [{ packageSize: 5 }, 'packageSize'],
    [{ minimumAmount: 5, maximumAmount: 4 }, 'maximumAmount'],
    [{ recurring: undefined }, 'recurring'],
  ])('refuses usage with %j', async (bad, param) => {
    await expectInvalid(usage(bad), param);
  });

  test('needs a product that is there', async () => {
    const call = prices.create({ productId: 'prod_none', ...monthly() });
    await expectError(call, NotFoundError, 'product_not_found', 'productId');
  });

  test('an own id is used once, whoever comes at the same moment', async () => {
    const { won, codes } = await race(20, () => create({ id: 'var_own' }));
    expect([won, codes]).toEqual([1, ['price_id_taken']]);
    await prices.delete('var_own');
    await expectError(create({ id: 'var_own' }), ConflictError, 'price_id_taken', 'id');
  });

  test('an idempotency key gives the first answer again', async () => {
    const options = { idempotencyKey: 'once' };
    const first = await prices.create({ productId, ...monthly() }, options);
    expect(await prices.create({ productId, ...monthly() }, options)).toEqual(first);
    expect((await prices.list({ productId })).data).toEqual([first]);
  });
});

describe('bundles', () => {
  test('hold prices that are there, in one currency, and no bundle', async () => {
    await create({ id: 'var_a' });
    await usage({ id: 'var_u' });
    const made = await bundle(['var_a', 'var_u'], { id: 'var_both' });
    expect(made.bundle).toEqual({ priceIds: ['var_a', 'var_u'], firstPaymentExtra: 0 });
    await create({ id: 'var_usd', currency: 'USD' });
    await usage({ id: 'var_weekly', recurring: { interval: 'week' } });
    await create({ id: 'var_old' });
    await prices.archive('var_old');
    await missing(bundle(['var_a', 'var_none']), 'bundle.priceIds[1]');
    for (const bad of ['var_both', 'var_usd', 'var_weekly', 'var_old', 'var_a']) {
      await expectInvalid(bundle(['var_a', bad]), 'bundle.priceIds[1]');
    }
    await expectInvalid(bundle([]), 'bundle.priceIds');
    await expectInvalid(bundle(['var_self'], { id: 'var_self' }), 'bundle.priceIds[0]');
    await expectInvalid(create({ type: 'bundle' }), 'bundle');
    const itself = prices.update('var_both', { bundle: { priceIds: ['var_a', 'var_both'] } });
    await expectInvalid(itself, 'bundle.priceIds[1]');
  });

  test('keep the prices in them', async () => {
    await create({ id: 'var_a' });
    await bundle(['var_a'], { id: 'var_b' });
    const error = await expectError(prices.delete('var_a'), ConflictError, 'price_in_use', 'priceId');
    expect(error.details).toEqual({ bundleId: 'var_b' });
    await expectInvalid(prices.update('var_a', { currency: 'USD' }), 'priceId');
    await prices.update('var_a', { unitAmount: 5 });
    await create({ id: 'var_c' });
    await prices.update('var_b', { bundle: { priceIds: ['var_c'] } });
    await prices.delete('var_a');
    await prices.delete('var_b');
    await prices.delete('var_c');
    expect((await prices.list()).data).toEqual([]);
  });

  test('a bundle and a deletion at the same moment: the bundle has no price that is gone', async () => {
    for (let round = 0; round < 10; round++) {
      const id = `var_${round}`;
      await create({ id });
      const outcomes = await Promise.allSettled([bundle([id]), prices.delete(id)]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    }
  });
});

describe('the default', () => {
  test('is the first price, then whichever says so, and one at any time', async () => {
    await create({ name: 'First' });
    await create({ name: 'Second' });
    expect(await defaults()).toEqual(['First']);
    const third = await create({ name: 'Third', isDefault: true });
    expect(await defaults()).toEqual(['Third']);
    const [first] = (await prices.list({ productId })).data;
    expect((await prices.update(first.id, { isDefault: true })).isDefault).toBe(true);
    expect(await defaults()).toEqual(['First']);
    expect((await prices.get(third.id)).version).toBe(2);
    await expectInvalid(prices.update(first.id, { isDefault: false }), 'isDefault');
    await Promise.all(Array.from({ length: 10 }, (_, i) => create({ name: `R${i}`, isDefault: true })));
    expect(await defaults()).toHaveLength(1);
  });

  test('passes on when its price leaves', async () => {
    const [first, second, third] = [
      await create({ name: 'First' }),
      await create({ name: 'Second' }),
      await create({ name: 'Third' }),
    ];
    expect((await prices.archive(first.id)).isDefault).toBe(false);
    expect(await defaults()).toEqual(['Second']);
    const archived = prices.update(first.id, { isDefault: true });
    await expectError(archived, ConflictError, 'price_archived', 'isDefault');
    await prices.delete(second.id);
    expect(await defaults()).toEqual(['Third']);
    await prices.archive(third.id);
    expect(await defaults()).toEqual([]);
    await create({ name: 'Fresh' });
    expect(await defaults()).toEqual(['Fresh']);
  });
});

describe('update', () => {
  test('changes texts and, while nobody bought it, terms', async () => {
    const before = await create({ introDiscount: { price: 100 }, metadata: { a: '1' } });
    const after = await prices.update(before.id, {
      name: 'New',
      description: 'D',
      unitAmountDecimal: '99.5',
      introDiscount: null,
      billingDay: 5,
      metadata: { b: '2' },
      ifVersion: 1,
    });
    expect(after).toEqual({
      ...before,
      name: 'New',
      description: 'D',
      unitAmount: null,
      unitAmountDecimal: '99.5',
      introDiscount: null,
      billingDay: 5,
      metadata: { a: '1', b: '2' },
      version: 2,
      updatedAt: expect.any(String),
    });
    expect(await prices.update(before.id, { name: 'New' })).toEqual(after);
    const late = prices.update(before.id, { name: 'X', ifVersion: 1 });
    await expectError(late, ConflictError, 'version_conflict', 'ifVersion');
  });

  test('leaves terms that make sense together, or nothing happens', async () => {
    const { id } = await usage();
    const before = await contents(store);
    await expectInvalid(prices.update(id, { type: 'flat' }), 'tiers');
    await expectInvalid(prices.update(id, { tiers: null }), 'tiers');
    await expectInvalid(prices.update(id, { recurring: null }), 'recurring');
    await expectInvalid(prices.update(id, { productId }), 'productId', 'parameter_unknown');
    expect(await contents(store)).toEqual(before);
    const changed = await prices.update(id, { tierMode: 'percentage', percent: '2', tiers: null });
    expect([changed.tierMode, changed.percent, changed.tiers]).toEqual(['percentage', '2', []]);
  });
});

test('replace makes a new price with the old terms but for what is given', async () => {
  const old = await usage({ id: 'var_old', unit: 'calls', description: 'D', metadata: { a: '1' } });
  await create({ name: 'Other' });
  const fresh = await prices.replace('var_old', { id: 'var_new', includedUnits: 5, metadata: { b: '2' } });
  expect(fresh).toEqual({
    ...old,
    id: 'var_new',
    uuid: null,
    includedUnits: 5,
    metadata: { a: '1', b: '2' },
    replaces: 'var_old',
    version: 1,
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
  });
  expect(await prices.get('var_old')).toMatchObject({
    archivedAt: expect.stringMatching(INSTANT),
    isDefault: false,
    includedUnits: 0,
    version: 2,
  });
  expect(
    (await store.products.get(productId)).variants.map(({ name, isDefault }) => [name, isDefault]),
  ).toEqual([
    ['Calls', true],
    ['Other', false],
  ]);
  await expectError(prices.replace('var_old', {}), ConflictError, 'price_archived', 'priceId');
  await expectInvalid(prices.replace('var_new', { tiers: [] }), 'tiers');
  expect((await prices.get('var_new')).archivedAt).toBeNull();
  const events = (await allEvents(store)).filter(({ type }) => type.startsWith('price.'));
  expect(events.map(({ type, subjectId }) => [type, subjectId]).slice(-2)).toEqual([
    ['price.updated', 'var_old'],
    ['price.created', 'var_new'],
  ]);
  const { won, codes } = await race(10, () => prices.replace('var_new', { unitAmount: 1 }));
  expect([won, codes]).toEqual([1, ['price_archived']]);
});

test('archive and delete', async () => {
  const { id } = await create();
  const archived = await prices.archive(id);
  expect(archived).toMatchObject({ archivedAt: expect.stringMatching(INSTANT), version: 2 });
  expect(await prices.archive(id)).toEqual(archived);
  expect((await prices.list({ productId })).data).toEqual([]);
  expect((await prices.list({ productId, archived: true })).data).toEqual([archived]);
  expect(await prices.delete(id)).toEqual({ id, object: 'price', deleted: true });
  for (const call of [prices.get, prices.delete, prices.archive, (gone) => prices.replace(gone, {})]) {
    await missing(call(id));
  }
});

test('lists are those of a product in its order, others newest first', async () => {
  await store.products.create({ id: 'prod_b', name: 'B', variants: [monthly({ id: 'var_b' })] });
  await create({ id: 'var_1', order: 9 });
  await create({ id: 'var_2', order: 3, currency: 'USD' });
  await usage({ id: 'var_3', order: 9 });
  const found = async (params) => ids(await prices.list({ limit: 1, ...params }).toArray({ limit: 100 }));
  expect(await found({})).toEqual(['var_3', 'var_2', 'var_1', 'var_b']);
  expect(await found({ productId })).toEqual(['var_2', 'var_1', 'var_3']);
  expect(await found({ currency: 'usd' })).toEqual(['var_2']);
  expect(await found({ type: 'usage' })).toEqual(['var_3']);
  const gone = prices.list({ productId: 'prod_none' });
  await expectError(gone, NotFoundError, 'product_not_found', 'productId');
});
