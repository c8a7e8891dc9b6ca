// The catalogue from a file, by the command line.
const { spawn } = require('node:child_process');
const { readdirSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { BIN, cli, done, environment, start } = require('../support/cli.js');
const { CATALOG, contentOf, copyOf, newFile, push, withCatalog } = require('../support/catalog-files.js');
const { newDatabase } = require('../support/folder.js');
const { newSchema, withClient } = require('../support/postgres.js');

/** The catalogue with a change. */
function changed(change) {
  const catalog = copyOf(CATALOG);
  change(catalog);
  return newFile('catalog.json', catalog);
}

const NEW = `+ feature feat_export
+ feature feat_calls
+ product prod_pro
+ price var_pro_monthly of prod_pro
+ price var_pro_usage of prod_pro
+ product prod_all
+ price var_all of prod_all
+ price var_once of prod_all
+ coupon TEN
+ coupon 여름
10 new
`;

test('what would change is shown, and without a yes nothing does', async () => {
  const database = newDatabase();
  const file = newFile('catalog.json', CATALOG);
  const before = await contentOf(database);
  expect(await push(file, database, '--dry-run')).toEqual({
    code: 0,
    signal: null,
    stdout: `${NEW}nothing was changed (dry run)\n`,
    stderr: '',
  });
  expect(await push(file, database)).toEqual({
    code: 1,
    signal: null,
    stdout: NEW,
    stderr: expect.stringMatching(/^proyecta: nothing was changed, .*--yes\n$/),
  });
  expect(await contentOf(database)).toEqual(before);
  expect(await push(file, database, '--yes')).toMatchObject({ code: 0, stdout: `${NEW}applied\n` });
  const { products, features, coupons } = await contentOf(database);
  expect(products.map(({ id, variants }) => [id, variants.map((price) => price.id)])).toEqual([
    ['prod_pro', ['var_pro_monthly', 'var_pro_usage']],
    ['prod_all', ['var_all', 'var_once']],
  ]);
  expect(products[0]).toMatchObject({ name: 'Pro', metadata: { tier: '2' }, trial: { count: 14 } });
  expect(products[1].variants.map((price) => price.isDefault)).toEqual([false, true]);
  expect(features.map(({ id }) => id).sort()).toEqual(['feat_calls', 'feat_export']);
  expect(coupons.map(({ code }) => code).sort()).toEqual(['TEN', '여름']);
});

test.each([
  ['SQLite', newDatabase],
  ['PostgreSQL', newSchema],
])('a file pushed again changes nothing on %s, events included', async (_, place) => {
  const database = place();
  const file = newFile('catalog.json', CATALOG);
  await done(['catalog', 'push', file, '--yes', '--database', database]);
  const before = await contentOf(database);
  // Nothing to ask about either.
  expect(await push(file, database)).toMatchObject({
    code: 0,
    stdout: 'nothing to do: the store is as the file says\n',
    stderr: '',
  });
  expect(await contentOf(database)).toEqual(before);
});

test('changes are shown member by member, and what is left out stays', async () => {
  const database = await withCatalog();
  const file = newFile('catalog.json', {
    products: [
      {
        id: 'prod_pro',
        name: 'Professional',
        description: null,
        features: ['feat_export', { id: 'feat_calls', limit: '2000.0', reset: 'month', overage: 'allow' }],
        metadata: { tier: null, shelf: '7' },
        variants: [{ id: 'var_pro_monthly', unit_amount: 12000 }, { id: 'var_pro_usage' }],
      },
      { id: 'prod_all', kind: 'bundle' },
    ],
    coupons: [{ code: 'ten', percentOff: '10.0', active: false }, { code: '여름' }],
  });
  const before = await contentOf(database);
  const { code, stdout } = await push(file, database, '--yes');
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `~ product prod_pro
    description: "For teams" → null
    features[1].limit: 1000 → 2000
    metadata.shelf: null → "7"
    metadata.tier: "2" → null
    name: "Pro" → "Professional"
~ price var_pro_monthly of prod_pro
    unitAmount: 10000 → 12000
    unitAmountDecimal: "10000" → "12000"
~ coupon ten
    active: true → false
3 changed, 3 as they are
applied
`,
  });
  const after = await contentOf(database);
  const [was, is] = [before.products[0], after.products[0]];
  expect(is).toEqual({
    ...was,
    name: 'Professional',
    description: null,
    metadata: { shelf: '7' },
    features: [was.features[0], { ...was.features[1], limit: 2000 }],
    variants: [
      {
        ...was.variants[0],
        unitAmount: 12000,
        unitAmountDecimal: '12000',
        version: 2,
        updatedAt: is.variants[0].updatedAt,
      },
      was.variants[1],
    ],
    version: 2,
    updatedAt: is.updatedAt,
  });
  expect(after.products[1]).toEqual(before.products[1]);
  expect(after.events).toHaveLength(before.events.length + 3);
});

test('a price makes way for a new one', async () => {
  const database = await withCatalog();
  const file = changed(({ products: [pro, all] }) => {
    pro.variants[0] = { id: 'var_pro_2', replaces: 'var_pro_monthly', unitAmount: 20000 };
    all.variants[0].bundle.priceIds = ['var_pro_2'];
  });
  const { stdout } = await push(file, database, '--yes', '--prune');
  expect(stdout).toBe(`+ price var_pro_2 of prod_pro, replaces var_pro_monthly
~ price var_all of prod_all
    bundle.priceIds[0]: "var_pro_monthly" → "var_pro_2"
1 new, 1 changed, 8 as they are
applied
`);
  const { products, archivedPrices } = await contentOf(database);
  expect(products[0].variants[0]).toMatchObject({
    id: 'var_pro_2',
    replaces: 'var_pro_monthly',
    unitAmount: 20000,
    currency: 'KRW',
    isDefault: true,
    setupFee: { amount: 5000 },
  });
  expect(archivedPrices.map(({ id }) => id)).toEqual(['var_pro_monthly']);
  expect(await push(file, database)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^nothing to do/),
  });
  // A store that never had the old price gets the new one as it stands.
  const fresh = changed(({ products: [pro] }) => {
    pro.variants[0] = { ...pro.variants[0], replaces: 'var_older' };
  });
  expect((await contentOf(await withCatalog(require(fresh)))).products[0].variants).toHaveLength(2);
});

describe('a price that has been sold', () => {
  const database = newSchema();
  beforeAll(async () => {
    await done(['catalog', 'push', newFile('catalog.json', CATALOG), '--yes', '--database', database]);
    await withClient(database, (client) =>
      client.query("update prices set sold = true where id = 'var_pro_monthly'"),
    );
  });

  test('takes no other terms, and the way is told', async () => {
    const file = changed(({ products: [pro] }) => {
      pro.variants[0].unitAmount = 11000;
    });
    const { code, stdout, stderr } = await push(file, database, '--yes');
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr:
        "proyecta: products[0].variants[0] (var_pro_monthly) changes the terms of a price that has been sold: give it a new id in the file, and replaces: 'var_pro_monthly'; subscribers stay on the old one\n",
    });
  });

  test('takes another name, and makes way for a new price', async () => {
    const renamed = changed(({ products: [pro] }) => {
      pro.variants[0].name = 'By the month';
    });
    expect(await push(renamed, database, '--yes')).toMatchObject({ code: 0 });
    const replaced = changed(({ products: [pro, all] }) => {
      Object.assign(pro.variants[0], { id: 'var_pro_2', replaces: 'var_pro_monthly', unitAmount: 11000 });
      all.variants[0].bundle.priceIds = ['var_pro_2'];
    });
    expect(await push(replaced, database, '--yes')).toMatchObject({ code: 0 });
    const { products, archivedPrices } = await contentOf(database);
    expect(products[0].variants[0]).toMatchObject({ id: 'var_pro_2', unitAmount: 11000, sold: false });
    expect(archivedPrices).toMatchObject([{ id: 'var_pro_monthly', unitAmount: 10000, sold: true }]);
  });
});

test('the default moves, whatever order the file has', async () => {
  const database = await withCatalog();
  const file = changed(({ products: [pro] }) => {
    pro.variants[0].isDefault = false;
    pro.variants[1].isDefault = true;
  });
  expect((await push(file, database, '--yes')).code).toBe(0);
  const { products } = await contentOf(database);
  expect(products[0].variants.map((price) => price.isDefault)).toEqual([false, true]);
  expect(await push(file, database)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^nothing to do/),
  });
});

test('what only the store has stays, and goes with --prune', async () => {
  const database = await withCatalog();
  const file = newFile('catalog.json', {
    features: [CATALOG.features[0]],
    products: [{ id: 'prod_pro', features: ['feat_export'], variants: [{ id: 'var_pro_monthly' }] }],
    coupons: [],
  });
  const left = `~ product prod_pro
    features[feat_calls]: {"id":"feat_calls","limit":1000,"overage":"allow","reset":"… → null
- coupon TEN: only in the store (--prune takes it out)
- coupon 여름: only in the store (--prune takes it out)
- price var_pro_usage of prod_pro: only in the store (--prune takes it out)
- product prod_all: only in the store (--prune takes it out)
- feature feat_calls: only in the store (--prune takes it out)
1 changed, 2 as they are, 5 only in the store
nothing was changed (dry run)
`;
  expect(await push(file, database, '--dry-run')).toMatchObject({ code: 0, stdout: left });
  const { stdout } = await push(file, database, '--prune', '--yes');
  expect(stdout).toContain('- price var_pro_usage of prod_pro\n');
  expect(stdout).toContain('1 changed, 5 taken out, 2 as they are\n');
  const content = await contentOf(database);
  expect(content.products.map(({ id }) => id)).toEqual(['prod_pro']);
  expect(content.products[0].variants.map(({ id }) => id)).toEqual(['var_pro_monthly']);
  expect(content.archivedProducts.map(({ id }) => id)).toEqual(['prod_all']);
  expect(content.archivedPrices.map(({ id }) => id)).toContain('var_pro_usage');
  expect(content.archivedFeatures.map(({ id }) => id)).toEqual(['feat_calls']);
  expect(content.coupons.map(({ active }) => active)).toEqual([false, false]);
  // What is taken out is not there to be taken out again.
  expect(await push(file, database, '--prune')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^nothing to do/),
  });
});

// Every Linux has it, and one that has not fails here; elsewhere it takes other arguments.
const terminal = process.platform === 'linux' ? test : test.skip;

terminal.each([
  ['y', 0],
  ['yes', 0],
  ['n', 1],
  ['', 1],
])('on a terminal it asks, and %j ends with %i', async (answer, code) => {
  const database = newDatabase();
  const command = [process.execPath, BIN, 'catalog', 'push', newFile('catalog.json', CATALOG)];
  const child = spawn('/usr/bin/script', ['-qec', command.join(' '), '/dev/null'], {
    env: environment({ PROYECTA_DATABASE_URL: database }),
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    if (!said.includes('[y/N]') && (said + text).includes('[y/N]')) child.stdin.write(`${answer}\n`);
    said += text;
  });
  const ended = await new Promise((resolve) => child.on('close', resolve));
  expect({ ended, said }).toEqual({
    ended: code,
    said: expect.stringContaining('Apply these changes? [y/N]'),
  });
  // In colour, for a person reads it.
  expect(said).toContain('\u001b[32m+ feature feat_export\u001b[0m');
  expect((await contentOf(database)).products).toHaveLength(code === 0 ? 2 : 0);
});

test('an id whose object was archived is not taken again', async () => {
  const database = await withCatalog();
  await push(newFile('catalog.json', { products: [] }), database, '--prune', '--yes');
  const { code, stderr } = await push(newFile('catalog.json', CATALOG), database, '--yes');
  expect(code).toBe(1);
  expect(stderr).toContain('products[0] (prod_pro)');
  expect(stderr).toContain('ids are never used twice');
});

test('a key that only reads pushes nothing', async () => {
  const database = await withCatalog();
  const create = ['keys', 'create', '--scope', 'read-only', '--database', database];
  const PROYECTA_API_KEY = (await done(create)).trim();
  const file = changed(({ products: [pro] }) => {
    pro.name = 'Other';
  });
  const refused = await cli(['catalog', 'push', file, '--yes', '--database', database], {
    env: { PROYECTA_API_KEY },
  });
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('may only read') });
});

test('a push that broke off says how far it came, and the next makes the rest', async () => {
  const database = newSchema();
  await done(['stores', 'create', '--database', database]);
  // Only a commit fails: a rehearsal never comes so far.
  await withClient(database, (client, schema) =>
    client.query(`
      create function ${schema}.refuse() returns trigger language plpgsql as
        $$ begin raise exception 'not today'; end $$;
      create constraint trigger refuse after insert on products deferrable initially deferred
        for each row when (new.id = 'prod_all') execute function ${schema}.refuse()`),
  );
  const file = newFile('catalog.json', CATALOG);
  const { code, stdout, stderr } = await push(file, database, '--yes');
  expect({ code, stdout }).toEqual({ code: 1, stdout: NEW });
  expect(stderr).toMatch(/^proyecta: products\[1\] \(prod_all\): /);
  expect(stderr).toContain('3 of 6 changes were made before it and stay; push the file again');
  await withClient(database, (client) => client.query('drop trigger refuse on products'));
  expect(await push(file, database, '--yes')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('5 new, 5 as they are\napplied\n'),
  });
});

test('a push that was killed on the way is completed by the next', async () => {
  const many = Array.from({ length: 300 }, (_, at) => ({
    id: `prod_${at}`,
    name: `Product ${at}`,
    variants: [{ id: `var_${at}`, name: 'Once', currency: 'KRW', unitAmount: at }],
  }));
  const file = newFile('catalog.json', { products: many });
  const database = newDatabase();
  const child = start(['catalog', 'push', file, '--yes', '--database', database]);
  await new Promise((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text) => {
      if (text.includes('pushing: ')) child.kill('SIGKILL');
    });
    child.on('close', resolve);
  });
  const { products } = await contentOf(database);
  expect(products.length).toBeGreaterThan(0);
  const { stdout } = await push(file, database, '--yes');
  expect(stdout).toMatch(/^applied$/m);
  expect((await contentOf(database)).products.map(({ id }) => id)).toEqual(many.map(({ id }) => id));
  expect(await push(file, database)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^nothing to do/),
  });
});

test('nothing is left beside the file', async () => {
  const file = newFile('catalog.json', CATALOG);
  await push(file, newDatabase(), '--yes', '--types', join(dirname(file), 'proyecta-catalog.d.ts'));
  expect(readdirSync(dirname(file)).sort()).toEqual(['catalog.json', 'proyecta-catalog.d.ts']);
});
