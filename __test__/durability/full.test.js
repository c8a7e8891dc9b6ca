// No room left where the database lies.
const { join } = require('node:path');
const { sdk: Proyecta } = require('../support/package.js');
const { everyCustomer, everyEvent, failure } = require('../support/customers.js');
const { smallDisks } = require('../support/disk.js');
const { Neighbour } = require('../support/neighbour.js');

describe.each(smallDisks())('%s', (_, make) => {
  let disk;
  let neighbour;
  let database;
  let before;

  beforeAll(async () => {
    disk = make();
    database = join(disk.folder, 'proyecta.db');
    neighbour = await Neighbour.open({ database });
    before = await neighbour.call('customers.create', { email: 'before@example.com', name: 'Before' });
  });

  afterAll(async () => {
    await neighbour.kill();
    disk.remove();
  });

  test('has an error of its own, loses nothing acknowledged, and is over when there is room again', async () => {
    disk.full(neighbour.pid);
    const { made, failed } = await neighbour.ask('createUntilFailure', 'full');
    for (const error of failed)
      expect(error).toMatchObject({ code: 'database_full', type: 'UnavailableError' });

    // What was acknowledged can still be read, and what failed is not there.
    for (const customer of [before, ...made]) {
      expect(await neighbour.call('customers.get', customer.id)).toEqual(customer);
    }
    for (const { email } of failed) {
      expect((await neighbour.call('customers.list', { email })).data).toEqual([]);
    }
    expect((await neighbour.ask('createUntilFailure', 'still')).failed[0].code).toBe('database_full');

    disk.free(neighbour.pid);
    const again = [];
    for (const { email } of failed) {
      again.push(await neighbour.call('customers.create', { email, name: 'Again' }));
    }
    expect(again.map(({ email }) => email)).toEqual(failed.map(({ email }) => email));

    const proyecta = new Proyecta({ database });
    const stored = new Map((await everyCustomer(proyecta)).map((customer) => [customer.id, customer]));
    for (const customer of [before, ...made, ...again]) expect(stored.get(customer.id)).toEqual(customer);
    const events = await everyEvent(proyecta);
    expect(events).toHaveLength(stored.size);
    await proyecta.close();
  });

  test('a database that cannot be made there has the same error, and is made when there is room', async () => {
    const other = await Neighbour.open({ database: join(disk.folder, 'other.db') });
    disk.exhaust(other.pid);
    const person = { email: 'other@example.com', name: 'Other' };
    expect(await failure(other.call('customers.create', person))).toMatchObject({ code: 'database_full' });
    disk.free(other.pid);
    expect((await other.call('customers.create', person)).email).toBe('other@example.com');
    await other.kill();
  });

  test('a database that was made before and cannot be opened there has the same error', async () => {
    const database = join(disk.folder, 'closed.db');
    const other = await Neighbour.open({ database });
    const person = await other.call('customers.create', { email: 'other@example.com', name: 'Other' });
    await other.ask('close');
    disk.exhaust(other.pid);
    await other.ask('open', { database });
    expect(await failure(other.call('customers.get', person.id))).toMatchObject({ code: 'database_full' });
    disk.free(other.pid);
    expect(await other.call('customers.get', person.id)).toEqual(person);
    await other.kill();
  });
});
