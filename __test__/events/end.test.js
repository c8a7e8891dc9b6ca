// How a stream ends: left, aborted, closed.
const { failure } = require('../support/customers.js');
const { closeStores, openStore, Proyecta } = require('../support/store.js');
const { until } = require('../support/until.js');
const { createFrom, seqs, take } = require('./reading.js');

const DONE = { done: true, value: undefined };

let store;
let stream;
beforeEach(() => {
  store = openStore();
  stream = (...args) => store.events.stream(...args);
});
afterEach(closeStores);

test('leaving the loop ends it', async () => {
  await createFrom(store, 1, 5);
  const events = stream({ after: 0 });
  for await (const { seq } of events) if (seq === 2) break;
  expect(await events.next()).toEqual(DONE);
});

test('return() ends it, also while somebody waits', async () => {
  const events = stream({ after: 0 });
  const waiting = events.next();
  // Long enough for it to have been asked.
  await store.events.list();
  expect(await events.return()).toEqual(DONE);
  expect(await waiting).toEqual(DONE);
  expect(await events.next()).toEqual(DONE);
  const another = stream();
  await another[Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose')]();
  expect(await another.next()).toEqual(DONE);
});

test('return() before anything was answered ends it', async () => {
  const events = stream();
  const waiting = events.next();
  await events.return();
  expect(await waiting).toEqual(DONE);
});

test('its signal ends it with an AbortError', async () => {
  const controller = new AbortController();
  const events = stream({ after: 0 }, { signal: controller.signal });
  await createFrom(store, 1, 1);
  expect(seqs(await take(events, 1))).toEqual([1]);
  const waiting = events.next();
  // Long enough for it to have been asked.
  await store.events.list();
  const reason = new Error('enough');
  controller.abort(reason);
  const error = await failure(waiting);
  expect(error).toBeInstanceOf(Proyecta.AbortError);
  expect(error).toMatchObject({ code: 'aborted', cause: reason });
  expect(await events.next()).toEqual(DONE);
});

test.each([{ after: 0 }, undefined])(
  'a signal that was aborted before ends it at once (%j)',
  async (params) => {
    const events = stream(params, { signal: AbortSignal.abort() });
    expect(await failure(events.next())).toBeInstanceOf(Proyecta.AbortError);
    expect(await events.next()).toEqual(DONE);
  },
);

test('an aborted loop does not give what was fetched already', async () => {
  await createFrom(store, 1, 10);
  const controller = new AbortController();
  const seen = [];
  const loop = (async () => {
    for await (const { seq } of stream({ after: 0 }, { signal: controller.signal })) {
      seen.push(seq);
      if (seq === 3) controller.abort();
    }
  })();
  expect(await failure(loop)).toBeInstanceOf(Proyecta.AbortError);
  expect(seen).toEqual([1, 2, 3]);
});

test('close() ends it quietly', async () => {
  await createFrom(store, 1, 2);
  const streams = [stream({ after: 0 }), stream(), stream({ type: 'customer.deleted', after: 0 })];
  const seen = streams.map(() => []);
  const reading = streams.map(async (events, index) => {
    for await (const { seq } of events) seen[index].push(seq);
  });
  await until('the first has seen all there is', () => seen[0].length === 2);
  await store.proyecta.close();
  await Promise.all(reading);
  expect(seen).toEqual([[1, 2], [], []]);
});

test('after close() there is none', async () => {
  await store.proyecta.close();
  for (const params of [{ after: 0 }, undefined]) {
    const error = await failure(stream(params).next());
    expect(error).toMatchObject({ name: 'InvalidRequestError', code: 'closed' });
  }
});

test('many at once end one by one', async () => {
  const streams = Array.from({ length: 20 }, () => stream({ after: 0 }));
  const first = streams.map((events) => take(events, 1));
  await createFrom(store, 1, 1);
  for (const events of await Promise.all(first)) expect(seqs(events)).toEqual([1]);
  await Promise.all(streams.slice(1).map((events) => events.return()));
  const rest = take(streams[0], 1);
  await createFrom(store, 2, 2);
  expect(seqs(await rest)).toEqual([2]);
});
