// The API key appears nowhere: not in what is printed, not in errors, not in the files.
const { createHash } = require('node:crypto');
const { readFileSync, readdirSync } = require('node:fs');
const { join } = require('node:path');
const { inspect } = require('node:util');
const { runProgram, sdk: Proyecta } = require('../support/package.js');
const { everyEvent, failure, someone } = require('../support/customers.js');
const { newFolder } = require('../support/folder.js');

const KEY = 'sk_test_a8Kd02-SECRET_77';

/** Everything that a program may print of a value. */
function faces(value) {
  return [
    inspect(value, { depth: 20, showHidden: true, getters: true }),
    JSON.stringify(value),
    String(value),
    String(value?.stack),
    String(value?.message),
    inspect(value?.cause, { depth: 20, showHidden: true }),
  ].join('\n');
}

function expectNoKey(value) {
  expect(faces(value)).not.toContain(KEY);
  expect(faces(value)).not.toContain(KEY.slice(8));
}

test('a client shows where its data lies, and never its key, before and after it is used', async () => {
  const database = join(newFolder(), 'proyecta.db');
  const proyecta = new Proyecta({ database, apiKey: KEY });
  expectNoKey(proyecta);
  const store = await proyecta.store;
  for (const value of [proyecta, proyecta.commerce, store, proyecta.store]) expectNoKey(value);
  expect(inspect(proyecta)).toContain(database);
  expect(JSON.parse(JSON.stringify(proyecta))).toMatchObject({ database });
  await proyecta.close();
  expectNoKey(proyecta);
});

test.each([
  ['postgres://app:hunter2@db.example.com:5433/app?password=hunter2', 'postgres://db.example.com:5433/app'],
  ['postgresql:///app?host=db&password=hunter2', 'postgres:///app'],
  ['postgres://app:hunter2@db/app?options=a@hunter2', 'postgres:'],
  ['postgres://app:hun/hunter2@db/app@hunter2', 'postgres:'],
])('a client of a PostgreSQL server shows its place alone', (database, place) => {
  const proyecta = new Proyecta({ database });
  expect(faces(proyecta)).not.toContain('hunter2');
  expect(JSON.parse(JSON.stringify(proyecta))).toMatchObject({ database: place });
});

test('errors do not hold it, whatever goes wrong with it', async () => {
  const database = join(newFolder(), 'proyecta.db');
  const owner = new Proyecta({ database, apiKey: 'sk_test_owner' });
  await owner.store;
  const stranger = new Proyecta({ database, apiKey: KEY });
  const long = new Proyecta({ database, apiKey: `${KEY} with blanks` });
  const missing = new Proyecta({ database: join(database, 'missing.db'), apiKey: KEY });
  const controller = new AbortController();
  controller.abort();
  const errors = [
    await failure(stranger.store),
    await failure(long.store),
    await failure(missing.store),
    await failure(stranger.commerce.customers.list({}, { signal: controller.signal })),
    await failure(() => new Proyecta({ database, apiKey: KEY, databse: 'x' })),
    await failure(() => new Proyecta({ database, apiKey: [KEY] })),
    await failure(new Proyecta({ apiKey: KEY, baseUrl: 'http://127.0.0.1:9', maxRetries: 0 }).store),
    await failure(() => new Proyecta({ apiKey: KEY, baseUrl: `http://${KEY}@127.0.0.1` })),
  ];
  await stranger.close();
  errors.push(await failure(stranger.store));
  for (const error of errors) expectNoKey(error);
  await Promise.all([owner, long, missing].map((client) => client.close()));
});

test('the files hold a hash of it and never itself, open or closed', async () => {
  const folder = newFolder();
  const proyecta = new Proyecta({ database: join(folder, 'proyecta.db'), apiKey: KEY });
  const made = await proyecta.commerce.customers.create(someone('ada'), { idempotencyKey: 'once' });
  await proyecta.commerce.customers.update(made.id, { name: 'Ada' });
  for (const event of await everyEvent(proyecta)) expectNoKey(event);

  const contents = () =>
    Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name)))).toString('latin1');
  const hash = createHash('sha256').update(KEY).digest('latin1');
  expect(contents()).toContain(hash);
  expect(contents()).not.toContain(KEY);
  await proyecta.close();
  expect(contents()).toContain(hash);
  expect(contents()).not.toContain(KEY);
});

test('the log of calls holds neither it nor personal data', async () => {
  const source = `import Proyecta from '@proyecta-ai/sdk';
const proyecta = new Proyecta({ database: ':memory:', logLevel: 'debug' });
const { id } = await proyecta.commerce.customers.create({ email: 'ada@example.com', name: 'Ada L.' });
await proyecta.commerce.customers.get(id);
await proyecta.commerce.customers.get('cus_nobody').catch(() => undefined);
await proyecta.close();`;
  const env = { ...process.env, PROYECTA_API_KEY: KEY };
  const { code, stdout, stderr } = await runProgram(source, { env });
  expect(code).toBe(0);
  const lines = `${stdout}${stderr}`;
  expect(lines).toMatch(/customers\.create ok/);
  expect(lines).toMatch(/customers\.get failed \(customer_not_found\)/);
  for (const secret of [KEY, 'ada@', 'Ada L.']) expect(lines).not.toContain(secret);
});

test('an uncaught error prints nothing of it', async () => {
  const source = `import Proyecta from '@proyecta-ai/sdk';
await new Proyecta({ database: 'missing/folder/app.db' }).store;`;
  const env = { ...process.env, PROYECTA_API_KEY: KEY };
  const { code, stdout, stderr } = await runProgram(source, { env });
  expect(code).toBe(1);
  expect(stderr).toContain('database_not_found');
  expect(stdout + stderr).not.toContain(KEY);
});
