// A database whose file was damaged while nobody had it open.
const { copyFileSync, readFileSync, truncateSync } = require('node:fs');
const { sdk: Proyecta } = require('../support/package.js');
const { everyCustomer, failure, someone } = require('../support/customers.js');
const { newDatabase } = require('../support/folder.js');
const { SqliteFile } = require('../support/sqlite-file.js');

const COUNT = 400;
const database = newDatabase();
const backup = newDatabase();
let made;

beforeAll(async () => {
  const proyecta = new Proyecta({ database });
  made = await Promise.all(
    Array.from({ length: COUNT }, (_, index) => proyecta.commerce.customers.create(someone(`c${index}`))),
  );
  await proyecta.close();
  copyFileSync(database, backup);
});

afterEach(() => copyFileSync(backup, database));

/** How each customer answers: its own self, or the code of an error. */
async function answers(customers) {
  const found = { right: 0 };
  for (const customer of made) {
    try {
      expect(await customers.get(customer.id)).toEqual(customer);
      found.right++;
    } catch (error) {
      if (error.code === undefined) throw error;
      found[error.code] = (found[error.code] ?? 0) + 1;
    }
  }
  return found;
}

test('a damaged page fails the calls that need it, and no answer is wrong', async () => {
  const file = new SqliteFile(database);
  const leaves = file.leaves(file.rootOf('customers'));
  expect(leaves.length).toBeGreaterThan(4);
  file.damage(leaves[leaves.length >> 1]);
  file.save();

  const proyecta = new Proyecta({ database });
  const { right, database_corrupt: damaged, ...others } = await answers(proyecta.commerce.customers);
  expect(others).toEqual({});
  expect(damaged).toBeGreaterThan(0);
  expect(right).toBeGreaterThan(COUNT / 2);
  const error = await failure(everyCustomer(proyecta));
  expect(error).toMatchObject({ name: 'UnavailableError', code: 'database_corrupt', retryable: false });
  expect(error.message).toMatch(/backup/);
  await proyecta.close();
});

test('a database that has lost its second half fails with the same code and takes no process down', async () => {
  truncateSync(database, readFileSync(database).length >> 1);
  const proyecta = new Proyecta({ database });
  expect((await failure(everyCustomer(proyecta))).code).toBe('database_corrupt');
  await proyecta.close();
});

test('after the backup is put back a new client finds everything', async () => {
  const file = new SqliteFile(database);
  for (const page of file.leaves(file.rootOf('customers'))) file.damage(page);
  file.save();
  const broken = new Proyecta({ database });
  expect((await failure(everyCustomer(broken))).code).toBe('database_corrupt');
  await broken.close();

  copyFileSync(backup, database);
  const proyecta = new Proyecta({ database });
  expect((await answers(proyecta.commerce.customers)).right).toBe(COUNT);
  await proyecta.commerce.customers.create(someone('after'));
  await proyecta.close();
});
