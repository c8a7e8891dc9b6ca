// A program ends by itself when nothing is pending, and not before.
const { join } = require('node:path');
const { runProgram, sdk: Proyecta } = require('../support/package.js');
const { everyCustomer } = require('../support/customers.js');
const { newDatabase } = require('../support/folder.js');

const HEAD = `import Proyecta from '@proyecta-ai/sdk';
const proyecta = new Proyecta({ database: process.argv[2] });
const { customers } = proyecta.commerce;
const ada = { email: 'ada@example.com', name: 'Ada' };
const hundred = Array.from({ length: 100 }, (_, index) => ({ email: \`c\${index}@example.com\`, name: 'C' }));
let finished = 0;
process.on('exit', () => console.log(JSON.stringify({ idle: performance.now() - finished })));
`;

/** Runs a program that sets \`finished\` when its last answer has come; answers what it printed. */
async function run(body, { database = newDatabase(), ...options } = {}) {
  const { code, signal, stdout, stderr } = await runProgram(HEAD + body, { args: [database], ...options });
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  const lines = stdout.trim().split('\n');
  const { idle } = JSON.parse(lines.pop());
  return { lines, idle };
}

const DONE = 'finished = performance.now();';

describe('without close() a program ends at once', () => {
  test.each([
    ['that only made a client', ''],
    ['after a create', 'await customers.create(ada);'],
    ['after a get', 'await customers.get((await customers.create(ada)).id);'],
    [
      'after a list',
      'await Promise.all(hundred.map((one) => customers.create(one))); await customers.list();',
    ],
    ['after an iteration', 'await customers.create(ada); for await (const _ of customers.list());'],
    [
      'after an iteration that was left',
      'await Promise.all(hundred.map((one) => customers.create(one))); for await (const _ of customers.list({ limit: 5 })) break;',
    ],
    ['after a list that nobody asked for', 'await customers.create(ada); customers.list();'],
    ['after a call that failed', `await customers.get('cus_nobody').catch(() => undefined);`],
    [
      'after a call that was aborted',
      `const controller = new AbortController();
const call = customers.create(ada, { signal: controller.signal });
controller.abort();
await call.catch(() => undefined);`,
    ],
    ['after a call with a timeout of an hour', 'await customers.create(ada, { timeout: 3_600_000 });'],
    [
      'with a signal that is never aborted',
      'globalThis.controller = new AbortController(); await customers.create(ada, { signal: controller.signal });',
    ],
    ['after the store was asked for', 'await proyecta.store;'],
    [
      'with a stream that was left',
      'await customers.create(ada); for await (const _ of proyecta.commerce.events.stream({ after: 0 })) break;',
    ],
    ['with a stream that nobody reads', 'await customers.create(ada); proyecta.commerce.events.stream();'],
    [
      'with a stream that waits for what may never come',
      `await customers.create(ada);
const seen = [];
(async () => {
  for await (const { seq } of proyecta.commerce.events.stream({ after: 0 })) seen.push(seq);
})();
process.on('exit', () => {
  if (seen.join() !== '1') throw new Error(\`saw \${seen}\`);
});`,
    ],
    ['after close()', 'await customers.create(ada); await proyecta.close();'],
    [
      'with ten clients open',
      `for (let index = 0; index < 10; index++) {
  await new Proyecta({ database: process.argv[2] + index }).commerce.customers.create(ada);
}`,
    ],
  ])('%s', async (_, body) => {
    const { idle } = await run(`${body}\n${DONE}`);
    expect(idle).toBeLessThan(5000);
  });
});

describe('what is pending is finished first', () => {
  test('creates that nobody awaits', async () => {
    const database = newDatabase();
    const { lines } = await run(
      'for (const one of hundred) customers.create(one).then(({ email }) => console.log(email));',
      { database },
    );
    expect(lines).toHaveLength(100);
    const proyecta = new Proyecta({ database });
    expect((await everyCustomer(proyecta)).map(({ email }) => email).sort()).toEqual(lines.sort());
    await proyecta.close();
  });

  test('a create of a client that nobody holds', async () => {
    const flags = ['--expose-gc'];
    const body = `(() => new Proyecta({ database: process.argv[2] }).commerce.customers.create(ada).then(({ email }) => console.log(email)))();
gc();`;
    expect((await run(body, { flags })).lines).toEqual(['ada@example.com']);
  });

  test('a chain of calls, each begun when the one before has its answer', async () => {
    const body = `async function chain() {
  const { id } = await customers.create(ada);
  for (let index = 0; index < 20; index++) await customers.update(id, { name: \`Ada \${index}\` });
  console.log((await customers.get(id)).name);
}
chain();`;
    expect((await run(body)).lines).toEqual(['Ada 19']);
  });

  test('an import, with all of its rows', async () => {
    const database = newDatabase();
    const body = `const rows = Array.from({ length: 5000 }, (_, index) => \`i\${index}@example.com,Row \${index}\\n\`);
customers.import(Buffer.from('email,name\\n' + rows.join(''))).then((report) => console.log(report.created));`;
    expect((await run(body, { database })).lines).toEqual(['5000']);
    const proyecta = new Proyecta({ database });
    expect(await everyCustomer(proyecta)).toHaveLength(5000);
    await proyecta.close();
  });

  test('a close() that nobody awaits', async () => {
    const body = `for (const one of hundred) customers.create(one);
proyecta.close().then(() => console.log('closed'));`;
    expect((await run(body)).lines).toEqual(['closed']);
  });
});

describe('a program that ends in another way takes nothing down', () => {
  test('process.exit() with calls in flight', async () => {
    const database = newDatabase();
    const body = `for (const one of hundred) customers.create(one);
await customers.create(ada);
process.exit(0);`;
    await run(body, { database });
    const proyecta = new Proyecta({ database });
    expect((await everyCustomer(proyecta)).map(({ email }) => email)).toContain('ada@example.com');
    await proyecta.close();
  });

  test('process.exit() while the database is being opened', async () => {
    await run('customers.create(ada); process.exit(0);');
  });

  test('an exception that nobody catches, with calls in flight', async () => {
    const body = `for (const one of hundred) customers.create(one);
await customers.create(ada);
throw new Error('uncaught');`;
    const { code, signal, stderr } = await runProgram(HEAD + body, { args: [newDatabase()] });
    expect({ code, signal }).toEqual({ code: 1, signal: null });
    expect(stderr).toContain('Error: uncaught');
  });

  test('an error of ours that nobody catches, with the line of the call', async () => {
    const body = "await customers.get('cus_nobody');";
    const { code, signal, stderr } = await runProgram(HEAD + body, { args: [newDatabase()] });
    expect({ code, signal }).toEqual({ code: 1, signal: null });
    expect(stderr).toMatch(/NotFoundError: /);
    expect(stderr).toMatch(/main\.mjs:8:\d+/);
  });
});

test('the package can be loaded and left from a folder that is not there any more', async () => {
  const body = `import { mkdirSync, rmSync } from 'node:fs';
mkdirSync('gone');
process.chdir('gone');
rmSync('../gone', { recursive: true });
await customers.create(ada);
${DONE}`;
  await run(body, { database: join(newDatabase()) });
});
