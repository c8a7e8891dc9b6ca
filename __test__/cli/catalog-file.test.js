// Which files are a catalogue, and what is said of those that are not.
const { existsSync, readFileSync } = require('node:fs');
const { resolve } = require('node:path');
const { CATALOG, contentOf, newFile, push, withCatalog } = require('../support/catalog-files.js');
const { newDatabase } = require('../support/folder.js');

test('what the documentation shows can be pushed', async () => {
  const page = readFileSync(resolve(__dirname, '../../docs/catalog.md'), 'utf8');
  const [, text] = /```js\n(.*?)```/s.exec(page);
  const { code, stdout } = await push(newFile('catalog.mjs', text), newDatabase(), '--yes');
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('4 new\napplied\n') });
});

describe('modules', () => {
  test.each([
    ['catalog.mjs', `export default ${JSON.stringify(CATALOG)};`],
    ['catalog.mjs', `export default async () => (${JSON.stringify(CATALOG)});`],
    ['catalog.cjs', `module.exports = () => (${JSON.stringify(CATALOG)});`],
    ['catalog.js', `exports.__esModule = true; exports.default = ${JSON.stringify(CATALOG)};`],
  ])('%s: %.32s', async (name, text) => {
    const { code, stdout } = await push(newFile(name, text), newDatabase(), '--dry-run');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^10 new\nnothing was changed/m),
    });
  });

  test('TypeScript is loaded by a Node that can, and else one is named', async () => {
    const file = newFile('catalog.ts', `const it: object = ${JSON.stringify(CATALOG)};\nexport default it;`);
    const { code, stdout, stderr } = await push(file, newDatabase(), '--dry-run');
    const expected = process.features.typescript
      ? { code: 0, stdout: expect.stringContaining('10 new'), stderr: '' }
      : { code: 1, stdout: '', stderr: expect.stringMatching(/does not load TypeScript, Node 22\.18/) };
    expect({ code, stdout, stderr: stderr.replace(/^\(node:.*\n/gm, '') }).toEqual(expected);
  });

  test.each([
    ['export const it = {};', 'has no default export'],
    ['export default [];', 'gives a list'],
    ['throw new Error("not today");', 'cannot be loaded: not today'],
    ['export default { products: [{ id: "prod_a", order: NaN }] };', 'products[0].order must be a finite'],
    ['export default { products: [{ id: "prod_a", name() {} }] };', 'products[0].name must be plain data'],
  ])('%s is refused', async (text, said) => {
    const database = newDatabase();
    const { code, stderr } = await push(newFile('catalog.mjs', text), database, '--yes');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(said) });
    expect(existsSync(database)).toBe(false);
  });
});

describe('a file with something wrong changes nothing, and is told where', () => {
  let database;
  let before;
  beforeAll(async () => {
    database = await withCatalog();
    before = await contentOf(database);
  });

  const variant = (members) => ({ products: [{ id: 'prod_pro', variants: [members] }] });

  test.each([
    ['{', 'is no JSON'],
    [[], 'must hold an object'],
    [{ product: [] }, 'did you mean products?'],
    [{ features: [{ name: 'A' }] }, 'features[0].id is required'],
    [{ features: [{ id: 'prod_a', name: 'A' }] }, 'features[0].id must begin with feat_'],
    [{ features: [{ id: 'feat_new' }] }, 'features[0].name is required'],
    [{ features: [{ id: 'feat_export', type: 'metered' }] }, 'features[0].type never changes'],
    [
      { products: [{ id: 'prod_pro', nmae: 'A' }] },
      'products[0].nmae is not a known parameter; did you mean name?',
    ],
    [
      variant({ id: 'var_new', name: 'A', currency: 'KRW', unitAmout: 5 }),
      'products[0].variants[0].unitAmout is not',
    ],
    [
      variant({ id: 'var_pro_monthly', setupFee: { amont: 5 } }),
      'products[0].variants[0].setupFee.amont is not',
    ],
    [variant({ id: 'var_all' }), 'products[0].variants[0].id names a price of prod_all in the store'],
    [
      {
        features: [{ id: 'feat_more', name: 'More' }],
        products: [{ id: 'prod_new', name: 'New', features: ['feat_more', 'feat_none'] }],
      },
      'products[0].features[1]: no feature of this store has id feat_none',
    ],
    [
      { coupons: [{ code: 'TEN', percentOff: 20 }] },
      'coupons[0].percentOff never changes, and is 10 in the store',
    ],
    [
      { coupons: [{ code: 'A', percentOff: 5, duration: 'once' }, { code: 'a' }] },
      'coupons[1].code is there twice',
    ],
  ])('%j', async (content, said) => {
    const { code, stdout, stderr } = await push(newFile('catalog.json', content), database, '--yes');
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: expect.stringContaining(said) });
    expect(await contentOf(database)).toEqual(before);
  });
});
