// What the suites about streams share.

/** The next `count` events of a stream, which goes on. */
async function take(stream, count) {
  const events = [];
  while (events.length < count) {
    const { done, value } = await stream.next();
    if (done) throw new Error(`the stream ended after ${events.length} of ${count} events`);
    events.push(value);
  }
  return events;
}

/** Whole numbers, from one to another. */
const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const seqs = (events) => events.map(({ seq }) => seq);

/** Creates customers `u<from>` to `u<to>`, one after the other, so that their events have that order. */
async function createFrom(store, from, to) {
  const made = [];
  for (const number of numbers(from, to)) {
    made.push(await store.customers.create({ email: `u${number}@example.com` }));
  }
  return made;
}

module.exports = { take, numbers, seqs, createFrom };
