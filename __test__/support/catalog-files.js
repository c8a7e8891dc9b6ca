// Catalogues as files, and what a store makes of them.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { cli, done } = require('./cli.js');
const { newDatabase, newFolder } = require('./folder.js');
const { sdk: Proyecta } = require('./package.js');

/** A catalogue that says a little of everything. */
const CATALOG = {
  features: [
    { id: 'feat_export', name: 'Export' },
    { id: 'feat_calls', name: 'API calls', description: 'Per key', type: 'metered', unit: 'calls' },
  ],
  products: [
    {
      id: 'prod_pro',
      name: 'Pro',
      description: 'For teams',
      features: ['feat_export', { id: 'feat_calls', limit: 1000, reset: 'month', overage: 'allow' }],
      options: {
        groups: [
          { name: 'Colour', type: 'color', values: ['Red', 'Blue'] },
          { name: 'Size', values: ['S', 'M'] },
        ],
        combinations: [{ values: ['Red', 'M'], price: 500, stock: 3 }],
      },
      trial: { interval: 'day', count: 14 },
      categories: [{ id: 'c1', name: '요금제' }],
      eventBadges: [{ event: 'SALE', endsAt: '2030-01-01T00:00:00.000Z' }],
      widgets: { trial: true },
      countrySetting: { countryCode: 'KR', taxRate: '10' },
      oneTimePurchasable: true,
      metadata: { tier: '2' },
      variants: [
        {
          id: 'var_pro_monthly',
          name: 'Monthly',
          currency: 'KRW',
          unitAmount: 10000,
          recurring: { interval: 'month' },
          setupFee: { name: 'Setup', amount: 5000, when: 'initially' },
          introDiscount: { percentOff: 50 },
          expiry: { payments: 12 },
        },
        {
          id: 'var_pro_usage',
          name: 'By usage',
          type: 'usage',
          currency: 'USD',
          recurring: { interval: 'month', intervalCount: 3 },
          tiers: [
            { upTo: 1000, unitAmountDecimal: '0.5' },
            { upTo: null, unitAmount: 2, flatAmount: 100 },
          ],
          tierMode: 'volume',
          includedUnits: 10,
        },
      ],
    },
    {
      id: 'prod_all',
      name: 'Everything',
      kind: 'bundle',
      variants: [
        {
          id: 'var_all',
          name: 'Everything',
          type: 'bundle',
          currency: 'KRW',
          unitAmount: 9000,
          recurring: { interval: 'year' },
          bundle: { priceIds: ['var_pro_monthly'] },
        },
        { id: 'var_once', name: 'Once', currency: 'KRW', unitAmount: 90000, isDefault: true },
      ],
    },
  ],
  coupons: [
    {
      code: 'TEN',
      percentOff: 10,
      duration: 'once',
      maxRedemptionsPerCustomer: 1,
      redeemBy: '2030-01-01T00:00:00.000Z',
    },
    {
      code: '여름',
      name: 'Summer',
      amountOff: 500,
      currency: 'KRW',
      duration: 'repeating',
      durationInMonths: 3,
      products: ['prod_pro'],
    },
  ],
};

/** A copy to change. */
const copyOf = (catalog) => JSON.parse(JSON.stringify(catalog));

/** Writes a file into a folder of its own and gives its path; an object as JSON. */
function newFile(name, content) {
  const path = join(newFolder(), name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** Pushes a file and gives how that ended. */
const push = (file, database, ...flags) => cli(['catalog', 'push', file, '--database', database, ...flags]);

/** A database with the catalogue in it. */
async function withCatalog(catalog = CATALOG) {
  const database = newDatabase();
  await done(['catalog', 'push', newFile('catalog.json', catalog), '--yes', '--database', database]);
  return database;
}

/** Everything that a database's catalogue and its events are. */
async function contentOf(database) {
  const proyecta = new Proyecta({ database });
  const { products, prices, features, coupons, events } = proyecta.commerce;
  const content = {};
  for (const [name, list] of Object.entries({
    products: products.list({ sort: 'created' }),
    archivedProducts: products.list({ archived: true }),
    archivedPrices: prices.list({ archived: true }),
    features: features.list(),
    archivedFeatures: features.list({ archived: true }),
    coupons: coupons.list(),
    events: events.list({ limit: 100 }),
  }))
    content[name] = await list.toArray({ limit: 10_000 });
  await proyecta.close();
  return content;
}

module.exports = { CATALOG, contentOf, copyOf, newFile, push, withCatalog };
