// `events.list`: every change is told once, in order, without gaps.
const { failure } = require('../support/customers.js');
const {
  allEvents,
  closeStores,
  expectError,
  expectInvalid,
  openStore,
  Proyecta,
} = require('../support/store.js');

let store;
let customers;
beforeEach(() => {
  store = openStore();
  customers = store.customers;
});
afterEach(closeStores);

const list = (params) => store.events.list(params).toArray({ limit: 10_000 });

test('an event says what happened to which version of what, and shows it', async () => {
  const customer = await customers.create({ email: 'a@example.com', name: '김철수', metadata: { a: '1' } });
  const [event] = await allEvents(store);
  expect(event).toEqual({
    id: expect.stringMatching(/^evt_[0-9a-hjkmnp-tv-z]{26}$/),
    object: 'event',
    seq: 1,
    type: 'customer.created',
    subjectId: customer.id,
    subjectVersion: 1,
    data: { object: customer, before: null },
    actorKind: expect.stringMatching(/^(system|api_key)$/),
    actorId: event.actorKind === 'api_key' ? expect.stringMatching(/^key_/) : null,
    // Only what came over HTTP is a request.
    requestId: event.requestId === null ? null : expect.stringMatching(/^req_/),
    clockId: null,
    createdAt: customer.createdAt,
  });
});

test('every change has exactly one event with what was before', async () => {
  const created = await customers.create({ email: 'a@example.com', name: 'A', metadata: { a: '1', b: '2' } });
  const renamed = await customers.update(created.id, { name: 'B', phone: '010-1234-5678' });
  const noted = await customers.update(created.id, { metadata: { a: null } });
  const moved = await customers.update(created.id, { email: 'b@example.com' });
  const logged = await customers.recordLogin(created.id);
  const events = await allEvents(store);
  expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  expect(events.map(({ type }) => type)).toEqual(['customer.created', ...Array(4).fill('customer.updated')]);
  expect(events.map(({ subjectVersion }) => subjectVersion)).toEqual([1, 2, 3, 4, 5]);
  expect(events.map(({ data }) => data.object)).toEqual([created, renamed, noted, moved, logged]);
  const [, second, third, fourth, fifth] = events.map(({ data }) => data.before);
  expect(second).toMatchObject({ name: 'A', phone: null });
  expect(second).not.toHaveProperty('email');
  expect(second).not.toHaveProperty('metadata');
  expect(third.metadata).toEqual({ a: '1', b: '2' });
  expect(fourth).toMatchObject({ email: 'a@example.com' });
  expect(fifth).toMatchObject({ lastLoginAt: null });
});

test('what changes nothing has no event', async () => {
  const { id } = await customers.create({ email: 'a@example.com', name: 'A' });
  await customers.create({ email: 'A@example.com', name: 'Other' });
  await customers.update(id, { name: 'A', metadata: { x: null } });
  await customers.update(id, {});
  await customers.get(id);
  await customers.list({ query: 'a' });
  await customers.verifyPassword(id, { password: 'correct horse' });
  await store.signupForm.get();
  await store.signupForm.update({ account: 'email' });
  await store.proyecta.store;
  expect(await allEvents(store)).toHaveLength(1);
});

test('what is refused has no event and leaves no gap', async () => {
  const { id } = await customers.create({ email: 'a@example.com', key: 'k' });
  await failure(customers.create({ email: 'not an address' }));
  await failure(customers.create({ email: 'b@example.com', key: 'k' }));
  await failure(customers.create({ email: 'b@example.com', id }));
  await failure(customers.update(id, { name: 'B', ifVersion: 9 }));
  await failure(customers.update('cus_nobody', { name: 'B' }));
  await failure(customers.delete('cus_nobody'));
  await failure(store.customFields.create({ type: 'dropdown', label: 'Empty' }));
  await customers.create({ email: 'b@example.com' });
  expect((await allEvents(store)).map(({ seq, type }) => [seq, type])).toEqual([
    [1, 'customer.created'],
    [2, 'customer.created'],
  ]);
});

test('settings have events too', async () => {
  const field = await store.customFields.create({ key: 'plan', type: 'text', label: 'Plan' });
  await store.customFields.update('plan', { label: 'Plan name' });
  const form = await store.signupForm.update({ fields: { phone: { required: true } } });
  await store.customFields.delete('plan');
  const events = await allEvents(store);
  expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['settings.updated']));
  expect(events.map(({ subjectId }) => subjectId)).toEqual([field.id, field.id, form.id, field.id]);
});

test('an own change is there at once', async () => {
  for (let count = 1; count <= 30; count++) {
    await customers.create({ email: `u${count}@example.com` });
    const { data } = await store.events.list({ after: count - 1 });
    expect(data.map(({ seq }) => seq)).toEqual([count]);
  }
});

test('changes at once are numbered without gap or repetition, each object in the order of its versions', async () => {
  const made = await Promise.all(
    Array.from({ length: 200 }, (_, index) => customers.create({ email: `u${index % 150}@example.com` })),
  );
  const ids = [...new Set(made.map(({ id }) => id))];
  await Promise.all([
    ...ids.map(async (id, index) => {
      await Promise.all([customers.update(id, { name: `N${index}` }), customers.recordLogin(id)]);
      if (index < 20) await customers.delete(id);
    }),
    allEvents(store),
  ]);
  const events = await allEvents(store);
  expect(events).toHaveLength(150 * 3 + 20);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  for (const id of ids) {
    const versions = events
      .filter(({ subjectId }) => subjectId === id)
      .map(({ subjectVersion }) => subjectVersion);
    expect(versions).toEqual(versions.map((_, index) => index + 1));
  }
});

test('reading on while changes are made sees every event once', async () => {
  const seen = [];
  let writing = true;
  const write = (async () => {
    for (let round = 0; round < 20; round++) {
      const emails = Array.from({ length: 10 }, (_, index) => `r${round}-${index}@example.com`);
      await Promise.all(emails.map((email) => customers.create({ email })));
    }
    writing = false;
  })();
  for (;;) {
    const last = !writing;
    const { data, hasMore } = await store.events.list({ after: seen.at(-1)?.seq ?? 0, limit: 7 });
    seen.push(...data);
    if (last && !hasMore) break;
  }
  await write;
  expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
});

describe('a list of events', () => {
  let ids;
  beforeEach(async () => {
    ids = [];
    for (let index = 0; index < 30; index++) {
      const { id } = await customers.create({ email: `u${index}@example.com` });
      ids.push(id);
      if (index % 3 === 0) await customers.update(id, { name: `N${index}` });
    }
    await customers.delete(ids[5]);
  });

  test('has 20 on a page by default, oldest first, and walks on by cursor', async () => {
    const first = await store.events.list();
    expect(first.data.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(first.hasMore).toBe(true);
    const second = await store.events.list({ cursor: first.nextCursor, limit: '100' });
    expect(second.data.map(({ seq }) => seq)).toEqual(Array.from({ length: 21 }, (_, index) => index + 21));
    expect(second).toMatchObject({ hasMore: false, nextCursor: null });
    const seen = [];
    for await (const { seq } of store.events.list({ limit: 4 })) seen.push(seq);
    expect(seen).toEqual(Array.from({ length: 41 }, (_, index) => index + 1));
  });

  test('is narrowed by type, subject and place, and by all of them', async () => {
    const everything = await allEvents(store);
    const expectSame = async (params, keep) => {
      for (const limit of [3, 100]) expect(await list({ ...params, limit })).toEqual(everything.filter(keep));
    };
    await expectSame({ type: 'customer.updated' }, ({ type }) => type === 'customer.updated');
    await expectSame({ type: 'customer.deleted' }, ({ type }) => type === 'customer.deleted');
    await expectSame({ subjectId: ids[3] }, ({ subjectId }) => subjectId === ids[3]);
    await expectSame({ subject_id: ids[5] }, ({ subjectId }) => subjectId === ids[5]);
    await expectSame({ after: 0 }, () => true);
    await expectSame({ after: 40 }, ({ seq }) => seq > 40);
    await expectSame({ after: 41 }, () => false);
    await expectSame(
      { type: 'customer.created', after: 20 },
      (e) => e.type === 'customer.created' && e.seq > 20,
    );
    await expectSame(
      { type: 'customer.updated', subjectId: ids[3], after: 2 },
      (e) => e.type === 'customer.updated' && e.subjectId === ids[3] && e.seq > 2,
    );
  });

  test('is empty for what never happened', async () => {
    expect(await list({ subjectId: 'cus_nobody' })).toEqual([]);
    expect(await list({ after: Number.MAX_SAFE_INTEGER })).toEqual([]);
  });

  test.each([-1, 1.5, '5', true, 2 ** 60, [], {}])('cannot begin after %p', async (after) => {
    await expectInvalid(store.events.list({ after }), 'after');
  });

  test('has a cursor of its own', async () => {
    const { nextCursor } = await store.events.list({ limit: 1 });
    const other = store.events.list({ cursor: nextCursor, type: 'customer.created' });
    await expectInvalid(other, 'cursor', 'cursor_invalid');
    await expectError(
      store.customers.list({ cursor: nextCursor }),
      Proyecta.InvalidRequestError,
      'cursor_invalid',
      'cursor',
    );
  });
});
