// `proyecta serve`: how it starts, what it says, how it ends.
const { once } = require('node:events');
const { connect, createServer } = require('node:net');
const { createInterface } = require('node:readline');
const { cli, done, start } = require('../support/cli.js');
const { someone } = require('../support/customers.js');
const { newDatabase } = require('../support/folder.js');
const { sdk: Proyecta } = require('../support/package.js');
const { until } = require('../support/until.js');

const KEY = 'sk_test_the-first-key-of-this-shop';
const running = new Set();

afterAll(() => {
  for (const { child } of running) child.kill('SIGKILL');
});

/** A server that listens, with what it says. */
async function serve(args = [], env = {}) {
  const child = start(['serve', ...args], { env });
  const server = { child, stderr: '', lines: [] };
  running.add(server);
  child.stderr.setEncoding('utf8').on('data', (text) => {
    server.stderr += text;
  });
  server.ended = once(child, 'close').then(([code, signal]) => {
    running.delete(server);
    return { code, signal };
  });
  const lines = createInterface(child.stdout).on('line', (line) => server.lines.push(line));
  await Promise.race([once(lines, 'line'), server.ended]);
  if (server.lines.length === 0) throw new Error(`no server: ${server.stderr}`);
  server.url = server.lines[0].replace('listening on ', '');
  server.get = (path, key = KEY) => fetch(server.url + path, { headers: { authorization: `Bearer ${key}` } });
  return server;
}

/** A request whose body stops half-way; `finish` sends the rest and gives the answer. */
async function halfSent(url, customer) {
  const body = JSON.stringify(customer);
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setEncoding('utf8').on('error', () => undefined);
  let answer = '';
  socket.on('data', (text) => {
    answer += text;
  });
  const head = `POST /v1/customers HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\n`;
  socket.write(
    `${head}content-type: application/json\r\nexpect: 100-continue\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`,
  );
  // Its body is asked for: the server has it in hand.
  await until('the server to ask for the body', () => answer.includes('100 Continue'));
  socket.write(body.slice(0, 5));
  return async function finish() {
    socket.write(body.slice(5));
    await until('the answer', () => /HTTP\/1\.1 [2-5]\d\d/.test(answer));
    socket.destroy();
    return answer;
  };
}

test('an empty database adopts the key of the environment, and the SDK finds what was made', async () => {
  const database = newDatabase();
  const env = { PROYECTA_DATABASE_URL: database, PROYECTA_API_KEY: KEY, PROYECTA_TIMEZONE: 'Asia/Seoul' };
  const server = await serve([], env);
  expect(server.lines[0]).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+$/);
  expect((await server.get('/healthz', '')).status).toBe(200);
  expect((await server.get('/v1/customers')).status).toBe(200);
  expect((await server.get('/v1/customers', 'sk_test_another')).status).toBe(401);
  const finish = await halfSent(server.url, someone('김'));
  expect(await finish()).toContain('201');
  server.child.kill('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
  expect(server.lines).toHaveLength(1);

  const proyecta = new Proyecta({ database, apiKey: KEY });
  expect(await proyecta.store).toMatchObject({ mode: 'test', timezone: 'Asia/Seoul' });
  expect((await proyecta.commerce.customers.list()).data).toMatchObject([someone('김')]);
  await proyecta.close();
});

test('an empty database without a key is refused where nobody would see a new one', async () => {
  const { code, stdout, stderr } = await cli(['serve', '--database', newDatabase()]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('PROYECTA_API_KEY');
});

test('a live key makes a live store', async () => {
  const database = newDatabase();
  const apiKey = 'sk_live_0123456789abcdef';
  const server = await serve(['--database', database], { PROYECTA_API_KEY: apiKey });
  server.child.kill('SIGINT');
  expect((await server.ended).code).toBe(0);
  const proyecta = new Proyecta({ database, apiKey });
  expect((await proyecta.store).mode).toBe('live');
  await proyecta.close();
});

test('a database that has keys needs none to start, and leaves a key that it does not know alone', async () => {
  const database = newDatabase();
  await done(['stores', 'create', '--database', database]);
  const key = (await done(['keys', 'create', '--database', database])).trim();
  for (const env of [{}, { PROYECTA_API_KEY: KEY }]) {
    const server = await serve(['--database', database], env);
    expect((await server.get('/v1/customers', key)).status).toBe(200);
    expect((await server.get('/v1/customers', KEY)).status).toBe(401);
    expect(server.stderr.includes('no usable key')).toBe(env.PROYECTA_API_KEY !== undefined);
    server.child.kill('SIGTERM');
    await server.ended;
  }
});

describe('ending', () => {
  const env = { PROYECTA_API_KEY: KEY };

  test('what was accepted is finished first', async () => {
    const server = await serve(['--database', newDatabase()], env);
    const finish = await halfSent(server.url, someone('late'));
    server.child.kill('SIGTERM');
    await until('the server to say so', () => server.stderr.includes('shutting down'));
    expect(await finish()).toContain('201');
    expect((await server.ended).code).toBe(0);
  });

  test('a second signal waits for nobody', async () => {
    const server = await serve(['--database', newDatabase(), '--shutdown-grace', '1h'], env);
    await halfSent(server.url, someone('never'));
    server.child.kill('SIGTERM');
    await until('the server to say so', () => server.stderr.includes('shutting down'));
    server.child.kill('SIGTERM');
    expect(await server.ended).toEqual({ code: 1, signal: null });
  });

  test('nobody is waited for longer than the grace', async () => {
    const server = await serve(['--database', newDatabase(), '--shutdown-grace', '0s'], env);
    await halfSent(server.url, someone('never'));
    server.child.kill('SIGTERM');
    expect(await server.ended).toEqual({ code: 0, signal: null });
  });
});

test('a path, an origin and the metrics are where the flags say; logs are JSON and hold no key', async () => {
  const server = await serve(
    [
      ...[
        '--database',
        newDatabase(),
        '--base-path',
        '/api/billing',
        '--cors-origin',
        'https://app.example.com',
      ],
      ...[
        '--metrics-listen',
        '127.0.0.1:0',
        '--log-format',
        'json',
        '--log-level',
        'trace',
        '--body-limit',
        '2KiB',
      ],
    ],
    { PROYECTA_API_KEY: KEY },
  );
  expect((await server.get('/api/billing/v1/customers')).status).toBe(200);
  expect((await server.get('/v1/customers')).status).toBe(404);
  const cors = await fetch(`${server.url}/api/billing/v1/customers`, {
    headers: { origin: 'https://app.example.com', authorization: `Bearer ${KEY}` },
  });
  expect(cors.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
  const large = await fetch(`${server.url}/api/billing/v1/customers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...someone('large'), metadata: { note: 'x'.repeat(3000) } }),
  });
  expect(large.status).toBe(413);
  const logged = () =>
    server.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  const { metrics } = await until('the log', () => logged().find(({ message }) => message === 'listening'));
  const text = await (await fetch(`http://${metrics}/metrics`)).text();
  expect(text).toMatch(/^# TYPE /m);
  expect((await server.get('/metrics')).status).toBe(404);
  server.child.kill('SIGTERM');
  await server.ended;
  expect(logged().length).toBeGreaterThan(3);
  expect(server.stderr).not.toContain(KEY.slice(8));
});

test('an address that is taken is named, and costs nothing', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = `127.0.0.1:${other.address().port}`;
  const { code, stdout, stderr } = await cli(['serve', '--listen', address, '--database', newDatabase()], {
    env: { PROYECTA_API_KEY: KEY },
  });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(address);
  other.close();
});

test('a key that cannot be one is refused without being shown', async () => {
  const { code, stderr } = await cli(['serve', '--database', newDatabase()], {
    env: { PROYECTA_API_KEY: 'hunter2' },
  });
  expect(code).toBe(1);
  expect(stderr).not.toContain('hunter2');
});

test('the OpenAPI document is printed', async () => {
  const document = JSON.parse(await done(['openapi', '--base-path', '/api/billing']));
  expect(document.openapi).toMatch(/^3\.1\./);
  expect(JSON.stringify(document)).toContain('/api/billing');
});
