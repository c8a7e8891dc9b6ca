// close() finishes what was accepted and lets go of the database.
const { copyFileSync, existsSync, readdirSync } = require('node:fs');
const { join } = require('node:path');
const { transformSync } = require('esbuild');
const { runProgram, sdk: Proyecta } = require('../support/package.js');
const { everyCustomer, everyEvent, failure, someone } = require('../support/customers.js');
const { newDatabase, newFolder } = require('../support/folder.js');

const CLOSED = { name: 'InvalidRequestError', code: 'closed', retryable: false };
const names = (count) => Array.from({ length: count }, (_, index) => someone(`c${index}`));

async function stored(database) {
  const proyecta = new Proyecta({ database });
  const customers = await everyCustomer(proyecta);
  await proyecta.close();
  return customers;
}

test('finishes what was accepted: 200 creates that were only begun are all there', async () => {
  const database = newDatabase();
  const proyecta = new Proyecta({ database });
  const calls = names(200).map((one) => proyecta.commerce.customers.create(one));
  await proyecta.close();
  const made = await Promise.all(calls);
  expect(new Set((await stored(database)).map(({ id }) => id))).toEqual(new Set(made.map(({ id }) => id)));
});

test('has answered every call before it is over', async () => {
  const proyecta = new Proyecta({ database: newDatabase() });
  let answered = 0;
  const count = () => {
    answered++;
  };
  for (const one of names(50)) proyecta.commerce.customers.create(one).then(count);
  proyecta.commerce.customers.get('cus_nobody').catch(count);
  proyecta.commerce.customers.list().then(count);
  await proyecta.close();
  expect(answered).toBe(52);
});

test('later calls of every kind get the code closed, and touch nothing', async () => {
  const database = newDatabase();
  const proyecta = new Proyecta({ database });
  const made = await proyecta.commerce.customers.create(someone('made'));
  const { customers, events, customFields, signupForm } = proyecta.commerce;
  await proyecta.close();
  const calls = [
    customers.create(someone('late')),
    customers.get(made.id),
    customers.list(),
    customers.list({ email: 'made@example.com' }),
    customers.update(made.id, { name: 'Late' }),
    customers.delete(made.id),
    customers.import(Buffer.from('email,name\nlate@example.com,Late\n')),
    events.list(),
    customFields.list(),
    signupForm.get(),
    proyecta.store,
    everyCustomer(proyecta),
  ];
  for (const error of await Promise.all(calls.map(failure))) {
    expect(error).toMatchObject(CLOSED);
    expect(error).toBeInstanceOf(Proyecta.InvalidRequestError);
  }
  expect(await stored(database)).toEqual([made]);
});

test('calls that come while it is closing are refused, those before are not', async () => {
  const proyecta = new Proyecta({ database: newDatabase() });
  const before = proyecta.commerce.customers.create(someone('before'));
  const closing = proyecta.close();
  expect(await failure(proyecta.commerce.customers.create(someone('after')))).toMatchObject(CLOSED);
  expect((await before).email).toBe('before@example.com');
  await closing;
});

test('may be called twice, at once or later', async () => {
  const proyecta = new Proyecta({ database: newDatabase() });
  await proyecta.commerce.customers.create(someone('made'));
  expect(await Promise.all([proyecta.close(), proyecta.close()])).toEqual([undefined, undefined]);
  expect(await proyecta.close()).toBeUndefined();
});

test('of a client that was never used makes no file', async () => {
  const database = newDatabase();
  const proyecta = new Proyecta({ database });
  await proyecta.close();
  expect(await failure(proyecta.store)).toMatchObject(CLOSED);
  expect(existsSync(database)).toBe(false);
});

test('of a client that could not open its database is over at once', async () => {
  const proyecta = new Proyecta({ database: join(newFolder(), 'missing/proyecta.db') });
  const call = failure(proyecta.store);
  await proyecta.close();
  expect((await call).code).toBe('database_not_found');
  expect(await failure(proyecta.store)).toMatchObject(CLOSED);
});

test('an iteration over a closed client ends with an error, not with half of the rows', async () => {
  const proyecta = new Proyecta({ database: newDatabase() });
  await Promise.all(names(30).map((one) => proyecta.commerce.customers.create(one)));
  const seen = [];
  const iteration = (async () => {
    for await (const { id } of proyecta.commerce.customers.list({ limit: 10 })) {
      seen.push(id);
      if (seen.length === 5) await proyecta.close();
    }
  })();
  expect(await failure(iteration)).toMatchObject(CLOSED);
  expect(seen).toHaveLength(10);
});

test('leaves one file, which is the whole database', async () => {
  const database = newDatabase();
  const proyecta = new Proyecta({ database });
  const made = await Promise.all(names(40).map((one) => proyecta.commerce.customers.create(one)));
  await proyecta.close();
  expect(readdirSync(join(database, '..'))).toEqual(['proyecta.db']);
  const copy = newDatabase();
  copyFileSync(database, copy);
  expect((await stored(copy)).map(({ id }) => id).sort()).toEqual(made.map(({ id }) => id).sort());
});

test('of one client leaves the others on the same file alone', async () => {
  const database = newDatabase();
  const clients = Array.from({ length: 3 }, () => new Proyecta({ database }));
  const [one, two, three] = clients;
  await Promise.all(clients.map(({ commerce }, index) => commerce.customers.create(someone(`c${index}`))));
  const pending = two.commerce.customers.create(someone('pending'));
  await one.close();
  expect((await pending).email).toBe('pending@example.com');
  await two.close();
  expect(await everyCustomer(three)).toHaveLength(4);
  expect((await three.commerce.customers.create(someone('later'))).email).toBe('later@example.com');
  await three.close();
});

test('and a new client on the same file in the same moment get along', async () => {
  const database = newDatabase();
  for (let round = 0; round < 20; round++) {
    const one = new Proyecta({ database });
    const first = one.commerce.customers.create(someone(`first${round}`));
    const closing = one.close();
    const two = new Proyecta({ database });
    const second = two.commerce.customers.create(someone(`second${round}`));
    await Promise.all([first, closing, second]);
    await two.close();
  }
  const proyecta = new Proyecta({ database });
  expect(await everyCustomer(proyecta)).toHaveLength(40);
  expect(await everyEvent(proyecta)).toHaveLength(40);
  await proyecta.close();
});

test('is what `await using` calls at the end of its block', async () => {
  const program = `import Proyecta from '@proyecta-ai/sdk';
Symbol.asyncDispose ??= Symbol.for('nodejs.asyncDispose');
let kept;
{
  await using proyecta = new Proyecta({ database: process.argv[2] });
  kept = proyecta;
  proyecta.commerce.customers.create({ email: 'ada@example.com', name: 'Ada' });
}
console.log(await kept.store.catch(({ code }) => code));`;
  // Not every Node that runs the package reads the syntax.
  const { code: source } = transformSync(program, { format: 'esm', target: 'node20' });
  const database = newDatabase();
  const { stdout, stderr } = await runProgram(source, { args: [database] });
  expect({ stdout, stderr }).toEqual({ stdout: 'closed\n', stderr: '' });
  expect(await stored(database)).toHaveLength(1);
});
