// How much fits into a customer: each limit itself is accepted, one beyond is not.
const { contents, countCustomers, expectInvalid, openStore } = require('../support/store.js');

const store = openStore();
const { customers } = store;

let made = 0;
const freshEmail = () => `limit${made++}@example.com`;
const keys = (count) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));

/** An address of so many characters, with parts as long as the mail standards allow. */
function emailOf(length) {
  const domain = `${'d'.repeat(60)}.${'e'.repeat(60)}.`;
  const rest = length - 64 - 1 - domain.length;
  return `${'a'.repeat(64)}@${domain}${'f'.repeat(rest - 4)}.com`;
}

const NAMES = { ASCII: 'n', Korean: '김', 'outside the basic plane': '😀', accented: 'é' };

describe.each(Object.entries(NAMES))('a name in %s', (_, character) => {
  test('has at most 255 characters', async () => {
    const name = character.repeat(255);
    const { id } = await customers.create({ email: freshEmail(), name });
    expect((await customers.get(id)).name).toBe(name);
    await expectInvalid(customers.create({ email: freshEmail(), name: name + character }), 'name');
    await expectInvalid(customers.update(id, { name: name + character }), 'name');
    await expectInvalid(
      customers.create({ email: freshEmail(), shipping: { name: name + character } }),
      'shipping.name',
    );
    expect((await customers.get(id)).version).toBe(1);
  });
});

test('an e-mail address has at most 254 characters', async () => {
  const email = emailOf(254);
  expect(email).toHaveLength(254);
  const { id } = await customers.create({ email });
  expect((await customers.get(id)).email).toBe(email);
  expect((await customers.list({ email })).data.map((found) => found.id)).toEqual([id]);
  const error = await expectInvalid(customers.create({ email: emailOf(255) }), 'email');
  expect(error.message).toContain('254');
  await expectInvalid(customers.update(id, { email: emailOf(255) }), 'email');
  await expectInvalid(
    customers.create({ email: freshEmail(), additionalRecipients: ['a@example.com', emailOf(255)] }),
    'additionalRecipients[1]',
  );
});

describe('metadata', () => {
  test('has at most 50 keys', async () => {
    const { id } = await customers.create({ email: freshEmail(), metadata: keys(50) });
    expect((await customers.get(id)).metadata).toEqual(keys(50));
    const error = await expectInvalid(
      customers.create({ email: freshEmail(), metadata: keys(51) }),
      'metadata',
    );
    expect(error.message).toContain('50');
  });

  test('has at most 50 keys after an update too: one more is refused, one for another is not', async () => {
    const { id } = await customers.create({ email: freshEmail(), metadata: keys(50) });
    await expectInvalid(customers.update(id, { metadata: { more: 'v' } }), 'metadata');
    expect((await customers.get(id)).metadata).toEqual(keys(50));
    const swapped = await customers.update(id, { metadata: { more: 'v', k0: null } });
    expect(Object.keys(swapped.metadata)).toHaveLength(50);
    expect(swapped.metadata.more).toBe('v');
  });

  test.each(Object.entries(NAMES))('has keys of at most 40 characters (%s)', async (_, character) => {
    const key = character.repeat(40);
    const { metadata } = await customers.create({ email: freshEmail(), metadata: { [key]: 'v' } });
    expect(metadata).toEqual({ [key]: 'v' });
    const error = await expectInvalid(
      customers.create({ email: freshEmail(), metadata: { [key + character]: 'v' } }),
      'metadata',
    );
    expect(error.message).toContain('40');
  });

  test.each(Object.entries(NAMES))('has values of at most 500 characters (%s)', async (_, character) => {
    const value = character.repeat(500);
    const { id, metadata } = await customers.create({ email: freshEmail(), metadata: { note: value } });
    expect(metadata.note).toBe(value);
    const beyond = { note: value + character };
    const error = await expectInvalid(
      customers.create({ email: freshEmail(), metadata: beyond }),
      'metadata.note',
    );
    expect(error.message).toContain('500');
    await expectInvalid(customers.update(id, { metadata: beyond }), 'metadata.note');
  });

  test('has texts only, an empty one too, and no empty key', async () => {
    const { metadata } = await customers.create({ email: freshEmail(), metadata: { empty: '' } });
    expect(metadata).toEqual({ empty: '' });
    await expectInvalid(customers.create({ email: freshEmail(), metadata: { '': 'v' } }), 'metadata');
    for (const value of [5, true, ['a'], { a: 'b' }]) {
      await expectInvalid(
        customers.create({ email: freshEmail(), metadata: { note: value } }),
        'metadata.note',
      );
    }
  });
});

describe('a phone number', () => {
  test.each([
    ['010-1234-5678', '+821012345678'],
    ['01012345678', '+821012345678'],
    ['010 1234 5678', '+821012345678'],
    ['010.1234.5678', '+821012345678'],
    ['02-312-3456', '+8223123456'],
    ['02-1234-5678', '+82212345678'],
    ['(031) 123-4567', '+82311234567'],
    ['070-1234-5678', '+827012345678'],
    ['+82 10-1234-5678', '+821012345678'],
    ['+82 010-1234-5678', '+821012345678'],
    ['+821012345678', '+821012345678'],
    ['+1 (415) 555-2671', '+14155552671'],
    ['+44 20 7183 8750', '+442071838750'],
    ['+81 90-1234-5678', '+819012345678'],
    [' +33 6 12 34 56 78 ', '+33612345678'],
  ])('may be %j and comes back as %s', async (phone, e164) => {
    const { id } = await customers.create({ email: freshEmail(), phone, shipping: { phone } });
    const customer = await customers.get(id);
    expect([customer.phone, customer.shipping.phone]).toEqual([e164, e164]);
    const again = await customers.update(id, { phone: e164 });
    expect(again.phone).toBe(e164);
  });

  test.each([
    '',
    ' ',
    '12',
    '010-12-5678',
    '010-1234-567890',
    '+82',
    '+999 12345678',
    '+1 415 555',
    'call me',
    '010-1234-5678 ext 5',
    '٠١٠-1234-5678',
    '+82+1012345678',
    '010-1234-5678;DROP',
    '1'.repeat(41),
  ])('cannot be %j', async (phone) => {
    const email = freshEmail();
    await expectInvalid(customers.create({ email, phone }), 'phone');
    await expectInvalid(customers.create({ email, shipping: { phone } }), 'shipping.phone');
    expect((await customers.list({ email })).data).toEqual([]);
  });
});

describe('a country', () => {
  test('is one of the 249 codes of ISO 3166-1, in any case, kept in upper case', async () => {
    const { id } = await customers.create({ email: freshEmail() });
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
    const codes = letters.flatMap((first) => letters.map((second) => first + second));
    const outcomes = await Promise.allSettled(
      codes.map((code) => customers.update(id, { countryCode: code.toLowerCase() })),
    );
    const accepted = codes.filter((_, index) => outcomes[index].status === 'fulfilled');
    for (const [index, { value, reason }] of outcomes.entries()) {
      if (value) expect(value.countryCode).toBe(codes[index]);
      else expect(reason).toMatchObject({ name: 'InvalidRequestError', param: 'countryCode' });
    }
    expect(accepted).toHaveLength(249);
    expect(accepted).toEqual(expect.arrayContaining(['KR', 'US', 'GB', 'JP', 'CN', 'DE', 'TW', 'SS', 'BQ']));
    for (const code of ['XX', 'UK', 'EU', 'SU', 'AN', 'ZZ']) expect(accepted).not.toContain(code);
  });

  test.each(['', 'K', 'KOR', '410', 'Korea', '대한민국', 'K R', 'KR\0'])('cannot be %j', async (country) => {
    const email = freshEmail();
    await expectInvalid(customers.create({ email, countryCode: country }), 'countryCode');
    await expectInvalid(customers.create({ email, address: { country } }), 'address.country');
    await expectInvalid(
      customers.create({ email, shipping: { address: { country } } }),
      'shipping.address.country',
    );
    expect((await customers.list({ email })).data).toEqual([]);
  });
});

test.each([
  '',
  ' ',
  'a',
  'a@b',
  'a@',
  '@b.c',
  'a b@c.de',
  'a@b.co,d@e.f',
  'A <a@b.co>',
  'a@b.co\0',
  'a@b\u0000.co',
  'a@[127.0.0.1]',
  'a@b.co.',
  'a@.co',
  'a@b..co',
  'a@@b.co',
  'a@b.co\nx@y.z',
  '.a@b.co',
  'a.@b.co',
  'a..b@c.de',
  'mailto:a@b.co;c',
  'a@-b.co',
])('%j is no e-mail address', async (email) => {
  const before = await countCustomers(store);
  await expectInvalid(customers.create({ email }), 'email');
  await expectInvalid(
    customers.create({ email: freshEmail(), additionalRecipients: [email] }),
    'additionalRecipients[0]',
  );
  expect(await countCustomers(store)).toBe(before);
});

test('what is refused leaves no trace', async () => {
  const before = await contents(store);
  const email = freshEmail();
  const attempts = [
    { email, name: 'n'.repeat(256) },
    { email, metadata: keys(51) },
    { email, phone: '12' },
    { email, address: { line1: 'x', country: 'XX' } },
    { email, shipping: { address: { postal_code: '1'.repeat(100) } } },
    { email, marketing: { sms: 'yes' } },
    { email, additionalRecipients: ['ok@example.com', 'not ok'] },
  ];
  const outcomes = await Promise.allSettled(attempts.map((params) => customers.create(params)));
  for (const { reason } of outcomes) expect(reason.name).toBe('InvalidRequestError');
  expect(await contents(store)).toEqual(before);
});
