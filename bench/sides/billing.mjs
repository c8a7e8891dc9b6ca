// This package with subscriptions: fills a database through the public API, and renews what is due.
import { createRequire } from 'node:module';
import { memory } from '../lib/memory.cjs';
import { mix, person } from '../lib/people.mjs';
import { report, serve } from '../lib/side.mjs';
import { range, timeTogether } from '../lib/stats.mjs';

const Proyecta = createRequire(import.meta.url)('../../index.js');

/** Calls unanswered at a time while a database is filled. */
const IN_FLIGHT = 512;
/** What is paid already ends at least so long after the last subscription was made. */
const MARGIN_MS = 5000;
const DAY_MS = 86_400_000;
const CARD = { number: '9876543210987654', expirationYear: '39', expirationMonth: '12' };

let proyecta;
let commerce;

const plan = (index = 0) => ({
  name: `Plan ${index}`,
  variants: [
    { name: 'Monthly', currency: 'KRW', unitAmount: 9900 + index, recurring: { interval: 'month' } },
  ],
});

async function newPrice() {
  const { variants } = await commerce.products.create(plan());
  return variants[0].id;
}

/** A customer with a card. */
async function payer(index, rest) {
  const { id } = await commerce.customers.create({ ...person(index), ...rest });
  await commerce.paymentMethods.create({ customerId: id, card: CARD });
  return id;
}

/** Calls for each input; says how far it is as a part of `of`, of which `before` are done. */
async function all(inputs, [before, of], call) {
  let done = before;
  return timeTogether(inputs, IN_FLIGHT, async (input) => {
    await call(input);
    done += 1;
    if (done % 1000 === 0) report(done, of);
  });
}

serve({
  async open(database, worker = false) {
    proyecta = new Proyecta({ database, worker });
    commerce = proyecta.commerce;
    await commerce.customers.list({ limit: 1 });
  },

  close: () => proyecta?.close(),

  /** Resident memory in MB, now and at its peak. */
  memory,

  /**
   * `count` customers with a card and a monthly subscription each, paid elsewhere so far. What is paid of
   * every `every`-th ends within `spread` milliseconds, in an order of its own, soon after the last one was
   * made; the others have weeks. Answers when the last one is due. No notice before the payment is due: that
   * is another job's work, days ahead.
   */
  async fill(count, every, spread) {
    const price = await newPrice();
    const ids = [];
    const of = 2 * count;
    const seconds = await all(range(0, count), [0, of], async (index) => {
      ids[index] = await payer(index);
    });
    // Subscriptions take less than customers with their cards.
    const from = Date.now() + Math.ceil(seconds * 1000) + MARGIN_MS;
    const endOf = (index) =>
      index % every === 0 ? from + (mix(index) % spread) : from + (10 + (mix(index) % 15)) * DAY_MS;
    await all(range(0, count), [count, of], (index) =>
      commerce.subscriptions.create({
        customerId: ids[index],
        items: [{ priceId: price }],
        startAt: endOf(index) - 7 * DAY_MS,
        currentPeriodEnd: endOf(index),
      }),
    );
    return from + spread;
  },

  /** A test clock with `count` customers who subscribe monthly, `apart` milliseconds one after the other. */
  async fillByClock(count, now, apart) {
    const price = await newPrice();
    const { id: testClock } = await commerce.testClocks.create({ now });
    const ids = [];
    await all(range(0, count), [0, 2 * count], async (index) => {
      ids[index] = await payer(index, { testClock });
    });
    const subscribe = (customerId) =>
      commerce.subscriptions.create({ customerId, items: [{ priceId: price }] });
    if (apart === 0) {
      await all(ids, [count, 2 * count], subscribe);
    } else {
      for (const [index, id] of ids.entries()) {
        await commerce.testClocks.advance(testClock, { to: now + index * apart });
        await subscribe(id);
      }
    }
    return testClock;
  },

  /** Seconds that a clock takes to an instant. */
  async advance(testClock, to) {
    const begun = performance.now();
    await commerce.testClocks.advance(testClock, { to });
    return (performance.now() - begun) / 1000;
  },
});
