// `customers.create` and `get`: what goes in and what comes back.
const fc = require('fast-check');
const { expectError, expectInvalid, openStore, Proyecta } = require('../support/store.js');

const { customers, signupForm } = openStore();

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const FULL = {
  email: 'Full.Customer@Example.com',
  name: '김철수',
  phone: '010-1234-5678',
  address: {
    line1: '테헤란로 1',
    line2: '2층',
    city: '강남구',
    state: '서울특별시',
    postal_code: '06234',
    country: 'KR',
  },
  id: 'cus_full-1',
  key: 'user:42',
  username: 'chulsoo',
  attributes: { plan: 'demo text' },
  metadata: { source: 'ad', 'two words': '둘' },
  marketing: { sms: true, email: false, kakao: true },
  additionalRecipients: ['books@example.com', 'Boss@Example.com'],
  countryCode: 'US',
  shipping: {
    name: 'Lee Younghee',
    phone: '+14155552671',
    address: { line1: '1 Main St', city: 'San Francisco', state: 'CA', postal_code: '94105', country: 'US' },
  },
};

test('an e-mail address is enough, and every documented field is there', async () => {
  const before = Date.now();
  const customer = await customers.create({ email: 'jane@example.com' });
  expect(customer).toEqual({
    id: expect.stringMatching(/^cus_[0-9a-hjkmnp-tv-z]{26}$/),
    object: 'customer',
    email: 'jane@example.com',
    name: null,
    phone: null,
    address: null,
    key: null,
    username: null,
    status: 'normal',
    marketing: { sms: false, email: false, kakao: false },
    attributes: {},
    metadata: {},
    additionalRecipients: [],
    countryCode: null,
    shipping: null,
    lastLoginAt: null,
    dormantAt: null,
    testClock: null,
    version: 1,
    createdAt: expect.stringMatching(INSTANT),
    updatedAt: customer.createdAt,
  });
  expect(Date.parse(customer.createdAt)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(customer.createdAt)).toBeLessThanOrEqual(Date.now());
});

test('everything that is given comes back, and get gives the same', async () => {
  const customer = await customers.create(FULL);
  const { shipping } = FULL;
  expect(customer).toMatchObject({
    ...FULL,
    phone: '+821012345678',
    shipping: { ...shipping, address: { ...shipping.address, line2: null } },
    status: 'normal',
    version: 1,
  });
  expect(await customers.get(FULL.id)).toEqual(customer);
  expect(await customers.get({ customerId: FULL.id })).toEqual(customer);
  expect(await customers.get({ key: FULL.key })).toEqual(customer);
});

test('the same e-mail gives back the first customer unchanged, whatever else differs', async () => {
  const first = await customers.create({ email: 'again@example.com', name: 'First', metadata: { a: '1' } });
  const again = await customers.create({
    email: 'again@example.com',
    name: 'Second',
    phone: '+821012345678',
    key: 'another key',
    metadata: { b: '2' },
  });
  expect(again).toEqual(first);
  expect(await customers.get(first.id)).toEqual(first);
});

test('snake_case spellings of the parameters mean the same', async () => {
  const address = { line1: 'x', postalCode: '06234' };
  const created = await customers.create({
    email: 'snake@example.com',
    address,
    additional_recipients: ['a@example.com'],
    country_code: 'KR',
    shipping: { address },
  });
  expect(created).toMatchObject({
    address: { postal_code: '06234' },
    additionalRecipients: ['a@example.com'],
    countryCode: 'KR',
    shipping: { address: { postal_code: '06234' } },
  });
  expect(await customers.get({ customer_id: created.id })).toEqual(created);
  const updated = await customers.update({ customer_id: created.id, country_code: 'JP', if_version: 1 });
  expect(updated.countryCode).toBe('JP');
  const { data } = await customers.list({ created_after: 0, starting_after: created.id, sort: 'created' });
  expect(data.map(({ id }) => id)).not.toContain(created.id);
});

test('one parameter in both spellings at once is refused', async () => {
  const email = 'twice@example.com';
  await expectInvalid(customers.create({ email, countryCode: 'KR', country_code: 'KR' }), 'countryCode');
  const address = { postal_code: '1', postalCode: '2' };
  await expectInvalid(customers.create({ email, address }), 'address.postal_code');
});

test('keys inside metadata and attributes keep their spelling', async () => {
  const keys = { camelCase: 'a', snake_case: 'b', 'Mixed Case-1.5/ü': 'c', 한글: 'd' };
  const customer = await customers.create({ email: 'keys@example.com', metadata: keys, attributes: keys });
  expect(customer.metadata).toEqual(keys);
  expect(customer.attributes).toEqual(keys);
});

test('undefined counts as left out, and null as nothing', async () => {
  const nothing = {};
  for (const [name, value] of Object.entries(FULL)) {
    if (!['email', 'attributes', 'metadata'].includes(name)) nothing[name] = value;
  }
  for (const empty of [undefined, null]) {
    const given = Object.fromEntries(Object.keys(nothing).map((name) => [name, empty]));
    const customer = await customers.create({
      ...given,
      email: `${empty}@example.com`,
      metadata: undefined,
      attributes: undefined,
    });
    expect(customer).toMatchObject({
      name: null,
      phone: null,
      address: null,
      key: null,
      username: null,
      metadata: {},
      attributes: {},
      marketing: { sms: false, email: false, kakao: false },
      additionalRecipients: [],
      countryCode: null,
      shipping: null,
    });
  }
});

test('space around a name and an address of mail is not kept', async () => {
  const customer = await customers.create({ email: ' spaces@example.com\t', name: '  Jane Doe ' });
  expect(customer).toMatchObject({ email: 'spaces@example.com', name: 'Jane Doe' });
});

test('any text survives as it is: Korean, emoji, quotes, line breaks', async () => {
  const texts = [
    '김철수 👩‍👩‍👧',
    `O'Neil "x" \\ ; --`,
    'a\nb\tc',
    'ﬁ ß İ',
    '\u200fעברית',
    '%_*?',
    '</script>',
  ];
  for (const [index, text] of texts.entries()) {
    const email = `text${index}@example.com`;
    const customer = await customers.create({
      email,
      name: text,
      metadata: { text },
      address: { line1: text },
    });
    expect(customer.name).toBe(text);
    const stored = await customers.get(customer.id);
    expect([stored.metadata.text, stored.address.line1]).toEqual([text, text]);
  }
});

test('any well-formed text without NUL comes back unchanged', async () => {
  const { id } = await customers.create({ email: 'any-text@example.com' });
  const text = fc
    .string({ unit: 'binary', maxLength: 100 })
    .filter((one) => one.isWellFormed() && !one.includes('\0'));
  const key = text.filter(
    (one) => one !== '' && [...one].length <= 40 && !/^(__proto__|constructor|prototype)$/.test(one),
  );
  await fc.assert(
    fc.asyncProperty(key, text, async (name, value) => {
      const { metadata } = await customers.update(id, { metadata: { [name]: value } });
      expect(metadata).toEqual({ [name]: value });
      await customers.update(id, { metadata: { [name]: null } });
    }),
    { numRuns: 300 },
  );
  expect((await customers.get(id)).metadata).toEqual({});
});

test('an answer belongs to the caller: changing it changes nothing stored', async () => {
  const customer = await customers.create({ email: 'mine@example.com', metadata: { a: '1' } });
  customer.metadata.a = 'changed';
  customer.name = 'changed';
  expect(await customers.get(customer.id)).toMatchObject({ name: null, metadata: { a: '1' } });
});

test('parameters are read when the call is made, not later', async () => {
  const params = { email: 'now@example.com', metadata: { a: '1' } };
  const promise = customers.create(params);
  params.email = 'later@example.com';
  params.metadata.a = '2';
  expect(await promise).toMatchObject({ email: 'now@example.com', metadata: { a: '1' } });
});

test('every id is new', async () => {
  const emails = Array.from({ length: 500 }, (_, index) => `id${index}@example.com`);
  const made = await Promise.all(emails.map((email) => customers.create({ email })));
  expect(new Set(made.map(({ id }) => id)).size).toBe(500);
});

test('a customer that does not exist is not found, by id and by key', async () => {
  const { NotFoundError } = Proyecta;
  await expectError(customers.get('cus_nobody'), NotFoundError, 'customer_not_found', 'customerId');
  await expectError(customers.get({ key: 'nobody' }), NotFoundError, 'customer_not_found', 'key');
  const error = await customers.get('cus_nobody').catch((reason) => reason);
  expect(error.message).toContain('cus_nobody');
  expect(error).toMatchObject({ type: 'not_found', statusCode: 404, retryable: false });
});

test('options come last in every call style', async () => {
  const { id } = await customers.create({ email: 'options@example.com' }, { timeout: 60_000 });
  const options = {
    timeout: 60_000,
    signal: new AbortController().signal,
    maxRetries: 2,
    headers: { a: 'b' },
  };
  const calls = [
    () => customers.get(id, options),
    () => customers.get({ customerId: id }, options),
    () => customers.update(id, { name: 'A' }, options),
    () => customers.update({ customerId: id, name: 'B' }, options),
    () => customers.recordLogin(id, options),
    () => customers.recordLogin({ customerId: id }, options),
    () => customers.delete(id, { ifVersion: 5 }, options),
  ];
  for (const call of calls) expect((await call()).id).toBe(id);
  const other = await customers.create({ email: 'options@example.com' });
  expect(await customers.delete(other.id, options)).toMatchObject({ id: other.id, deleted: true });
  expect((await customers.list({ limit: 1 }, options)).data).toHaveLength(1);
  expect((await customers.list(undefined, options)).data.length).toBeGreaterThan(1);
  expect((await signupForm.get(options)).object).toBe('signup_form');
  expect((await signupForm.get({}, options)).object).toBe('signup_form');
});

test('get needs exactly one of id and key', async () => {
  await expectInvalid(customers.get({}), 'customerId', 'parameter_missing');
  await expectInvalid(customers.get(), 'customerId', 'parameter_missing');
  await expectInvalid(customers.get({ customerId: 'cus_a', key: 'b' }), 'key');
});
