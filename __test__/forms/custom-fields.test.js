// `commerce.customFields`: what a merchant asks of customers beyond the basics.
const {
  closeStores,
  contents,
  expectError,
  expectInvalid,
  openStore,
  Proyecta,
} = require('../support/store.js');

const { ConflictError, NotFoundError } = Proyecta;
let store;
let customFields;
beforeEach(() => {
  store = openStore();
  customFields = store.customFields;
});
afterEach(closeStores);

const TYPES = ['text', 'email', 'password', 'phone', 'checkbox', 'dropdown', 'calendar', 'number', 'comment'];
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const keysOf = (fields) => fields.map(({ key }) => key);

test('a type and a label are enough', async () => {
  const field = await customFields.create({ type: 'text', label: 'Company' });
  expect(field).toEqual({
    id: expect.stringMatching(/^fld_[0-9a-hjkmnp-tv-z]{26}$/),
    object: 'custom_field',
    key: expect.stringMatching(/^[0-9a-z]{11}$/),
    type: 'text',
    label: 'Company',
    required: false,
    enabled: true,
    order: expect.any(Number),
    choices: [],
    metadata: {},
    version: 1,
    createdAt: expect.stringMatching(INSTANT),
    updatedAt: field.createdAt,
  });
  expect((await customFields.list()).data).toEqual([field]);
});

test('everything that is given comes back', async () => {
  const given = {
    key: 'plan-A_1',
    type: 'dropdown',
    label: '요금제',
    required: true,
    enabled: false,
    order: 7,
    choices: ['Basic', '프로', 'Team'],
  };
  expect(await customFields.create(given)).toMatchObject(given);
});

test.each(TYPES)('there is the type %s, in lower and upper case', async (type) => {
  const choices = type === 'dropdown' ? ['a'] : undefined;
  expect((await customFields.create({ type, label: 'L', choices })).type).toBe(type);
  expect((await customFields.create({ type: type.toUpperCase(), label: 'L', choices })).type).toBe(type);
});

test.each(['', 'string', 'TEXTS', 'text ', 'select', 5, null, ['text'], {}])(
  'there is no type %p',
  async (type) => {
    await expectInvalid(customFields.create({ type, label: 'L' }), 'type');
    expect((await customFields.list()).data).toEqual([]);
  },
);

test('type and label are required, and the label is a text of at most 100 characters', async () => {
  await expectInvalid(customFields.create({ label: 'L' }), 'type', 'parameter_missing');
  await expectInvalid(customFields.create({ type: 'text' }), 'label', 'parameter_missing');
  await expectInvalid(customFields.create({ type: 'text', label: '' }), 'label');
  await expectInvalid(customFields.create({ type: 'text', label: 'L'.repeat(101) }), 'label');
  expect((await customFields.create({ type: 'text', label: '가'.repeat(100) })).label).toHaveLength(100);
});

test('generated keys differ', async () => {
  const made = await Promise.all(
    Array.from({ length: 50 }, () => customFields.create({ type: 'text', label: 'L' })),
  );
  expect(new Set(keysOf(made)).size).toBe(50);
});

test('a key belongs to one field: a second one is a conflict', async () => {
  const first = await customFields.create({ key: 'plan', type: 'text', label: 'Plan' });
  const again = customFields.create({ key: 'plan', type: 'number', label: 'Plan' });
  const error = await expectError(again, ConflictError, 'custom_field_key_taken', 'key');
  expect(error.details).toEqual({ customFieldId: first.id });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, () => customFields.create({ key: 'race', type: 'text', label: 'R' })),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(keysOf((await customFields.list()).data).sort()).toEqual(['plan', 'race']);
});

test('no key looks like the id of a field, by which fields are found too', async () => {
  const { id } = await customFields.create({ type: 'text', label: 'First' });
  await expectInvalid(customFields.create({ key: id, type: 'text', label: 'Second' }), 'key');
  expect((await customFields.list()).data).toHaveLength(1);
});

test.each(['', ' ', 'k'.repeat(41), '__proto__', 'constructor', 'prototype', 'a\0b', 5])(
  '%p is no key',
  async (key) => {
    await expectInvalid(customFields.create({ key, type: 'text', label: 'L' }), 'key');
    expect((await customFields.list()).data).toEqual([]);
  },
);

describe('choices', () => {
  test('are what a dropdown needs and a checkbox may have', async () => {
    await expectInvalid(customFields.create({ type: 'dropdown', label: 'L' }), 'choices');
    await expectInvalid(customFields.create({ type: 'dropdown', label: 'L', choices: [] }), 'choices');
    expect((await customFields.create({ type: 'checkbox', label: 'L' })).choices).toEqual([]);
    expect(
      (await customFields.create({ type: 'checkbox', label: 'L', choices: ['a', 'b'] })).choices,
    ).toEqual(['a', 'b']);
  });

  test.each(TYPES.filter((type) => type !== 'dropdown' && type !== 'checkbox'))(
    'do not belong to %s',
    async (type) => {
      await expectInvalid(customFields.create({ type, label: 'L', choices: ['a'] }), 'choices');
      expect((await customFields.create({ type, label: 'L', choices: [] })).choices).toEqual([]);
    },
  );

  test('are different texts that say something', async () => {
    const create = (choices) => customFields.create({ type: 'dropdown', label: 'L', choices });
    await expectInvalid(create(['a', 'b', 'a']), 'choices[2]');
    await expectInvalid(create(['a', '']), 'choices[1]');
    await expectInvalid(create(['a', 5]), 'choices[1]');
    await expectInvalid(create([null]), 'choices[0]');
    await expectInvalid(create('a'), 'choices');
    await expectInvalid(create({ 0: 'a' }), 'choices');
    expect((await customFields.list()).data).toEqual([]);
  });
});

test('a comment cannot be required', async () => {
  const comment = { key: 'note', type: 'comment', label: 'Please read this' };
  await expectInvalid(customFields.create({ ...comment, required: true }), 'required');
  await customFields.create(comment);
  await expectInvalid(customFields.update('note', { required: true }), 'required');
});

test('fields are listed in their order, a new one last, page by page', async () => {
  const orders = { c: 20, a: 5, b: 5, d: 40 };
  for (const [key, order] of Object.entries(orders)) {
    await customFields.create({ key, type: 'text', label: key, order });
  }
  await customFields.create({ key: 'last', type: 'text', label: 'last' });
  const expected = ['a', 'b', 'c', 'd', 'last'];
  expect(keysOf((await customFields.list()).data)).toEqual(expected);
  for (const limit of [1, 2, '3', 5, 100]) {
    expect(keysOf(await customFields.list({ limit }).toArray({ limit: 100 }))).toEqual(expected);
  }
  await customFields.update('d', { order: 0 });
  expect(keysOf((await customFields.list()).data)).toEqual(['d', 'a', 'b', 'c', 'last']);
  const { nextCursor } = await customFields.list({ limit: 2 });
  await customFields.delete('a');
  expect(keysOf((await customFields.list({ cursor: nextCursor })).data)).toEqual(['b', 'c', 'last']);
});

test('20 fields are on a page by default', async () => {
  for (let index = 0; index < 21; index++) await customFields.create({ type: 'text', label: `L${index}` });
  const page = await customFields.list();
  expect(page.data.map(({ label }) => label)).toEqual(Array.from({ length: 20 }, (_, index) => `L${index}`));
  expect(page.hasMore).toBe(true);
});

test.each([-1, 1.5, '5', true, 1e9])('%p is no place in the order', async (order) => {
  await expectInvalid(customFields.create({ type: 'text', label: 'L', order }), 'order');
});

describe('an update', () => {
  beforeEach(() =>
    customFields.create({ key: 'plan', type: 'dropdown', label: 'Plan', choices: ['a', 'b'] }),
  );

  test('changes what it is given, by key or id, in both call styles', async () => {
    const first = await customFields.update('plan', { label: 'New plan' });
    expect(first).toMatchObject({ key: 'plan', label: 'New plan', choices: ['a', 'b'], version: 2 });
    const second = await customFields.update({ key: 'plan', required: true, enabled: false, order: 3 });
    expect(second).toMatchObject({ label: 'New plan', required: true, enabled: false, order: 3, version: 3 });
    const third = await customFields.update(first.id, { choices: ['c'] });
    expect(third).toMatchObject({ choices: ['c'], version: 4 });
    expect((await customFields.list()).data).toEqual([third]);
  });

  test('of nothing changes nothing', async () => {
    const [field] = (await customFields.list()).data;
    expect(await customFields.update('plan', {})).toEqual(field);
    expect(await customFields.update('plan', { label: 'Plan', choices: ['a', 'b'] })).toEqual(field);
  });

  test('leaves key and type alone', async () => {
    await expectInvalid(customFields.update('plan', { type: 'text' }), 'type', 'parameter_unknown');
    await expectInvalid(customFields.update('plan', { key: 'other' }), 'key');
    await expectInvalid(customFields.update('plan', { choices: [] }), 'choices');
    await expectInvalid(customFields.update('plan', { label: null }), 'label');
  });

  test('with ifVersion goes through only on that version', async () => {
    await customFields.update('plan', { label: 'A', ifVersion: 1 });
    const late = customFields.update('plan', { label: 'B', ifVersion: 1 });
    await expectError(late, ConflictError, 'version_conflict', 'ifVersion');
    const gone = customFields.delete('plan', { ifVersion: 1 });
    await expectError(gone, ConflictError, 'version_conflict', 'ifVersion');
    expect((await customFields.list()).data[0].label).toBe('A');
  });

  test('of a field that does not exist is not found', async () => {
    const before = await contents(store);
    for (const key of ['none', 'PLAN', 'fld_none']) {
      const update = customFields.update(key, { label: 'A' });
      await expectError(update, NotFoundError, 'custom_field_not_found', 'key');
      await expectError(customFields.delete(key), NotFoundError, 'custom_field_not_found', 'key');
    }
    expect(await contents(store)).toEqual(before);
  });
});

describe('a deletion', () => {
  test('answers what is left, by key or id, and frees the key', async () => {
    const field = await customFields.create({ key: 'plan', type: 'text', label: 'Plan' });
    const answer = { id: field.id, object: 'custom_field', key: 'plan', deleted: true };
    expect(await customFields.delete('plan')).toEqual(answer);
    expect((await customFields.list()).data).toEqual([]);
    const again = await customFields.create({ key: 'plan', type: 'number', label: 'Plan' });
    expect(again.id).not.toBe(field.id);
    expect(await customFields.delete({ key: again.id })).toMatchObject({ id: again.id, key: 'plan' });
  });

  test('leaves the values of customers, which count as text from then on', async () => {
    const { customers } = store;
    await customFields.create({ key: 'size', type: 'number', label: 'Size' });
    const { id } = await customers.create({ email: 'a@example.com', attributes: { size: 5 } });
    await customFields.delete('size');
    expect((await customers.get(id)).attributes).toEqual({ size: 5 });
    expect((await customers.update(id, { attributes: { size: 'large' } })).attributes).toEqual({
      size: 'large',
    });
  });
});
