// A database that cannot be opened says why, and is opened once the cause is gone.
const { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { randomBytes } = require('node:crypto');
const { join } = require('node:path');
const { sdk: Proyecta } = require('../support/package.js');
const { everyCustomer, failure, someone } = require('../support/customers.js');
const { newDatabase, newFolder } = require('../support/folder.js');
const { advanceSchema } = require('../support/sqlite-file.js');

const { UnavailableError } = Proyecta;

/** Calls of each kind, for none may slip past the trouble or hide it. */
const calls = (proyecta) => [
  proyecta.commerce.customers.create(someone('new')),
  proyecta.commerce.customers.list(),
  proyecta.commerce.customers.get('cus_nobody'),
  proyecta.store,
];

async function expectTrouble(proyecta, code, message) {
  for (const error of await Promise.all(calls(proyecta).map(failure))) {
    expect(error).toMatchObject({ code, type: 'unavailable', statusCode: 503, retryable: false });
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error.message).toMatch(message);
  }
}

test('a missing folder is named as the cause, and nothing is made in its place', async () => {
  const folder = join(newFolder(), 'missing');
  const proyecta = new Proyecta({ database: join(folder, 'proyecta.db') });
  await expectTrouble(proyecta, 'database_not_found', /folder/);
  mkdirSync(folder);
  expect((await proyecta.commerce.customers.create(someone('new'))).email).toBe('new@example.com');
  await proyecta.close();
});

test('a file in the place of the folder is an error that says so', async () => {
  const file = join(newFolder(), 'file');
  writeFileSync(file, 'a file');
  const proyecta = new Proyecta({ database: join(file, 'proyecta.db') });
  await expectTrouble(proyecta, 'database_not_found', /folder/);
  rmSync(file);
  mkdirSync(file);
  await proyecta.commerce.customers.create(someone('new'));
  await proyecta.close();
});

test('a folder in the place of the file is an error of its own kind', async () => {
  const database = newDatabase();
  mkdirSync(database);
  const proyecta = new Proyecta({ database });
  await expectTrouble(proyecta, 'database_not_found', /file/);
  await proyecta.close();
});

test.each([
  ['random bytes', randomBytes(20_000)],
  ['a text', Buffer.from('id,email,name\n1,ada@example.com,Ada\n'.repeat(200))],
  ['a short text', Buffer.from('hello')],
])('a file that is not a database is refused and left as it was: %s', async (_, content) => {
  const database = newDatabase();
  writeFileSync(database, content);
  const proyecta = new Proyecta({ database });
  await expectTrouble(proyecta, 'database_corrupt', /not a database/);
  expect(readFileSync(database).equals(content)).toBe(true);
  rmSync(database);
  await proyecta.commerce.customers.create(someone('new'));
  await proyecta.close();
});

test('an empty file becomes a database', async () => {
  const database = newDatabase();
  writeFileSync(database, '');
  const proyecta = new Proyecta({ database });
  await proyecta.commerce.customers.create(someone('new'));
  await proyecta.close();
});

test('a database of a newer version is refused untouched, and opens when it is put back', async () => {
  const database = newDatabase();
  const first = new Proyecta({ database });
  const made = await first.commerce.customers.create(someone('made'));
  await first.close();

  advanceSchema(database, 40);
  const proyecta = new Proyecta({ database });
  await expectTrouble(proyecta, 'database_newer', /update the package/);
  advanceSchema(database, -40);
  expect(await proyecta.commerce.customers.get(made.id)).toEqual(made);
  await proyecta.close();
});

test('a database that was moved away and back is the same one', async () => {
  const database = newDatabase();
  const first = new Proyecta({ database });
  const made = await first.commerce.customers.create(someone('made'));
  await first.close();
  // A closed database is one file, which can be copied and moved.
  const other = newDatabase();
  renameSync(database, other);
  const moved = new Proyecta({ database: other });
  expect(await everyCustomer(moved)).toEqual([made]);
  await moved.close();
});
