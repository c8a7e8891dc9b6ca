// A file or a folder that may not be written.
const { chmodSync, chownSync, existsSync, readdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { sdk: Proyecta } = require('../support/package.js');
const { failure, someone } = require('../support/customers.js');
const { newFolder } = require('../support/folder.js');
const { Neighbour } = require('../support/neighbour.js');

/** Permissions do not bind the super-user, so the client runs as nobody then. */
const isRoot = process.getuid() === 0;
const NOBODY = 65_534;

function own(path) {
  if (isRoot) chownSync(path, NOBODY, NOBODY);
  return path;
}

const ownFolder = () => own(newFolder());

/** A closed database with one customer, in a folder of its own. */
async function closedDatabase() {
  const database = join(ownFolder(), 'proyecta.db');
  const proyecta = new Proyecta({ database });
  const made = await proyecta.commerce.customers.create(someone('made'));
  await proyecta.close();
  own(database);
  return { database, made };
}

async function userOpens(options) {
  const neighbour = new Neighbour();
  if (isRoot) await neighbour.ask('become', NOBODY);
  await neighbour.ask('open', options);
  return neighbour;
}

const READ_ONLY = {
  name: 'UnavailableError',
  code: 'database_read_only',
  type: 'unavailable',
  retryable: false,
};

async function expectReadOnly(neighbour) {
  const error = await failure(neighbour.call('customers.create', someone('new')));
  expect(error).toMatchObject(READ_ONLY);
  expect(error.message).toMatch(/permission/);
}

test('a file that may not be written is an error of its own until it may', async () => {
  const { database, made } = await closedDatabase();
  chmodSync(database, 0o400);
  const neighbour = await userOpens({ database });
  await expectReadOnly(neighbour);
  chmodSync(database, 0o600);
  expect(await neighbour.call('customers.get', made.id)).toEqual(made);
  expect((await neighbour.call('customers.create', someone('new'))).version).toBe(1);
  await neighbour.kill();
});

test('a folder that may not be written is the same error, though its file may', async () => {
  const { database, made } = await closedDatabase();
  const folder = join(database, '..');
  chmodSync(folder, 0o555);
  const neighbour = await userOpens({ database });
  await expectReadOnly(neighbour);
  chmodSync(folder, 0o755);
  expect(await neighbour.call('customers.get', made.id)).toEqual(made);
  expect((await neighbour.call('customers.create', someone('new'))).version).toBe(1);
  await neighbour.kill();
});

test('a folder in which no file may be made is the same error', async () => {
  const folder = ownFolder();
  chmodSync(folder, 0o555);
  const neighbour = await userOpens({ database: join(folder, 'proyecta.db') });
  await expectReadOnly(neighbour);
  expect(readdirSync(folder)).toEqual([]);
  chmodSync(folder, 0o755);
  expect((await neighbour.call('customers.create', someone('new'))).version).toBe(1);
  await neighbour.kill();
});

test('a project in which the default folder cannot be made is the same error, with the folder named', async () => {
  const project = ownFolder();
  writeFileSync(join(project, 'package.json'), '{}');
  chmodSync(project, 0o555);
  const neighbour = new Neighbour({ cwd: project });
  if (isRoot) await neighbour.ask('become', NOBODY);
  await neighbour.ask('open');
  const error = await failure(neighbour.call('customers.create', someone('new')));
  expect(error).toMatchObject(READ_ONLY);
  expect(error.message).toContain(join(project, '.proyecta'));
  chmodSync(project, 0o755);
  expect((await neighbour.call('customers.create', someone('new'))).version).toBe(1);
  expect(existsSync(join(project, '.proyecta/proyecta.db'))).toBe(true);
  await neighbour.kill();
});

test.each([
  ['a folder that may not be entered', (database) => join(database, '..'), 0o755],
  ['a file that may not even be read', (database) => database, 0o600],
])('%s is an error that speaks of permissions', async (_, locate, mode) => {
  const { database, made } = await closedDatabase();
  chmodSync(locate(database), 0o000);
  const neighbour = await userOpens({ database });
  const error = await failure(neighbour.call('customers.get', made.id));
  expect(error).toMatchObject({ name: 'UnavailableError', type: 'unavailable' });
  expect(error.code).toMatch(/^database_(not_found|read_only)$/);
  expect(error.message).toMatch(/permission/);
  chmodSync(locate(database), mode);
  expect(await neighbour.call('customers.get', made.id)).toEqual(made);
  await neighbour.kill();
});
