// This package, as a user's program would call it.
import { createRequire } from 'node:module';
import { person } from '../lib/people.mjs';
import { report, serve } from '../lib/side.mjs';
import { range, timeEachAwaited, timeTogether, watchMemory } from '../lib/stats.mjs';

const Proyecta = createRequire(import.meta.url)('../../index.js');

let proyecta;
let customers;

serve({
  async open(database) {
    proyecta = new Proyecta({ database });
    customers = proyecta.commerce.customers;
    await customers.list({ limit: 1 });
  },

  close: () => proyecta?.close(),

  /** Seconds for `count` customers with `inFlight` calls unanswered. */
  createTogether: (from, count, inFlight) =>
    timeTogether(range(from, count).map(person), inFlight, (given) => customers.create(given)),

  /** Milliseconds of each of `count` calls, one after the other. */
  createEach: (from, count) =>
    timeEachAwaited(range(from, count).map(person), (given) => customers.create(given)),

  /** Fills the file; answers the ids of the customers at `wanted`. */
  async seed(count, wanted) {
    const ids = new Map(wanted.map((index) => [index, null]));
    let done = 0;
    await timeTogether(range(0, count), 1000, async (index) => {
      const { id } = await customers.create(person(index));
      if (ids.has(index)) ids.set(index, id);
      done += 1;
      if (done % 10_000 === 0) report(done, count);
    });
    return wanted.map((index) => ids.get(index));
  },

  /** Cursors for a page in the middle and for the last one; an id is where each begins. */
  async cursors(limit, middle, last) {
    const cursorBehind = async (id) => {
      const { nextCursor } = await customers.list({ limit, startingAfter: id });
      return nextCursor;
    };
    return { first: undefined, middle: await cursorBehind(middle), last: await cursorBehind(last) };
  },

  get: (ids) => timeEachAwaited(ids, (id) => customers.get(id)),

  byEmail: (emails) => timeEachAwaited(emails, (email) => customers.list({ email })),

  page: (limit, cursor, times) =>
    timeEachAwaited(Array(times).fill(cursor), (from) =>
      customers.list(from === undefined ? { limit } : { limit, cursor: from }),
    ),

  /** How many rows a page holds, to see that both sides do the same. */
  async sizeOf(limit, cursor) {
    const { data, hasMore } = await customers.list({ limit, cursor });
    return { rows: data.length, hasMore };
  },

  /** Fills the file with products of one monthly price each; answers the ids of the prices. */
  async seedCatalogue(count) {
    const ids = [];
    await timeTogether(range(0, count), 100, async (index) => {
      const { variants } = await proyecta.commerce.products.create({
        name: `Product ${index}`,
        variants: [
          { name: 'Monthly', currency: 'KRW', unitAmount: 9900 + index, recurring: { interval: 'month' } },
        ],
      });
      ids.push(variants[0].id);
    });
    return ids;
  },

  preview: (ids) =>
    timeEachAwaited(ids, (variantId) =>
      proyecta.commerce.preview({ lineItems: [{ variantId, quantity: 3 }] }),
    ),

  search: (queries) => timeEachAwaited(queries, (query) => customers.list({ query })),

  /** Imports a file; answers the seconds it took and the MB it needed at most. */
  importFile: (path, rows) =>
    watchMemory(async () => {
      const { created } = await customers.import(path);
      if (created !== rows) throw new Error(`${created} of ${rows} rows were imported`);
    }),

  version: () => `@proyecta-ai/sdk ${Proyecta.VERSION}`,

  async found(query) {
    const { data, hasMore } = await customers.list({ query });
    return { rows: data.length, hasMore };
  },
});
