// When a request is sent again, and when it is not.
const { failure } = require('../support/customers.js');
const { CUSTOMER, answer, connect, cut, refuse, silence, startPeer } = require('./peer.js');

const ADA = { email: 'ada@example.com' };
const busy = (headers) => refuse(503, 'unavailable', 'server_busy', { headers });
const read = ({ customers }, options) => customers.get('cus_1', options);
const write = ({ customers }, options) => customers.create(ADA, options);

/** Calls a peer that does these steps, and gives what came of it with the requests that were sent. */
async function play(steps, call, { options, ...client } = {}) {
  const peer = await startPeer(...steps);
  const pauses = [];
  const onResponse = ({ retryInMs }) => retryInMs !== undefined && pauses.push(retryInMs);
  const outcome = call(connect(peer, { onResponse, ...client }), options);
  const result = await outcome.then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
  return { ...result, pauses, requests: peer.requests };
}

/** Sends the head and half of the body, then closes. */
const breakOff = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
  response.write('{"id":', () => response.socket.destroy());
};

const TROUBLES = [
  ['cut off after the request was sent', cut],
  ['cut off in the middle of the answer', breakOff],
  ['429', refuse(429, 'rate_limited', 'rate_limited')],
  ['503 of a busy server', busy()],
  ['502 of a proxy', (_, response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<html>')],
  ['504', refuse(504, 'timeout', 'timeout')],
  ['408', (_, response) => response.writeHead(408).end()],
];

test.each(TROUBLES)('a read is tried again: %s', async (_, trouble) => {
  const { value, requests } = await play([trouble, trouble, answer(CUSTOMER)], read);
  expect(value).toEqual(CUSTOMER);
  expect(requests).toHaveLength(3);
});

test.each(TROUBLES)('a change is tried again with the same key and body: %s', async (_, trouble) => {
  const { value, requests } = await play([trouble, trouble, answer(CUSTOMER)], write);
  expect(value).toEqual(CUSTOMER);
  const sent = requests.map(({ body, headers }) => [body, headers['idempotency-key'], headers['request-id']]);
  expect(sent[0]).toEqual([
    JSON.stringify(ADA),
    expect.stringMatching(/\S{16}/),
    expect.stringMatching(/^req_/),
  ]);
  expect(sent).toEqual([sent[0], sent[0], sent[0]]);
});

test("the caller's own key is on every try", async () => {
  const { requests } = await play([cut, answer(CUSTOMER)], write, { options: { idempotencyKey: 'mine' } });
  expect(requests.map(({ headers }) => headers['idempotency-key'])).toEqual(['mine', 'mine']);
});

test('two tries more are made, then the last error is the answer', async () => {
  const { error, requests, pauses } = await play([busy()], read);
  expect(error).toMatchObject({
    name: 'UnavailableError',
    code: 'server_busy',
    statusCode: 503,
    retryable: true,
  });
  expect(requests).toHaveLength(3);
  expect(pauses).toHaveLength(2);
});

test.each([
  ['of the client', { maxRetries: 1 }, 2],
  ['of the call', { options: { maxRetries: 3 } }, 4],
  ['of the call over that of the client', { maxRetries: 5, options: { maxRetries: 0 } }, 1],
])('maxRetries %s', async (_, settings, count) => {
  const { error, requests } = await play([cut], read, settings);
  expect(error).toMatchObject({ name: 'ConnectionError', code: 'connection_failed' });
  expect(requests).toHaveLength(count);
});

test('a change whose fate is unknown says with which key it can be repeated', async () => {
  const { error, requests } = await play([cut], write, { maxRetries: 0 });
  expect(error.details).toEqual({ idempotencyKey: requests[0].headers['idempotency-key'] });
  expect(error.message).toContain('may have');
});

test.each([
  [400, 'invalid_request', 'parameter_invalid'],
  [401, 'authentication', 'api_key_unknown'],
  [403, 'permission', 'permission_denied'],
  [404, 'not_found', 'customer_not_found'],
  [409, 'conflict', 'email_taken'],
  [500, 'internal', 'internal'],
  [503, 'unavailable', 'database_full'],
  [503, 'unavailable', 'database_read_only'],
])('what would be the same again is not tried again: %i %s %s', async (status, type, code) => {
  const { error, requests } = await play([refuse(status, type, code)], write);
  expect(error).toMatchObject({ type, code, statusCode: status });
  expect(requests).toHaveLength(1);
});

describe('Retry-After', () => {
  test('is waited for', async () => {
    const { value, pauses } = await play([busy({ 'retry-after': '1' }), answer(CUSTOMER)], read);
    expect(value).toEqual(CUSTOMER);
    expect(pauses).toEqual([expect.any(Number)]);
    expect(pauses[0]).toBeGreaterThanOrEqual(1000);
    expect(pauses[0]).toBeLessThan(2000);
  });

  test('may be a date', async () => {
    const over = new Date(0).toUTCString();
    const { value } = await play([busy({ 'retry-after': over }), answer(CUSTOMER)], read);
    expect(value).toEqual(CUSTOMER);
  });

  test.each([
    ['longer than anybody waits', { 'retry-after': '86400' }, {}],
    ['longer than the call has time', { 'retry-after': '30' }, { options: { timeout: 10_000 } }],
  ])('%s is the answer at once', async (_, headers, settings) => {
    const { error, requests } = await play([busy(headers)], read, settings);
    expect(error).toMatchObject({ code: 'server_busy', statusCode: 503 });
    expect(requests).toHaveLength(1);
  });

  test('of no sense is ignored', async () => {
    const { value } = await play([busy({ 'retry-after': 'soon' }), answer(CUSTOMER)], read);
    expect(value).toEqual(CUSTOMER);
  });
});

test('a server that comes back is found', async () => {
  const first = await startPeer(answer(CUSTOMER));
  await first.stop();
  const { port } = first;
  const back = require('node:http').createServer((_, response) => answer(CUSTOMER)(_, response));
  const client = connect(first, {
    maxRetries: 100,
    // It comes back once the client was refused.
    onResponse: () => !back.listening && back.listen(port, '127.0.0.1'),
  });
  expect(await client.customers.get('cus_1')).toEqual(CUSTOMER);
  back.closeAllConnections();
  back.close();
});

test('tries end with the timeout of the call', async () => {
  const peer = await startPeer(cut, silence);
  const error = await failure(connect(peer).customers.create(ADA, { timeout: 1000 }));
  expect(error).toMatchObject({ name: 'TimeoutError', code: 'timeout' });
  expect(error.details.idempotencyKey).toBe(peer.requests[0].headers['idempotency-key']);
  expect(peer.requests).toHaveLength(2);
});
