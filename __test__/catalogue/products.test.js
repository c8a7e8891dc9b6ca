// `commerce.products`: what a store sells.
const {
  allEvents,
  closeStores,
  contents,
  expectError,
  expectInvalid,
  openStore,
  Proyecta,
} = require('../support/store.js');
const { byUsage, ids, INSTANT, monthly, race, shirt, UUID } = require('../support/catalogue.js');

const { ConflictError, NotFoundError } = Proyecta;
let store;
let products;
beforeEach(() => {
  store = openStore();
  products = store.products;
});
afterEach(closeStores);

const missing = (call, param = 'productId') => expectError(call, NotFoundError, 'product_not_found', param);

describe('create', () => {
  test('needs a name, and has a default for everything else', async () => {
    const product = await products.create({ name: 'Pro' });
    expect(product).toEqual({
      id: expect.stringMatching(/^prod_[0-9a-hjkmnp-tv-z]{26}$/),
      object: 'product',
      uuid: expect.stringMatching(UUID),
      name: 'Pro',
      description: null,
      kind: 'software',
      status: 'sale',
      variants: [],
      features: [],
      options: { groups: [], combinations: [] },
      stock: null,
      trial: null,
      subtitle: null,
      summary: null,
      sku: null,
      featuredImageUrl: null,
      imageUrls: [],
      notice: null,
      rejectionReason: null,
      categories: [],
      eventBadges: [],
      widgets: { trial: false, eventBadge: false, oneTimePurchasable: false, notice: false },
      countrySetting: null,
      oneTimePurchasable: false,
      order: 0,
      metadata: {},
      version: 1,
      createdAt: expect.stringMatching(INSTANT),
      updatedAt: product.createdAt,
      archivedAt: null,
    });
    expect(await products.get(product.id)).toEqual(product);
    await expectInvalid(products.create({ kind: 'box' }), 'name', 'parameter_missing');
  });

  test('gives back everything that is given', async () => {
    const given = {
      id: 'prod_shirt',
      uuid: '01939d53-5c00-7000-8000-0000000000ff',
      name: '티셔츠',
      description: 'Cotton.',
      kind: 'box',
      status: 'out_of_stock',
      stock: 0,
      trial: { interval: 'day', count: 14 },
      subtitle: 'Soft',
      summary: 'A shirt.',
      sku: 'TS-1',
      featuredImageUrl: 'https://example.com/a.png',
      imageUrls: ['https://example.com/b.png'],
      notice: 'Wash cold.',
      rejectionReason: 'none',
      categories: [{ id: '7', name: 'Clothes' }],
      eventBadges: [
        { event: 'SALE', startsAt: '2026-03-01T00:00:00.000Z', endsAt: '2026-04-01T00:00:00.000Z' },
      ],
      widgets: { trial: true, eventBadge: true, oneTimePurchasable: false, notice: true },
      countrySetting: {
        countryCode: 'KR',
        timezone: 'Asia/Seoul',
        currency: 'KRW',
        isDefault: true,
        taxRate: '10',
      },
      oneTimePurchasable: true,
      order: 5,
      metadata: { color: 'white' },
    };
    expect(await products.create(given)).toMatchObject(given);
  });

  test('takes words in upper case and names in snake_case', async () => {
    const product = await products.create({
      name: 'Box',
      kind: 'BOX',
      status: 'OUT_OF_STOCK',
      image_urls: ['https://example.com/a.png'],
      one_time_purchasable: true,
    });
    expect(product).toMatchObject({
      kind: 'box',
      status: 'out_of_stock',
      imageUrls: ['https://example.com/a.png'],
      oneTimePurchasable: true,
    });
  });

  test('makes the prices with the product, or nothing at all', async () => {
    const product = await products.create({
      name: 'Pro',
      variants: [
        monthly({ id: 'var_month' }),
        byUsage(),
        monthly({ name: 'Yearly', recurring: { interval: 'year' }, isDefault: true }),
        {
          name: 'Both',
          type: 'bundle',
          currency: 'KRW',
          unitAmount: 15000,
          recurring: { interval: 'month' },
          bundle: { priceIds: ['var_month'] },
        },
      ],
    });
    expect(product.variants.map(({ name, isDefault, order }) => [name, isDefault, order])).toEqual([
      ['Monthly', false, 0],
      ['Calls', false, 1],
      ['Yearly', true, 2],
      ['Both', false, 3],
    ]);
    for (const variant of product.variants) {
      expect(variant.productId).toBe(product.id);
      expect(await store.prices.get(variant.id)).toEqual(variant);
    }
    const before = await contents(store);
    const bad = [
      [[monthly(), monthly({ unitAmount: undefined })], 'variants[1].unitAmount'],
      [[monthly(), byUsage({ tiers: [{ upTo: 5, unitAmount: 1 }] })], 'variants[1].tiers[0].upTo'],
      [[monthly({ isDefault: true }), monthly({ isDefault: true })], 'variants[1].isDefault'],
      [[monthly(), monthly({ currency: 'XAU' })], 'variants[1].currency'],
    ];
    for (const [variants, param] of bad) {
      await expectInvalid(products.create({ id: 'prod_bad', name: 'Bad', variants }), param);
    }
    const taken = products.create({ name: 'Bad', variants: [monthly({ id: 'var_month' })] });
    await expectError(taken, ConflictError, 'price_id_taken', 'variants[0].id');
    expect(await contents(store)).toEqual(before);
  });

  test('an own id is used once, whoever comes at the same moment', async () => {
    const { won, codes } = await race(20, (index) =>
      products.create({ id: 'prod_own', name: `P${index}`, variants: [monthly()] }),
    );
    expect([won, codes]).toEqual([1, ['product_id_taken']]);
    expect(ids((await products.list()).data)).toEqual(['prod_own']);
    expect((await store.prices.list()).data).toHaveLength(1);
    const again = products.create({ id: 'prod_own', name: 'Again' });
    const error = await expectError(again, ConflictError, 'product_id_taken', 'id');
    expect(error.details).toEqual({ productId: 'prod_own' });
    expect((await products.create({ id: 'prod_OWN', name: 'Other' })).uuid).toBeNull();
  });

  test('a UUID belongs to one product, given or of the bits of its id', async () => {
    const uuid = '01939d53-5c00-7000-8000-0000000000ff';
    const first = await products.create({ id: 'prod_a', uuid: uuid.toUpperCase(), name: 'A' });
    expect(first.uuid).toBe(uuid);
    const error = await expectError(
      products.create({ uuid, name: 'B' }),
      ConflictError,
      'uuid_taken',
      'uuid',
    );
    expect(error.details).toEqual({ productId: 'prod_a' });
    const derived = await products.create({ name: 'C' });
    await expectError(
      products.create({ uuid: derived.uuid, name: 'D' }),
      ConflictError,
      'uuid_taken',
      'uuid',
    );
    await expectInvalid(products.create({ uuid: 'no', name: 'E' }), 'uuid');
    // A price is another kind of thing.
    await store.prices.create({ productId: 'prod_a', uuid, ...monthly() });
  });

  test('an idempotency key gives the first answer again', async () => {
    const params = { name: 'Pro', variants: [monthly()] };
    const options = { idempotencyKey: 'make-pro' };
    const first = await products.create(params, options);
    expect(await products.create(params, options)).toEqual(first);
    expect((await products.list()).data).toEqual([first]);
    const other = products.create({ ...params, name: 'Other' }, options);
    await expectError(other, Proyecta.IdempotencyError, 'idempotency_key_reused', 'idempotencyKey');
  });

  test.each([
    [{ name: '' }, 'name'],
    [{ name: 'x'.repeat(256) }, 'name'],
    [{ id: 'var_1' }, 'id'],
    [{ kind: 'service' }, 'kind'],
    [{ status: 'sold' }, 'status'],
    [{ stock: -1 }, 'stock'],
    [{ stock: 1.5 }, 'stock'],
    [{ stock: 2 ** 53 }, 'stock'],
    [{ trial: { interval: 'day', count: 0 } }, 'trial.count'],
    [{ trial: { interval: 'hour', count: 1 } }, 'trial.interval'],
    [{ categories: [{ id: '1' }] }, 'categories[0].name', 'parameter_missing'],
    [{ eventBadges: [{ event: 'X', startsAt: '2026-02-30' }] }, 'eventBadges[0].startsAt'],
    [
      { eventBadges: [{ event: 'X', startsAt: '2026-03-02', endsAt: '2026-03-01' }] },
      'eventBadges[0].endsAt',
    ],
    [{ countrySetting: { countryCode: 'XX' } }, 'countrySetting.countryCode'],
    [{ countrySetting: { countryCode: 'KR', taxRate: '100.1' } }, 'countrySetting.taxRate'],
    [{ countrySetting: { countryCode: 'KR', timezone: 'KST' } }, 'countrySetting.timezone'],
    [{ features: ['prod_1'] }, 'features[0]'],
    [{ features: [5] }, 'features[0]'],
    [{ features: [{ limit: 5 }] }, 'features[0].id', 'parameter_missing'],
    [{ widgets: { sale: true } }, 'widgets.sale', 'parameter_unknown'],
    [{ variants: [{ name: 'x' }] }, 'variants[0].currency', 'parameter_missing'],
    [{ variants: [monthly({ productId: 'prod_1' })] }, 'variants[0].productId', 'parameter_unknown'],
  ])('refuses %j', async (bad, param, ...[code]) => {
    await expectInvalid(products.create({ name: 'Pro', ...bad }), param, code);
    expect((await products.list({ expand: ['total'] })).total).toBe(0);
  });
});

describe('options', () => {
  const named = (product) => product.options.combinations.map(({ values, price }) => [...values, price]);

  test('combine to every pair, each with its own price and stock', async () => {
    const product = await products.create({
      name: 'Shirt',
      options: shirt([
        { values: ['L', 'Red'], price: 2000, stock: 3 },
        { values: ['Blue', 'S'], price: -500, status: 'hidden' },
      ]),
    });
    const { groups, combinations } = product.options;
    expect(groups.map(({ name, type }) => [name, type])).toEqual([
      ['Size', 'select'],
      ['Colour', 'color'],
    ]);
    expect(named(product)).toEqual([
      ['S', 'Red', 0],
      ['S', 'Blue', -500],
      ['L', 'Red', 2000],
      ['L', 'Blue', 0],
    ]);
    expect(combinations.map(({ stock }) => stock)).toEqual([null, null, 3, null]);
    expect(combinations.map(({ status }) => status)).toEqual(['sale', 'hidden', 'sale', 'sale']);
    const [size, colour] = groups;
    expect(combinations[2].optionIds).toEqual([size.values[1].id, colour.values[0].id]);
    // What came back may be given again, and changes nothing.
    expect(await products.update(product.id, { options: product.options })).toEqual(product);
  });

  test('keep the ids of values that are named again', async () => {
    const { id, options } = await products.create({ name: 'Shirt', options: shirt() });
    const [size, colour] = options.groups;
    const changed = await products.update(id, {
      options: {
        groups: [
          { name: 'Size', values: ['XL', 'L'] },
          { name: 'Colour', values: [{ id: colour.values[1].id, name: 'Navy' }] },
        ],
      },
    });
    const [newSize, newColour] = changed.options.groups;
    expect(newSize.values.map(({ name }) => name)).toEqual(['XL', 'L']);
    expect(newSize.values[1].id).toBe(size.values[1].id);
    expect(ids(size.values)).not.toContain(newSize.values[0].id);
    expect(newColour.values).toEqual([{ id: colour.values[1].id, name: 'Navy' }]);
    expect(named(changed)).toEqual([
      ['XL', 'Navy', 0],
      ['L', 'Navy', 0],
    ]);
    expect((await products.update(id, { options: null })).options).toEqual({ groups: [], combinations: [] });
  });

  test.each([
    [{ groups: [{ name: 'Size', values: [] }] }, 'options.groups[0].values'],
    [{ groups: [{ name: 'Size', values: ['S', 'S'] }] }, 'options.groups[0].values[1]'],
    [
      {
        groups: [
          { name: 'Size', values: ['S'] },
          { name: 'Size', values: ['L'] },
        ],
      },
      'options.groups[1].name',
    ],
    [{ groups: [{ name: 'Size', values: [5] }] }, 'options.groups[0].values[0]'],
    [{ groups: [{ name: 'Size', type: 'radio', values: ['S'] }] }, 'options.groups[0].type'],
    [shirt([{ values: ['S', 'Green'] }]), 'options.combinations[0].values'],
    [shirt([{ values: ['S'] }]), 'options.combinations[0].values'],
    [shirt([{ price: 5 }]), 'options.combinations[0].values'],
    [shirt([{ values: ['S', 'Red'] }, { values: ['Red', 'S'] }]), 'options.combinations[1].values'],
    [shirt([{ values: ['S', 'Red'], stock: -1 }]), 'options.combinations[0].stock'],
    [shirt([{ values: ['S', 'Red'], status: 'sold' }]), 'options.combinations[0].status'],
    [
      { groups: Array.from({ length: 4 }, (_, i) => ({ name: `G${i}`, values: [...'abcdefgh'] })) },
      'options.groups',
    ],
  ])('refuse %j', async (options, param) => {
    await expectInvalid(products.create({ name: 'Shirt', options }), param);
  });
});

describe('features', () => {
  beforeEach(async () => {
    await store.features.create({ id: 'feat_sso', name: 'SSO' });
    await store.features.create({ id: 'feat_calls', name: 'Calls', type: 'metered' });
    await store.features.create({ id: 'feat_seats', name: 'Seats', type: 'limit' });
  });

  test('are given by id, or with how much of them', async () => {
    const calls = {
      id: 'feat_calls',
      limit: 1000.5,
      reset: 'month',
      overage: 'allow',
      hardLimit: '2000',
      perEntity: true,
      rollover: true,
    };
    const { features } = await products.create({ name: 'Pro', features: ['feat_sso', calls] });
    const plain = {
      limit: null,
      reset: null,
      overage: 'deny',
      hardLimit: null,
      perEntity: false,
      rollover: false,
    };
    expect(features).toEqual([
      { id: 'feat_sso', ...plain },
      { ...calls, limit: '1000.5', hardLimit: 2000 },
    ]);
    // What came back may be given again.
    expect((await products.create({ name: 'Same', features })).features).toEqual(features);
  });

  test('must be there, once, and of a type that has what is said', async () => {
    const create = (features) => products.create({ name: 'Pro', features });
    const gone = (features, param) =>
      expectError(create(features), NotFoundError, 'feature_not_found', param);
    await gone(['feat_sso', 'feat_none'], 'features[1]');
    await gone([{ id: 'feat_none' }], 'features[0].id');
    await expectInvalid(create(['feat_sso', 'feat_sso']), 'features[1].id');
    await expectInvalid(create([{ id: 'feat_sso', limit: 5 }]), 'features[0].limit');
    await expectInvalid(create([{ id: 'feat_seats', reset: 'month' }]), 'features[0].reset');
    await expectInvalid(create([{ id: 'feat_calls', limit: 5, hardLimit: 4 }]), 'features[0].hardLimit');
    for (const limit of [-1, '0.0000001', '1e3', true, Number.MAX_SAFE_INTEGER]) {
      await expectInvalid(create([{ id: 'feat_calls', limit }]), 'features[0].limit');
    }
    expect((await products.list()).data).toEqual([]);
  });

  test('are replaced as a whole', async () => {
    const { id } = await products.create({ name: 'Pro', features: ['feat_sso', 'feat_calls'] });
    const changed = await products.update(id, { features: ['feat_seats', 'feat_sso'] });
    expect(ids(changed.features)).toEqual(['feat_seats', 'feat_sso']);
    expect((await products.update(id, { features: null })).features).toEqual([]);
  });

  test('that are archived stay where they are, and go nowhere else', async () => {
    const { id } = await products.create({ name: 'Pro', features: ['feat_sso'] });
    await store.features.archive('feat_sso');
    expect((await products.update(id, { name: 'Pro 2', features: ['feat_sso'] })).features).toHaveLength(1);
    await expectInvalid(products.create({ name: 'New', features: ['feat_sso'] }), 'features[0]');
  });
});

describe('update', () => {
  test('changes what it is given, and counts the version', async () => {
    const before = await products.create({ name: 'Pro', subtitle: 'Old', metadata: { a: '1', b: '2' } });
    const after = await products.update(before.id, {
      name: 'Pro 2',
      subtitle: null,
      stock: 7,
      metadata: { a: null, c: '3' },
    });
    expect(after).toEqual({
      ...before,
      name: 'Pro 2',
      subtitle: null,
      stock: 7,
      metadata: { b: '2', c: '3' },
      version: 2,
      updatedAt: expect.stringMatching(INSTANT),
    });
    expect(await products.get(before.id)).toEqual(after);
  });

  test('that changes nothing is no change', async () => {
    const product = await products.create({ name: 'Pro', imageUrls: ['https://example.com/a.png'] });
    expect(await products.update(product.id, { name: 'Pro' })).toEqual(product);
    expect((await allEvents(store)).map(({ type }) => type)).toEqual(['product.created']);
  });

  test('asks for the version that the caller saw', async () => {
    const { id } = await products.create({ name: 'Pro' });
    await products.update(id, { name: 'A', ifVersion: 1 });
    const late = products.update(id, { name: 'B', ifVersion: 1 });
    await expectError(late, ConflictError, 'version_conflict', 'ifVersion');
    const race20 = await race(20, (index) => products.update(id, { name: `R${index}`, ifVersion: 2 }));
    expect(race20).toEqual({ won: 1, codes: ['version_conflict'] });
    expect((await products.get(id)).version).toBe(3);
  });

  test('of a product that is not there says so', async () => {
    await missing(products.get('prod_none'));
    await missing(products.update('prod_none', { name: 'X' }));
    await missing(products.archive('prod_none'));
    await missing(products.delete('prod_none'));
  });
});

describe('archive and delete', () => {
  test('an archived product is found by its id, and in no list but the archive', async () => {
    const { id } = await products.create({ name: 'Pro', variants: [monthly()] });
    const archived = await products.archive(id);
    expect(archived).toMatchObject({ archivedAt: expect.stringMatching(INSTANT), version: 2 });
    expect(await products.archive(id)).toEqual(archived);
    expect(await products.get(id)).toEqual(archived);
    expect((await products.list()).data).toEqual([]);
    expect((await products.list({ archived: true })).data).toEqual([archived]);
    const price = store.prices.create({ productId: id, ...monthly() });
    await expectError(price, ConflictError, 'product_archived', 'productId');
  });

  test('a deleted product goes with its prices, and its id is never used again', async () => {
    const product = await products.create({ id: 'prod_x', name: 'X', variants: [monthly({ id: 'var_x' })] });
    expect(await products.delete('prod_x')).toEqual({ id: 'prod_x', object: 'product', deleted: true });
    await missing(products.get('prod_x'));
    await missing(products.delete('prod_x'));
    await expectError(store.prices.get('var_x'), NotFoundError, 'price_not_found', 'priceId');
    expect((await products.list()).data).toEqual([]);
    const again = products.create({ id: 'prod_x', name: 'X' });
    await expectError(again, ConflictError, 'product_id_taken', 'id');
    const events = await allEvents(store);
    expect(events.map(({ type, subjectId }) => [type, subjectId])).toEqual([
      ['product.created', 'prod_x'],
      ['price.created', 'var_x'],
      ['price.deleted', 'var_x'],
      ['product.deleted', 'prod_x'],
    ]);
    expect(events.at(-1).data).toEqual({ object: null, before: product });
  });

  test('a product whose price is in a bundle elsewhere stays', async () => {
    await products.create({ id: 'prod_a', name: 'A', variants: [monthly({ id: 'var_a' })] });
    const bundle = { type: 'bundle', bundle: { priceIds: ['var_a'] } };
    await products.create({ id: 'prod_b', name: 'B', variants: [monthly({ id: 'var_b', ...bundle })] });
    const error = await expectError(products.delete('prod_a'), ConflictError, 'product_in_use', 'productId');
    expect(error.details).toEqual({ priceId: 'var_a' });
    expect((await products.get('prod_a')).variants).toHaveLength(1);
    await products.delete('prod_b');
    await products.delete('prod_a');
  });
});

describe('list', () => {
  test('is newest first, and pages to the end whatever the order', async () => {
    const names = ['Delta', 'alpha', 'Charlie', 'bravo', 'Echo'];
    for (const [index, name] of names.entries())
      await products.create({ id: `prod_${index}`, name, order: 10 - index, variants: [monthly()] });
    const walk = async (params) => {
      const seen = [];
      for await (const product of products.list({ limit: 2, ...params })) {
        expect(product).toEqual(await products.get(product.id));
        seen.push(product.name);
      }
      return seen;
    };
    expect(await walk({})).toEqual([...names].reverse());
    expect(await walk({ sort: 'created' })).toEqual(names);
    const sorted = ['alpha', 'bravo', 'Charlie', 'Delta', 'Echo'];
    expect(await walk({ sort: 'name' })).toEqual(sorted);
    expect(await walk({ sort: '-name' })).toEqual([...sorted].reverse());
    expect(await walk({ sort: 'order' })).toEqual([...names].reverse());
    expect(await walk({ sort: '-order' })).toEqual(names);
    const page = await products.list({ limit: 2, expand: ['total'] });
    expect([page.total, page.hasMore]).toEqual([5, true]);
    const other = products.list({ limit: 2, sort: 'name', cursor: page.nextCursor });
    await expectInvalid(other, 'cursor', 'cursor_invalid');
    await expectInvalid(products.list({ sort: 'price' }), 'sort');
  });

  test('filters by kind, status, and a part of the name or the beginning of an id', async () => {
    await products.create({ id: 'prod_pro', name: '프로 요금제', kind: 'software' });
    await products.create({ id: 'prod_box', name: 'Gift_Box 100%', kind: 'box', status: 'unsold' });
    const found = async (params) => ids((await products.list(params)).data);
    expect(await found({ kind: 'box' })).toEqual(['prod_box']);
    expect(await found({ status: 'SALE' })).toEqual(['prod_pro']);
    expect(await found({ query: '요금' })).toEqual(['prod_pro']);
    expect(await found({ query: 'GIFT_' })).toEqual(['prod_box']);
    expect(await found({ query: '100%' })).toEqual(['prod_box']);
    expect(await found({ query: '%' })).toEqual(['prod_box']);
    expect(await found({ query: 'prod_p' })).toEqual(['prod_pro']);
    expect(await found({ query: 'nothing' })).toEqual([]);
    expect((await products.list({ query: '요금', expand: ['total'] })).total).toBe(1);
  });
});

test('every change is an event with what it was before', async () => {
  const created = await products.create({ name: 'Pro', variants: [monthly()] });
  const updated = await products.update(created.id, { name: 'Pro 2' });
  await products.archive(created.id);
  const events = (await allEvents(store)).filter(({ subjectId }) => subjectId === created.id);
  expect(events.map(({ type, subjectVersion }) => [type, subjectVersion])).toEqual([
    ['product.created', 1],
    ['product.updated', 2],
    ['product.updated', 3],
  ]);
  expect(events.map(({ data }) => data.before)).toEqual([null, { name: 'Pro' }, { archivedAt: null }]);
  expect([events[0].data.object, events[1].data.object]).toEqual([created, updated]);
});
