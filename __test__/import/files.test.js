// `customers.import`: where files come from, and which ones are refused.
const { createReadStream, mkdtempSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const {
  closeStores,
  contents,
  countCustomers,
  expectError,
  openStore,
  Proyecta,
} = require('../support/store.js');
const { until } = require('../support/until.js');
const { csv, workbook } = require('./support.js');

const { InvalidRequestError } = Proyecta;
let store;
let customers;
let folder;
beforeEach(() => {
  store = openStore();
  customers = store.customers;
  folder = mkdtempSync(join(tmpdir(), 'proyecta-import-'));
});
afterEach(async () => {
  await closeStores();
  rmSync(folder, { recursive: true });
});

const FILE = csv('email,name', 'a@example.com,A', 'b@example.com,B');

const SOURCES = {
  'a path': (path) => path,
  'a file: URL': (path) => pathToFileURL(path),
  'a Buffer': () => FILE,
  'a Uint8Array': () => new Uint8Array(FILE),
  'an ArrayBuffer': () => new Uint8Array(FILE).buffer,
  'a Blob': () => new Blob([FILE]),
  'a stream of Node': (path) => createReadStream(path),
  'a web stream': () => new Blob([FILE]).stream(),
};

test.each(Object.keys(SOURCES))('%s can be imported, and nothing temporary is left', async (name) => {
  const temporary = () =>
    readdirSync(tmpdir()).filter((entry) => /proyecta.*(upload|import-file)/i.test(entry));
  const before = temporary();
  const path = join(folder, 'customers.csv');
  writeFileSync(path, FILE);
  expect(await customers.import(SOURCES[name](path))).toMatchObject({ created: 2, failed: 0 });
  // The imports of tests beside this one come and go meanwhile.
  await until('nothing is left', () => temporary().every((entry) => before.includes(entry)));
});

const REFUSED = {
  'an empty file': [Buffer.alloc(0), /no data/i],
  'a picture': [
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0]),
    /not a table|table/i,
  ],
  'a damaged workbook': [workbook([['email'], ['a@example.com']]).subarray(0, 900), /./],
  'a table without known titles': [csv('foo,bar', '1,2'), /title/i],
  'a mistyped title': [csv('email,nmae', 'a@example.com,A'), /nmae[\s\S]*name/i],
  'a title given twice': [csv('email,E-Mail', 'a@example.com,b@example.com'), /twice|same|both/i],
  'a password column': [csv('email,password', 'a@example.com,secret-1'), /password/i],
};

test.each(Object.keys(REFUSED))('%s is refused with the reason, and nothing is stored', async (name) => {
  const [file, reason] = REFUSED[name];
  const before = await contents(store);
  const error = await expectError(() => customers.import(file), InvalidRequestError, 'file_invalid', 'file');
  expect(error.message).toMatch(reason);
  expect(error.message).not.toContain('secret-1');
  expect(await contents(store)).toEqual(before);
});

test('a column of a PASSWORD field is refused', async () => {
  await store.customFields.create({ key: 'pin', type: 'password', label: 'PIN' });
  await expectError(
    () => customers.import(csv('email,PIN', 'a@example.com,12345678')),
    InvalidRequestError,
    'file_invalid',
    'file',
  );
});

test('a path that leads nowhere is told so', async () => {
  await expectError(
    () => customers.import(join(folder, 'missing.xlsx')),
    InvalidRequestError,
    'file_invalid',
    'file',
  );
});

test.each([[undefined], [null], [5], [{}], [[]]])('%p is no file', async (file) => {
  await expect(customers.import(file)).rejects.toMatchObject({ name: 'InvalidRequestError', param: 'file' });
});

test('a mistyped option is refused before anything is read', async () => {
  await expect(customers.import(FILE, { onExisiting: 'skip' })).rejects.toMatchObject({
    name: 'InvalidRequestError',
    message: expect.stringContaining('onExisting'),
  });
  await expect(customers.import(FILE, { onExisting: 'merge' })).rejects.toMatchObject({
    param: 'onExisting',
  });
  expect(await countCustomers(store)).toBe(0);
});

const MANY = (() => {
  const lines = ['email,name'];
  for (let n = 0; n < 5_000; n++) lines.push(`user${n}@example.com,이름 ${n}`);
  return csv(...lines);
})();

test('progress is told while rows go in, never goes back, and ends with all of them', async () => {
  const seen = [];
  const report = await customers.import(MANY, { onProgress: (progress) => seen.push(progress) });
  expect(seen.length).toBeGreaterThan(5);
  for (let at = 1; at < seen.length; at++) {
    expect(seen[at].rows).toBeGreaterThanOrEqual(seen[at - 1].rows);
    expect(seen[at].progress).toBeGreaterThanOrEqual(seen[at - 1].progress);
  }
  expect(seen.at(-1)).toEqual({
    progress: 1,
    rows: 5_000,
    created: 5_000,
    updated: 0,
    unchanged: 0,
    failed: 0,
  });
  expect(report.created).toBe(5_000);
});

test('an onProgress that throws stops the import with its own error', async () => {
  const mine = new Error('mine');
  const failing = () => {
    throw mine;
  };
  await expect(customers.import(MANY, { onProgress: failing })).rejects.toBe(mine);
});

test('creates beside an import go in between its batches', async () => {
  const importing = customers.import(MANY);
  const beside = [];
  for (let n = 0; n < 20; n++) beside.push(await customers.create({ email: `beside${n}@example.com` }));
  expect(await importing).toMatchObject({ created: 5_000 });
  expect(new Set(beside.map(({ id }) => id)).size).toBe(20);
  expect(await countCustomers(store)).toBe(5_020);
});
