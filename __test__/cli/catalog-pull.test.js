// The catalogue to a file, by the command line.
const { readFileSync, readdirSync, statSync, writeFileSync } = require('node:fs');
const { dirname } = require('node:path');
const { cli, done } = require('../support/cli.js');
const { CATALOG, contentOf, copyOf, newFile, withCatalog } = require('../support/catalog-files.js');
const { newDatabase } = require('../support/folder.js');
const { sdk: Proyecta } = require('../support/package.js');

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** An answer without what every store makes anew, and the same of everything in it. */
function lasting(value) {
  if (Array.isArray(value)) return value.map(lasting);
  if (typeof value !== 'object' || value === null) return value;
  const { createdAt, updatedAt, version, optionIds, ...rest } = value;
  if (typeof rest.id === 'string' && /^(coup|opt)_/.test(rest.id)) delete rest.id;
  return Object.fromEntries(Object.entries(rest).map(([name, inner]) => [name, lasting(inner)]));
}

test('a file that was pushed comes back as it was, without a file on standard output', async () => {
  const database = await withCatalog();
  const pulled = await done(['catalog', 'pull', '--database', database]);
  expect(JSON.parse(pulled)).toEqual(CATALOG);
  expect(await done(['catalog', 'pull', '--database', database])).toBe(pulled);
});

test('pushed to the store it came from it changes nothing, and to another it makes the same', async () => {
  const database = await withCatalog();
  const file = newFile('pulled.json', await done(['catalog', 'pull', '--database', database]));
  const before = await contentOf(database);
  expect(await done(['catalog', 'push', file, '--database', database])).toMatch(/^nothing to do/);
  expect(await contentOf(database)).toEqual(before);
  const { events: _, ...there } = await contentOf(await withCatalog(read(file)));
  const { events: __, ...here } = before;
  expect(lasting(there)).toEqual(lasting(here));
});

test('what was made by other ways is pulled with its ids', async () => {
  const database = newDatabase();
  const proyecta = new Proyecta({ database });
  const { products, features, prices, coupons } = proyecta.commerce;
  const feature = await features.create({ name: 'Seats', type: 'limit' });
  const product = await products.create({
    name: 'Team',
    uuid: '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b',
    features: [{ id: feature.id, limit: '2.5', hardLimit: 5 }],
    variants: [{ name: 'Once', currency: 'USD', unitAmountDecimal: '0.125' }],
  });
  const second = await prices.create({
    productId: product.id,
    name: 'Seats',
    type: 'seat',
    currency: 'USD',
    recurring: { interval: 'week' },
    usageClaim: 'advance',
    tiers: [{ upTo: null, flatAmount: 900 }],
    tierMode: 'band',
    isDefault: true,
    order: 7,
  });
  await coupons.create({ id: 'coup_own', code: 'half', percentOff: '12.5', duration: 'forever' });
  await coupons.create({ code: 'off', amountOff: 5, currency: 'USD', duration: 'once', active: false });
  const gone = await products.create({ name: 'Gone' });
  await products.archive(gone.id);
  await proyecta.close();
  const [{ id: first }] = product.variants;
  expect(JSON.parse(await done(['catalog', 'pull', '--database', database]))).toEqual({
    features: [{ id: feature.id, name: 'Seats', type: 'limit' }],
    products: [
      {
        id: product.id,
        uuid: '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b',
        name: 'Team',
        features: [{ id: feature.id, limit: '2.5', hardLimit: 5 }],
        variants: [
          { id: first, name: 'Once', currency: 'USD', unitAmountDecimal: '0.125' },
          {
            id: second.id,
            name: 'Seats',
            type: 'seat',
            currency: 'USD',
            recurring: { interval: 'week' },
            usageClaim: 'advance',
            tiers: [{ upTo: null, flatAmount: 900 }],
            tierMode: 'band',
            isDefault: true,
            order: 7,
          },
        ],
      },
    ],
    coupons: [
      { id: 'coup_own', code: 'half', percentOff: '12.5', duration: 'forever' },
      { code: 'off', amountOff: 5, currency: 'USD', duration: 'once', active: false },
    ],
  });
});

describe('a file that is there', () => {
  let database;
  beforeAll(async () => {
    database = await withCatalog();
  });
  const pull = (file, ...flags) => cli(['catalog', 'pull', file, '--database', database, ...flags]);

  test('stays as it is when it says the same', async () => {
    const file = newFile('catalog.json', JSON.parse(await done(['catalog', 'pull', '--database', database])));
    const before = statSync(file).mtimeMs;
    const { code, stdout, stderr } = await pull(file);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('nothing to do'),
    });
    expect(statSync(file).mtimeMs).toBe(before);
  });

  test('is replaced after a yes, with what it loses and gains before it', async () => {
    const mine = copyOf(CATALOG);
    mine.products[0].name = 'Mine';
    mine.coupons.splice(1, 1, { code: 'MINE' });
    const file = newFile('catalog.json', mine);
    const stdout = `~ product prod_pro
    name: "Mine" → "Pro"
+ coupon 여름
- coupon MINE
`;
    const refused = await pull(file);
    expect(refused).toMatchObject({ code: 1, stdout, stderr: expect.stringContaining('--yes') });
    expect(read(file)).toEqual(mine);
    expect(await pull(file, '--yes')).toMatchObject({ code: 0, stdout });
    expect(read(file)).toEqual(CATALOG);
    expect(readdirSync(dirname(file))).toEqual(['catalog.json']);
  });

  test('is not taken for a catalogue when it is none', async () => {
    const file = newFile('catalog.json', 'my notes');
    expect(await pull(file)).toMatchObject({ code: 1, stderr: expect.stringContaining('--yes') });
    expect(readFileSync(file, 'utf8')).toBe('my notes');
    await pull(file, '--yes');
    expect(read(file)).toEqual(CATALOG);
  });

  test('is no module', async () => {
    const file = newFile('catalog.mjs', 'export default {};');
    expect(await pull(file, '--yes')).toMatchObject({ code: 2, stderr: expect.stringContaining('.json') });
    expect(readFileSync(file, 'utf8')).toBe('export default {};');
  });
});

test('an empty store is an empty catalogue, and one that is not there is not made', async () => {
  const database = newDatabase();
  const missing = await cli(['catalog', 'pull', '--database', database]);
  expect(missing).toMatchObject({ code: 1, stdout: '' });
  await done(['stores', 'create', '--database', database]);
  const empty = '{\n  "features": [],\n  "products": [],\n  "coupons": []\n}\n';
  expect(await done(['catalog', 'pull', '--database', database])).toBe(empty);
  const file = newFile('old.json', '{}');
  writeFileSync(file, empty);
  expect(await done(['catalog', 'push', file, '--database', database])).toMatch(/^nothing to do/);
});
