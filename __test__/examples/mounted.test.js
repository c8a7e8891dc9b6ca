// The examples that have the HTTP API inside an app of somebody else's: the same API, whoever mounts it.
const { cleanUp, copyExample, startWith } = require('./running.js');

const KEY = 'sk_test_0123456789abcdef01234567';
const EXAMPLES = ['express-billing', 'fastify-billing', 'hono', 'next-route-handler'];

describe.each(EXAMPLES)('examples/%s', (name) => {
  let app;
  let origin;

  beforeAll(async () => {
    app = await startWith(copyExample(name), { PROYECTA_API_KEY: KEY });
    origin = new URL(app.url).origin;
  });
  afterAll(cleanUp);

  const call = (path, { key = KEY, ...options } = {}) =>
    fetch(`${app.url}${path}`, {
      ...options,
      headers: { ...(key && { Authorization: `Bearer ${key}` }), ...options.headers },
    });
  const post = (path, body, headers) =>
    call(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', ...headers },
    });

  test('prints where the API is', () => {
    expect(app.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/billing$/);
  });

  test('creates, reads, changes, lists and deletes a customer', async () => {
    const made = await post('/v1/customers', { email: 'jane@example.com', name: '김 Jane' });
    expect(made.status).toBe(201);
    const customer = await made.json();
    expect(customer).toMatchObject({ object: 'customer', email: 'jane@example.com', name: '김 Jane' });
    expect((await post('/v1/customers', { email: 'JANE@example.com' })).status).toBe(200);

    const got = await call(`/v1/customers/${customer.id}`);
    expect([got.status, await got.json()]).toEqual([200, customer]);
    const changed = await call(`/v1/customers/${customer.id}`, {
      method: 'PATCH',
      body: '{"name":"Jane"}',
      headers: { 'Content-Type': 'application/json', 'If-Match': '"1"' },
    });
    expect(await changed.json()).toMatchObject({ name: 'Jane', version: 2 });
    const list = await call('/v1/customers?query=jane&limit=5&expand=total');
    expect(await list.json()).toMatchObject({ data: [{ id: customer.id }], hasMore: false, total: 1 });
    const deleted = await call(`/v1/customers/${customer.id}`, { method: 'DELETE' });
    expect(await deleted.json()).toMatchObject({ deleted: true });
    expect((await call(`/v1/customers/${customer.id}`)).status).toBe(404);
  });

  test('lets nobody in without the key', async () => {
    for (const key of [null, 'sk_test_somebody_elses_00000000']) {
      const response = await call('/v1/customers', { key });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: { type: 'authentication' } });
      expect(response.headers.get('request-id')).toMatch(/^req_/);
    }
  });

  test('answers what is not there as the API does', async () => {
    const response = await call('/v1/nothing', { headers: { 'Request-Id': 'mine-1' } });
    expect(response.status).toBe(404);
    expect(response.headers.get('request-id')).toBe('mine-1');
    expect(await response.json()).toMatchObject({ error: { code: 'route_not_found', requestId: 'mine-1' } });
  });

  test('keeps the routes of the app, on the same engine', async () => {
    await post('/v1/customers', { email: 'counted@example.com', name: 'Counted' });
    expect(await (await fetch(`${origin}/`)).text()).toBe('customers: 1');
  });

  test('ends by itself when it is asked to', async () => {
    expect(await app.stop()).toEqual({ code: 0, signal: null });
  });
});
