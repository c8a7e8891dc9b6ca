// A process dies, or the database server does, in the middle of everybody's writes.
const { join } = require('node:path');
const { sdk: Proyecta } = require('../support/package.js');
const { everyCustomer, everyEvent } = require('../support/customers.js');
const { Program } = require('../support/program.js');
const { STORES } = require('./stores.js');

const SERVER = join(__dirname, 'programs/server.mjs');
const WRITER = join(__dirname, 'programs/writer.cjs');

/** A writer, and what was acknowledged to it. */
class Writer {
  acknowledged = [];
  refused = 0;

  constructor(database, name) {
    this.program = new Program(WRITER, { args: [database, name] });
  }

  /** Goes on listening until `enough` holds, or the program ended. */
  async hear(enough = () => false) {
    while (!enough()) {
      const message = await this.program.next();
      if (message === undefined) return;
      if (message.refused) this.refused++;
      else this.acknowledged.push(message);
    }
  }

  /** Hears of so many customers more. */
  hearMore(count) {
    const end = this.acknowledged.length + count;
    return this.hear(() => this.acknowledged.length >= end);
  }

  /** Kills the program, and hears what it still said. */
  async kill() {
    this.program.child.kill('SIGKILL');
    await this.hear();
    expect(await this.program.ended).toEqual({ code: null, signal: 'SIGKILL', stderr: '' });
  }
}

/** Everything that was acknowledged is there, once, with its event, and the sequence has no gap. */
async function expectEverything(database, writers) {
  const proyecta = new Proyecta({ database });
  const customers = await everyCustomer(proyecta);
  const stored = new Map(customers.map(({ email, id }) => [email, id]));
  expect(stored.size).toBe(customers.length);
  for (const { acknowledged } of writers) {
    expect(acknowledged.length).toBeGreaterThan(0);
    const there = acknowledged.map(({ email }) => ({ email, id: stored.get(email) }));
    expect(there).toEqual(acknowledged);
  }
  const events = await everyEvent(proyecta);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(events.map(({ subjectId }) => subjectId).sort()).toEqual(customers.map(({ id }) => id).sort());
  await proyecta.close();
}

describe.each(STORES)('on %s', (_, newStore) => {
  test('kill -9 of one process loses nothing that was acknowledged, and the others go on', async () => {
    const database = newStore();
    const writers = ['a', 'b', 'c', 'd'].map((name) => new Writer(database, name));
    await Promise.all(writers.map((writer) => writer.hearMore(20)));
    const [victim, ...survivors] = writers;
    await victim.kill();
    await Promise.all(survivors.map((writer) => writer.hearMore(60)));
    await Promise.all(survivors.map((writer) => writer.kill()));
    await expectEverything(database, writers);
  });
});

test('a PostgreSQL server that crashes under load loses nothing that was acknowledged, and the processes go on', async () => {
  // One of its own: the other suites work on theirs meanwhile.
  const server = new Program(SERVER);
  const { url } = await server.next();
  const database = `${url}?schema=crashing`;
  const writers = ['a', 'b'].map((name) => new Writer(database, name));
  for (let crash = 0; crash < 3; crash++) {
    await Promise.all(writers.map((writer) => writer.hearMore(40)));
    server.tell({ restart: 'immediate' });
    expect(await server.next()).toEqual({ restarted: 'immediate' });
  }
  await Promise.all(writers.map((writer) => writer.hearMore(40)));
  await Promise.all(writers.map((writer) => writer.kill()));
  await expectEverything(database, writers);
  server.child.stdin.end();
  expect(await server.ended).toEqual({ code: 0, signal: null, stderr: '' });
});
