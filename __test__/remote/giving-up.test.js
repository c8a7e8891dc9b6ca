// Callers that do not wait to the end, and clients that are closed.
const { failure } = require('../support/customers.js');
const { until } = require('../support/until.js');
const { CUSTOMER, KEY, answer, connect, refuse, silence, startPeer } = require('./peer.js');
const { runProgram } = require('../support/package.js');

test('an aborted call ends at once, and its request is cancelled', async () => {
  const peer = await startPeer(silence);
  const controller = new AbortController();
  const call = failure(connect(peer).customers.get('cus_1', { signal: controller.signal }));
  const [request] = await until('the request', () => peer.requests.length > 0 && peer.requests);
  const reason = new Error('the user went away');
  controller.abort(reason);
  const error = await call;
  expect(error).toMatchObject({ name: 'AbortError', type: 'aborted', code: 'aborted' });
  expect(error.cause).toBe(reason);
  await until('the server to see it', () => request.closed);
});

test('a call aborted between two tries is not tried again', async () => {
  const peer = await startPeer(
    refuse(503, 'unavailable', 'server_busy', { headers: { 'retry-after': '50' } }),
  );
  const controller = new AbortController();
  const client = connect(peer, { onResponse: () => controller.abort() });
  const error = await failure(
    client.customers.create({ email: 'a@example.com' }, { signal: controller.signal }),
  );
  expect(error).toMatchObject({ name: 'AbortError' });
  expect(error.details.idempotencyKey).toBe(peer.requests[0].headers['idempotency-key']);
  expect(peer.requests).toHaveLength(1);
});

test('one signal ends all the calls under it, and no others', async () => {
  const peer = await startPeer(silence, silence, silence, answer(CUSTOMER));
  const { customers } = connect(peer);
  const controller = new AbortController();
  const calls = [1, 2, 3].map(() => failure(customers.get('cus_1', { signal: controller.signal })));
  await until('the requests', () => peer.requests.length === 3);
  controller.abort();
  for (const error of await Promise.all(calls)) expect(error.name).toBe('AbortError');
  expect(await customers.get('cus_1')).toEqual(CUSTOMER);
});

test.each([
  ['of the call', {}, { timeout: 200 }],
  ['of the client', { timeout: 200 }, undefined],
])('a server that never answers is left after the timeout %s', async (_, client, options) => {
  const peer = await startPeer(silence);
  const error = await failure(connect(peer, client).customers.get('cus_1', options));
  expect(error).toMatchObject({ name: 'TimeoutError', code: 'timeout', retryable: true });
  expect(error.requestId).toBe(peer.requests[0].headers['request-id']);
  await until('the server to see it', () => peer.requests[0]?.closed);
});

test('an answer that never ends is left after the timeout too', async () => {
  const peer = await startPeer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"id":');
  });
  const error = await failure(connect(peer).customers.get('cus_1', { timeout: 200 }));
  expect(error).toMatchObject({ name: 'TimeoutError', code: 'timeout' });
});

test('close() waits for what was asked, and later calls are refused', async () => {
  let go;
  const peer = await startPeer((request, response) => {
    go = () => answer(CUSTOMER)(request, response);
  });
  const { proyecta, customers } = connect(peer);
  const call = customers.get('cus_1');
  await until('the request', () => peer.requests.length > 0);
  let closed = false;
  const closing = proyecta.close().then(() => {
    closed = true;
  });
  expect(await failure(customers.get('cus_1'))).toMatchObject({ code: 'closed' });
  expect(closed).toBe(false);
  go();
  expect(await call).toEqual(CUSTOMER);
  await closing;
  await until('the connection to end', () => peer.sockets.size === 0);
  expect(await failure(customers.get('cus_1'))).toMatchObject({ code: 'closed' });
});

describe('a program ends by itself', () => {
  test.each([
    ['with an idle client', 'await customers.get("cus_1");'],
    ['with a client that was never used', ''],
    [
      'after a call that failed',
      'peer.closeAllConnections(); peer.close(); await customers.get("cus_1", { maxRetries: 0 }).catch(() => undefined);',
    ],
    [
      'after calls side by side',
      'await Promise.all(Array.from({ length: 50 }, () => customers.get("cus_1")));',
    ],
    ['after close()', 'await customers.get("cus_1"); await proyecta.close();'],
  ])('%s', async (_, body) => {
    const source = `import http from 'node:http';
import { once } from 'node:events';
import Proyecta from '@proyecta-ai/sdk';
const peer = http.createServer((_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
peer.listen(0, '127.0.0.1');
await once(peer, 'listening');
peer.on('connection', (socket) => socket.unref());
peer.unref();
const proyecta = new Proyecta({ apiKey: '${KEY}', baseUrl: 'http://127.0.0.1:' + peer.address().port });
const { customers } = proyecta.commerce;
${body}
console.log('finished');`;
    const { code, signal, stdout, stderr } = await runProgram(source);
    expect({ code, signal, stdout, stderr }).toEqual({
      code: 0,
      signal: null,
      stdout: 'finished\n',
      stderr: '',
    });
  });
});
