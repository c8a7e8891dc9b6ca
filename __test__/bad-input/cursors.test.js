// Cursors that were changed, are of another list or of another store.
const { join } = require('node:path');
const fc = require('fast-check');
const { expectInvalid, openStore } = require('../support/store.js');
const { newFolder } = require('../support/folder.js');

const refuse = (list) => expectInvalid(list, 'cursor', 'cursor_invalid');

async function filled(options) {
  const store = openStore(options);
  for (let index = 0; index < 6; index++) {
    await store.customers.create({ email: `person${index}@example.com`, name: `Zq7Secret ${index}` });
    await store.customFields.create({ key: `k${index}`, type: 'text', label: `L${index}` });
  }
  return store;
}

let store;
beforeAll(async () => {
  store = await filled();
});

const cursorOf = async (params) => (await store.customers.list({ limit: 2, ...params })).nextCursor;

test('a cursor is of the list with the same filters and sort only', async () => {
  const base = { query: 'secret', sort: 'name', status: 'normal', createdAfter: 1000 };
  const cursor = await cursorOf(base);
  expect((await store.customers.list({ ...base, cursor })).data).toHaveLength(4);
  const others = [
    { ...base, query: 'secre' },
    { ...base, query: undefined },
    { ...base, sort: '-name' },
    { ...base, sort: 'email' },
    { ...base, sort: undefined },
    { ...base, status: 'dormant' },
    { ...base, status: undefined },
    { ...base, createdAfter: 1001 },
    { ...base, createdAfter: undefined },
    { ...base, createdBefore: '2099-01-01' },
    { ...base, created: { lte: '2099-01-01' } },
    { ...base, email: 'person1@example.com' },
    {},
  ];
  for (const params of others) {
    const error = await refuse(store.customers.list({ ...params, cursor }));
    expect(error.message).toContain('nextCursor');
  }
  // Size and count are no part of the list's identity.
  expect((await store.customers.list({ ...base, cursor, limit: 1, expand: ['total'] })).total).toBe(6);
});

test('a cursor is of one kind of list only', async () => {
  const { customers, customFields, events } = store;
  const cursors = {
    customers: (await customers.list({ limit: 2 })).nextCursor,
    customFields: (await customFields.list({ limit: 2 })).nextCursor,
    events: (await events.list({ limit: 2 })).nextCursor,
  };
  for (const [from, cursor] of Object.entries(cursors)) {
    for (const [to, resource] of Object.entries({ customers, customFields, events })) {
      if (from === to) expect((await resource.list({ cursor, limit: 2 })).data).toHaveLength(2);
      else await refuse(resource.list({ cursor }));
    }
  }
});

test('a cursor is of one store only', async () => {
  const other = await filled();
  const cursor = await cursorOf({});
  await refuse(other.customers.list({ cursor }));
  await refuse(other.customers.list({ cursor, limit: 2 }).toArray({ limit: 10 }));
  expect((await store.customers.list({ cursor })).data).toHaveLength(4);
});

test('a cursor outlives the process that gave it', async () => {
  const database = join(newFolder(), 'cursor.db');
  const first = await filled({ database });
  const page = await first.customers.list({ limit: 2 });
  const rest = await first.customers.list({ cursor: page.nextCursor });
  await first.proyecta.close();
  const second = openStore({ database });
  expect(await second.customers.list({ cursor: page.nextCursor })).toEqual(rest);
});

test('a cursor shows nothing of the customers that it lies between', async () => {
  for (const sort of ['created', 'name', 'email']) {
    const cursor = await cursorOf({ sort, query: 'secret' });
    for (const encoding of ['utf8', 'base64', 'base64url', 'hex']) {
      const text = Buffer.from(cursor, encoding).toString('latin1');
      expect(text).not.toMatch(/secret|person|example|cus_/i);
    }
  }
});

test('any change to a cursor is noticed', async () => {
  const cursor = await cursorOf({});
  const letter = fc.constantFrom(...'ABCXYZabcxyz0189-_+/=.~%"김');
  const changed = fc.oneof(
    fc
      .tuple(fc.nat(cursor.length - 1), letter)
      .map(([at, c]) => cursor.slice(0, at) + c + cursor.slice(at + 1)),
    fc.nat(cursor.length - 1).map((at) => cursor.slice(0, at) + cursor.slice(at + 1)),
    fc.tuple(fc.nat(cursor.length), letter).map(([at, c]) => cursor.slice(0, at) + c + cursor.slice(at)),
    fc.nat(cursor.length - 1).map((length) => cursor.slice(0, length)),
    fc.constantFrom(cursor.toLowerCase(), cursor.toUpperCase(), `${cursor}=`, cursor + cursor),
    fc.string({ maxLength: 200 }),
    fc.base64String(),
  );
  await fc.assert(
    fc.asyncProperty(
      changed.filter((text) => text.trim() !== cursor && !text.includes('\0')),
      async (text) => {
        await refuse(store.customers.list({ cursor: text }));
      },
    ),
    { numRuns: 2000 },
  );
});

test.each(['', ' ', 'abc', 'null', 'undefined', '[object Object]', 'eyJpZCI6MX0', 'x'.repeat(2000), '김'])(
  'the text %j is no cursor',
  async (cursor) => {
    await refuse(store.customers.list({ cursor }));
    await refuse(store.customFields.list({ cursor }));
    await refuse(store.events.list({ cursor }));
  },
);
