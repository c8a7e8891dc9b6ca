// Walking through the pages of a list while rows come and go.
const fc = require('fast-check');
const { front, FRONTS } = require('../support/fronts.js');
const { fold, openStore } = require('../support/store.js');

const name = fc.constantFrom(
  null,
  'a',
  'A',
  'ab',
  '김',
  '김철수',
  '김철수'.normalize('NFD'),
  'é',
  'z',
  '가',
  '😀',
);
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('create'), name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete'), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deleteLast') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rename'), at: fc.nat(), name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('readdress'), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('login'), at: fc.nat() }) },
);
const walk = fc.record({
  names: fc.array(name, { minLength: 1, maxLength: 14 }),
  limit: fc.integer({ min: 1, max: 5 }),
  changes: fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 12 }),
  filtered: fc.boolean(),
});

/** Walks of each kind; the ways to the engine differ too little to walk as often in all of them. */
const RUNS = front === FRONTS[0] ? 120 : 40;

let made = 0;
/** A first letter that leads to any place in the order of addresses. */
const freshEmail = (mark) => `${'mzacxb'[made % 6]}${made++}@${mark}.example.com`;

/** One walk's rows: those that stayed, with the value they are sorted by, and those that did not. */
class Rows {
  constructor(customers, mark, sort) {
    Object.assign(this, {
      customers,
      mark,
      field: sort.replace('-', ''),
      live: new Map(),
      settled: new Map(),
    });
  }

  keyOf(row) {
    return this.field === 'created' ? row.createdAt : fold(row[this.field] ?? '');
  }

  async create(given, settled) {
    const row = await this.customers.create({ email: freshEmail(this.mark), name: given });
    this.live.set(row.id, row);
    if (settled) this.settled.set(row.id, this.keyOf(row));
  }

  async apply(step, lastSeen) {
    if (step.do === 'create') return this.create(step.name, false);
    const ids = [...this.live.keys()];
    const id = step.do === 'deleteLast' ? lastSeen : ids[step.at % ids.length];
    if (!this.live.has(id)) return;
    if (step.do === 'delete' || step.do === 'deleteLast') {
      await this.customers.delete(id);
      this.live.delete(id);
      this.settled.delete(id);
      return;
    }
    const changed = await this.change(step, id);
    // A row that moved may be seen where it was, where it is, or between the two: never.
    if (this.settled.has(id) && this.settled.get(id) !== this.keyOf(changed)) this.settled.delete(id);
  }

  change(step, id) {
    if (step.do === 'rename') return this.customers.update(id, { name: step.name });
    if (step.do === 'login') return this.customers.recordLogin(id);
    return this.customers.update(id, { email: freshEmail(this.mark) });
  }

  check(seen) {
    const ids = seen.map(({ id }) => id);
    for (const id of this.settled.keys())
      expect([id, ids.filter((one) => one === id).length]).toEqual([id, 1]);
    if (this.field === 'created') expect(new Set(ids).size).toBe(ids.length);
  }
}

function expectOrder(rows, seen, sort) {
  const direction = sort.startsWith('-') ? -1 : 1;
  const keys = seen.map((row) => Buffer.from(rows.keyOf(row)));
  for (let index = 1; index < keys.length; index++) {
    expect(Buffer.compare(keys[index - 1], keys[index]) * direction).toBeLessThanOrEqual(0);
  }
}

const SORTS = ['created', '-created', 'name', '-name', 'email', '-email'];

describe.each(SORTS)('a walk by %s while customers come, go and change', (sort) => {
  const store = openStore();
  let walks = 0;

  async function start(names) {
    const mark = `w${sort.replace('-', 'minus')}${walks++}`;
    const rows = new Rows(store.customers, mark, sort);
    for (const one of names) await rows.create(one, true);
    return rows;
  }

  const clear = (rows) => Promise.all([...rows.live.keys()].map((id) => store.customers.delete(id)));

  test('page by page sees every row that stayed exactly once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(walk, async ({ names, limit, changes, filtered }) => {
        const rows = await start(names);
        const filter = filtered ? { query: `${rows.mark}.ex` } : {};
        const seen = [];
        let cursor;
        for (let turn = 0; ; turn++) {
          const page = await store.customers.list({ ...filter, sort, limit, cursor });
          seen.push(...page.data);
          if (!page.hasMore) break;
          cursor = page.nextCursor;
          for (const step of changes[turn] ?? []) await rows.apply(step, seen.at(-1)?.id);
        }
        rows.check(seen);
        expectOrder(rows, seen, sort);
        await clear(rows);
      }),
      { numRuns: RUNS },
    );
  });

  test('with for await sees every row that stayed exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(walk, async ({ names, limit, changes }) => {
        const rows = await start(names);
        const seen = [];
        for await (const row of store.customers.list({ sort, limit })) {
          seen.push(row);
          for (const step of changes[seen.length - 1] ?? []) await rows.apply(step, row.id);
        }
        rows.check(seen);
        await clear(rows);
      }),
      { numRuns: RUNS / 2 },
    );
  });
});

test('a page can be fetched again with the same cursor', async () => {
  const { customers } = openStore();
  for (let index = 0; index < 9; index++) await customers.create({ email: `again${index}@example.com` });
  const first = await customers.list({ limit: 3, sort: 'email' });
  const second = await customers.list({ limit: 3, sort: 'email', cursor: first.nextCursor });
  await customers.delete(first.data[2].id);
  expect(await customers.list({ limit: 3, sort: 'email', cursor: first.nextCursor })).toEqual(second);
  // The size of a page is no part of the list's identity.
  const rest = await customers.list({ limit: 100, sort: 'email', cursor: first.nextCursor });
  expect(rest.data.slice(0, 3)).toEqual(second.data);
  expect(rest.data).toHaveLength(6);
});

test('a walk beside writers that never pause sees every row that stayed exactly once', async () => {
  const { customers } = openStore();
  const create = (index, name) => customers.create({ email: `${index % 7}-${index}@example.com`, name });
  const stay = (
    await Promise.all(Array.from({ length: 150 }, (_, index) => create(index, `Stay ${index % 9}`)))
  ).map(({ id }) => id);
  let index = 1000;
  let walking = true;
  const write = async () => {
    while (walking) {
      const { id } = await create(index++, `Go ${index % 9}`);
      await customers.delete(id);
    }
  };
  const writers = Array.from({ length: 8 }, write);
  for (const sort of SORTS) {
    const seen = [];
    for await (const { id } of customers.list({ sort, limit: 10 })) seen.push(id);
    const times = stay.map((id) => seen.filter((one) => one === id).length);
    expect([sort, new Set(times)]).toEqual([sort, new Set([1])]);
  }
  walking = false;
  await Promise.all(writers);
});

test('rows created at once, in one moment, are each seen once', async () => {
  const { customers } = openStore();
  const emails = Array.from({ length: 300 }, (_, index) => `burst${index}@example.com`);
  const ids = (await Promise.all(emails.map((email) => customers.create({ email, name: 'Same' })))).map(
    (c) => c.id,
  );
  for (const sort of SORTS) {
    const seen = await customers.list({ sort, limit: 7 }).toArray({ limit: 10_000 });
    expect(seen.map(({ id }) => id).sort()).toEqual([...ids].sort());
  }
});
