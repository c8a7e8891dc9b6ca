// A process is killed in the middle of its writes, again and again.
const { join } = require('node:path');
const { sdk: Proyecta } = require('../support/package.js');
const { everyCustomer, everyEvent } = require('../support/customers.js');
const { newDatabase } = require('../support/folder.js');
const { Program } = require('../support/program.js');

const ROUNDS = 20;
const CREATOR = join(__dirname, 'programs/creator.cjs');

/** Lets a program create customers until it has acknowledged `count` of them, kills it, and answers all. */
async function createAndKill(database, first, count) {
  const program = new Program(CREATOR, { args: [database, String(first)] });
  const acknowledged = [];
  let message = await program.next();
  while (message !== undefined) {
    acknowledged.push(message);
    if (acknowledged.length === count) program.child.kill('SIGKILL');
    message = await program.next();
  }
  expect(await program.ended).toEqual({ code: null, signal: 'SIGKILL', stderr: '' });
  return acknowledged;
}

/** The lowest number without an acknowledgement: what an app would try again first. */
function firstInDoubt(ids) {
  let number = 0;
  while (ids.has(number)) number++;
  return number;
}

test('every acknowledged customer survives kill -9, none is there twice, and the events tell the same', async () => {
  const database = newDatabase();
  const ids = new Map();
  for (let round = 0; round < ROUNDS; round++) {
    // From the very first answers to well into the work.
    const acknowledged = await createAndKill(database, firstInDoubt(ids), 1 + round * 15);
    for (const { number, id } of acknowledged) {
      // One that was in doubt may have been stored: it must be the same then.
      expect(ids.get(number) ?? id).toBe(id);
      ids.set(number, id);
    }
    const proyecta = new Proyecta({ database });
    for (const { number, id } of acknowledged) {
      expect((await proyecta.commerce.customers.get(id)).email).toBe(`n${number}@example.com`);
    }
    await proyecta.close();
  }

  const proyecta = new Proyecta({ database });
  const customers = await everyCustomer(proyecta);
  const stored = new Map(customers.map(({ email, id }) => [email, id]));
  expect(stored.size).toBe(customers.length);
  for (const [number, id] of ids) expect(stored.get(`n${number}@example.com`)).toBe(id);

  const events = await everyEvent(proyecta);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['customer.created']));
  expect(events.map(({ subjectId }) => subjectId).sort()).toEqual(customers.map(({ id }) => id).sort());
  await proyecta.close();
});
