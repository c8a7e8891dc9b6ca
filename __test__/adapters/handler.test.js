// `proyecta.handler`: requests and responses of the fetch API, without any server.
const { join } = require('node:path');
const { packageFolder, runProgram, sdk: Proyecta } = require('../support/package.js');
const { failure } = require('../support/customers.js');

const KEY = 'sk_test_handler_0123456789abcdef';
const ORIGIN = 'https://shop.example.com';

const opened = [];
afterAll(() => Promise.all(opened.map((proyecta) => proyecta.close())));

function open(options) {
  const proyecta = new Proyecta({ database: ':memory:', apiKey: KEY, ...options });
  opened.push(proyecta);
  return proyecta;
}

function ask(path, { headers, ...options } = {}) {
  const given = { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json', ...headers };
  return new Request(`${ORIGIN}${path}`, { ...options, headers: given });
}

const create = (base = '') =>
  ask(`${base}/v1/customers`, { method: 'POST', body: '{"email":"jane@example.com","name":"Jane"}' });

test('gives a Response, also when it is handed on alone and given more than the request', async () => {
  const { handler, commerce } = open();
  const response = await handler(create(), { params: Promise.resolve({ path: ['v1', 'customers'] }) });
  expect(response).toBeInstanceOf(Response);
  expect(response.status).toBe(201);
  const customer = await response.json();
  expect(await commerce.customers.get(customer.id)).toEqual(customer);
});

test.each(['/api/billing', '/api/billing/', '/a'])(
  'answers below the base path %s alone',
  async (basePath) => {
    const { handler } = open({ basePath });
    expect((await handler(create(basePath.replace(/\/$/, '')))).status).toBe(201);
    const elsewhere = await handler(create());
    expect([elsewhere.status, (await elsewhere.json()).error.code]).toEqual([404, 'route_not_found']);
  },
);

test('the base path comes from the environment too', async () => {
  const source = `import Proyecta from '@proyecta-ai/sdk';
const { handler } = new Proyecta({ database: ':memory:' });
console.log((await handler(new Request('http://x/api/billing/healthz'))).status);`;
  const env = { ...process.env, PROYECTA_BASE_PATH: '/api/billing' };
  const { stdout, stderr } = await runProgram(source, { env });
  expect({ stdout, stderr }).toEqual({ stdout: '200\n', stderr: '' });
});

test.each(['api', '/a b', '/a?b', '//', 'http://x/a', '/\u00e4'])('%j is no base path', async (basePath) => {
  if (basePath === '//') return open({ basePath });
  expect(await failure(async () => open({ basePath }))).toMatchObject({
    code: 'configuration_invalid',
    param: 'basePath',
  });
});

test('a body may come as a stream without a length', async () => {
  const pieces = ['{"email":"stream', '@example.com",', '"name":"Stream"}'].map((text) => Buffer.from(text));
  const body = new ReadableStream({
    pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
  const { handler } = open();
  const response = await handler(ask('/v1/customers', { method: 'POST', body, duplex: 'half' }));
  expect(await response.json()).toMatchObject({ email: 'stream@example.com' });
});

test('a body that nobody needs is not read', async () => {
  let canceled = false;
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(Buffer.alloc(1024)),
    cancel: () => {
      canceled = true;
    },
  });
  const { handler } = open();
  const headers = { Authorization: 'Bearer sk_test_wrong_0123456789abcdef' };
  const request = ask('/v1/customers/import', { method: 'POST', body, duplex: 'half', headers });
  expect((await handler(request)).status).toBe(401);
  expect(canceled).toBe(true);
});

test('a body without an end is cut off at the limit', async () => {
  const body = new ReadableStream({ pull: (controller) => controller.enqueue(Buffer.alloc(64 * 1024, 32)) });
  const { handler } = open();
  const response = await handler(ask('/v1/customers', { method: 'POST', body, duplex: 'half' }));
  expect([response.status, (await response.json()).error.code]).toEqual([413, 'body_too_large']);
});

test('a client that is gone ends the request', async () => {
  const controller = new AbortController();
  const body = new ReadableStream({
    pull: () => controller.abort(),
  });
  const { handler } = open();
  const request = ask('/v1/customers', { method: 'POST', body, duplex: 'half', signal: controller.signal });
  expect(await failure(handler(request))).toMatchObject({ name: 'AbortError', code: 'aborted' });
});

test('a request whose signal is aborted already is not answered', async () => {
  const { handler, commerce } = open();
  const request = create();
  const gone = new Request(request, { signal: AbortSignal.abort() });
  expect(await failure(handler(gone))).toMatchObject({ code: 'aborted' });
  expect((await commerce.customers.list()).data).toEqual([]);
});

test.each([[undefined], [null], ['http://x/'], [{}], [new URL('http://x/')]])(
  '%p is no request and is refused',
  async (request) => {
    const { handler } = open();
    expect(await failure(handler(request))).toMatchObject({ name: 'InvalidRequestError' });
  },
);

test('a request whose body was read already is refused', async () => {
  const { handler } = open();
  const request = create();
  await request.text();
  const error = await failure(handler(request));
  expect(error).toMatchObject({ name: 'InvalidRequestError' });
  expect(error.message).toContain('read');
});

test('a database that cannot be opened is told as the API tells it', async () => {
  const { handler } = open({ database: join(packageFolder, 'missing/folder/x.db') });
  const response = await handler(create());
  expect(response.status).toBe(503);
  expect(response.headers.get('request-id')).toMatch(/^req_/);
  expect(await response.json()).toMatchObject({
    error: { type: 'unavailable', code: 'database_not_found', requestId: expect.stringMatching(/^req_/) },
  });
});

test('a key of the database is asked for, not the key of the instance', async () => {
  const { handler } = open({ apiKey: undefined });
  expect((await handler(create())).status).toBe(401);
});

test('a program that only answered requests ends by itself', async () => {
  const source = `import Proyecta from '@proyecta-ai/sdk';
const { handler } = new Proyecta({ database: ':memory:' });
const response = await handler(new Request('http://x/healthz'));
console.log(response.status);`;
  const { code, stdout, stderr } = await runProgram(source);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '200\n', stderr: '' });
});

test('adapters take nothing but an instance', () => {
  const { proyectaRouter } = require(join(packageFolder, 'express.js'));
  for (const value of [undefined, null, {}, Proyecta, 'x']) {
    expect(() => proyectaRouter(value)).toThrow(/instance of Proyecta/);
  }
});

describe('a stream of events', () => {
  const stream = () => ask('/v1/events/stream?after=0');

  async function beginning(response) {
    const reader = response.body.getReader();
    const { value } = await reader.read();
    expect(Buffer.from(value).toString()).toBe('retry: 1000\n\n');
    return reader;
  }

  test('ends with the instance, and does not hold it up', async () => {
    const proyecta = open();
    const readers = await Promise.all(
      [stream(), stream()].map(async (one) => beginning(await proyecta.handler(one))),
    );
    // One that nobody reads.
    await proyecta.handler(stream());
    await proyecta.close();
    for (const reader of readers) {
      let last;
      do last = await reader.read();
      while (!last.done);
    }
  });

  test('is fetched as it is read', async () => {
    const { handler, commerce } = open();
    const response = await handler(stream());
    const name = 'x'.repeat(200);
    const emails = Array.from({ length: 1000 }, (_, index) => `slow${index}@example.com`);
    await Promise.all(emails.map((email) => commerce.customers.create({ email, name })));
    let chunks = 0;
    let text = '';
    for await (const chunk of response.body) {
      text += Buffer.from(chunk);
      chunks += 1;
      if (/\nid: 1000\n\n$/.test(text)) break;
    }
    expect([...text.matchAll(/"seq":(\d+)/g)].map(([, seq]) => Number(seq))).toEqual(
      Array.from({ length: 1000 }, (_, index) => index + 1),
    );
    expect(chunks).toBeGreaterThan(10);
  });

  test('ends with its client', async () => {
    const { handler } = open();
    const controller = new AbortController();
    const request = new Request(`${ORIGIN}/v1/events/stream`, {
      headers: { Authorization: `Bearer ${KEY}` },
      signal: controller.signal,
    });
    const reader = await beginning(await handler(request));
    controller.abort();
    expect(
      await failure(async () => {
        for (;;) if ((await reader.read()).done) return;
      }),
    ).toMatchObject({ code: 'aborted' });
  });
});
