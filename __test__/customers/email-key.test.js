// The e-mail address is the natural key: one address, however it is spelled, is one customer.
const { join } = require('node:path');
const fc = require('fast-check');
const { allEvents, countCustomers, fold, openStore } = require('../support/store.js');
const { newFolder } = require('../support/folder.js');

const SPELLINGS = [
  ['case', 'Jane.Doe@Example.COM', 'jane.doe@example.com', 'JANE.DOE@EXAMPLE.COM', 'jAnE.dOe@eXaMpLe.CoM'],
  [
    'space around it',
    'a@example.com',
    ' a@example.com',
    'a@example.com ',
    '\ta@example.com\n',
    '\u3000A@example.com',
  ],
  ['composed and decomposed Korean', '한글@도메인.한국', '한글@도메인.한국'.normalize('NFD')],
  [
    'composed and decomposed Latin',
    'José@exämple.com',
    'José@exämple.com'.normalize('NFD'),
    'JOSÉ@EXÄMPLE.COM',
  ],
  ['Cyrillic case', 'Иван@Пример.рф', 'иван@пример.рф', 'ИВАН@ПРИМЕР.РФ'],
];

test.each(SPELLINGS)('%s makes no other customer', async (_, first, ...others) => {
  const store = openStore();
  const customer = await store.customers.create({ email: first, name: 'First' });
  expect(customer.email).toBe(first);
  for (const email of others)
    expect(await store.customers.create({ email, name: 'Other' })).toEqual(customer);
  expect(await countCustomers(store)).toBe(1);
});

test.each([
  'a@b.co',
  'Kim.CheolSu+shop@Example.COM',
  "o'neil@example.ie",
  '한글@도메인.한국',
  'user@sub.domain.co.uk',
  '1_2-3@4-5.kr',
  'x@xn--9t4b11yi5a.xn--3e0b707e',
  'post@büro.de',
  'почта@пример.рф',
  '用户@例子.广告',
  'संपर्क@डाटामेल.भारत',
  'info@हिन्दी.भारत',
  'info@ที่.ไทย',
])('%s is an address', async (email) => {
  const { customers } = openStore();
  expect((await customers.create({ email })).email).toBe(email);
  expect((await customers.list({ email })).data).toHaveLength(1);
});

test('the spelling first given is kept', async () => {
  const { customers } = openStore();
  await customers.create({ email: ' Jane@Example.com ' });
  expect((await customers.create({ email: 'jane@example.com' })).email).toBe('Jane@Example.com');
});

test('addresses that differ in more than spelling are different customers', async () => {
  const store = openStore();
  const emails = [
    'jane@example.com',
    'jane+shop@example.com',
    'j.ane@example.com',
    'jane@example.co',
    'jane@mail.example.com',
    'jané@example.com',
    'janе@example.com', // a Cyrillic е
    "o'jane@example.com",
  ];
  const made = await Promise.all(emails.map((email) => store.customers.create({ email })));
  expect(new Set(made.map(({ id }) => id)).size).toBe(emails.length);
});

test('200 creates at once, spelled in every way, make one customer with one event', async () => {
  const store = openStore();
  const spelled = (index) => {
    const [, ...spellings] = SPELLINGS[index % 2 ? 1 : 2];
    return index % 2
      ? spellings[index % spellings.length].replace(/^(\s*)a/i, index % 3 ? '$1jane' : '$1JANE')
      : ` Jane@example.com${' '.repeat(index % 5)}`;
  };
  const made = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      store.customers.create({ email: spelled(index), name: `Name ${index}`, metadata: { n: `${index}` } }),
    ),
  );
  for (const customer of made) expect(customer).toEqual(made[0]);
  expect(await countCustomers(store)).toBe(1);
  const events = await allEvents(store);
  expect(events.map(({ type }) => type)).toEqual(['customer.created']);
  expect(events[0].data.object).toEqual(made[0]);
});

test('200 creates at once of 20 addresses make 20 customers', async () => {
  const store = openStore();
  const made = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      store.customers.create({ email: `user${index % 20}@example.com` }),
    ),
  );
  expect(new Set(made.map(({ id }) => id)).size).toBe(20);
  for (const [index, customer] of made.entries()) expect(customer).toEqual(made[index % 20]);
  expect(await countCustomers(store)).toBe(20);
  expect(await allEvents(store)).toHaveLength(20);
});

test('several instances on one file agree on one customer', async () => {
  const database = join(newFolder(), 'shared.db');
  const stores = [1, 2, 3, 4].map(() => openStore({ database }));
  const made = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      stores[index % 4].customers.create({
        email: index % 2 ? 'One@example.com' : 'one@EXAMPLE.com',
        name: `${index}`,
      }),
    ),
  );
  for (const customer of made) expect(customer).toEqual(made[0]);
  for (const store of stores) expect(await countCustomers(store)).toBe(1);
});

test('create and update at once never give one address to two customers', async () => {
  const store = openStore();
  const old = await Promise.all(
    Array.from({ length: 20 }, (_, index) => store.customers.create({ email: `old${index}@example.com` })),
  );
  const email = 'wanted@example.com';
  const outcomes = await Promise.allSettled([
    ...old.map(({ id }) => store.customers.update(id, { email })),
    ...old.map(() => store.customers.create({ email })),
  ]);
  const holders = await store.customers.list({ email }).toArray({ limit: 100 });
  expect(holders).toHaveLength(1);
  for (const { status, value, reason } of outcomes) {
    if (status === 'fulfilled') expect(value.id).toBe(holders[0].id);
    else expect(reason).toMatchObject({ code: 'email_taken', details: { customerId: holders[0].id } });
  }
});

// Letters of which each case has one length, so that any mixture is the same address.
const letter = fc.constantFrom(...'abcxyz019éñüжяč한글가힣ōṽ');
const word = fc.array(letter, { minLength: 1, maxLength: 8 }).map((letters) => letters.join(''));
const address = fc
  .tuple(
    word,
    fc.constantFrom('', '+', '.', '_', '-', "'"),
    word,
    word,
    fc.constantFrom('com', 'co.kr', '한국'),
  )
  .map(([first, mark, last, host, top]) => `${first}${mark}${last}@${host}.${top}`);
const spelling = fc.record({
  upper: fc.array(fc.boolean(), { minLength: 1, maxLength: 16 }),
  form: fc.constantFrom('NFC', 'NFD'),
  before: fc.constantFrom('', ' ', '\t\n', '\u00a0', '\u3000'),
  after: fc.constantFrom('', ' ', '\r\n', '\u2003'),
});

function spell(email, { upper, form, before, after }) {
  const mixed = [...email].map((c, index) => (upper[index % upper.length] ? c.toUpperCase() : c)).join('');
  return before + mixed.normalize(form) + after;
}

test('any two spellings of an address are one customer, any two addresses are two', async () => {
  const { customers } = openStore();
  const idOf = new Map();
  await fc.assert(
    fc.asyncProperty(
      address,
      fc.array(spelling, { minLength: 2, maxLength: 4 }),
      async (email, spellings) => {
        const given = spellings.map((one) => spell(email, one));
        const made = await Promise.all(given.map((one) => customers.create({ email: one })));
        const key = fold(given[0]);
        expect(new Set(made.map(({ id }) => id))).toEqual(new Set([idOf.get(key) ?? made[0].id]));
        idOf.set(key, made[0].id);
      },
    ),
    { numRuns: 1000 },
  );
  expect(new Set(idOf.values()).size).toBe(idOf.size);
  const listed = await customers.list({ limit: 100 }).toArray({ limit: 10_000 });
  expect(listed.map(({ id }) => id).sort()).toEqual([...idOf.values()].sort());
});
