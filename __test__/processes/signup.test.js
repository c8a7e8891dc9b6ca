// Several processes on one database, each with an engine of its own.
const { join } = require('node:path');
const { sdk: Proyecta } = require('../support/package.js');
const { everyCustomer, everyEvent, someone } = require('../support/customers.js');
const { Neighbour } = require('../support/neighbour.js');
const { Program } = require('../support/program.js');
const { STORES } = require('./stores.js');

const SIGNUP = join(__dirname, 'programs/signup.cjs');

describe.each(STORES)('on %s', (_, newStore) => {
  test('four processes creating over the same e-mails make each customer once and all see the same', async () => {
    const database = newStore();
    const programs = ['a', 'b', 'c', 'd'].map((name) => new Program(SIGNUP, { args: [database, name] }));
    const answers = (await Promise.all(programs.map((program) => program.next()))).flat();
    for (const { ended } of programs) {
      expect(await ended).toEqual({ code: 0, signal: null, stderr: '' });
    }
    expect(answers).toHaveLength(4 * 500);

    const proyecta = new Proyecta({ database });
    const customers = await everyCustomer(proyecta);
    expect(customers).toHaveLength(100);
    const stored = new Map(customers.map(({ email, id, name }) => [email, [email, id, name]]));
    for (const answer of answers) expect(answer).toEqual(stored.get(answer[0]));
    const events = await everyEvent(proyecta);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events).toHaveLength(100);
    await proyecta.close();
  });

  test('processes that start together on a new database all find it ready', async () => {
    const options = { database: newStore(), apiKey: 'sk_test_together' };
    const neighbours = await Promise.all(Array.from({ length: 6 }, () => Neighbour.open(options)));
    const made = await Promise.all(
      neighbours.map((neighbour, index) => neighbour.call('customers.create', someone(`starter${index}`))),
    );
    // What one process wrote, the others read at once.
    for (const neighbour of neighbours) {
      for (const customer of made)
        expect(await neighbour.call('customers.get', customer.id)).toEqual(customer);
    }
    await Promise.all(neighbours.map((neighbour) => neighbour.kill()));
  });
});
