// `events.stream`: every committed event once, in its order, as it happens.
const { setTimeout: pause } = require('node:timers/promises');
const { NO_DATA, SECRET } = require('../support/bad-values.js');
const { failure } = require('../support/customers.js');
const {
  allEvents,
  closeStores,
  expectError,
  expectInvalid,
  openStore,
  Proyecta,
} = require('../support/store.js');
const { createFrom, numbers, seqs, take } = require('./reading.js');

let store;
let stream;
beforeEach(() => {
  store = openStore();
  stream = (...args) => store.events.stream(...args);
});
afterEach(closeStores);

test('begins with the first event there is, and goes on with what happens', async () => {
  await createFrom(store, 1, 3);
  const events = stream({ after: 0 });
  const first = await take(events, 3);
  expect(first).toEqual(await allEvents(store));
  const next = take(events, 2);
  await createFrom(store, 4, 5);
  expect(seqs(await next)).toEqual([4, 5]);
});

test('an event has the object as it is and as it was', async () => {
  const events = stream({ after: 0 });
  const created = await store.customers.create({ email: 'a@example.com', name: 'A' });
  const updated = await store.customers.update(created.id, { name: 'B' });
  const [first, second] = await take(events, 2);
  expect(first).toMatchObject({ object: 'event', type: 'customer.created', clockId: null });
  expect(first.data).toEqual({ object: created, before: null });
  expect(second.data).toEqual({ object: updated, before: { name: 'A' } });
});

test('without a place it gives what happens after the call, also what happens before anybody reads', async () => {
  await createFrom(store, 1, 3);
  const events = stream();
  const other = stream({ after: null });
  const seen = take(events, 2);
  await createFrom(store, 4, 5);
  expect(seqs(await seen)).toEqual([4, 5]);
  expect(seqs(await take(other, 2))).toEqual([4, 5]);
});

test('is resumed behind an id, and behind a number', async () => {
  await createFrom(store, 1, 250);
  const all = await allEvents(store);
  for (const seen of [1, 99, 100, 101, 249]) {
    for (const after of [all[seen - 1].id, seen]) {
      expect(await take(stream({ after }), 250 - seen)).toEqual(all.slice(seen));
    }
  }
  const rest = take(stream({ after: all.at(-1).id }), 1);
  await createFrom(store, 251, 251);
  expect(seqs(await rest)).toEqual([251]);
});

test('a list begins behind an id too', async () => {
  await createFrom(store, 1, 5);
  const all = await allEvents(store);
  const rows = await store.events.list({ after: all[1].id, limit: 2 }).toArray({ limit: 100 });
  expect(rows).toEqual(all.slice(2));
  await expectError(
    store.events.list({ after: 'evt_nobody' }),
    Proyecta.NotFoundError,
    'event_not_found',
    'after',
  );
});

test('gives each event once, in order and without gaps, while many write', async () => {
  const streams = [stream({ after: 0 }), stream({ after: 0 }), stream()];
  const write = async (writer) => {
    for (const number of numbers(1, 25)) {
      const { id } = await store.customers.create({ email: `w${writer}-${number}@example.com` });
      if (number % 5 === 0) await store.customers.update(id, { name: `N${number}` });
    }
  };
  const total = 10 * 30;
  const reading = Promise.all(streams.map((events) => take(events, total)));
  await Promise.all(numbers(1, 10).map(write));
  for (const events of await reading) {
    expect(seqs(events)).toEqual(numbers(1, total));
    expect(new Set(events.map(({ id }) => id)).size).toBe(total);
  }
});

test('a slow reader gets all of it', async () => {
  const events = stream({ after: 0 });
  const seen = [];
  const reading = (async () => {
    for await (const event of events) {
      seen.push(event.seq);
      if (event.seq % 40 === 0) await pause(20);
      if (event.seq === 300) break;
    }
  })();
  await Promise.all(
    numbers(1, 300).map((number) => store.customers.create({ email: `s${number}@example.com` })),
  );
  await reading;
  expect(seen).toEqual(numbers(1, 300));
});

test('is narrowed by type and by subject', async () => {
  const [first, second] = await createFrom(store, 1, 2);
  const updates = stream({ type: 'customer.updated', after: 0 });
  const ofFirst = stream({ subjectId: first.id, after: 0 });
  const both = stream({ subject_id: second.id, type: 'customer.updated' });
  // More than a page of events that fit none.
  await createFrom(store, 3, 130);
  await store.customers.update(first.id, { name: 'A' });
  await store.customers.update(second.id, { name: 'B' });
  await createFrom(store, 131, 140);
  await store.customers.update(first.id, { name: 'C' });
  const subjects = (events) => events.map(({ type, subjectId }) => [type, subjectId]);
  expect(subjects(await take(updates, 3))).toEqual([
    ['customer.updated', first.id],
    ['customer.updated', second.id],
    ['customer.updated', first.id],
  ]);
  expect(seqs(await take(ofFirst, 3))).toEqual([1, 131, 143]);
  expect(seqs(await take(both, 1))).toEqual([132]);
});

test('calls of next() that overlap get events in their order', async () => {
  const events = stream({ after: 0 });
  const asked = numbers(1, 20).map(() => events.next());
  await createFrom(store, 1, 20);
  expect((await Promise.all(asked)).map(({ value }) => value.seq)).toEqual(numbers(1, 20));
});

test('after erasure a stream that comes later shows nothing of it', async () => {
  const { id } = await store.customers.create({ email: 'secret@example.com', name: '김비밀' });
  await store.customers.update(id, { name: '김비밀이' });
  const early = await take(stream({ after: 0 }), 2);
  expect(JSON.stringify(early)).toContain('secret@example.com');
  await store.customers.delete(id);
  for (const after of [0, early[0].id]) {
    const late = await take(stream({ after }), after === 0 ? 3 : 2);
    expect(JSON.stringify(late)).not.toMatch(/secret|김비밀/);
    expect(late.at(-2)).toMatchObject({ seq: 2, subjectId: id, data: { object: null, before: null } });
    expect(late.at(-1)).toMatchObject({ seq: 3, type: 'customer.deleted' });
  }
});

test('a store has nothing of another one', async () => {
  await createFrom(store, 1, 2);
  const [event] = await allEvents(store);
  const other = openStore();
  await expectError(
    other.events.stream({ after: event.id }).next(),
    Proyecta.NotFoundError,
    'event_not_found',
    'after',
  );
  const events = other.events.stream({ after: 0 });
  const reading = take(events, 1);
  await createFrom(store, 3, 4);
  const { id } = await other.customers.create({ email: 'other@example.com' });
  expect(await reading).toMatchObject([{ seq: 1, subjectId: id }]);
});

describe('cannot begin', () => {
  test('behind an event that is not there', async () => {
    const events = stream({ after: 'evt_01h5zzzzzzzzzzzzzzzzzzzzzz' });
    await expectError(events.next(), Proyecta.NotFoundError, 'event_not_found', 'after');
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  test('behind a number that no event has yet', async () => {
    await createFrom(store, 1, 2);
    for (const after of [3, 1_000_000, Number.MAX_SAFE_INTEGER]) {
      await expectInvalid(stream({ after }).next(), 'after');
    }
  });

  test.each([-1, 1.5, '5', 'cus_1', 'evt_', true, 2 ** 60, [], {}])('behind %p', async (after) => {
    await expectInvalid(stream({ after }).next(), 'after');
  });

  test.each(['after', 'type', 'subjectId'])('with %s that is no data', async (param) => {
    for (const [what, make] of Object.entries(NO_DATA)) {
      const error = await failure(stream({ [param]: make() }).next());
      expect({ what, name: error.name, code: error.code }).toEqual({
        what,
        name: 'InvalidRequestError',
        code: 'parameter_invalid',
      });
      expect(error.message).not.toContain(SECRET);
    }
  });

  test('with what it does not know', async () => {
    await expectInvalid(stream({ cursor: 'x' }).next(), 'cursor', 'parameter_unknown');
    await expectInvalid(stream({ type: 5 }).next(), 'type');
    await expectInvalid(stream({}, { timeout: 'long' }).next(), 'timeout');
  });
});
