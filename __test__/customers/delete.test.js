// `customers.delete` erases the person, keeps the mark, and gives the id to nobody else.
const { join } = require('node:path');
const {
  allEvents,
  closeStores,
  contentsOf,
  countCustomers,
  expectError,
  openStore,
  Proyecta,
} = require('../support/store.js');
const { newFolder } = require('../support/folder.js');

const { ConflictError, IdempotencyError, NotFoundError } = Proyecta;
let store;
let customers;
beforeEach(() => {
  store = openStore();
  customers = store.customers;
});
afterEach(closeStores);

const PERSON = {
  email: 'Hidden.Person@secret-domain.com',
  name: '홍길동전 Zyxwvut',
  phone: '010-9876-5432',
  address: { line1: 'Quillstreet 77', city: 'Wexcity', postal_code: '98431' },
  key: 'hidden-key-1',
  username: 'hidden-username',
  attributes: { hobby: 'hidden-hobby' },
  metadata: { note: 'hidden-note' },
  additionalRecipients: ['hidden.boss@secret-domain.com'],
  shipping: { name: 'Hidden Receiver', phone: '+14155552671' },
};

/** Every text of a person that nobody may find afterwards, in the forms it is stored in. */
const TEXTS = [
  PERSON.email,
  PERSON.email.toLowerCase(),
  PERSON.name,
  '홍길동전',
  'zyxwvut',
  PERSON.phone,
  '+821098765432',
  '+14155552671',
  'Quillstreet',
  'Wexcity',
  '98431',
  'hidden-key-1',
  'hidden-username',
  'hidden-hobby',
  'hidden-note',
  'hidden.boss',
  'Hidden Receiver',
];

test('answers what is left, in both call styles', async () => {
  const first = await customers.create({ email: 'a@example.com' });
  const second = await customers.create({ email: 'b@example.com' });
  expect(await customers.delete(first.id)).toEqual({ id: first.id, object: 'customer', deleted: true });
  expect(await customers.delete({ customerId: second.id })).toMatchObject({ id: second.id, deleted: true });
  expect(await countCustomers(store)).toBe(0);
});

test('every later call about the customer says that it was deleted', async () => {
  const { id } = await customers.create(PERSON);
  await customers.delete(id);
  const calls = [
    () => customers.get(id),
    () => customers.update(id, { name: 'New' }),
    () => customers.recordLogin(id),
    () => customers.verifyPassword(id, { password: 'correct horse' }),
    () => customers.delete(id),
  ];
  for (const call of calls) {
    const error = await expectError(call, NotFoundError, 'customer_deleted', 'customerId');
    expect(error).toMatchObject({ statusCode: 404 });
    for (const text of TEXTS) expect(error.message).not.toContain(text);
  }
  await expectError(customers.get({ key: PERSON.key }), NotFoundError, 'customer_not_found', 'key');
});

test('lists, searches and counts show the customer no longer', async () => {
  const { id } = await customers.create(PERSON);
  await customers.create({ email: 'other@example.com' });
  await customers.delete(id);
  for (const query of ['홍길', 'zyxwvut', 'hidden', 'secret-domain', id, id.slice(0, 12), 'h']) {
    const found = await customers.list({ query, expand: ['total'] });
    expect(found.data.map((row) => row.id)).not.toContain(id);
    expect(found.total).toBe(found.data.length);
  }
  expect((await customers.list({ email: PERSON.email, expand: ['total'] })).total).toBe(0);
  expect((await customers.list({ expand: ['total'] })).total).toBe(1);
});

test('events keep their place and lose the person', async () => {
  const { id } = await customers.create(PERSON);
  await customers.update(id, { name: 'Hidden Receiver', email: 'hidden.boss@secret-domain.com' });
  await customers.recordLogin(id);
  await customers.create({ email: 'other@example.com', name: 'Other' });
  const before = await allEvents(store);
  await customers.delete(id);
  const after = await allEvents(store);
  expect(after.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  expect(after.map(({ type }) => type)).toEqual([
    'customer.created',
    'customer.updated',
    'customer.updated',
    'customer.created',
    'customer.deleted',
  ]);
  for (const [index, event] of after.slice(0, 4).entries()) {
    const { data, ...rest } = event;
    expect(rest).toEqual({ ...before[index], data: undefined });
    if (event.subjectId === id) expect(data).toEqual({ object: null, before: null });
    else expect(data).toEqual(before[index].data);
  }
  expect(after[4]).toMatchObject({ subjectId: id, subjectVersion: 4 });
  const text = JSON.stringify(after);
  for (const hidden of TEXTS) expect(text).not.toContain(hidden);
});

test('an idempotency key does not bring the first answer back', async () => {
  const { id } = await customers.create(PERSON, { idempotencyKey: 'sign-up' });
  await customers.update(id, { name: PERSON.name, phone: '+14155552671' }, { idempotencyKey: 'change' });
  await customers.create({ ...PERSON, name: 'Hidden Receiver' }, { idempotencyKey: 'sign-up again' });
  await customers.recordLogin(id, { idempotencyKey: 'login' });
  await customers.delete(id);
  for (const call of [
    () => customers.create(PERSON, { idempotencyKey: 'sign-up' }),
    () => customers.create({ ...PERSON, name: 'Hidden Receiver' }, { idempotencyKey: 'sign-up again' }),
    () => customers.recordLogin(id, { idempotencyKey: 'login' }),
    () => customers.update(id, { name: PERSON.name, phone: '+14155552671' }, { idempotencyKey: 'change' }),
  ]) {
    const error = await expectError(call, IdempotencyError, 'idempotency_answer_erased', 'idempotencyKey');
    for (const text of TEXTS) expect(JSON.stringify(error)).not.toContain(text);
  }
});

test('a repeat of the deletion with its idempotency key gets the first answer', async () => {
  const { id } = await customers.create(PERSON);
  const first = await customers.delete(id, { idempotencyKey: 'erase' });
  expect(await customers.delete(id, { idempotencyKey: 'erase' })).toEqual(first);
  expect(await allEvents(store)).toHaveLength(2);
});

test('the id is never used again, with the old e-mail address or a new one', async () => {
  await customers.create({ ...PERSON, id: 'cus_gone' });
  await customers.delete('cus_gone');
  for (const email of [PERSON.email, 'new@example.com']) {
    const create = customers.create({ id: 'cus_gone', email });
    const error = await expectError(create, ConflictError, 'customer_id_used', 'id');
    expect(error.message).toContain('cus_gone');
  }
  expect(await countCustomers(store)).toBe(0);
});

test('e-mail address, key and user name are free for a new customer, who inherits nothing', async () => {
  const { id } = await customers.create(PERSON);
  await customers.delete(id);
  const { email, key, username } = PERSON;
  const fresh = await customers.create({ email, key, username });
  expect(fresh.id).not.toBe(id);
  expect(fresh).toMatchObject({ name: null, phone: null, metadata: {}, attributes: {}, version: 1 });
  expect(await customers.get({ key })).toEqual(fresh);
});

test('ifVersion protects from deleting what has changed', async () => {
  const { id } = await customers.create(PERSON);
  await customers.update(id, { name: 'New' });
  const late = customers.delete(id, { ifVersion: 1 });
  await expectError(late, ConflictError, 'version_conflict', 'ifVersion');
  expect((await customers.get(id)).name).toBe('New');
  expect(await customers.delete(id, { ifVersion: 2 })).toMatchObject({ deleted: true });
});

test('of many deletions at once exactly one deletes', async () => {
  const { id } = await customers.create(PERSON);
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => customers.delete(id)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const { reason } of outcomes) if (reason) expect(reason.code).toBe('customer_deleted');
  expect((await allEvents(store)).map(({ type }) => type)).toEqual(['customer.created', 'customer.deleted']);
});

test('a customer that does not exist cannot be deleted', async () => {
  const nobody = customers.delete('cus_nobody');
  await expectError(nobody, NotFoundError, 'customer_not_found', 'customerId');
});

describe('in the database itself', () => {
  const inBytes = (text) => Buffer.from(text).toString('latin1');

  async function write(file, deleteIt) {
    const { proyecta, customers, customFields, signupForm } = openStore({ database: file });
    await customFields.create({ key: 'pin', type: 'password', label: 'Pin' });
    const { additionalRecipients, shipping, key, username, ...form } = PERSON;
    const { id } = await signupForm.submit({
      ...form,
      password: 'hidden password 1',
      attributes: { ...form.attributes, pin: 'hidden password 2' },
    });
    const rest = { additionalRecipients, shipping, key, username };
    await customers.update(id, rest, { idempotencyKey: 'rest' });
    await customers.update(id, { name: 'Former Nameholder' });
    await customers.update(id, { name: PERSON.name });
    await customers.create({ email: 'other@example.com', name: 'Other Person' });
    if (deleteIt) await customers.delete(id);
    await proyecta.close();
    return contentsOf(file);
  }

  test('a customer can be read as long as it is there, but never a password', async () => {
    const bytes = await write(join(newFolder(), 'there.db'), false);
    for (const text of TEXTS) expect([text, bytes.includes(inBytes(text))]).toEqual([text, true]);
    expect(bytes).not.toContain('hidden password');
    expect(bytes.match(/\$argon2id\$/g).length).toBeGreaterThanOrEqual(2);
  });

  test('nothing of a deleted one is left', async () => {
    const bytes = await write(join(newFolder(), 'gone.db'), true);
    expect(bytes).toContain('Other Person');
    const left = [...TEXTS, 'Former Nameholder', 'hidden password', '$argon2id$'];
    expect(left.filter((text) => bytes.includes(inBytes(text)))).toEqual([]);
  });
});
