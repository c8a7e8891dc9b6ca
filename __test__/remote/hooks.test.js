// What a program hears of its requests, for its log.
const { failure } = require('../support/customers.js');
const { openStore } = require('../support/store.js');
const { CUSTOMER, KEY, answer, connect, cut, refuse, startPeer } = require('./peer.js');

/** A client that writes down everything it hears. */
async function listen(...steps) {
  const peer = await startPeer(...steps);
  const heard = [];
  const client = connect(peer, {
    onRequest: (info) => heard.push(['request', info]),
    onResponse: (info) => heard.push(['response', info]),
  });
  return { ...client, peer, heard };
}

test('every try is heard of in its order', async () => {
  const { customers, peer, heard } = await listen(
    cut,
    refuse(503, 'unavailable', 'server_busy'),
    answer(CUSTOMER),
  );
  await customers.update('cus_1', { name: 'Ada' });
  const url = `${peer.url}/v1/customers/cus_1`;
  const request = (attempt) => [
    'request',
    {
      method: 'PATCH',
      url,
      attempt,
      headers: expect.objectContaining({
        authorization: 'Bearer ***',
        'content-type': 'application/json',
        'idempotency-key': peer.requests[0].headers['idempotency-key'],
      }),
    },
  ];
  const response = (attempt, rest) => [
    'response',
    { method: 'PATCH', url, attempt, durationMs: expect.any(Number), ...rest },
  ];
  const retryInMs = expect.any(Number);
  expect(heard).toEqual([
    request(1),
    response(1, {
      status: null,
      requestId: expect.stringMatching(/^req_/),
      code: 'connection_failed',
      retryInMs,
    }),
    request(2),
    response(2, { status: 503, requestId: 'req_1', code: 'server_busy', retryInMs }),
    request(3),
    response(3, { status: 200, requestId: 'req_1' }),
  ]);
});

test('no key, no value of a query, no body, and no header that may hold a secret', async () => {
  const { customers, heard } = await listen(answer({ data: [], hasMore: false, nextCursor: null }));
  const headers = { cookie: 'secret-word', 'x-api-key': 'secret-word', 'x-tenant': 'shown' };
  await customers.list({ query: 'secret-word', created: { gte: '2026-01-01' } }, { headers });
  await customers.create({ email: 'secret-word@example.com' });
  const text = JSON.stringify(heard);
  expect(text).not.toContain(KEY);
  expect(text).not.toContain('secret-word');
  expect(heard[0][1].url).toMatch(/\/v1\/customers\?created%5Bgte%5D=\*&query=\*$/);
  expect(heard[0][1].headers).toMatchObject({ cookie: '***', 'x-api-key': '***', 'x-tenant': 'shown' });
});

test('a hook that fails breaks nothing', async () => {
  const peer = await startPeer(answer(CUSTOMER));
  const broken = () => {
    throw new Error('a broken hook');
  };
  const rejected = async () => broken();
  expect(await connect(peer, { onRequest: broken, onResponse: broken }).customers.get('cus_1')).toEqual(
    CUSTOMER,
  );
  expect(await connect(peer, { onRequest: rejected, onResponse: rejected }).customers.get('cus_1')).toEqual(
    CUSTOMER,
  );
});

test('a call that was given up is heard of too', async () => {
  const { customers, heard } = await listen(() => undefined);
  await failure(customers.get('cus_1', { timeout: 100 }));
  expect(heard.map(([kind, { status, code }]) => [kind, status, code])).toEqual([
    ['request', undefined, undefined],
    ['response', null, 'timeout'],
  ]);
});

test('the engine in this process has nothing to say to them', async () => {
  const heard = [];
  const store = openStore({ onRequest: (info) => heard.push(info), onResponse: (info) => heard.push(info) });
  await store.customers.create({ email: 'ada@example.com', name: 'Ada' });
  expect(heard).toEqual([]);
});

test('the log of calls shows them without the key or personal data', async () => {
  const lines = [];
  const write = (line) => lines.push(line);
  const logger = { error: write, warn: write, info: write, debug: write };
  const peer = await startPeer(answer(CUSTOMER), refuse(404, 'not_found', 'customer_not_found'));
  const { customers } = connect(peer, { logger, logLevel: 'debug' });
  await customers.create({ email: 'secret-word@example.com' });
  await failure(customers.get('cus_1'));
  expect(lines.join('\n')).toMatch(/customers\.create ok/);
  expect(lines.join('\n')).toMatch(/customers\.get failed \(customer_not_found\)/);
  expect(lines.join('\n')).not.toContain(KEY);
  expect(lines.join('\n')).not.toContain('secret-word');
});
