// A card's number, password and holder's numbers are found nowhere afterwards: not in the database, its
// files, events, kept answers, errors or logs.
const { existsSync, readdirSync, readFileSync, statSync } = require('node:fs');
const { join } = require('node:path');
const { inspect } = require('node:util');
const { failure } = require('../support/customers.js');
const { newFolder } = require('../support/folder.js');
const { allEvents, closeStores, contentsOf, openStore } = require('../support/store.js');

afterEach(closeStores);

// Digits that nothing else here has: of a card that is approved, and one that is declined.
const APPROVED = '9876543217654329';
const DECLINED = '4000000000009995';
const GROUPED = APPROVED.replace(/(....)(?=.)/g, '$1 ');
const SECRETS = ['917203', '9172034455', 'auth_Zq7canary'];
const CANARIES = [APPROVED, GROUPED, DECLINED, APPROVED.slice(0, 12), ...SECRETS];

/** Everything that a program may print of a value. */
const faces = (value) =>
  [inspect(value, { depth: 20, showHidden: true }), JSON.stringify(value), String(value?.stack)].join('\n');

function expectNone(text, where) {
  for (const canary of CANARIES)
    expect([where, text.includes(canary) ? canary : 'none']).toEqual([where, 'none']);
}

test('no secret of a card is left anywhere', async () => {
  const folder = newFolder();
  const database = join(folder, 'a.db');
  const lines = [];
  const log = (line) => lines.push(String(line));
  const logger = { error: log, warn: log, info: log, debug: log };
  const printed = ['stdout', 'stderr'].map((name) =>
    jest.spyOn(process[name], 'write').mockImplementation((text) => lines.push(String(text)) > 0),
  );
  const store = openStore({ database, logger, logLevel: 'debug' });
  const { customers, paymentMethods } = store;
  const { id: customerId } = await customers.create({ email: 'a@example.com' });
  const card = { number: GROUPED, expirationYear: '30', expirationMonth: '12', password: '91' };
  const person = { ...card, personalId: '917203' };
  const company = { ...card, isCorporate: true, corporateId: '9172034455' };

  const method = await paymentMethods.create({ customerId, card: person }, { idempotencyKey: 'a' });
  await paymentMethods.create(
    { customerId, card: { ...company, number: APPROVED } },
    { idempotencyKey: 'b' },
  );
  await paymentMethods.update(method.id, { default: true, metadata: { note: 'kept-note' } });
  const errors = [];
  for (const [index, params] of [
    { card: { ...person, number: DECLINED } },
    { card: { ...person, number: `${APPROVED}1` } },
    { card: { ...person, number: Number(APPROVED) } },
    { card: { ...person, isCorporate: true } },
    { card: { ...company, personalId: '917203' } },
    { card: { ...person, expirationMonth: APPROVED } },
    { card: { ...person, password: APPROVED } },
    { card: GROUPED },
    { card: [GROUPED] },
    { authKey: 'auth_Zq7canary' },
    { authKey: 'auth_Zq7canary', card: person },
    { card: person, makeDefault: APPROVED },
    { card: person, extra: APPROVED },
  ].entries()) {
    const options = { idempotencyKey: `e${index}` };
    for (let time = 0; time < 2; time++) {
      errors.push(await failure(paymentMethods.create({ customerId, ...params }, options)));
    }
  }
  errors.push(await failure(paymentMethods.create({ customerId: 'cus_none', card: person })));
  const events = await allEvents(store);
  const answers = [method, await paymentMethods.list({ customerId }), await paymentMethods.get(method.id)];
  await closeStores();
  for (const spy of printed) spy.mockRestore();

  expect(errors).toHaveLength(27);
  for (const [index, error] of errors.entries()) expectNone(faces(error), `error ${index}`);
  expectNone(faces(events), 'events');
  expectNone(faces(answers), 'answers');
  expectNone(lines.join('\n'), 'logs');
  const contents = await contentsOf(database);
  expect(contents).toContain('kept-note');
  expectNone(contents, 'the database');
  for (const name of readdirSync(folder, { recursive: true })) {
    const path = join(folder, name);
    if (statSync(path).isFile()) expectNone(readFileSync(path, 'latin1'), name);
  }
});

test('billing keys are encrypted, under a key beside the database of a test store', async () => {
  const folder = newFolder();
  const database = join(folder, 'a.db');
  const store = openStore({ database });
  const { id: customerId } = await store.customers.create({ email: 'a@example.com' });
  const card = { number: APPROVED, expirationYear: '30', expirationMonth: '12' };
  const { id } = await store.paymentMethods.create({ customerId, card });
  await closeStores();
  const file = join(folder, '.proyecta', 'key');
  if (existsSync(file)) {
    expect(Buffer.from(readFileSync(file, 'utf8'), 'base64')).toHaveLength(32);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  }
  // Another process reads what this one kept.
  const again = openStore({ database });
  expect(await again.paymentMethods.delete(id)).toMatchObject({ deleted: true });
});
