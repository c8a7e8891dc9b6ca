// `customers.import`: what becomes of the rows of a file.
const { allEvents, closeStores, contents, countCustomers, openStore } = require('../support/store.js');
const { csv, rowsOf, workbook } = require('./support.js');

let store;
let customers;
beforeEach(() => {
  store = openStore();
  customers = store.customers;
});
afterEach(closeStores);

const counts = ({ rows, created, updated, unchanged, failed }) => ({
  rows,
  created,
  updated,
  unchanged,
  failed,
});
const byEmail = async (email) => (await customers.list({ email })).data[0];

const PEOPLE = [
  [
    'email',
    '이름',
    '휴대폰 번호',
    'Address line 1',
    '우편번호',
    '국가',
    '이메일 수신동의',
    'metadata.plan',
    '외부 키',
  ],
  ['kim@example.com', '김철수', '010-1234-5678', '세종대로 1', '04524', 'KR', '예', 'pro', 'u-1'],
  ['Lee@Example.com', '이영희', '', '', '', '', 'N', '', 'u-2'],
];

test.each(['xlsx', 'xls'])(
  'an .%s file with Korean and English titles becomes customers',
  async (bookType) => {
    const report = await customers.import(workbook(PEOPLE, bookType));
    expect(report).toEqual({
      object: 'customer_import',
      dryRun: false,
      rows: 2,
      created: 2,
      updated: 0,
      unchanged: 0,
      failed: 0,
      errors: [],
    });
    expect(await byEmail('kim@example.com')).toMatchObject({
      email: 'kim@example.com',
      name: '김철수',
      phone: '+821012345678',
      address: { line1: '세종대로 1', postal_code: '04524', country: 'KR' },
      marketing: { sms: false, email: true, kakao: false },
      metadata: { plan: 'pro' },
      key: 'u-1',
    });
    expect(await byEmail('lee@example.com')).toMatchObject({
      email: 'Lee@Example.com',
      phone: null,
      address: null,
    });
  },
);

test('a .csv file in CP949, as Korean Excel saves it, is read as it was written', async () => {
  // "이름" and "김철수" in CP949.
  const name = Buffer.from([0xc0, 0xcc, 0xb8, 0xa7]);
  const kim = Buffer.from([0xb1, 0xe8, 0xc3, 0xb6, 0xbc, 0xf6]);
  const file = Buffer.concat([
    Buffer.from('email,'),
    name,
    Buffer.from('\r\nkim@example.com,'),
    kim,
    Buffer.from('\r\n'),
  ]);
  expect(counts(await customers.import(file))).toMatchObject({ created: 1, failed: 0 });
  expect((await byEmail('kim@example.com')).name).toBe('김철수');
});

test('good rows go in, bad rows are told with row, column and reason and without their values', async () => {
  const report = await customers.import(
    csv(
      'email,name,휴대폰,country',
      'a@example.com,A,010-1234-5678,KR',
      'not-an-address,B,,',
      'c@example.com,C,12,KR',
      'd@example.com,D,,XX',
      ',E,,',
      'f@example.com,F,,',
    ),
  );
  expect(counts(report)).toEqual({ rows: 6, created: 2, updated: 0, unchanged: 0, failed: 4 });
  expect(report.errors).toEqual([
    {
      row: 3,
      column: 'email',
      code: 'parameter_invalid',
      reason: expect.stringContaining('name@example.com'),
    },
    { row: 4, column: '휴대폰', code: 'parameter_invalid', reason: expect.stringContaining('010-1234-5678') },
    { row: 5, column: 'country', code: 'parameter_invalid', reason: expect.stringContaining('ISO 3166') },
    { row: 6, column: 'email', code: 'parameter_missing', reason: expect.stringContaining('required') },
  ]);
  expect(JSON.stringify(report)).not.toContain('not-an-address');
  expect(await countCustomers(store)).toBe(2);
});

test('a row that is refused for its key leaves nothing of itself', async () => {
  await customers.create({ email: 'first@example.com', key: 'taken' });
  const report = await customers.import(csv('email,key', 'x@example.com,taken', 'y@example.com,free'));
  expect(report.errors).toEqual([
    expect.objectContaining({ row: 2, column: 'key', code: 'customer_key_taken' }),
  ]);
  expect(await byEmail('x@example.com')).toBeUndefined();
  expect(await byEmail('y@example.com')).toMatchObject({ key: 'free' });
});

test('the same file again changes nothing, with either way of treating customers that exist', async () => {
  const file = workbook(PEOPLE);
  await customers.import(file);
  const before = await contents(store);
  expect(counts(await customers.import(file))).toEqual({
    rows: 2,
    created: 0,
    updated: 0,
    unchanged: 2,
    failed: 0,
  });
  const again = await customers.import(file, { onExisting: 'update' });
  expect(counts(again)).toEqual({ rows: 2, created: 0, updated: 0, unchanged: 2, failed: 0 });
  expect(await contents(store)).toEqual(before);
});

test("onExisting: 'skip' leaves a customer as it is, 'update' gives it the file's values and no others", async () => {
  const there = await customers.create({ email: 'a@example.com', name: 'Old', phone: '010-1234-5678' });
  const file = csv('email,name', 'A@EXAMPLE.COM,New');
  expect(counts(await customers.import(file))).toMatchObject({ unchanged: 1 });
  expect(await customers.get(there.id)).toEqual(there);
  expect(counts(await customers.import(file, { onExisting: 'update' }))).toMatchObject({ updated: 1 });
  expect(await customers.get(there.id)).toMatchObject({
    name: 'New',
    phone: '+821012345678',
    email: 'a@example.com',
  });
  expect((await allEvents(store)).map(({ type }) => type)).toEqual(['customer.created', 'customer.updated']);
});

test('a dry run checks every row, counts what would happen, and writes nothing', async () => {
  await customers.create({ email: 'there@example.com', name: 'Old' });
  const before = await contents(store);
  const file = csv(
    'email,name,key',
    'there@example.com,New,',
    'new@example.com,N,k1',
    'NEW@example.com,N,',
    'bad,,',
    'other@example.com,,k1',
  );
  const dry = await customers.import(file, { dryRun: true, onExisting: 'update' });
  expect(dry).toMatchObject({ dryRun: true });
  expect(await contents(store)).toEqual(before);
  const real = await customers.import(file, { onExisting: 'update' });
  expect(counts(dry)).toEqual(counts(real));
  expect(counts(real)).toEqual({ rows: 5, created: 1, updated: 1, unchanged: 1, failed: 2 });
});

test('custom fields are filled by key or label, each checked by its type', async () => {
  await store.customFields.create({ key: 'size', type: 'dropdown', label: '사이즈', choices: ['S', 'M'] });
  await store.customFields.create({ key: 'age', type: 'number', label: 'Age' });
  await store.customFields.create({ key: 'vip', type: 'checkbox', label: 'VIP' });
  await store.customFields.create({
    key: 'likes',
    type: 'checkbox',
    label: 'Likes',
    choices: ['tea', 'coffee'],
  });
  const rows = [
    ['email', '사이즈', 'age', 'VIP', 'Likes'],
    ['a@example.com', 'M', 41, '예', 'tea, coffee'],
    ['b@example.com', 'XL', 41, '예', 'tea'],
    ['c@example.com', 'S', 'old', '예', 'tea'],
    ['d@example.com', 'S', 1, 'perhaps', 'tea'],
  ];
  const report = await customers.import(workbook(rows));
  expect((await byEmail('a@example.com')).attributes).toEqual({
    size: 'M',
    age: 41,
    vip: true,
    likes: ['tea', 'coffee'],
  });
  expect(report.errors.map(({ row, column }) => [row, column])).toEqual([
    [3, '사이즈'],
    [4, 'age'],
    [5, 'VIP'],
  ]);
});

test('the template comes back through the import, custom fields included and passwords left out', async () => {
  await store.customFields.create({ key: 'size', type: 'dropdown', label: 'Size', choices: ['S', 'M'] });
  await store.customFields.create({ key: 'pin', type: 'password', label: 'PIN' });
  const template = await customers.importTemplate();
  expect(Buffer.isBuffer(template)).toBe(true);
  const [titles] = rowsOf(template);
  expect(titles).toContain('Size');
  expect(titles.join()).not.toMatch(/PIN|password/i);
  const cells = titles.map((title) =>
    /mail/i.test(title) && !/marketing|consent/i.test(title) ? 'a@example.com' : '',
  );
  expect(counts(await customers.import(workbook([titles, cells])))).toMatchObject({ created: 1, failed: 0 });
});

test('10,000 rows are each one customer, one event, and found afterwards', async () => {
  const rows = [['email', 'name']];
  for (let n = 0; n < 10_000; n++) rows.push([`user${n}@example.com`, `김철수 ${n}`]);
  expect(counts(await customers.import(workbook(rows)))).toMatchObject({ created: 10_000, failed: 0 });
  expect(await countCustomers(store)).toBe(10_000);
  expect((await allEvents(store)).length).toBe(10_000);
  expect((await customers.list({ query: '철수 9999' })).data).toHaveLength(1);
});
