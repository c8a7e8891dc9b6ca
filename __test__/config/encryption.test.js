// `encryptionKey`: what stored payment credentials are encrypted under.
const { existsSync, writeFileSync } = require('node:fs');
const { randomBytes } = require('node:crypto');
const { join } = require('node:path');
const { runProgram, sdk: Proyecta } = require('../support/package.js');
const { failure } = require('../support/customers.js');
const { newFolder } = require('../support/folder.js');
const { CARD } = require('../support/payment-operations.js');

const key = () => randomBytes(32).toString('base64');
const [ONE, OTHER] = [key(), key()];

const opened = [];
afterEach(() => Promise.all(opened.splice(0).map((proyecta) => proyecta.close())));

function open(database, encryptionKey) {
  const proyecta = new Proyecta({ database, encryptionKey });
  opened.push(proyecta);
  return proyecta.commerce;
}

const close = () => Promise.all(opened.splice(0).map((proyecta) => proyecta.close()));
const place = () => join(newFolder(), 'a.db');

async function register({ customers, paymentMethods }) {
  const { id: customerId } = await customers.create({ email: 'a@example.com' });
  return paymentMethods.create({ customerId, card: CARD });
}

test('a key that is given is used, and no file is made', async () => {
  const database = place();
  await register(open(database, ONE));
  expect(existsSync(join(database, '../.proyecta'))).toBe(false);
});

test('a new key in front of the old one opens what the old one closed', async () => {
  const database = place();
  const { id } = await register(open(database, ONE));
  await close();
  const error = await failure(open(database, OTHER).paymentMethods.delete(id));
  expect(error).toMatchObject({ code: 'encryption_key_unknown', param: 'encryptionKey' });
  expect(error.message).toContain(id);
  await close();
  const both = open(database, `${OTHER},${ONE}`);
  expect(await both.paymentMethods.delete(id)).toMatchObject({ deleted: true });
});

test('a test store that is given a key later still opens what it kept before', async () => {
  const database = place();
  const { id } = await register(open(database));
  expect(existsSync(join(database, '../.proyecta/key'))).toBe(true);
  await close();
  expect(await open(database, ONE).paymentMethods.delete(id)).toMatchObject({ deleted: true });
});

test('all clients of a database in a process have the same', async () => {
  const database = place();
  await register(open(database, ONE));
  const error = await failure(open(database, OTHER).customers.list());
  expect(error).toMatchObject({ code: 'configuration_invalid', param: 'encryptionKey' });
  expect(`${error.stack}${JSON.stringify(error)}`).not.toContain(OTHER);
  await register(open(database, ONE));
  await register(open(database));
});

test('a key file that is damaged is said, and nothing is kept', async () => {
  const database = place();
  const commerce = open(database);
  const { id: customerId } = await commerce.customers.create({ email: 'a@example.com' });
  writeFileSync(join(database, '../.proyecta'), 'in the way');
  const error = await failure(commerce.paymentMethods.create({ customerId, card: CARD }));
  expect(error).toMatchObject({ code: 'encryption_key_missing', param: 'encryptionKey' });
  expect((await commerce.paymentMethods.list({ customerId })).data).toEqual([]);
});

const PROGRAM = `import Proyecta from '@proyecta-ai/sdk';
const { customers, paymentMethods } = new Proyecta({ database: ':memory:' }).commerce;
const { id: customerId } = await customers.create({ email: 'a@example.com' });
const begun = performance.now();
await paymentMethods.create({ customerId, card: ${JSON.stringify(CARD)} });
console.log(performance.now() - begun >= 300 ? 'waited' : 'did not wait');`;

const run = (latency) =>
  runProgram(PROGRAM, {
    cwd: newFolder(),
    env: { ...process.env, PROYECTA_SANDBOX_LATENCY: latency },
  });

test('the sandbox waits as long as it is told to, and the process ends by itself', async () => {
  const { code, stdout, stderr } = await run('300');
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'waited\n', stderr: '' });
});

test.each(['-1', '1.5', '60001', 'soon'])('a latency of %j is refused', async (latency) => {
  const { code, stderr } = await run(latency);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/PROYECTA_SANDBOX_LATENCY must be a whole number/);
});
