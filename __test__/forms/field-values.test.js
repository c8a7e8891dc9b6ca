// Values of custom fields: each type takes its own, on create and on update.
const { countCustomers, expectInvalid, openStore } = require('../support/store.js');

const store = openStore();
const { customers, customFields } = store;

const FIELDS = {
  text: {},
  email: {},
  password: {},
  phone: {},
  checkbox: {},
  boxes: { type: 'checkbox', choices: ['red', 'green', '파랑'] },
  dropdown: { choices: ['Basic', '프로'] },
  calendar: {},
  number: {},
  comment: {},
};

beforeAll(async () => {
  for (const [key, { type = key, choices }] of Object.entries(FIELDS)) {
    await customFields.create({ key, type, label: key, choices, required: type !== 'comment' });
  }
});

let made = 0;
const freshEmail = () => `value${made++}@example.com`;

const GOOD = [
  ['text', 'demo text'],
  ['text', ''],
  ['text', '"quoted"'],
  ['text', '김철수 😀\n"\\'],
  ['text', '5'],
  ['text', 'x'.repeat(5000)],
  ['email', 'jane@example.com'],
  ['email', '한글@도메인.한국'],
  ['phone', '010-1234-5678'],
  ['phone', '+14155552671'],
  ['checkbox', true],
  ['checkbox', false],
  ['boxes', []],
  ['boxes', ['red']],
  ['boxes', ['파랑', 'red', 'green']],
  ['dropdown', 'Basic'],
  ['dropdown', '프로'],
  ['calendar', '2026-03-01'],
  ['calendar', '2024-02-29'],
  ['calendar', '1984-12-31'],
  ['number', 0],
  ['number', -5],
  ['number', 5.25],
  ['number', 1e21],
  ['number', Number.MAX_SAFE_INTEGER],
  ['number', Number.MIN_VALUE],
];

test.each(GOOD)('a field of type %s takes %j and gives it back', async (key, value) => {
  const created = await customers.create({ email: freshEmail(), attributes: { [key]: value } });
  expect(created.attributes).toEqual({ [key]: value });
  expect((await customers.get(created.id)).attributes).toEqual({ [key]: value });
  const { id } = await customers.create({ email: freshEmail() });
  expect((await customers.update(id, { attributes: { [key]: value } })).attributes).toEqual({ [key]: value });
  expect((await customers.update(id, { attributes: { [key]: null } })).attributes).toEqual({});
});

test('a number keeps its value whatever its size', async () => {
  for (const value of [-0, 0.1, 1 / 3, 1e-7, 2 ** 53, 2 ** 63, 1.7976931348623157e308]) {
    const { attributes } = await customers.create({ email: freshEmail(), attributes: { number: value } });
    expect(attributes.number === value).toBe(true);
  }
});

const BAD = [
  ['text', 5],
  ['text', true],
  ['text', ['a']],
  ['text', { a: 'b' }],
  ['text', 'x'.repeat(5001)],
  ['text', 'a\0b'],
  ['email', 'jane'],
  ['email', ''],
  ['email', 5],
  ['phone', '12'],
  ['phone', ''],
  ['phone', 1012345678],
  ['checkbox', 'true'],
  ['checkbox', 1],
  ['checkbox', []],
  ['checkbox', ['red']],
  ['boxes', true],
  ['boxes', 'red'],
  ['dropdown', 'Other'],
  ['dropdown', 'basic'],
  ['dropdown', ''],
  ['dropdown', ['Basic']],
  ['calendar', '03/01/2026'],
  ['calendar', '2026-3-1'],
  ['calendar', '2026-02-29'],
  ['calendar', '20260301'],
  ['calendar', '2026-03-01T00:00:00Z'],
  ['calendar', 20260301],
  ['calendar', ''],
  ['number', '5'],
  ['number', ''],
  ['number', true],
  ['number', [5]],
  ['comment', 'anything'],
  ['comment', ''],
  ['comment', true],
  ['password', 'short'],
  ['password', '1234567'],
  ['password', 12345678],
  ['password', ''],
  ['password', 'p'.repeat(257)],
];

test.each(BAD)('a field of type %s does not take %j', async (key, value) => {
  const email = freshEmail();
  const param = `attributes.${key}`;
  const before = await countCustomers(store);
  const error = await expectInvalid(customers.create({ email, attributes: { [key]: value } }), param);
  if (key !== 'checkbox' && value.length > 3) expect(error.message).not.toContain(value);
  expect(await countCustomers(store)).toBe(before);
  const { id } = await customers.create({ email, attributes: { text: 'stays' } });
  await expectInvalid(customers.update(id, { name: 'New', attributes: { text: 'x', [key]: value } }), param);
  expect(await customers.get(id)).toMatchObject({ name: null, attributes: { text: 'stays' }, version: 1 });
});

test('one choice of a list that does not exist, or comes twice, is named by its place', async () => {
  const create = (boxes) => customers.create({ email: freshEmail(), attributes: { boxes } });
  await expectInvalid(create(['red', 'black']), 'attributes.boxes[1]');
  await expectInvalid(create(['red', 'red']), 'attributes.boxes[1]');
  await expectInvalid(create([5]), 'attributes.boxes[0]');
});

test('a value of a wrong JavaScript type is refused, not turned into something', async () => {
  const create = (number) => customers.create({ email: freshEmail(), attributes: { number } });
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 5n, Symbol('5'), () => 5]) {
    await expectInvalid(create(value), 'attributes.number');
  }
});

test('a date is kept as its text', async () => {
  const when = new Date('2026-03-01T09:00:00Z');
  const { attributes } = await customers.create({ email: freshEmail(), attributes: { text: when } });
  expect(attributes.text).toBe('2026-03-01T09:00:00.000Z');
});

test('a key that no field defines is kept as text', async () => {
  const given = { plain: 'demo text', five: 5, yes: true, list: ['a', 1], object: { a: { b: [null] } } };
  const { attributes } = await customers.create({ email: freshEmail(), attributes: given });
  expect(attributes).toEqual({
    plain: 'demo text',
    five: '5',
    yes: 'true',
    list: '["a",1]',
    object: '{"a":{"b":[null]}}',
  });
});

test('a text that looks like an escaped NUL is a text like any other', async () => {
  const given = { text: '\\u0000', deep: ['\\u0000', { key: 'C:\\u0000' }] };
  const { attributes } = await customers.create({ email: freshEmail(), attributes: given });
  expect(attributes.text).toBe(given.text);
  expect(JSON.parse(attributes.deep)).toEqual(given.deep);
});

test('a field that is switched off still checks its values', async () => {
  await customFields.create({ key: 'off', type: 'number', label: 'Off', enabled: false });
  const { attributes } = await customers.create({ email: freshEmail(), attributes: { off: 5 } });
  expect(attributes).toEqual({ off: 5 });
  await expectInvalid(customers.create({ email: freshEmail(), attributes: { off: 'x' } }), 'attributes.off');
});

test('what a form requires does not bind customers.create', async () => {
  const { data } = await customFields.list({ limit: 100 });
  expect(data.some(({ required }) => required)).toBe(true);
  const { id } = await customers.create({ email: freshEmail() });
  const set = await customers.update(id, { attributes: { text: 'x' } });
  expect(set.attributes).toEqual({ text: 'x' });
  expect((await customers.update(id, { attributes: { text: null } })).attributes).toEqual({});
});

test('new choices bind new values only', async () => {
  await customFields.create({ key: 'color', type: 'dropdown', label: 'Color', choices: ['red', 'blue'] });
  const { id } = await customers.create({ email: freshEmail(), attributes: { color: 'red' } });
  await customFields.update('color', { choices: ['green'] });
  expect((await customers.get(id)).attributes).toEqual({ color: 'red' });
  expect(await customers.update(id, { name: 'New name' })).toMatchObject({ attributes: { color: 'red' } });
  await expectInvalid(customers.update(id, { attributes: { color: 'blue' } }), 'attributes.color');
  expect((await customers.update(id, { attributes: { color: 'green' } })).attributes).toEqual({
    color: 'green',
  });
});

test('there are at most 50 attributes, after an update too', async () => {
  const many = (count) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));
  const { id } = await customers.create({ email: freshEmail(), attributes: many(50) });
  await expectInvalid(customers.create({ email: freshEmail(), attributes: many(51) }), 'attributes');
  await expectInvalid(customers.update(id, { attributes: { more: 'v' } }), 'attributes');
  expect(Object.keys((await customers.get(id)).attributes)).toHaveLength(50);
});
