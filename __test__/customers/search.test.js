// `customers.list({ query })`: part of a name, an e-mail address or an id.
const fc = require('fast-check');
const { expectInvalid, fold, openStore } = require('../support/store.js');

/** What a query finds, by looking at every customer: the meaning of the search, without any index. */
function matches(customer, query) {
  const wanted = fold(query);
  if (wanted === '') return true;
  const letters = [...wanted];
  const anywhere = letters.length > 2 || (letters.length === 2 && /[^\0-\x7f]/.test(wanted));
  const texts = [customer.name, customer.email].filter((text) => text !== null).map(fold);
  return (
    texts.some((text) => (anywhere ? text.includes(wanted) : text.startsWith(wanted))) ||
    (query.trim().startsWith('cus_') && customer.id.startsWith(query.trim()))
  );
}

const idsOf = (list) => list.map(({ id }) => id).sort();

describe('a query', () => {
  const store = openStore();
  const PEOPLE = {
    kim: ['Kim.CheolSu@Example.com', '김철수'],
    lee: ['younghee.lee@mail.co.kr', '이영희'],
    nam: ['namkoong@mail.co.kr', '남궁 철'],
    doe: ['jane+shop@example.org', 'Jane van der Doe'],
    odd: ["o'neil_100%@example.net", `50% off_"x"\\y * AND (NEAR) ^a -b 'q' c:d`],
    emile: ['emile@exämple.fr', 'Émile Zola'],
    smile: ['smile@example.io', '😀 Smile 👩‍👩‍👧'],
    nameless: ['nobody@nowhere.dev', null],
    chinese: ['wang@example.cn', '王小明'],
    digits: ['12345@numbers.io', '007 Agent'],
  };
  const ids = {};

  beforeAll(async () => {
    for (const [who, [email, name]] of Object.entries(PEOPLE)) {
      ids[who] = (await store.customers.create({ email, name, id: `cus_${who}-Id` })).id;
    }
  });

  const find = async (query) => {
    const { data, total } = await store.customers.list({ query, limit: 100, expand: ['total'] });
    expect(total).toBe(data.length);
    return data.map(({ id }) => Object.keys(ids).find((who) => ids[who] === id)).sort();
  };

  test.each([
    ['a part of a name', 'van der', ['doe']],
    ['the end of a name', 'Zola', ['emile']],
    ['a whole name', 'Jane van der Doe', ['doe']],
    ['a part of an e-mail address', 'cheolsu@ex', ['kim']],
    ['the domain', 'mail.co.kr', ['lee', 'nam']],
    ['mixed case', 'cHEOLsU', ['kim']],
    ['upper case', 'JANE VAN', ['doe']],
    ['two Korean syllables in the middle', '철수', ['kim']],
    ['two Korean syllables at the beginning', '김철', ['kim']],
    ['three Korean syllables', '이영희', ['lee']],
    ['one Korean syllable that begins a name', '김', ['kim']],
    ['one Korean syllable that begins no name', '희', []],
    ['Korean across a space', '궁 철', ['nam']],
    ['decomposed Korean', '철수'.normalize('NFD'), ['kim']],
    ['one decomposed syllable', '이'.normalize('NFD'), ['lee']],
    ['two Chinese characters', '小明', ['chinese']],
    ['an accented letter, composed', 'éMILE', ['emile']],
    ['an accented letter, decomposed', 'Émi'.normalize('NFD'), ['emile']],
    ['an accented letter in an address', 'EXÄM', ['emile']],
    ['an emoji with a letter', '😀 s', ['smile']],
    ['an emoji alone', '😀', ['smile']],
    ['a joined emoji', '👩‍👩‍👧', ['smile']],
    ['two letters that begin a name', 'ja', ['doe']],
    ['two letters that begin an address', 'sm', ['smile']],
    ['two letters inside', 'va', []],
    ['one letter', 'y', ['lee']],
    ['digits', '007', ['digits']],
    ['digits of an address', '2345@', ['digits']],
    ['a plus', 'jane+s', ['doe']],
    ['space around it', '  철수\t', ['kim']],
    ['nobody', 'zzzz', []],
    ['two parts that are not together', 'jane doe', []],
  ])('finds %s', async (_, query, expected) => {
    expect(await find(query)).toEqual(expected);
  });

  test.each([
    '%',
    '_',
    '\\',
    '"',
    '*',
    "'",
    '%%%',
    '___',
    '\\\\\\',
    '"""',
    '***',
    "'''",
    '""',
    'AND',
    'OR',
    'NOT',
    'NEAR(',
    'NEAR(a b)',
    'a AND b',
    'a OR b',
    'NOT a',
    'name:jane',
    'jane*',
    '"jane"',
    '^jane',
    '-jane',
    '+jane',
    '{a b}',
    '(jane',
    'jane)',
    "'; drop table customers; --",
    '%jane%',
    'j_ne',
    'example?net',
    '{}',
    '[]',
    ';',
    ',',
    '\u{10ffff}',
    '\ue040',
    '1·jan',
    '·',
    'select',
  ])('takes %j literally', async (query) => {
    const customers = await store.customers.list({ limit: 100 }).toArray({ limit: 100 });
    const expected = customers.filter((customer) => matches(customer, query));
    expect(await find(query)).toEqual(
      expected.map(({ id }) => Object.keys(ids).find((who) => ids[who] === id)).sort(),
    );
  });

  test.each([
    '100%',
    '50% off',
    'off_"x',
    '_"x"\\y',
    '"x"',
    '\\y *',
    '* AND',
    '(NEAR)',
    "'q'",
    'c:d',
    '^a -b',
    "o'neil_1",
  ])('finds the special characters of %j', async (query) => expect(await find(query)).toEqual(['odd']));

  test('finds an id exactly and by its beginning, in its own case only', async () => {
    expect(await find('cus_kim-Id')).toEqual(['kim']);
    expect(await find('cus_kim')).toEqual(['kim']);
    expect(await find(' cus_ki ')).toEqual(['kim']);
    expect(await find('cus_n')).toEqual(['nam', 'nameless']);
    expect(await find('cus_')).toEqual(Object.keys(PEOPLE).sort());
    expect(await find('cus_KIM')).toEqual([]);
    expect(await find('kim-Id')).toEqual([]);
    expect(await find('cus_kim-Id2')).toEqual([]);
  });

  test('of nothing, or of space, is no filter', async () => {
    for (const query of ['', '   ', '\t\n'])
      expect(await find(query)).toHaveLength(Object.keys(PEOPLE).length);
  });

  test('has at most 200 characters', async () => {
    expect(await find('철'.repeat(200))).toEqual([]);
    expect(await find('a'.repeat(200))).toEqual([]);
    await expectInvalid(store.customers.list({ query: 'a'.repeat(201) }), 'query');
  });

  test('finds letters whose case depends on their place, as Greek has', async () => {
    const { id } = await store.customers.create({ email: 'greek@example.gr', name: 'ΟΔΥΣΣΕΑΣ ΠΑΠΠΑΣ' });
    for (const query of ['οδυσσεας', 'ΟΔΥΣΣ', 'ΟΔΥΣ', 'παππας', 'ΠΑΠΠΑΣ']) {
      const { data } = await store.customers.list({ query });
      expect([query, data.map((row) => row.id)]).toEqual([query, [id]]);
    }
  });
});

test('a query follows every change at once', async () => {
  const { customers } = openStore();
  const find = async (query) => idsOf((await customers.list({ query })).data);
  const { id } = await customers.create({ email: 'first@example.com', name: '김철수' });
  expect(await find('철수')).toEqual([id]);
  await customers.update(id, { name: '이영희' });
  expect(await find('철수')).toEqual([]);
  expect(await find('영희')).toEqual([id]);
  await customers.update(id, { email: 'second@example.com' });
  expect(await find('first@')).toEqual([]);
  expect(await find('second@')).toEqual([id]);
  await customers.update(id, { name: null });
  expect(await find('영희')).toEqual([]);
  await customers.delete(id);
  expect(await find('second@')).toEqual([]);
});

test('a query that matches most customers gives the same as one that matches few', async () => {
  const { customers } = openStore();
  const emails = Array.from(
    { length: 10_500 },
    (_, index) => `user${(index * 7919) % 10_500}@common.example`,
  );
  const rows = await Promise.all(
    emails.map((email, index) =>
      customers.create({ email, name: index % 50 ? `공통 ${index % 97}` : '다른 이름' }),
    ),
  );
  const byEmail = [...rows].sort((a, b) => (a.email < b.email ? -1 : 1));
  for (const [query, keep] of [
    ['공통', ({ name }) => name.includes('공통')],
    ['common.ex', () => true],
    ['us', () => true],
    ['다른', ({ name }) => name.includes('다른')],
  ]) {
    const expected = byEmail.filter(keep).map(({ id }) => id);
    const found = await customers.list({ query, sort: 'email', limit: 100 }).toArray({ limit: 500 });
    expect(found.map(({ id }) => id)).toEqual(expected.slice(0, 500));
    const middle = Math.floor(expected.length / 2);
    const behind = { query, sort: 'email', startingAfter: expected[middle], limit: 100 };
    const { data } = await customers.list(behind);
    expect(data.map(({ id }) => id)).toEqual(expected.slice(middle + 1, middle + 101));
    const last = await customers.list({ query, sort: '-email', limit: 3, expand: ['total'] });
    expect(last.data.map(({ id }) => id)).toEqual(expected.slice(-3).reverse());
    expect(last.total).toBe(expected.length);
  }
});

// Texts and queries of one small alphabet, so that they often meet.
const LETTERS = [...'aAbB1 .+_%\\"*-éÉ한글김철수가😀(:'];
const letters = (minLength, maxLength) =>
  fc.array(fc.constantFrom(...LETTERS), { minLength, maxLength }).map((list) => list.join(''));
const localPart = fc
  .array(fc.constantFrom(...'aAbB1+_%-éÉ한글김철'), { minLength: 1, maxLength: 8 })
  .map((list) => list.join(''));
const name = fc.oneof(
  { weight: 8, arbitrary: letters(1, 14).filter((text) => text.trim() !== '') },
  { weight: 1, arbitrary: fc.constant(null) },
);
const person = fc.record({ local: localPart, host: fc.constantFrom('a.bA', 'b1.한글', 'ab.com'), name });
/** A query: any text, or a part of some customer's. */
const query = fc.oneof(
  letters(1, 5).filter((text) => text.trim() !== ''),
  fc.record({ of: fc.nat(), from: fc.nat(30), length: fc.integer({ min: 1, max: 10 }), upper: fc.boolean() }),
);

function spell(customers, wanted) {
  if (typeof wanted === 'string') return wanted;
  const { id, name, email } = customers[wanted.of % customers.length];
  const text = [...[name ?? email, email, id][wanted.of % 3]];
  const from = wanted.of % 3 === 2 ? 0 : wanted.from % text.length;
  const part = text.slice(from, from + wanted.length + (wanted.of % 3 === 2 ? 4 : 0)).join('');
  if (wanted.of % 3 === 2) return part;
  return wanted.upper ? part.toUpperCase() : part.normalize(wanted.of % 2 ? 'NFD' : 'NFC');
}

test('any query finds exactly what looking at every customer finds', async () => {
  const { customers } = openStore();
  const people = fc.sample(person, { numRuns: 200 });
  await Promise.all(
    people.map(({ local, host, name }, index) =>
      // Ids that differ from their first letter on, so that their beginnings find a few.
      customers.create({
        email: `${local}${index}@${host}`,
        name,
        id: `cus_${(index * 7919).toString(36)}Id`,
      }),
    ),
  );
  const rows = await customers.list({ limit: 100 }).toArray({ limit: 1000 });
  expect(rows).toHaveLength(200);
  let found = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(query, { minLength: 20, maxLength: 20 }), async (queries) => {
      const texts = queries.map((wanted) => spell(rows, wanted));
      const answers = await Promise.all(
        texts.map((text) =>
          customers.list({ query: text, limit: 100, sort: 'created' }).toArray({ limit: 1000 }),
        ),
      );
      for (const [index, text] of texts.entries()) {
        const expected = rows.filter((row) => matches(row, text));
        expect([text, idsOf(answers[index])]).toEqual([text, idsOf(expected)]);
        found += expected.length > 0 ? 1 : 0;
      }
    }),
    { numRuns: 120 },
  );
  // The property says something only if queries meet customers.
  expect(found).toBeGreaterThan(1000);
});

test('any filters together find exactly what looking at every customer finds, in every order', async () => {
  const { customers } = openStore();
  for (const { local, host, name } of fc.sample(person, { numRuns: 120 })) {
    await customers.create({ email: `${local}@${host}`, name });
  }
  const rows = await customers.list({ limit: 100, sort: 'created' }).toArray({ limit: 1000 });
  const times = rows.map(({ createdAt }) => Date.parse(createdAt));
  const time = fc.nat(rows.length - 1).map((index) => times[index]);
  const filters = fc.record(
    {
      query,
      email: fc.nat(rows.length - 1).map((index) => rows[index].email),
      gte: time,
      lt: time,
      sort: fc.constantFrom('created', '-created', 'name', '-name', 'email', '-email'),
      limit: fc.integer({ min: 1, max: 100 }),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(filters, async ({ query: wanted, email, gte, lt, sort, limit }) => {
      const text = wanted === undefined ? undefined : spell(rows, wanted);
      const list = customers.list({
        query: text,
        email,
        created: { gte, lt },
        sort,
        limit,
        expand: ['total'],
      });
      const expected = rows.filter((row, index) => {
        if (text !== undefined && !matches(row, text)) return false;
        if (email !== undefined && row.email !== email) return false;
        return (gte === undefined || times[index] >= gte) && (lt === undefined || times[index] < lt);
      });
      expect(idsOf(await list.toArray({ limit: 1000 }))).toEqual(idsOf(expected));
      expect((await list).total).toBe(expected.length);
    }),
    { numRuns: 400 },
  );
});
