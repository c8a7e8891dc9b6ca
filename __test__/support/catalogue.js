// What the suites about the catalogue begin with.

/** A monthly price in won; the rest as given. */
const monthly = (rest = {}) => ({
  name: 'Monthly',
  currency: 'KRW',
  unitAmount: 9900,
  recurring: { interval: 'month' },
  ...rest,
});

/** A price by usage: a thousand units free, then half a won each. */
const byUsage = (rest = {}) => ({
  name: 'Calls',
  type: 'usage',
  currency: 'KRW',
  recurring: { interval: 'month' },
  tiers: [
    { upTo: 1000, unitAmount: 0 },
    { upTo: null, unitAmountDecimal: '0.5' },
  ],
  ...rest,
});

/** A T-shirt's options: two sizes, two colours. */
const shirt = (combinations) => ({
  groups: [
    { name: 'Size', values: ['S', 'L'] },
    { name: 'Colour', type: 'color', values: ['Red', { name: 'Blue' }] },
  ],
  combinations,
});

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The ids of rows. */
const ids = (rows) => rows.map(({ id }) => id);

/** `count` calls at once: how many went well, and the codes of the others. */
async function race(count, call) {
  const outcomes = await Promise.allSettled(Array.from({ length: count }, (_, index) => call(index)));
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  return {
    won: outcomes.length - refused.length,
    codes: [...new Set(refused.map(({ reason }) => reason.code))],
  };
}

module.exports = { monthly, byUsage, shirt, INSTANT, UUID, ids, race };
