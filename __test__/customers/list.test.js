// `customers.list`: pages, filters, orders, and the ways to consume them.
const { expectError, expectInvalid, fold, openStore, Proyecta } = require('../support/store.js');

const store = openStore();
const { customers } = store;
const NAMES = [
  'Zoe',
  'adam',
  'Adam',
  '김철수',
  '이영희',
  'Émile',
  null,
  'émile',
  '박',
  'bob',
  '10',
  '9',
  '😀',
  '～',
];
const COUNT = 130;
let rows;

beforeAll(async () => {
  rows = [];
  for (let index = 0; index < COUNT; index++) {
    const name = NAMES[index % NAMES.length];
    const email = `${index % 2 ? 'User' : 'user'}${(index * 37) % COUNT}@example${index % 3}.com`;
    rows.push(await customers.create({ email, name }));
  }
});

const idsOf = (list) => list.map(({ id }) => id);
const all = (params) => customers.list(params).toArray({ limit: 10_000 });

describe('a page', () => {
  test('has 20 customers by default, newest first', async () => {
    const page = await customers.list();
    expect(idsOf(page.data)).toEqual(idsOf(rows.slice(-20).reverse()));
    expect(page).toEqual({ data: page.data, hasMore: true, nextCursor: expect.any(String) });
    expect(page.data[0]).toEqual(rows.at(-1));
    expect(await customers.list({})).toEqual(page);
    expect(await customers.list(undefined)).toEqual(page);
    expect(await customers.list({ limit: null, cursor: null, sort: null, query: undefined })).toEqual(page);
  });

  test.each([1, 2, 99, 100, '1', '20', '100', ' 5 ', 7.0])(
    'has the number of customers asked for: %j',
    async (limit) => {
      const { data, hasMore } = await customers.list({ limit });
      expect(data).toHaveLength(Number(limit));
      expect(hasMore).toBe(true);
    },
  );

  test.each([
    0,
    -1,
    101,
    1.5,
    1e9,
    -0.5,
    Number.MAX_SAFE_INTEGER,
    '0',
    '-1',
    '101',
    'abc',
    '',
    ' ',
    '1.5',
    '1e1',
    '0x10',
    '٣',
    '5 rows',
    true,
    false,
    [],
    [5],
    {},
  ])('cannot have a limit of %j', async (limit) => {
    const error = await expectInvalid(customers.list({ limit }), 'limit');
    expect(error.message).toMatch(/\b1\b.*\b100\b/);
    await expectInvalid(store.events.list({ limit }), 'limit');
    await expectInvalid(store.customFields.list({ limit }), 'limit');
  });

  test('that is the last has no cursor, even when it is full', async () => {
    for (const limit of [65, 26, 13, 10]) {
      let page = await customers.list({ limit });
      let seen = page.data.length;
      while (page.hasMore) {
        page = await customers.list({ limit, cursor: page.nextCursor });
        seen += page.data.length;
        expect(page.data.length).toBeGreaterThan(0);
      }
      expect(page.nextCursor).toBeNull();
      expect(seen).toBe(COUNT);
    }
  });

  test('of nothing is empty', async () => {
    expect(await customers.list({ email: 'nobody@example.com' })).toEqual({
      data: [],
      hasMore: false,
      nextCursor: null,
    });
  });
});

describe('a list', () => {
  test('can be awaited and iterated, also both, and fetches its pages by itself', async () => {
    const list = customers.list({ limit: 7 });
    const { data } = await list;
    const seen = [];
    for await (const customer of list) seen.push(customer);
    expect(seen).toEqual([...rows].reverse());
    expect(data).toEqual(seen.slice(0, 7));
    expect((await list.then((page) => page)).data).toEqual(data);
  });

  test('gives each row once to those who ask faster than it can answer', async () => {
    const iterator = customers.list({ limit: 4 })[Symbol.asyncIterator]();
    const steps = await Promise.all(Array.from({ length: 40 }, () => iterator.next()));
    expect(steps.map(({ value }) => value)).toEqual([...rows].reverse().slice(0, 40));
  });

  test('can be left in the middle and begun anew', async () => {
    const list = customers.list({ limit: 10 });
    const some = [];
    for await (const customer of list) {
      some.push(customer);
      if (some.length === 15) break;
    }
    expect(some).toEqual([...rows].reverse().slice(0, 15));
    expect(await list.toArray({ limit: 15 })).toEqual(some);
  });

  test.each([1, 19, 20, 21, 129, 130, 131, 10_000])('becomes an array of at most %d', async (limit) => {
    const found = await customers.list({ limit: 20 }).toArray({ limit });
    expect(found).toEqual([...rows].reverse().slice(0, limit));
  });

  test.each([0, -1, 1.5, '5', 10_001, null, undefined, Number.NaN])(
    'becomes no array of %p',
    async (limit) => {
      await expectInvalid(customers.list().toArray({ limit }), 'limit');
      await expectInvalid(customers.list().toArray(), 'limit');
    },
  );

  test('says what is wrong with it however it is used, and only then', async () => {
    const list = customers.list({ limit: 0 });
    await expectInvalid(list, 'limit');
    await expectInvalid(list[Symbol.asyncIterator]().next(), 'limit');
    await expectInvalid(list.toArray({ limit: 1 }), 'limit');
    await expectInvalid(list.finally(), 'limit');
    expect((await list.catch((error) => error)).param).toBe('limit');
  });

  test('keeps the parameters that it was made with', async () => {
    const params = { limit: 3, email: rows[5].email };
    const list = customers.list(params);
    params.email = rows[6].email;
    expect(idsOf((await list).data)).toEqual([rows[5].id]);
  });
});

describe('a sort', () => {
  const KEYS = {
    created: (row) => Buffer.from(row.createdAt),
    name: (row) => Buffer.from(fold(row.name ?? '')),
    email: (row) => Buffer.from(fold(row.email)),
  };

  test.each([
    ['created', 1],
    ['-created', -1],
    ['name', 1],
    ['-name', -1],
    ['email', 1],
    ['-email', -1],
  ])('by %s orders all pages', async (sort, direction) => {
    const key = KEYS[sort.replace('-', '')];
    for (const limit of [7, 100]) {
      const found = await all({ sort, limit });
      expect(idsOf(found).sort()).toEqual(idsOf(rows).sort());
      for (let index = 1; index < found.length; index++) {
        const order = Buffer.compare(key(found[index - 1]), key(found[index])) * direction;
        expect([sort, found[index].name, order <= 0]).toEqual([sort, found[index].name, true]);
      }
    }
    expect(idsOf(await all({ sort, limit: 3 }))).toEqual(idsOf(await all({ sort, limit: 100 })));
  });

  test('by created is the order of creation', async () => {
    expect(await all({ sort: 'created' })).toEqual(rows);
    expect(await all({ sort: '-created' })).toEqual([...rows].reverse());
  });

  test('in the other direction is exactly the reverse', async () => {
    for (const sort of ['name', 'email']) {
      expect(idsOf(await all({ sort: `-${sort}` }))).toEqual(idsOf(await all({ sort })).reverse());
    }
  });

  test.each(['', 'id', '+created', '--created', 'created,name', 'updated', 'createdAt desc'])(
    'by %j does not exist',
    async (sort) => {
      const error = await expectInvalid(customers.list({ sort }), 'sort');
      expect(error.message).toContain('-created');
    },
  );
});

describe('a filter', () => {
  test('by e-mail is exact, in any spelling', async () => {
    const { email, id } = rows[8];
    for (const spelled of [email, email.toUpperCase(), ` ${email} `]) {
      expect(idsOf(await all({ email: spelled }))).toEqual([id]);
    }
    for (const part of [email.slice(1), email.slice(0, -1), 'example0.com', '%', 'user%', '*', '']) {
      expect(await all({ email: part })).toEqual([]);
    }
  });

  test('by status takes both, in any case', async () => {
    expect(await all({ status: 'normal' })).toHaveLength(COUNT);
    expect(await all({ status: 'NORMAL' })).toHaveLength(COUNT);
    expect(await all({ status: 'dormant' })).toEqual([]);
    await expectInvalid(customers.list({ status: 'active' }), 'status');
  });

  const at = (index) => Date.parse(rows[index].createdAt);
  const spelledTimes = (millis) => [
    millis,
    new Date(millis),
    new Date(millis).toISOString(),
    new Date(millis + 9 * 3_600_000).toISOString().replace('Z', '+09:00'),
  ];
  // A millisecond that was shown may stand for any microsecond within it.
  const later = (millis) => rows.filter(({ createdAt }) => Date.parse(createdAt) > millis);
  const earlier = (millis) => rows.filter(({ createdAt }) => Date.parse(createdAt) < millis);
  const within = (inner, found, outer) => {
    expect(idsOf(found)).toEqual(expect.arrayContaining(idsOf(inner)));
    expect(idsOf(outer)).toEqual(expect.arrayContaining(idsOf(found)));
  };

  test('by time of creation takes strings, dates and milliseconds alike', async () => {
    const millis = at(60);
    for (const name of ['createdAfter', 'createdBefore']) {
      const answers = await Promise.all(spelledTimes(millis).map((time) => all({ [name]: time })));
      for (const answer of answers) expect(answer).toEqual(answers[0]);
    }
    for (const name of ['gt', 'gte', 'lt', 'lte']) {
      const answers = await Promise.all(
        spelledTimes(millis).map((time) => all({ created: { [name]: time } })),
      );
      for (const answer of answers) expect(answer).toEqual(answers[0]);
    }
  });

  test('by time of creation finds what lies between its bounds', async () => {
    for (const index of [0, 1, 60, COUNT - 1]) {
      const millis = at(index);
      within(later(millis), await all({ createdAfter: millis }), later(millis - 1));
      within(later(millis), await all({ created: { gt: millis } }), later(millis - 1));
      expect(idsOf(await all({ created: { gte: millis }, sort: 'created' }))).toEqual(
        idsOf(later(millis - 1)),
      );
      expect(idsOf(await all({ createdBefore: millis, sort: 'created' }))).toEqual(idsOf(earlier(millis)));
      expect(idsOf(await all({ created: { lt: millis }, sort: 'created' }))).toEqual(idsOf(earlier(millis)));
      within(earlier(millis), await all({ created: { lte: millis } }), earlier(millis + 1));
      const between = await all({ created: { gte: millis, lt: millis + 2 }, sort: 'created' });
      expect(between).toEqual(later(millis - 1).filter((row) => Date.parse(row.createdAt) < millis + 2));
      expect(await all({ created: { gte: millis, lt: millis } })).toEqual([]);
    }
    expect(await all({ createdAfter: '2099-01-01' })).toEqual([]);
    expect(await all({ createdBefore: '2020-01-01' })).toEqual([]);
    expect(await all({ createdAfter: '2020-01-01', created: { gt: '2099-01-01' } })).toEqual([]);
    expect(await all({ createdAfter: 0 })).toHaveLength(COUNT);
  });

  test.each([
    'yesterday',
    '',
    '2026-13-01',
    '2026-02-30',
    '2026-03-01T00:00:00',
    1.5,
    -1,
    9e15,
    '2100-01-01',
    '1969-12-31',
    true,
    [],
    {},
  ])('by time of creation refuses %j', async (time) => {
    await expectInvalid(customers.list({ createdAfter: time }), 'createdAfter');
    await expectInvalid(customers.list({ createdBefore: time }), 'createdBefore');
    await expectInvalid(customers.list({ created: { lte: time } }), 'created.lte');
  });

  test('joins the others: all of them must hold', async () => {
    const expected = rows.filter(({ name, email }) => name === 'bob' && /example1/.test(email));
    expect(expected.length).toBeGreaterThan(1);
    const found = await all({ query: 'example1', createdAfter: 0, status: 'normal', sort: 'created' });
    expect(found.filter(({ name }) => name === 'bob')).toEqual(expected);
    expect(await all({ query: 'adam', email: expected[0].email })).toEqual([]);
    expect(await all({ query: 'bob', email: expected[0].email })).toEqual([expected[0]]);
  });
});

describe('the total', () => {
  test('counts over all pages, with every filter, and only when asked for', async () => {
    expect(await customers.list({ limit: 1 })).not.toHaveProperty('total');
    expect((await customers.list({ limit: 1, expand: [] })).total).toBeUndefined();
    const first = await customers.list({ limit: 50, expand: ['total'] });
    expect(first.total).toBe(COUNT);
    const second = await customers.list({ limit: 50, expand: ['total'], cursor: first.nextCursor });
    expect(second.total).toBe(COUNT);
    for (const filter of [{ query: 'adam' }, { query: '철수' }, { query: '1' }, { email: rows[0].email }]) {
      const { total } = await customers.list({ ...filter, limit: 1, expand: ['total'] });
      expect(total).toBe((await all(filter)).length);
      expect(total).toBeGreaterThan(0);
    }
  });

  test('is the only thing to expand', async () => {
    await expectInvalid(customers.list({ expand: ['totals'] }), 'expand[0]');
    await expectInvalid(customers.list({ expand: 'total' }), 'expand');
    await expectInvalid(customers.list({ expand: ['total', 5] }), 'expand[1]');
  });
});

describe('startingAfter', () => {
  test.each(['created', '-created', 'name', '-email'])('goes on behind a customer, by %s', async (sort) => {
    const ordered = await all({ sort, limit: 100 });
    for (const index of [0, 1, 64, COUNT - 2, COUNT - 1]) {
      const found = await all({ sort, startingAfter: ordered[index].id, limit: 9 });
      expect(idsOf(found)).toEqual(idsOf(ordered.slice(index + 1)));
    }
  });

  test('works with filters, even behind a customer that does not match them', async () => {
    const matching = await all({ query: 'adam', sort: 'created' });
    const found = await all({ query: 'adam', sort: 'created', startingAfter: rows[60].id });
    const behind = idsOf(rows.slice(61));
    expect(idsOf(found)).toEqual(idsOf(matching).filter((id) => behind.includes(id)));
  });

  test('needs a customer that is there, and no cursor beside it', async () => {
    const { NotFoundError } = Proyecta;
    const list = customers.list({ startingAfter: 'cus_nobody' });
    await expectError(list, NotFoundError, 'customer_not_found', 'startingAfter');
    const { nextCursor } = await customers.list({ limit: 1 });
    await expectInvalid(customers.list({ startingAfter: rows[0].id, cursor: nextCursor }), 'startingAfter');
  });
});
