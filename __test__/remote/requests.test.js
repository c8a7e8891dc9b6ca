// What a call looks like to the server.
const { failure } = require('../support/customers.js');
const { CUSTOMER, KEY, answer, connect, startPeer } = require('./peer.js');

const PAGE = { data: [], hasMore: false, nextCursor: null };

/** The one request that a call makes. */
async function requestOf(call, value = CUSTOMER, path = '') {
  const peer = await startPeer(answer(value));
  await call(connect(`${peer.url}${path}`));
  expect(peer.requests).toHaveLength(1);
  return peer.requests[0];
}

/** The parameters in a query, as pairs. */
const query = ({ url }) => [...new URL(url, 'http://host').searchParams].sort();

test('a read is a GET with the key, and nothing else that matters', async () => {
  const request = await requestOf(({ customers }) => customers.get('cus_1'));
  expect(request).toMatchObject({ method: 'GET', url: '/v1/customers/cus_1', body: '' });
  expect(request.headers).toMatchObject({
    authorization: `Bearer ${KEY}`,
    accept: 'application/json',
    'accept-encoding': 'gzip',
    'user-agent': expect.stringMatching(/^proyecta\/\d/),
  });
  expect(request.headers).not.toHaveProperty('idempotency-key');
});

test('a change is its parameters as JSON, with an idempotency key of its own', async () => {
  const request = await requestOf(({ customers }) =>
    customers.create({ email: 'ada@example.com', name: '아다' }),
  );
  expect(request).toMatchObject({ method: 'POST', url: '/v1/customers' });
  expect(request.headers['content-type']).toBe('application/json');
  expect(JSON.parse(request.body)).toEqual({ email: 'ada@example.com', name: '아다' });
  expect(request.headers['idempotency-key']).toMatch(/^\S{16,}$/);
});

test('every request has a name of its own', async () => {
  const peer = await startPeer(answer(CUSTOMER));
  const { customers } = connect(peer);
  for (let count = 0; count < 3; count++) await customers.get('cus_1');
  const names = peer.requests.map(({ headers }) => headers['request-id']);
  expect(new Set(names).size).toBe(3);
  for (const name of names) expect(name).toMatch(/^req_[0-9a-z]{26}$/);
});

test('no two changes have the same key, and a given one is kept', async () => {
  const peer = await startPeer(answer(CUSTOMER));
  const { customers, customFields } = connect(peer);
  await customers.create({ email: 'ada@example.com' });
  await customers.update('cus_1', { name: 'Ada' });
  await customers.delete('cus_1');
  await customers.verifyPassword('cus_1', { password: 'correct horse' });
  await customFields.create({ type: 'text', label: 'F' }, { idempotencyKey: 'mine-열쇠' });
  const keys = peer.requests.map(({ headers }) => headers['idempotency-key']);
  expect(new Set(keys).size).toBe(5);
  expect(Buffer.from(keys.pop(), 'latin1').toString()).toBe('mine-열쇠');
  for (const key of keys) expect(key).toMatch(/^\S{16,}$/);
});

test.each([
  [
    'customers.update',
    ({ customers }) => customers.update('cus_1', { name: 'B' }),
    'PATCH',
    '/v1/customers/cus_1',
  ],
  ['customers.delete', ({ customers }) => customers.delete('cus_1'), 'DELETE', '/v1/customers/cus_1'],
  [
    'customers.recordLogin',
    ({ customers }) => customers.recordLogin('cus_1'),
    'POST',
    '/v1/customers/cus_1/record-login',
  ],
  [
    'customFields.update',
    ({ customFields }) => customFields.update('size', { label: 'S' }),
    'PATCH',
    '/v1/custom-fields/size',
  ],
  ['signupForm.get', ({ signupForm }) => signupForm.get(), 'GET', '/v1/signup-form'],
  ['settings.get', ({ settings }) => settings.get(), 'GET', '/v1/settings'],
  ['settings.update', ({ settings }) => settings.update({ billingDay: null }), 'PATCH', '/v1/settings'],
  ['store', ({ proyecta }) => proyecta.store, 'GET', '/v1/store'],
  [
    'snake_case',
    ({ customers }) => customers.update({ customer_id: 'cus_1', name: 'B' }),
    'PATCH',
    '/v1/customers/cus_1',
  ],
])('%s goes to its route', async (_, call, method, url) => {
  expect(await requestOf(call)).toMatchObject({ method, url });
});

test('below a path, where the API is mounted in an app', async () => {
  const request = await requestOf(({ customers }) => customers.get('cus_1'), CUSTOMER, '/api/billing/');
  expect(request.url).toBe('/api/billing/v1/customers/cus_1');
});

test('without an id the other parameters name the object', async () => {
  const request = await requestOf(({ customers }) => customers.get({ key: 'a b/ㄱ?&=' }));
  expect(request.url.split('?')[0]).toBe('/v1/customers/-');
  expect(query(request)).toEqual([['key', 'a b/ㄱ?&=']]);
});

test.each([
  ['한 글/자?#', '/v1/custom-fields/%ED%95%9C%20%EA%B8%80%2F%EC%9E%90%3F%23'],
  ['-', '/v1/custom-fields/-'],
  ['.', '/v1/custom-fields/-'],
  ['..', '/v1/custom-fields/-'],
  ['x'.repeat(300), '/v1/custom-fields/-'],
])('an id cannot leave its place in the path: %s', async (key, url) => {
  const request = await requestOf(({ customFields }) => customFields.update(key, { label: 'L' }));
  expect(request.url).toBe(url);
  expect(JSON.parse(request.body)).toMatchObject({ key, label: 'L' });
});

test('the parameters of a read are in the query, objects in brackets and lists repeated', async () => {
  const request = await requestOf(
    ({ customers }) =>
      customers.list({
        query: '김 & 이 = +%',
        email: null,
        status: undefined,
        limit: '50',
        created_after: new Date('2026-01-01T00:00:00Z'),
        created: { gte: 1_767_225_600_000, lt: '2026-02-01' },
        expand: ['total'],
        sort: '-created',
      }),
    PAGE,
  );
  expect(request).toMatchObject({ method: 'GET', body: '' });
  expect(query(request)).toEqual([
    ['createdAfter', '2026-01-01T00:00:00.000Z'],
    ['created[gte]', '2026-01-01T00:00:00.000Z'],
    ['created[lt]', '2026-02-01'],
    ['expand', 'total'],
    ['limit', '50'],
    ['query', '김 & 이 = +%'],
    ['sort', '-created'],
  ]);
});

test.each([
  ['limit', ({ customers }) => customers.list({ limit: true })],
  ['email', ({ customers }) => customers.list({ email: 5 })],
  ['created.gte', ({ customers }) => customers.list({ created: { gte: [] } })],
  ['customerId', ({ customers }) => customers.get({ customerId: 5 })],
  ['ifVersion', ({ customers }) => customers.delete('cus_1', { ifVersion: 'three' })],
])('what a query would blur is refused before it is sent: %s', async (param, call) => {
  const peer = await startPeer(answer(PAGE));
  const error = await failure(call(connect(peer)));
  expect(error).toMatchObject({ name: 'InvalidRequestError', code: 'parameter_invalid', param });
  expect(peer.requests).toEqual([]);
});

test('pages follow each other by their cursors', async () => {
  const peer = await startPeer(
    answer({ data: [CUSTOMER], hasMore: true, nextCursor: 'next page' }),
    answer({ data: [CUSTOMER], hasMore: false, nextCursor: null }),
  );
  const { customers } = connect(peer);
  expect(await customers.list({ limit: 1 }).toArray({ limit: 10 })).toEqual([CUSTOMER, CUSTOMER]);
  expect(peer.requests.map(query)).toEqual([
    [['limit', '1']],
    [
      ['cursor', 'next page'],
      ['limit', '1'],
    ],
  ]);
});

describe('further headers', () => {
  test('go with the call that names them', async () => {
    const request = await requestOf(({ customers }) =>
      customers.get('cus_1', {
        headers: { 'X-Tenant': 'a', 'Request-Id': 'mine', 'user-agent': 'shop/1', none: undefined },
      }),
    );
    expect(request.headers).toMatchObject({ 'x-tenant': 'a', 'request-id': 'mine', 'user-agent': 'shop/1' });
    expect(request.headers).not.toHaveProperty('none');
  });

  test.each([
    [{ authorization: 'Bearer other' }, 'headers.authorization'],
    [{ 'Content-Length': '0' }, 'headers.content-length'],
    [{ Host: 'other' }, 'headers.host'],
    [{ 'Idempotency-Key': 'x' }, 'headers.idempotency-key'],
    [{ 'x-a': 'two\r\nx-b: lines' }, 'headers.x-a'],
    [{ 'x-a': '한글' }, 'headers.x-a'],
    [{ 'x a': 'blank' }, 'headers'],
    [{ '': 'empty' }, 'headers'],
    [{ 'x-a': 5 }, 'headers'],
  ])('%j is refused', async (headers, param) => {
    const peer = await startPeer(answer(CUSTOMER));
    const error = await failure(connect(peer).customers.get('cus_1', { headers }));
    expect(error).toMatchObject({ name: 'InvalidRequestError', code: 'parameter_invalid', param });
    expect(peer.requests).toEqual([]);
  });
});

test('calls that follow each other use one connection', async () => {
  const peer = await startPeer(answer(CUSTOMER));
  const { customers } = connect(peer);
  for (let count = 0; count < 10; count++) await customers.get('cus_1');
  expect(peer.requests).toHaveLength(10);
  expect(peer.sockets.size).toBe(1);
});

test('a connection that the server closed meanwhile is no trouble', async () => {
  const peer = await startPeer(answer(CUSTOMER));
  const { customers } = connect(peer);
  for (let count = 0; count < 5; count++) {
    expect(await customers.get('cus_1')).toEqual(CUSTOMER);
    for (const socket of peer.sockets) socket.destroy();
  }
});

test('thousands of calls at once are answered, over a bounded number of connections', async () => {
  const peer = await startPeer(answer(CUSTOMER));
  let most = 0;
  const onResponse = () => {
    most = Math.max(most, peer.sockets.size);
  };
  const { customers } = connect(peer, { onResponse });
  const calls = Array.from({ length: 3000 }, () => customers.get('cus_1'));
  for (const customer of await Promise.all(calls)) expect(customer.id).toBe('cus_1');
  expect(peer.requests).toHaveLength(3000);
  expect(most).toBeLessThanOrEqual(128);
});
