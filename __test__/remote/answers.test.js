// What a server's answers become.
const { inspect } = require('node:util');
const { gzipSync } = require('node:zlib');
const { failure } = require('../support/customers.js');
const { CUSTOMER, KEY, Proyecta, answer, connect, refuse, startPeer } = require('./peer.js');

const PAGE = { data: [CUSTOMER], hasMore: false, nextCursor: null };

/** Sends a body of any kind. */
const raw =
  (body, headers, status = 200) =>
  (_, response) =>
    response.writeHead(status, headers).end(body);

async function failureOf(step, call = ({ customers }) => customers.get('cus_1'), options = {}) {
  const peer = await startPeer(step);
  return failure(call(connect(peer, { maxRetries: 0, ...options })));
}

test('an object is what the server sent, and tells its request when asked', async () => {
  const peer = await startPeer(answer(CUSTOMER, { id: 'req_abc' }));
  const customer = await connect(peer).customers.get('cus_1');
  expect(customer).toStrictEqual(CUSTOMER);
  expect(customer.requestId).toBe('req_abc');
  expect(Object.keys(customer)).not.toContain('requestId');
  expect(JSON.stringify(customer)).toBe(JSON.stringify(CUSTOMER));
});

test('so does a page, and the store', async () => {
  const peer = await startPeer(answer(PAGE, { id: 'req_abc' }));
  const { proyecta, customers } = connect(peer);
  const page = await customers.list();
  expect(page).toStrictEqual(PAGE);
  expect(page.requestId).toBe('req_abc');
  expect((await proyecta.store).requestId).toBe('req_abc');
});

test('what a server left unnamed has the name that the request was sent with', async () => {
  const peer = await startPeer(answer(CUSTOMER, { id: null }), raw('<h1>', { 'content-type': 'text/html' }));
  const { customers } = connect(peer);
  const { requestId } = await customers.get('cus_1');
  const error = await failure(customers.get('cus_1'));
  expect([requestId, error.requestId]).toEqual(peer.requests.map(({ headers }) => headers['request-id']));
});

test('a compressed answer is read', async () => {
  const step = raw(gzipSync(JSON.stringify(CUSTOMER)), {
    'content-type': 'application/json',
    'content-encoding': 'gzip',
  });
  const peer = await startPeer(step);
  expect(await connect(peer).customers.get('cus_1')).toStrictEqual(CUSTOMER);
});

test('a long answer in many pieces is read whole', async () => {
  const metadata = { long: '가나다'.repeat(200_000) };
  const peer = await startPeer(answer({ ...CUSTOMER, metadata }));
  expect(await connect(peer).customers.get('cus_1')).toStrictEqual({ ...CUSTOMER, metadata });
});

test.each([
  [400, 'invalid_request', 'parameter_invalid', 'InvalidRequestError'],
  [413, 'invalid_request', 'body_too_large', 'InvalidRequestError'],
  [401, 'authentication', 'api_key_unknown', 'AuthenticationError'],
  [403, 'permission', 'permission_denied', 'PermissionError'],
  [404, 'not_found', 'customer_not_found', 'NotFoundError'],
  [409, 'conflict', 'email_taken', 'ConflictError'],
  [409, 'idempotency_conflict', 'idempotency_key_reused', 'IdempotencyError'],
  [402, 'card_declined', 'card_declined', 'CardError'],
  [429, 'rate_limited', 'rate_limited', 'RateLimitError'],
  [500, 'internal', 'internal', 'InternalError'],
  [502, 'gateway_unavailable', 'gateway_unavailable', 'GatewayError'],
  [503, 'unavailable', 'database_locked', 'UnavailableError'],
  [504, 'timeout', 'timeout', 'TimeoutError'],
])('status %i with %s is the error it would be in this process', async (status, type, code, name) => {
  const details = { customerId: 'cus_2' };
  const error = await failureOf(refuse(status, type, code, { param: 'address.city', details }));
  expect(error).toBeInstanceOf(Proyecta[name]);
  expect(error).toMatchObject({
    name,
    type,
    code,
    param: 'address.city',
    statusCode: status,
    requestId: 'req_1',
    details,
    message: `it is ${code}`,
  });
});

test('the stack of an error leads to the line that called', async () => {
  const error = await failureOf(refuse(404, 'not_found', 'customer_not_found'));
  expect(error.stack).toContain('answers.test.js');
});

test('an error of a newer server keeps its code', async () => {
  const error = await failureOf(refuse(409, 'conflict', 'price_immutable', { hint: 'new' }));
  expect(error).toMatchObject({ name: 'ConflictError', code: 'price_immutable', statusCode: 409 });
  const stranger = await failureOf(refuse(418, 'teapot', 'short_and_stout'));
  expect(stranger).toMatchObject({ name: 'InternalError', code: 'short_and_stout', statusCode: 418 });
});

describe('what no Proyecta server says is answer_invalid', () => {
  const HTML = { 'content-type': 'text/html; charset=utf-8' };
  const JSON_TYPE = { 'content-type': 'application/json' };

  test.each([
    ['a page', raw('<h1>Welcome secret-word</h1>', HTML), 200],
    ['the page of a proxy', raw('<h1>secret-word</h1>', HTML, 502), 502],
    ['a login page', raw('<h1>secret-word</h1>', HTML, 401), 401],
    ['JSON that is no object', raw('"secret-word"', JSON_TYPE), 200],
    ['JSON that breaks off', raw('{"id":"secret-word"', JSON_TYPE), 200],
    ['JSON that is none', raw('{"id":secret-word}', JSON_TYPE), null],
    ['bytes that are no text', raw(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), JSON_TYPE), 200],
    ['JSON under another name', raw('{"id":"secret-word"}', { 'content-type': 'text/plain' }), 200],
    ['nothing', raw('', {}, 204), 204],
    ["somebody else's error", raw('{"error":"secret-word"}', JSON_TYPE, 404), 404],
    ["somebody else's error object", raw('{"error":{"message":"secret-word"}}', JSON_TYPE, 500), 500],
    ['an error that counts as success', raw('{"error":{"message":"secret-word"}}', JSON_TYPE), 200],
  ])('%s', async (_, step, statusCode) => {
    const error = await failureOf(step);
    expect(error).toBeInstanceOf(Proyecta.ConnectionError);
    expect(error).toMatchObject({ code: 'answer_invalid', statusCode });
    expect(error.message).toContain('baseUrl');
    expect(error.message).not.toContain('secret-word');
  });

  test('a list that is no page', async () => {
    const error = await failureOf(answer({ object: 'list' }), ({ customers }) => customers.list());
    expect(error).toMatchObject({ name: 'ConnectionError', code: 'answer_invalid' });
  });

  test('a file that is none', async () => {
    const error = await failureOf(raw('<h1>Hello</h1>', HTML), ({ customers }) => customers.importTemplate());
    expect(error).toMatchObject({ name: 'ConnectionError', code: 'answer_invalid' });
  });
});

test('a redirect is not followed, so the key goes nowhere else', async () => {
  const other = await startPeer(answer(CUSTOMER));
  for (const status of [301, 302, 307, 308]) {
    const location = `${other.url}/v1/customers/cus_1?session=secret-word`;
    const error = await failureOf(raw('', { location }, status));
    expect(error).toMatchObject({ code: 'answer_invalid', statusCode: status });
    expect(error.message).toContain(other.url);
    expect(error.message).not.toContain('secret-word');
  }
  expect(other.requests).toEqual([]);
});

test('a server that is not there is connection_failed, with no status', async () => {
  const peer = await startPeer(answer(CUSTOMER));
  await peer.stop();
  const error = await failure(connect(peer, { maxRetries: 0 }).customers.get('cus_1'));
  expect(error).toBeInstanceOf(Proyecta.ConnectionError);
  expect(error).toMatchObject({
    type: 'connection',
    code: 'connection_failed',
    statusCode: null,
    retryable: true,
  });
  expect(error.message).toContain(peer.url);
  expect(error.requestId).toMatch(/^req_/);
});

test('a name that nobody has is connection_failed too', async () => {
  const error = await failure(connect('http://nobody.invalid', { maxRetries: 0 }).customers.get('cus_1'));
  expect(error).toMatchObject({ name: 'ConnectionError', code: 'connection_failed' });
  expect(error.message).toContain('nobody.invalid');
});

test('the key shows nowhere: not in errors, not in the client, not in what it gives', async () => {
  const peer = await startPeer(
    answer(CUSTOMER),
    refuse(401, 'authentication', 'api_key_unknown'),
    raw('<html>', { 'content-type': 'text/html' }, 500),
  );
  const { proyecta, customers } = connect(peer, { maxRetries: 0 });
  const seen = [proyecta, proyecta.commerce, await customers.get('cus_1')];
  for (let count = 0; count < 2; count++) seen.push(await failure(customers.get('cus_1')));
  await peer.stop();
  seen.push(await failure(customers.create({ email: 'ada@example.com' })));
  await proyecta.close();
  seen.push(await failure(customers.get('cus_1')));
  for (const value of seen) {
    expect(inspect(value, { depth: 10, showHidden: true })).not.toContain(KEY);
    expect(JSON.stringify(value) ?? '').not.toContain(KEY);
    expect(String(value?.stack)).not.toContain(KEY);
  }
  expect(inspect(proyecta)).toContain(peer.url);
});

test('a malformed key is refused as in this process', async () => {
  const peer = await startPeer(answer(CUSTOMER));
  const error = await failure(connect(peer, { apiKey: 'too short' }).customers.get('cus_1'));
  expect(error).toMatchObject({ name: 'AuthenticationError', code: 'api_key_malformed', param: 'apiKey' });
  expect(peer.requests).toEqual([]);
});
