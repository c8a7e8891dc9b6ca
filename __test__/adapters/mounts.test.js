// The HTTP API inside apps of others: the same API, however it is mounted.
const { connect } = require('node:net');
const { request } = require('node:http');
const { Readable } = require('node:stream');
const { everyCustomer } = require('../support/customers.js');
const { sdk: Proyecta } = require('../support/package.js');
const { until } = require('../support/until.js');
const { BASE, MOUNTS, newProyecta } = require('./mounts.js');

const KEY = 'sk_test_mounted_0123456789abcdef';
const MEGABYTE = 1 << 20;

describe.each(MOUNTS)('%s', (name, open) => {
  const parsesFirst = name.includes('json()');
  let proyecta;
  let app;

  beforeAll(async () => {
    proyecta = newProyecta({ apiKey: KEY });
    app = await open(proyecta);
  });
  afterAll(async () => {
    await app.close();
    await proyecta.close();
  });

  const call = (path, { key = KEY, headers, ...options } = {}) =>
    fetch(`${app.url}${path}`, {
      ...options,
      headers: { ...(key && { Authorization: `Bearer ${key}` }), ...headers },
    });
  const send = (path, text, headers = { 'Content-Type': 'application/json' }, method = 'POST') =>
    call(path, { method, body: text, headers, ...(text instanceof ReadableStream && { duplex: 'half' }) });

  test('answers with status, headers and body of the API', async () => {
    const made = await send('/v1/customers', '{"email":"jane@example.com","name":"김 Jane"}');
    expect(made.status).toBe(201);
    expect(made.headers.get('content-type')).toBe('application/json');
    expect(made.headers.get('cache-control')).toBe('no-store');
    expect(made.headers.get('x-content-type-options')).toBe('nosniff');
    expect(made.headers.get('request-id')).toMatch(/^req_/);
    const customer = await made.json();
    expect(customer.name).toBe('김 Jane');
    // The app that mounts it sees the same.
    expect(await proyecta.commerce.customers.get(customer.id)).toEqual(customer);
    const got = await call(`/v1/customers/${customer.id}?`, { headers: { 'Request-Id': 'my-request.1' } });
    expect(got.headers.get('request-id')).toBe('my-request.1');
    expect(await got.json()).toEqual(customer);
  });

  test('streams events as they happen, and lets go of the stream with its client', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const response = await call('/v1/events/stream', { signal });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const decoder = new TextDecoderStream();
    const reader = response.body.pipeThrough(decoder).getReader();
    let text = '';
    const read = async (part) => {
      while (!text.includes(part)) text += (await reader.read()).value;
    };
    await read('\n\nid: ');
    for (const name of ['one', 'two', 'three']) {
      await proyecta.commerce.customers.create({ email: `${name}@stream.example.com` });
      await read(`${name}@stream`);
    }
    expect(text.match(/^event: customer\.created$/gm)).toHaveLength(3);
    const broken = reader.read().then(
      () => 'more',
      ({ name: problem }) => problem,
    );
    controller.abort();
    await broken;
    const openStreams = new Proyecta({ apiKey: KEY, baseUrl: app.url }).commerce.events.stream({ after: 0 });
    expect((await openStreams.next()).value.seq).toBe(1);
    await openStreams.return();
  });

  test.each(['GET', 'POST', 'PATCH', 'DELETE'])('lets no %s in without a key', async (method) => {
    for (const key of [null, `${KEY}x`]) {
      const path = method === 'POST' ? '/v1/customers' : '/v1/customers/cus_1';
      const response = await call(path, { method, key });
      expect([response.status, (await response.json()).error.type]).toEqual([401, 'authentication']);
    }
  });

  test('a key in the URL is no key', async () => {
    const response = await call(`/v1/customers?api_key=${KEY}`, { key: null });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect((await response.json()).error.code).toBe('api_key_in_query');
  });

  test('repeats are told by their idempotency key', async () => {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': 'once' };
    const body = '{"email":"once@example.com","name":"Once"}';
    const [first, second] = [
      await send('/v1/customers', body, headers),
      await send('/v1/customers', body, headers),
    ];
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(await second.json()).toEqual(await first.json());
  });

  test('HEAD gets the headers alone', async () => {
    const response = await call('/healthz', { method: 'HEAD', key: null });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  test('parameters arrive as they were sent', async () => {
    const email = 'a+b&c=%25@example.com';
    await send('/v1/customers', JSON.stringify({ email, name: 'Odd', key: 'ключ/1 2' }));
    const byEmail = await call(`/v1/customers?email=${encodeURIComponent(email)}`);
    expect((await byEmail.json()).data).toMatchObject([{ email }]);
    const byKey = await call(`/v1/customers/-?key=${encodeURIComponent('ключ/1 2')}`);
    expect(await byKey.json()).toMatchObject({ email });
  });

  test.each([
    ['what is no JSON', '{"email":', 'body_invalid', 400],
    ['another content type', 'email=x', 'content_type_unsupported', 415, 'application/x-www-form-urlencoded'],
  ])('%s is refused as the API does it', async (_, body, code, status, type = 'application/json') => {
    const response = await send('/v1/customers', body, { 'Content-Type': type });
    if (parsesFirst && code === 'body_invalid') {
      // The app's own parser has the first word.
      expect(await response.text()).toContain('app:');
      return;
    }
    expect([response.status, (await response.json()).error.code]).toEqual([status, code]);
  });

  test('an upload streams in, and its progress out', async () => {
    const rows = Array.from({ length: 30_000 }, (_, index) => `row${index}@example.com,Row ${index}\n`);
    const chunks = ['email,name\n', ...rows].map((row) => Buffer.from(row));
    const size = Buffer.concat(chunks).length;
    const body = Readable.toWeb(Readable.from([chunks[0], Buffer.concat(chunks.slice(1))]));
    const headers = { 'Content-Type': 'text/csv', Accept: 'application/x-ndjson' };
    const response = await send('/v1/customers/import', body, headers);
    expect(response.status).toBe(200);
    const lines = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.at(-1).result).toMatchObject({ created: 30_000, failed: 0 });
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines.slice(0, -1)) expect(line).toHaveProperty('progress');
    expect(size).toBeGreaterThan(64 * 1024);
  });

  test('a file comes out whole', async () => {
    const response = await call('/v1/customers/import-template');
    expect(response.headers.get('content-type')).toContain('spreadsheetml');
    expect(
      Buffer.from(await response.arrayBuffer())
        .subarray(0, 2)
        .toString(),
    ).toBe('PK');
  });

  test('a client that hangs up in the middle of its body leaves nothing open', async () => {
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST ${BASE}/v1/customers/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\n` +
        'Content-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nemail\r\n',
    );
    await until('the request to arrive', async () => (await connections(app)) > 0);
    socket.destroy();
    // Nothing is pending then: what was begun for the client has ended, or this would wait.
    const other = newProyecta();
    await other.close();
    expect((await call('/healthz', { key: null })).status).toBe(200);
  });

  test('a header with bytes beyond ASCII does no harm', async () => {
    const { hostname, port } = new URL(app.url);
    const status = await new Promise((resolve, reject) => {
      const headers = { Authorization: `Bearer ${KEY}`, 'X-Name': 'caf\u00e9' };
      request({ hostname, port, path: `${BASE}/v1/customers?limit=1`, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });

  test('a body beyond the limit is refused, and the connection goes on', async () => {
    if (parsesFirst) return expect((await send('/v1/customers', `"${'x'.repeat(MEGABYTE)}"`)).ok).toBe(false);
    const long = JSON.stringify({ email: 'long@example.com', name: 'x'.repeat(2 * MEGABYTE) });
    const response = await send('/v1/customers', long);
    expect([response.status, (await response.json()).error.code]).toEqual([413, 'body_too_large']);
    // Other servers than Node's own end the connection then, and a client may not have seen it yet.
    if (name !== 'Hono') expect((await call('/v1/customers?limit=1')).status).toBe(200);
  });
});

const connections = (app) =>
  new Promise((resolve) => {
    app.server.getConnections((_, count) => resolve(count));
  });

describe.each(MOUNTS)('%s, when there can be no answer', (_, open) => {
  test('hands the error to the app', async () => {
    const proyecta = newProyecta({ apiKey: KEY });
    const app = await open(proyecta);
    await proyecta.close();
    const response = await fetch(`${app.url}/v1/customers`);
    expect([response.status, await response.text()]).toEqual([500, 'app: closed']);
    await app.close();
  });

  test('close() waits for the requests that were accepted', async () => {
    const proyecta = newProyecta({ apiKey: KEY });
    const app = await open(proyecta);
    const headers = { Authorization: `Bearer ${KEY}`, 'Content-Type': 'text/csv' };
    const body = `email,name\n${Array.from({ length: 5000 }, (_, row) => `c${row}@example.com,C\n`).join('')}`;
    const importing = fetch(`${app.url}/v1/customers/import`, { method: 'POST', headers, body });
    await until('the first rows', async () => (await everyCustomer(proyecta)).length > 0);
    await proyecta.close();
    expect(await (await importing).json()).toMatchObject({ created: 5000 });
    await app.close();
  });
});
