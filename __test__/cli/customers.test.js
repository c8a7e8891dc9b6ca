// Spreadsheets in and out by the command line.
const { readFileSync, readdirSync, statSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { cli, done } = require('../support/cli.js');
const { everyCustomer } = require('../support/customers.js');
const { newDatabase, newFolder } = require('../support/folder.js');
const { sdk: Proyecta } = require('../support/package.js');

const FIELDS = [
  { key: 'grade', type: 'dropdown', label: '등급', choices: ['골드', '실버'] },
  { key: 'points', type: 'number', label: 'Points' },
  { key: 'news', type: 'checkbox', label: '=News' },
  { key: 'tags', type: 'checkbox', label: 'Tags', choices: ['가', '나', '다'] },
  { key: 'born', type: 'calendar', label: 'Born' },
];

const PEOPLE = [
  {
    email: 'kim@example.com',
    name: '김철수',
    phone: '010-1234-5678',
    address: { line1: '예시로 1, 2층', city: '강남구', postal_code: '06236', country: 'KR' },
    attributes: { grade: '골드', points: 0.1 + 0.2, news: true, tags: ['가', '다'], born: '1990-02-28' },
    metadata: { 'app.plan': 'a "quoted", text', note: 'first\nsecond' },
    marketing: { sms: true, email: false, kakao: true },
  },
  { email: '+plus@example.com', name: '=HYPERLINK("http://evil.example","x")', key: '-1', username: '@root' },
  { email: 'quote@example.com', name: "'=already", key: "'plain", metadata: { note: '+1' } },
  {
    id: 'cus_own-1',
    email: 'last@example.com',
    name: '  Ada  Lovelace',
    attributes: { points: -5, news: false },
  },
];

async function storeWith(people) {
  const database = newDatabase();
  const proyecta = new Proyecta({ database, timezone: 'Asia/Seoul' });
  for (const field of FIELDS) await proyecta.commerce.customFields.create(field);
  for (const person of people) await proyecta.commerce.customers.create(person);
  return { database, proyecta };
}

/** Everything of a customer but when it came to be and how often it changed. */
const lasting = ({ createdAt, updatedAt, version, ...rest }) => rest;
const byId = (a, b) => (a.id < b.id ? -1 : 1);

describe.each(['csv', 'xlsx'])('an export as .%s', (ending) => {
  const file = join(newFolder(), `고객.${ending}`);
  let before;
  let database;

  beforeAll(async () => {
    const store = await storeWith(PEOPLE);
    ({ database } = store);
    before = (await everyCustomer(store.proyecta)).map(lasting).sort(byId);
    await store.proyecta.close();
    await done(['customers', 'export', file, '--database', database]);
  });

  test('is for its owner’s eyes only, and leaves nothing else behind', () => {
    expect(readdirSync(join(file, '..'))).toEqual([`고객.${ending}`]);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('read into an empty store gives the same customers', async () => {
    const { database: empty, proyecta } = await storeWith([]);
    await proyecta.close();
    const report = JSON.parse(await done(['customers', 'import', file, '--json', '--database', empty]));
    expect(report).toMatchObject({ created: PEOPLE.length, failed: 0 });
    const copy = new Proyecta({ database: empty });
    expect((await everyCustomer(copy)).map(lasting).sort(byId)).toEqual(before);
    await copy.close();
    // And again: they are all there.
    const again = JSON.parse(
      await done(['customers', 'import', file, '--update', '--json', '--database', empty]),
    );
    expect(again).toMatchObject({ created: 0, updated: 0, unchanged: PEOPLE.length, failed: 0 });
  });

  test('does not replace a file unless told so', async () => {
    const refused = await cli(['customers', 'export', file, '--database', database]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('--force') });
    await done(['customers', 'export', file, '--force', '--database', database]);
  });
});

test('no cell of a .csv begins as a formula does', async () => {
  const { database, proyecta } = await storeWith(PEOPLE);
  await proyecta.close();
  const csv = await done(['customers', 'export', '-', '--database', database]);
  const cells = csv.split(/[,\r\n]/).map((cell) => cell.replace(/^"/, ''));
  expect(cells.filter((cell) => /^[=+@\t]/.test(cell))).toEqual([]);
  // A number is no text.
  expect(cells.filter((cell) => cell.startsWith('-'))).toEqual(['-5']);
  expect(csv).toContain(`"'=HYPERLINK(""http://evil.example""`);
});

test('more customers than a page holds are all in the file, in order', async () => {
  const database = newDatabase();
  const file = join(newFolder(), 'many.csv');
  const rows = Array.from({ length: 1234 }, (_, at) => `c${at}@example.com,고객 ${at}`);
  writeFileSync(file, `email,name\n${rows.join('\n')}\n`);
  const { stdout, stderr } = await cli(['customers', 'import', file, '--database', database]);
  expect(stdout).toBe('1234 rows: 1234 created, 0 updated, 0 unchanged, 0 refused\n');
  expect(stderr).toMatch(/^(importing: \d+% \d+ rows\n)+$/);
  const csv = await done(['customers', 'export', '-', '--database', database]);
  const lines = csv.trimEnd().split('\r\n').slice(1);
  expect(lines.map((line) => line.split(',').slice(0, 2).join())).toEqual(rows);
});

test('refused rows are named, and make the exit code 1', async () => {
  const database = newDatabase();
  const file = join(newFolder(), 'bad.csv');
  writeFileSync(file, 'email,name\nok@example.com,A\nnonsense,B\n');
  const dry = await cli(['customers', 'import', file, '--dry-run', '--database', database]);
  expect(dry).toMatchObject({ code: 1, stdout: expect.stringContaining('dry run') });
  const { code, stdout, stderr } = await cli(['customers', 'import', file, '--database', database]);
  expect(code).toBe(1);
  expect(stdout).toContain('1 created');
  expect(stderr).toMatch(/^row 3, email: /m);
  expect(stderr).not.toContain('nonsense');
});

test.each([
  ['a file that is not there', ['import', 'none.csv'], 1, 'none.csv'],
  ['a folder', ['import', '.'], 1, 'file'],
  ['an ending that says nothing', ['export', 'customers.pdf'], 2, '.csv or .xlsx'],
  ['a folder that is not there', ['export', 'none/customers.csv'], 1, 'cannot be written'],
  ['another store', ['export', '-', '--store', 'store_none'], 1, 'store_none'],
  ['another key', ['export', '-', '--api-key', 'sk_live_0123456789abcdef'], 1, 'API key'],
])('%s is refused', async (_, args, code, part) => {
  const { database, proyecta } = await storeWith([]);
  await proyecta.close();
  const cwd = newFolder();
  const refused = await cli(['customers', ...args, '--database', database], { cwd });
  expect(refused).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(part) });
  expect(readdirSync(cwd)).toEqual([]);
});

test('a key that may only read exports and does not import', async () => {
  const { database, proyecta } = await storeWith(PEOPLE.slice(0, 1));
  await proyecta.close();
  const PROYECTA_API_KEY = (
    await done(['keys', 'create', '--scope', 'read-only', '--database', database])
  ).trim();
  const options = { env: { PROYECTA_API_KEY } };
  const csv = await done(['customers', 'export', '-', '--database', database], options);
  expect(csv).toContain('kim@example.com');
  const file = join(newFolder(), 'a.csv');
  writeFileSync(file, csv);
  const refused = await cli(['customers', 'import', file, '--database', database], options);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('may only read') });
  expect(readFileSync(file, 'utf8')).toBe(csv);
});
