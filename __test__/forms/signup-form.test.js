// `commerce.signupForm`: the settings of the form, and what it does with what people fill in.
const { failure } = require('../support/customers.js');
const {
  allEvents,
  closeStores,
  contents,
  countCustomers,
  expectError,
  expectInvalid,
  openStore,
  Proyecta,
} = require('../support/store.js');

const { ConflictError } = Proyecta;
let store;
let customers;
let customFields;
let signupForm;
beforeEach(() => {
  store = openStore();
  ({ customers, customFields, signupForm } = store);
});
afterEach(closeStores);

const BASIC = ['username', 'name', 'phone', 'email', 'password', 'marketing'];
const PASSWORD = 'correct horse';
const switches = (form) =>
  Object.fromEntries(form.fields.map(({ name, enabled, required }) => [name, [enabled, required]]));
const filled = (more) => ({ email: 'jane@example.com', name: 'Jane Doe', password: PASSWORD, ...more });

describe('the settings', () => {
  test('name the six basic fields, in order, by e-mail at first', async () => {
    const form = await signupForm.get();
    expect(form).toEqual({
      id: expect.stringMatching(/^form_/),
      object: 'signup_form',
      account: 'email',
      fields: form.fields,
      customFields: [],
      metadata: {},
      version: 1,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
    });
    expect(form.fields.map(({ name }) => name).sort()).toEqual([...BASIC].sort());
    for (const field of form.fields) {
      expect(field).toEqual({
        name: expect.any(String),
        label: expect.stringMatching(/./),
        enabled: expect.any(Boolean),
        required: expect.any(Boolean),
        order: expect.any(Number),
      });
    }
    expect(switches(form)).toMatchObject({
      username: [false, false],
      email: [true, true],
      password: [true, true],
      marketing: [expect.any(Boolean), false],
    });
  });

  test('of labels, order and free switches can be changed, and are kept', async () => {
    const form = await signupForm.update({
      fields: {
        name: { label: '이름', order: 0, required: false },
        phone: { label: '휴대폰', enabled: true, required: true, order: 1 },
        marketing: { enabled: false, order: 90 },
        email: { label: '이메일', order: 2 },
        password: { order: 50 },
        username: { order: 95 },
      },
    });
    expect(form.version).toBe(2);
    expect(form.fields.map(({ name }) => name)).toEqual([
      'name',
      'phone',
      'email',
      'password',
      'marketing',
      'username',
    ]);
    expect(form.fields[0]).toEqual({ name: 'name', label: '이름', enabled: true, required: false, order: 0 });
    expect(form.fields[1]).toMatchObject({ label: '휴대폰', enabled: true, required: true });
    expect(form.fields[2]).toMatchObject({ label: '이메일', enabled: true, required: true });
    expect(form.fields[4]).toMatchObject({ enabled: false });
    expect(await signupForm.get()).toEqual(form);
    const off = await signupForm.update({ fields: { phone: { enabled: false, required: false } } });
    expect(switches(off).phone).toEqual([false, false]);
  });

  test('by id ask for a user name and still for the e-mail address', async () => {
    const byId = await signupForm.update({ account: 'id' });
    expect(byId.account).toBe('id');
    expect(switches(byId)).toMatchObject({
      username: [true, true],
      email: [true, true],
      password: [true, true],
    });
    const back = await signupForm.update({ account: 'EMAIL' });
    expect(switches(back)).toMatchObject({ username: [false, false], email: [true, true] });
  });

  test.each([
    ['email', 'email', 'enabled', false],
    ['email', 'email', 'required', false],
    ['email', 'password', 'enabled', false],
    ['email', 'password', 'required', false],
    ['email', 'marketing', 'required', true],
    ['id', 'email', 'enabled', false],
    ['id', 'email', 'required', false],
    ['id', 'password', 'required', false],
    ['id', 'username', 'enabled', false],
    ['id', 'username', 'required', false],
    ['id', 'marketing', 'required', true],
  ])('by %s fix %s: %s cannot be %p', async (account, field, name, value) => {
    await signupForm.update({ account });
    const before = await signupForm.get();
    await expectInvalid(
      signupForm.update({ fields: { [field]: { [name]: value } } }),
      `fields.${field}.${name}`,
    );
    expect(await signupForm.get()).toEqual(before);
    const same = await signupForm.update({ fields: { [field]: { [name]: !value } } });
    expect(same).toEqual(before);
  });

  test('cannot require what they do not show', async () => {
    const hidden = signupForm.update({ fields: { phone: { enabled: false, required: true } } });
    await expectInvalid(hidden, 'fields.phone.required');
  });

  test('know six basic fields and two kinds of account', async () => {
    await expectInvalid(
      signupForm.update({ fields: { address: {} } }),
      'fields.address',
      'parameter_unknown',
    );
    await expectInvalid(
      signupForm.update({ fields: { name: { hidden: true } } }),
      'fields.name.hidden',
      'parameter_unknown',
    );
    await expectInvalid(signupForm.update({ account: 'phone' }), 'account');
    await expectInvalid(signupForm.update({ fields: { name: { label: '' } } }), 'fields.name.label');
    await expectInvalid(
      signupForm.update({ fields: { name: { label: 'L'.repeat(101) } } }),
      'fields.name.label',
    );
    await expectInvalid(signupForm.update({ fields: [] }), 'fields');
    expect((await signupForm.get()).version).toBe(1);
  });

  test('change on the version that was read only', async () => {
    await signupForm.update({ fields: { name: { label: 'A' } }, ifVersion: 1 });
    const late = signupForm.update({ fields: { name: { label: 'B' } }, ifVersion: 1 });
    await expectError(late, ConflictError, 'version_conflict', 'ifVersion');
  });

  test('show the custom fields that are switched on, in their order', async () => {
    await customFields.create({ key: 'b', type: 'text', label: 'B', order: 2 });
    await customFields.create({ key: 'off', type: 'text', label: 'Off', enabled: false, order: 0 });
    await customFields.create({ key: 'a', type: 'number', label: 'A', order: 1, required: true });
    expect((await signupForm.get()).customFields.map(({ key }) => key)).toEqual(['a', 'b']);
    await customFields.update('off', { enabled: true });
    expect((await signupForm.get()).customFields.map(({ key }) => key)).toEqual(['off', 'a', 'b']);
  });
});

describe('a submission', () => {
  test('creates the customer with everything that was filled in', async () => {
    await customFields.create({ key: 'size', type: 'number', label: 'Size' });
    const customer = await signupForm.submit({
      ...filled({ phone: '010-1234-5678', attributes: { size: 42 }, metadata: { from: 'form' } }),
      address: { city: '서울', country: 'KR' },
      marketing: { email: true },
    });
    expect(customer).toMatchObject({
      object: 'customer',
      email: 'jane@example.com',
      name: 'Jane Doe',
      phone: '+821012345678',
      address: { city: '서울', country: 'KR' },
      attributes: { size: 42 },
      metadata: { from: 'form' },
      marketing: { sms: false, email: true, kakao: false },
      version: 1,
    });
    expect(await customers.get(customer.id)).toEqual(customer);
    expect((await allEvents(store)).filter(({ type }) => type === 'customer.created')).toHaveLength(1);
  });

  test.each(['email', 'name', 'password'])('without the required %s is refused', async (name) => {
    const { [name]: _, ...rest } = filled();
    const before = await contents(store);
    await expectInvalid(signupForm.submit(rest), name, 'parameter_missing');
    await expectInvalid(signupForm.submit({ ...rest, [name]: null }), name, 'parameter_missing');
    expect(await contents(store)).toEqual(before);
  });

  test('follows the switches of the form', async () => {
    await signupForm.update({
      fields: { phone: { enabled: true, required: true }, name: { required: false } },
    });
    await expectInvalid(
      signupForm.submit({ email: 'a@example.com', password: PASSWORD }),
      'phone',
      'parameter_missing',
    );
    const customer = await signupForm.submit({
      email: 'a@example.com',
      password: PASSWORD,
      phone: '02-312-3456',
    });
    expect(customer).toMatchObject({ name: null, phone: '+8223123456' });
    await signupForm.update({ fields: { phone: { enabled: false, required: false } } });
    await expectInvalid(signupForm.submit(filled({ phone: '02-312-3456' })), 'phone');
    expect(await countCustomers(store)).toBe(1);
  });

  test('by id needs a user name that is free', async () => {
    await signupForm.update({ account: 'id' });
    await expectInvalid(signupForm.submit(filled()), 'username', 'parameter_missing');
    const customer = await signupForm.submit(filled({ username: 'jane' }));
    expect(customer).toMatchObject({ username: 'jane', email: 'jane@example.com' });
    const again = signupForm.submit(filled({ username: 'jane', email: 'other@example.com' }));
    await expectError(again, ConflictError, 'username_taken', 'username');
    expect(await countCustomers(store)).toBe(1);
  });

  test('by e-mail takes no user name', async () => {
    await expectInvalid(signupForm.submit(filled({ username: 'jane' })), 'username');
  });

  test('with an address that is taken is a conflict, and shows nothing of its customer', async () => {
    const customer = await customers.create({ email: 'jane@example.com', name: 'Secret Name' });
    const submit = signupForm.submit(filled({ email: ' JANE@example.com' }));
    const error = await expectError(submit, ConflictError, 'email_taken', 'email');
    expect(JSON.stringify(error)).not.toMatch(/jane@|Secret/i);
    expect(await customers.get(customer.id)).toEqual(customer);
    expect(await customers.verifyPassword(customer.id, { password: PASSWORD })).toEqual({ valid: false });
  });

  test('many times at once makes one customer', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => signupForm.submit(filled())));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const { reason } of outcomes) if (reason) expect(reason.code).toBe('email_taken');
    expect(await countCustomers(store)).toBe(1);
  });

  test('needs the required custom fields, and takes none that is switched off', async () => {
    await customFields.create({ key: 'size', type: 'number', label: 'Size', required: true });
    await customFields.create({ key: 'pin', type: 'password', label: 'Pin', required: true });
    await customFields.create({ key: 'off', type: 'text', label: 'Off', required: true, enabled: false });
    await customFields.create({ key: 'note', type: 'comment', label: 'Read this' });
    const submit = (attributes) => signupForm.submit(filled({ attributes }));
    const { code, param } = await failure(submit(undefined));
    expect([code, param]).toEqual(['parameter_missing', expect.stringMatching(/^attributes\.(size|pin)$/)]);
    await expectInvalid(submit({ pin: 'second horse' }), 'attributes.size', 'parameter_missing');
    await expectInvalid(submit({ size: null, pin: 'second horse' }), 'attributes.size', 'parameter_missing');
    await expectInvalid(submit({ size: 5 }), 'attributes.pin', 'parameter_missing');
    await expectInvalid(submit({ size: 5, pin: 'second horse', off: 'x' }), 'attributes.off');
    await expectInvalid(submit({ size: 'five', pin: 'second horse' }), 'attributes.size');
    await expectInvalid(submit({ size: 5, pin: 'second horse', note: 'x' }), 'attributes.note');
    expect(await countCustomers(store)).toBe(0);
    const customer = await submit({ size: 5, pin: 'second horse', other: 'kept' });
    expect(customer.attributes).toEqual({ size: 5, other: 'kept' });
  });

  test('is checked like any customer', async () => {
    const before = await contents(store);
    await expectInvalid(signupForm.submit(filled({ email: 'jane' })), 'email');
    await expectInvalid(signupForm.submit(filled({ phone: '12' })), 'phone');
    await expectInvalid(signupForm.submit(filled({ name: 'n'.repeat(256) })), 'name');
    await expectInvalid(signupForm.submit(filled({ address: { country: 'XX' } })), 'address.country');
    await expectInvalid(
      signupForm.submit(filled({ marketing: { fax: true } })),
      'marketing.fax',
      'parameter_unknown',
    );
    await expectInvalid(signupForm.submit(filled({ id: 'cus_own' })), 'id', 'parameter_unknown');
    expect(await contents(store)).toEqual(before);
  });

  test.each(['', 'short', '1234567', 'p'.repeat(257)])(
    'with the password %j is refused',
    async (password) => {
      const error = await expectInvalid(signupForm.submit(filled({ password })), 'password');
      if (password) expect(error.message).not.toContain(password);
      expect(await countCustomers(store)).toBe(0);
    },
  );
});
