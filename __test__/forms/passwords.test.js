// Passwords: stored as argon2id hashes only, never shown, checked by `verifyPassword`.
const { join } = require('node:path');
const {
  allEvents,
  contentsOf,

  expectError,
  expectInvalid,
  openStore,
  Proyecta,
} = require('../support/store.js');
const { newFolder } = require('../support/folder.js');

const FORM = '폼 password 1';
const PIN = 'pin password 2';
const file = join(newFolder(), 'passwords.db');
const store = openStore({ database: file });
const { customers, customFields, signupForm } = store;
let customer;

beforeAll(async () => {
  await customFields.create({ key: 'pin', type: 'PASSWORD', label: 'Pin' });
  await customFields.create({ key: 'plain', type: 'text', label: 'Plain' });
  customer = await signupForm.submit({
    email: 'jane@example.com',
    name: 'Jane',
    password: FORM,
    attributes: { pin: PIN, plain: 'shown' },
  });
});

const verify = async (password, field, id = customer.id) =>
  (await customers.verifyPassword(id, { password, field })).valid;

test('the password of the form is checked, in both call styles', async () => {
  expect(await customers.verifyPassword(customer.id, { password: FORM })).toEqual({ valid: true });
  const params = { customerId: customer.id, password: FORM };
  expect(await customers.verifyPassword(params)).toEqual({ valid: true });
  expect(await verify('wrong password')).toBe(false);
});

test('a password field is checked by its key, apart from the form', async () => {
  expect(await verify(PIN, 'pin')).toBe(true);
  expect(await verify(FORM, 'pin')).toBe(false);
  expect(await verify(PIN)).toBe(false);
});

test('every character counts', async () => {
  for (const wrong of ['', FORM.slice(0, -1), `${FORM} `, ` ${FORM}`, FORM.toUpperCase(), `${FORM}\0`]) {
    const answer = await customers.verifyPassword(customer.id, { password: wrong }).catch((error) => error);
    // A NUL byte may be refused as input; it must not be accepted as the password.
    if (answer instanceof Error) expect(answer.param).toBe('password');
    else expect([wrong, answer]).toEqual([wrong, { valid: false }]);
  }
});

test('a customer without a password has none that fits', async () => {
  const { id } = await customers.create({ email: 'none@example.com' });
  for (const password of ['', FORM, 'null', 'undefined'])
    expect(await verify(password, undefined, id)).toBe(false);
  expect(await verify(PIN, 'pin', id)).toBe(false);
});

test('a field that holds no password has none that fits', async () => {
  expect(await verify('shown', 'plain')).toBe(false);
  expect(await verify(FORM, 'unknown')).toBe(false);
});

test('nobody has no password', async () => {
  const nobody = customers.verifyPassword('cus_nobody', { password: FORM });
  await expectError(nobody, Proyecta.NotFoundError, 'customer_not_found', 'customerId');
  await expectInvalid(customers.verifyPassword(customer.id, {}), 'password', 'parameter_missing');
  await expectInvalid(customers.verifyPassword(customer.id), 'password', 'parameter_missing');
  await expectInvalid(customers.verifyPassword(customer.id, { password: 5 }), 'password');
});

test('no answer and no event shows a password or its hash', async () => {
  const shown = [
    customer,
    await customers.get(customer.id),
    await customers.list().toArray({ limit: 100 }),
    await customers.update(customer.id, { attributes: { pin: 'pin password 3' } }),
    await customers.update(customer.id, { attributes: { pin: PIN } }),
    await allEvents(store),
    await signupForm.get(),
    await customFields.list().toArray({ limit: 100 }),
  ];
  const text = JSON.stringify(shown);
  expect(text).not.toMatch(/password [123]/);
  expect(text).not.toContain('argon2');
  expect(customer).not.toHaveProperty('password');
  expect(customer.attributes).toEqual({ plain: 'shown' });
});

test('a password can be changed and taken away', async () => {
  const { id } = await customers.create({ email: 'change@example.com', attributes: { pin: PIN } });
  expect(await verify(PIN, 'pin', id)).toBe(true);
  const changed = await customers.update(id, { attributes: { pin: 'another password' } });
  expect(changed.version).toBe(2);
  expect([await verify(PIN, 'pin', id), await verify('another password', 'pin', id)]).toEqual([false, true]);
  await customers.update(id, { name: 'Renamed' });
  expect(await verify('another password', 'pin', id)).toBe(true);
  await customers.update(id, { attributes: { pin: null } });
  expect(await verify('another password', 'pin', id)).toBe(false);
});

test('a password that an idempotent create brings does not replace the stored one', async () => {
  const email = 'again@example.com';
  const { id } = await customers.create({ email, attributes: { pin: 'first password' } });
  await customers.create({ email, attributes: { pin: 'second password' } });
  expect([await verify('first password', 'pin', id), await verify('second password', 'pin', id)]).toEqual([
    true,
    false,
  ]);
});

test('a password field that is deleted takes its passwords along', async () => {
  await customFields.create({ key: 'brief', type: 'password', label: 'Brief' });
  const { id } = await customers.create({
    email: 'brief@example.com',
    attributes: { brief: 'brief password' },
  });
  expect(await verify('brief password', 'brief', id)).toBe(true);
  await customFields.delete('brief');
  expect(await verify('brief password', 'brief', id)).toBe(false);
  await customFields.create({ key: 'brief', type: 'password', label: 'Brief' });
  expect(await verify('brief password', 'brief', id)).toBe(false);
  expect((await customers.get(id)).attributes).toEqual({});
});

test('checks at once do not hold up other calls', async () => {
  const order = [];
  const checks = Array.from({ length: 16 }, () => verify(FORM).then((valid) => order.push(valid)));
  await customers.create({ email: 'quick@example.com' }).then(() => order.push('created'));
  await Promise.all(checks);
  expect(order.indexOf('created')).toBeLessThan(16);
  expect(order.filter((one) => one === true)).toHaveLength(16);
});

test('the database holds salted argon2id hashes and no password', async () => {
  const same = await signupForm.submit({ email: 'same@example.com', name: 'Same', password: FORM });
  expect(await verify(FORM, undefined, same.id)).toBe(true);
  await store.proyecta.close();
  const bytes = await contentsOf(file);
  expect(bytes).not.toMatch(/password [123]|another password|first password|second password|brief password/);
  const hashes = new Set(bytes.match(/\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+/g));
  expect(hashes.size).toBeGreaterThanOrEqual(3);
  const salts = new Set([...hashes].map((hash) => hash.split('$')[4]));
  expect(salts.size).toBe(hashes.size);
  for (const hash of hashes) {
    const [, memory, time] = /m=(\d+),t=(\d+)/.exec(hash).map(Number);
    // The least that OWASP advises: 19 MiB and two passes, or more memory and one.
    expect(memory >= 47_104 || (memory >= 19_456 && time >= 2)).toBe(true);
  }
});
