// `commerce.features`: what a product gives to those who pay for it.
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
let features;
beforeEach(() => {
  store = openStore();
  features = store.features;
});
afterEach(closeStores);

test('a name is enough', async () => {
  const feature = await features.create({ name: 'Single sign-on' });
  expect(feature).toEqual({
    id: expect.stringMatching(/^feat_[0-9a-hjkmnp-tv-z]{26}$/),
    object: 'feature',
    name: 'Single sign-on',
    description: null,
    type: 'boolean',
    unit: null,
    metadata: {},
    version: 1,
    createdAt: expect.stringMatching(INSTANT),
    updatedAt: feature.createdAt,
    archivedAt: null,
  });
  expect(await features.get(feature.id)).toEqual(feature);
  const all = { id: 'feat_api', description: 'Calls.', type: 'METERED', unit: 'calls', metadata: { a: 'b' } };
  expect(await features.create({ name: 'API', ...all })).toMatchObject({ ...all, type: 'metered' });
});

test.each([
  [{}, 'name', 'parameter_missing'],
  [{ name: ' ' }, 'name'],
  [{ name: 'X', id: 'prod_x' }, 'id'],
  [{ name: 'X', type: 'counter' }, 'type'],
  [{ name: 'X', unit: 'u'.repeat(101) }, 'unit'],
])('refuses %j', async (params, param, ...[code]) => {
  await expectInvalid(features.create(params), param, code);
});

test('an own id is used once, and never again', async () => {
  const { won, codes } = await race(20, () => features.create({ id: 'feat_sso', name: 'SSO' }));
  expect([won, codes]).toEqual([1, ['feature_id_taken']]);
  await features.delete('feat_sso');
  const again = features.create({ id: 'feat_sso', name: 'SSO' });
  await expectError(again, ConflictError, 'feature_id_taken', 'id');
  for (const call of [features.get, features.delete, features.archive, (id) => features.update(id, {})]) {
    await expectError(call('feat_sso'), NotFoundError, 'feature_not_found', 'featureId');
  }
});

test('everything but id and type may change', async () => {
  const before = await features.create({ id: 'feat_a', name: 'A', unit: 'calls', metadata: { a: '1' } });
  const after = await features.update('feat_a', {
    name: 'B',
    unit: null,
    metadata: { b: '2' },
    ifVersion: 1,
  });
  expect(after).toEqual({
    ...before,
    name: 'B',
    unit: null,
    metadata: { a: '1', b: '2' },
    version: 2,
    updatedAt: expect.any(String),
  });
  expect(await features.update('feat_a', { name: 'B' })).toEqual(after);
  await expectInvalid(features.update('feat_a', { type: 'limit' }), 'type', 'parameter_unknown');
  const late = features.update('feat_a', { name: 'C', ifVersion: 1 });
  await expectError(late, ConflictError, 'version_conflict', 'ifVersion');
});

test('a feature that a product gives cannot be deleted', async () => {
  await features.create({ id: 'feat_a', name: 'A' });
  const { id } = await store.products.create({ id: 'prod_a', name: 'A', features: ['feat_a'] });
  const error = await expectError(features.delete('feat_a'), ConflictError, 'feature_in_use', 'featureId');
  expect([error.details, error.message]).toEqual([{ productId: id }, expect.stringContaining(id)]);
  await store.products.update(id, { features: [] });
  expect(await features.delete('feat_a')).toEqual({ id: 'feat_a', object: 'feature', deleted: true });
});

test('a product and a deletion at the same moment: the product has no feature that is gone', async () => {
  for (let round = 0; round < 10; round++) {
    const feature = `feat_${round}`;
    await features.create({ id: feature, name: 'F' });
    const [made, deleted] = await Promise.allSettled([
      store.products.create({ name: 'P', features: [feature] }),
      features.delete(feature),
    ]);
    expect([made.status, deleted.status].sort()).toEqual(['fulfilled', 'rejected']);
  }
});

test('lists are newest first, with filters and pages', async () => {
  await features.create({ id: 'feat_1', name: '단일 로그인' });
  await features.create({ id: 'feat_2', name: 'API calls', type: 'metered' });
  await features.create({ id: 'feat_3', name: 'Seats', type: 'limit' });
  const found = async (params) => ids(await features.list(params).toArray({ limit: 100 }));
  expect(await found({ limit: 1 })).toEqual(['feat_3', 'feat_2', 'feat_1']);
  expect(await found({ query: '로그' })).toEqual(['feat_1']);
  expect(await found({ query: 'CALL' })).toEqual(['feat_2']);
  expect(await found({ type: 'limit' })).toEqual(['feat_3']);
  const archived = await features.archive('feat_2');
  expect(archived.archivedAt).toMatch(INSTANT);
  expect(await found({})).toEqual(['feat_3', 'feat_1']);
  expect(await found({ archived: true })).toEqual(['feat_2']);
});

test('every change is an event', async () => {
  await features.create({ id: 'feat_a', name: 'A' });
  await features.update('feat_a', { name: 'B' });
  await features.archive('feat_a');
  await features.delete('feat_a');
  const events = await allEvents(store);
  expect(events.map(({ type, subjectVersion }) => [type, subjectVersion])).toEqual([
    ['feature.created', 1],
    ['feature.updated', 2],
    ['feature.updated', 3],
    ['feature.deleted', 4],
  ]);
  expect(events[1].data.before).toEqual({ name: 'A' });
});
