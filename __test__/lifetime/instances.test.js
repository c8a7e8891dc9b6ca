// Many clients on one file share one engine, and a client that is dropped is gone.
const { runProgram, sdk: Proyecta } = require('../support/package.js');
const { someone } = require('../support/customers.js');
const { newDatabase } = require('../support/folder.js');

const HEAD = `import Proyecta from '@proyecta-ai/sdk';
import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
const database = process.argv[2];
async function until(condition) {
  const end = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error('waited in vain for ' + condition);
    await pause(5);
    gc();
  }
}
`;

async function run(body) {
  const flags = ['--expose-gc'];
  const { code, signal, stdout, stderr } = await runProgram(HEAD + body, { args: [newDatabase()], flags });
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  return JSON.parse(stdout);
}

test('200 clients on one file cost little more than one', async () => {
  const body = `
const linux = process.platform === 'linux';
const files = () => (linux ? readdirSync('/proc/self/fd').length : 0);
const threads = () => (linux ? readdirSync('/proc/self/task').length : 0);
const measure = () => (gc(), { memory: process.memoryUsage.rss() / 2 ** 20, files: files(), threads: threads() });
const use = async (client) => {
  await client.commerce.customers.create({ email: 'ada@example.com', name: 'Ada' });
  await client.commerce.customers.list();
};
// The first of everything is not counted.
const first = new Proyecta({ database });
for (let index = 0; index < 50; index++) await use(first);
const before = measure();
const clients = Array.from({ length: 200 }, () => new Proyecta({ database }));
for (const client of clients) await use(client);
const after = measure();
await Promise.all(clients.map((client) => client.close()));
const growth = Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - before[name]]));
console.log(JSON.stringify(growth));
await first.close();`;
  const { memory, files, threads } = await run(body);
  expect(memory).toBeLessThan(25);
  expect(files).toBeLessThan(10);
  expect(threads).toBeLessThan(10);
});

test('all of them give the same answers, and see at once what another one wrote', async () => {
  const database = newDatabase();
  const clients = Array.from({ length: 200 }, () => new Proyecta({ database }));
  const made = await Promise.all(clients.map(({ commerce }) => commerce.customers.create(someone('shared'))));
  for (const customer of made) expect(customer).toEqual(made[0]);
  const [writer, ...readers] = clients.map(({ commerce }) => commerce.customers);
  for (let version = 2; version < 5; version++) {
    await writer.update(made[0].id, { name: `Version ${version}` });
    const seen = await Promise.all(readers.map((reader) => reader.get(made[0].id)));
    expect(new Set(seen.map(({ name }) => name))).toEqual(new Set([`Version ${version}`]));
  }
  await Promise.all(clients.map((client) => client.close()));
});

test('a client that is dropped without close() is collected, and its database closed', async () => {
  const body = `
const gone = [];
async function use(file) {
  const client = new Proyecta({ database: file });
  await client.commerce.customers.create({ email: 'ada@example.com', name: 'Ada' });
  await client.commerce.customers.list();
  gone.push(new WeakRef(client));
}
const files = Array.from({ length: 20 }, (_, index) => database + index);
for (const file of files) await use(file);
await until(() => gone.every((reference) => reference.deref() === undefined));
// The last connection that is closed takes the log with it.
await until(() => files.every((file) => !existsSync(file + '-wal')));
console.log(JSON.stringify(files.filter((file) => existsSync(file)).length));`;
  expect(await run(body)).toBe(20);
});

test('clients that come and go leave no memory behind', async () => {
  const body = `
const rss = () => (gc(), process.memoryUsage.rss() / 2 ** 20);
async function round(count) {
  for (let index = 0; index < count; index++) {
    const client = new Proyecta({ database: ':memory:' });
    await client.commerce.customers.create({ email: 'ada@example.com', name: 'Ada' });
    await client.close();
  }
}
await round(100);
const before = rss();
await round(300);
console.log(JSON.stringify(rss() - before));`;
  expect(await run(body)).toBeLessThan(25);
});

test('a method taken off its client works and keeps the client', async () => {
  const body = `
const { create } = new Proyecta({ database }).commerce.customers;
gc();
await create({ email: 'ada@example.com', name: 'Ada' });
for (let index = 0; index < 20; index++) gc();
console.log(JSON.stringify((await create({ email: 'ada@example.com', name: 'Ada' })).version));`;
  expect(await run(body)).toBe(1);
});
