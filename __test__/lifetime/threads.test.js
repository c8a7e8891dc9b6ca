// Worker threads share the engine of their process.
const { runProgram, sdk: Proyecta } = require('../support/package.js');
const { everyCustomer, everyEvent } = require('../support/customers.js');
const { newDatabase } = require('../support/folder.js');

/** One text for the main thread and the workers. */
const program = (worker, main) => `import Proyecta from '@proyecta-ai/sdk';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
const database = process.argv[2] ?? workerData.database;
const start = (data) => new Worker(fileURLToPath(import.meta.url), { workerData: { database, ...data } });
if (isMainThread) {${main}
} else {${worker}
}`;

async function run(worker, main, database = newDatabase()) {
  const { code, signal, stdout, stderr } = await runProgram(program(worker, main), { args: [database] });
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  return JSON.parse(stdout);
}

const CREATE_250 = `
  const { customers } = new Proyecta({ database }).commerce;
  const calls = Array.from({ length: 250 }, async (_, index) => {
    const email = \`shared\${(index * 7) % 50}@example.com\`;
    return [email, (await customers.create({ email, name: email })).id];
  });
  parentPort.postMessage(await Promise.all(calls));`;

test('four workers that create over the same e-mails make each customer once', async () => {
  const database = newDatabase();
  const main = `
  const workers = Array.from({ length: 4 }, () => start());
  const exits = workers.map((worker) => once(worker, 'exit'));
  const answers = await Promise.all(workers.map((worker) => once(worker, 'message')));
  await Promise.all(exits);
  console.log(JSON.stringify(answers.flat(2)));`;
  const answers = await run(CREATE_250, main, database);
  expect(answers).toHaveLength(1000);
  const proyecta = new Proyecta({ database });
  const customers = await everyCustomer(proyecta);
  expect(customers).toHaveLength(50);
  const ids = new Map(customers.map(({ email, id }) => [email, id]));
  for (const [email, id] of answers) expect(id).toBe(ids.get(email));
  expect(await everyEvent(proyecta)).toHaveLength(50);
  await proyecta.close();
});

test('a worker ends by itself when it has nothing pending, without close()', async () => {
  const worker = `
  await new Proyecta({ database }).commerce.customers.create({ email: 'ada@example.com', name: 'Ada' });`;
  const main = `
  const [code] = await once(start(), 'exit');
  console.log(JSON.stringify(code));`;
  expect(await run(worker, main)).toBe(0);
});

test('workers terminated with calls in flight leave the process and its main thread unharmed', async () => {
  const database = newDatabase();
  const worker = `
  const { customers } = new Proyecta({ database }).commerce;
  let count = 0;
  const lane = async () => {
    for (;;) {
      const made = await customers.create({ email: \`w\${workerData.name}-\${count++}@example.com\`, name: 'W' });
      await customers.list({ limit: 5 });
      parentPort.postMessage(made.id);
    }
  };
  for (let index = 0; index < 32; index++) lane();`;
  const main = `
  const { customers } = new Proyecta({ database }).commerce;
  const acknowledged = [];
  for (let name = 0; name < 12; name++) {
    const worker = start({ name });
    worker.on('message', (id) => acknowledged.push(id));
    const own = customers.create({ email: \`m\${name}@example.com\`, name: 'M' });
    // Some while it opens the database, some in the middle of their work.
    await once(worker, name % 3 === 0 ? 'online' : 'message');
    await worker.terminate();
    acknowledged.push((await own).id);
  }
  for (const id of acknowledged) await customers.get(id);
  console.log(JSON.stringify(acknowledged));`;
  const acknowledged = await run(worker, main, database);
  expect(acknowledged.length).toBeGreaterThanOrEqual(20);
  const proyecta = new Proyecta({ database });
  const ids = new Set((await everyCustomer(proyecta)).map(({ id }) => id));
  for (const id of acknowledged) expect(ids).toContain(id);
  await proyecta.close();
});

test('a worker that closes its client does not close the others', async () => {
  const worker = `
  const client = new Proyecta({ database });
  await client.commerce.customers.create({ email: \`w\${workerData.name}@example.com\`, name: 'W' });
  await client.close();`;
  const main = `
  const client = new Proyecta({ database });
  await client.commerce.customers.create({ email: 'main@example.com', name: 'Main' });
  await Promise.all([0, 1, 2].map((name) => once(start({ name }), 'exit')));
  console.log(JSON.stringify((await client.commerce.customers.list()).data.length));`;
  expect(await run(worker, main)).toBe(4);
});

test('an abort in one worker stops that call alone', async () => {
  const worker = `
  const { customers } = new Proyecta({ database }).commerce;
  const controller = new AbortController();
  const call = customers.create({ email: \`w\${workerData.name}@example.com\`, name: 'W' }, { signal: controller.signal });
  if (workerData.name === 0) controller.abort();
  parentPort.postMessage(await call.then(() => 'made', ({ code }) => code));`;
  const main = `
  const answers = await Promise.all([0, 1, 2].map((name) => once(start({ name }), 'message')));
  console.log(JSON.stringify(answers.flat()));`;
  const [first, ...others] = await run(worker, main);
  expect(['aborted', 'made']).toContain(first);
  expect(others).toEqual(['made', 'made']);
});
