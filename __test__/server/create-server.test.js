// `createServer`: a server with the API inside the process.
const { createServer: createListener } = require('node:http');
const { once } = require('node:events');
const { existsSync } = require('node:fs');
const { runProgram, sdk: Proyecta } = require('../support/package.js');
const { failure, someone } = require('../support/customers.js');
const { newDatabase } = require('../support/folder.js');
const { until } = require('../support/until.js');

const { createServer } = Proyecta;
const KEY = 'sk_test_server_0123456789abcdef';

const opened = [];
afterEach(() => Promise.all(opened.splice(0).map((one) => one.close())));

async function serve(options) {
  const server = await createServer({ apiKey: KEY, database: ':memory:', ...options });
  opened.push(server);
  return server;
}

const call = ({ url }, path, { key = KEY, ...options } = {}) =>
  fetch(`${url}${path}`, { ...options, headers: { Authorization: `Bearer ${key}`, ...options.headers } });
const create = (server, name, options) =>
  call(server, '/v1/customers', {
    method: 'POST',
    body: JSON.stringify(someone(name)),
    headers: { 'Content-Type': 'application/json' },
    ...options,
  });

test('listens on a free port of this machine, and answers', async () => {
  const server = await serve();
  expect(server.url).toBe(`http://${server.address}`);
  expect(server.address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
  expect(server.metricsUrl).toBeNull();
  expect((await create(server, 'ada')).status).toBe(201);
  expect((await call(server, '/v1/customers', { key: `${KEY}x` })).status).toBe(401);
});

test('shares the engine of its file with the clients of this process', async () => {
  const database = newDatabase();
  const proyecta = new Proyecta({ database, apiKey: KEY });
  opened.push(proyecta);
  const server = await serve({ database });
  const made = await proyecta.commerce.customers.create(someone('shared'));
  expect(await (await call(server, `/v1/customers/${made.id}`)).json()).toEqual(made);
  await server.close();
  expect(await proyecta.commerce.customers.get(made.id)).toEqual(made);
});

test('lies below its base path, with metrics on an address of their own', async () => {
  const server = await serve({ basePath: '/billing', metricsListen: '127.0.0.1:0' });
  expect(server.url).toBe(`http://${server.address}/billing`);
  expect((await create(server, 'ada')).status).toBe(201);
  expect((await fetch(`http://${server.address}/v1/customers`)).status).toBe(404);
  const metrics = await (await fetch(server.metricsUrl)).text();
  expect(metrics).toContain('customers.create');
  expect(metrics).not.toContain(KEY);
});

test('has the limits that it is given', async () => {
  const server = await serve({ bodyLimit: 500 });
  const body = JSON.stringify({ ...someone('long'), metadata: { note: 'x'.repeat(490) } });
  const headers = { 'Content-Type': 'application/json' };
  const response = await call(server, '/v1/customers', { method: 'POST', body, headers });
  expect([response.status, (await response.json()).error.code]).toEqual([413, 'body_too_large']);
  expect((await create(server, 'short')).status).toBe(201);
});

test('answers pages of the origins that it is told of', async () => {
  const origin = 'https://app.example.com';
  const server = await serve({ cors: [origin] });
  const response = await call(server, '/v1/customers', { headers: { Origin: origin } });
  expect(response.headers.get('access-control-allow-origin')).toBe(origin);
  const other = await call(server, '/v1/customers', { headers: { Origin: 'https://other.example.com' } });
  expect(other.headers.get('access-control-allow-origin')).toBeNull();
});

test('close() finishes what was accepted and lets go of port and file', async () => {
  const database = newDatabase();
  const server = await serve({ database });
  const proyecta = new Proyecta({ database, apiKey: KEY });
  const rows = Array.from({ length: 5000 }, (_, row) => `c${row}@example.com,C\n`).join('');
  const headers = { 'Content-Type': 'text/csv' };
  const body = `email,name\n${rows}`;
  const importing = call(server, '/v1/customers/import', { method: 'POST', headers, body });
  await until('the first rows', async () => (await proyecta.commerce.customers.list()).data.length > 0);
  await proyecta.close();
  await Promise.all([server.close(), server.close()]);
  expect(await (await importing).json()).toMatchObject({ created: 5000 });
  expect(await failure(fetch(server.url))).toMatchObject({ name: 'TypeError' });
  expect(existsSync(`${database}-wal`)).toBe(false);
  // Another one may have both.
  const again = await serve({ database, listen: server.address });
  const list = await (await call(again, '/v1/customers?limit=1&expand=total')).json();
  expect(list.total).toBe(5000);
});

describe('cannot start', () => {
  test('on a port that somebody has', async () => {
    const listener = createListener().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const listen = `127.0.0.1:${listener.address().port}`;
    const error = await failure(createServer({ database: ':memory:', apiKey: KEY, listen }));
    expect(error).toBeInstanceOf(Proyecta.InvalidRequestError);
    expect(error).toMatchObject({ code: 'configuration_invalid', param: 'listen' });
    expect(error.stack).toContain('create-server.test.js');
    listener.close();
  });

  test('without a key that anybody could send', async () => {
    const error = await failure(createServer({ database: newDatabase() }));
    expect(error).toBeInstanceOf(Proyecta.AuthenticationError);
    expect(error).toMatchObject({ code: 'api_key_missing', param: 'apiKey' });
    expect(error.message).toContain('PROYECTA_API_KEY');
  });

  test('with a key that the database does not know', async () => {
    const database = newDatabase();
    await (await createServer({ database, apiKey: KEY })).close();
    const error = await failure(createServer({ database, apiKey: `${KEY}x` }));
    expect(error).toMatchObject({ name: 'AuthenticationError', code: 'api_key_unknown' });
    // The database has a key, so that there is none to be named.
    await (await createServer({ database })).close();
  });

  test('where there is no folder for the database', async () => {
    const error = await failure(createServer({ database: `${newDatabase()}/x/y.db`, apiKey: KEY }));
    expect(error).toMatchObject({ name: 'UnavailableError', code: 'database_not_found' });
  });

  test.each([
    [{ listen: 8080 }, 'listen'],
    [{ listen: 'nowhere' }, 'listen'],
    [{ listen: '127.0.0.1' }, 'listen'],
    [{ metricsListen: '' }, 'metricsListen'],
    [{ bodyLimit: 0 }, 'bodyLimit'],
    [{ bodyLimit: '1mb' }, 'bodyLimit'],
    [{ uploadLimit: 1.5 }, 'uploadLimit'],
    [{ requestTimeout: -1 }, 'requestTimeout'],
    [{ maxConnections: Number.NaN }, 'maxConnections'],
    [{ cors: 'https://app.example.com' }, 'cors'],
    [{ trustedProxies: ['not an address'] }, 'trustedProxies'],
    [{ trustedProxies: '10.0.0.0/8' }, 'trustedProxies'],
    [{ basePath: 'billing' }, 'basePath'],
    [{ lisen: '127.0.0.1:0' }, 'lisen'],
    [{ baseUrl: 'http://127.0.0.1:1' }, 'baseUrl'],
    ['127.0.0.1:0', null],
  ])('with %j', async (options, param) => {
    const given = typeof options === 'string' ? options : { database: ':memory:', apiKey: KEY, ...options };
    const error = await failure(createServer(given));
    expect(error).toMatchObject({ name: 'InvalidRequestError', code: 'configuration_invalid', param });
  });
});

test('keeps the process alive until it is closed', async () => {
  const source = `import { createServer } from '@proyecta-ai/sdk';
const server = await createServer({ database: ':memory:', apiKey: '${KEY}' });
fetch(server.url + '/healthz').then(async ({ status }) => {
  console.log(status);
  await server.close();
});`;
  const { code, stdout, stderr } = await runProgram(source);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '200\n', stderr: '' });
});

test('ends with its worker thread, however that ends', async () => {
  const source = `import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { createServer } from '@proyecta-ai/sdk';
if (isMainThread) {
  for (let round = 0; round < 5; round++) {
    const worker = new Worker(new URL(import.meta.url));
    const [url] = await once(worker, 'message');
    console.log((await fetch(url + '/healthz', { headers: { connection: 'close' } })).status);
    await worker.terminate();
    for (;;) {
      const gone = await fetch(url + '/healthz', { headers: { connection: 'close' } }).then(() => false, () => true);
      if (gone) break;
    }
  }
} else {
  const server = await createServer({ database: ':memory:', apiKey: '${KEY}' });
  parentPort.postMessage(server.url);
}`;
  const { code, signal, stdout, stderr } = await runProgram(source);
  expect({ code, signal, stdout, stderr }).toEqual({
    code: 0,
    signal: null,
    stdout: '200\n'.repeat(5),
    stderr: '',
  });
});

test('process.exit() while it listens ends the process', async () => {
  const source = `import { createServer } from '@proyecta-ai/sdk';
const server = await createServer({ database: ':memory:', apiKey: '${KEY}' });
await fetch(server.url + '/healthz');
process.exit(3);`;
  const { code, signal, stderr } = await runProgram(source);
  expect({ code, signal, stderr }).toEqual({ code: 3, signal: null, stderr: '' });
});

test('await using closes it', async () => {
  const server = await createServer({ database: ':memory:', apiKey: KEY });
  await server[Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose')]();
  expect(await failure(fetch(server.url))).toMatchObject({ name: 'TypeError' });
});

test('shows nothing of its key', async () => {
  const server = await serve();
  const { inspect } = require('node:util');
  expect(inspect(server, { depth: 20, showHidden: true }) + JSON.stringify(server)).not.toContain(KEY);
});
