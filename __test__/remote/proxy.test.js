// Proxies that the environment names.
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const { failure } = require('../support/customers.js');
const { newAuthority } = require('./certificate.js');
const { CUSTOMER, KEY, answer, connect, serve, startPeer } = require('./peer.js');

const NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
]);
const saved = Object.fromEntries(NAMES.map((name) => [name, process.env[name]]));

beforeEach(() => {
  for (const name of NAMES) delete process.env[name];
});
afterEach(() => {
  delete process.env.REQUEST_METHOD;
  for (const name of NAMES) {
    if (saved[name] === undefined) delete process.env[name];
    else process.env[name] = saved[name];
  }
});

test.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])('%s gets what is for a host elsewhere', async (name) => {
  const proxy = await startPeer(answer(CUSTOMER));
  process.env[name] = proxy.url.replace('//', '//user:pass@');
  expect(await connect('http://billing.invalid/api').customers.get('cus_1')).toEqual(CUSTOMER);
  expect(proxy.requests).toMatchObject([
    { method: 'GET', url: 'http://billing.invalid/api/v1/customers/cus_1' },
  ]);
  const { headers } = proxy.requests[0];
  expect(headers).toMatchObject({ host: 'billing.invalid', authorization: `Bearer ${KEY}` });
  expect(headers['proxy-authorization']).toBe(`Basic ${btoa('user:pass')}`);
});

test('a server behind TLS is reached through a tunnel, which shows nothing of the call', async () => {
  const authority = newAuthority();
  const tls = https.createServer(authority.server('billing.invalid'));
  const peer = await serve(tls, 'https', [answer(CUSTOMER)]);
  const server = http.createServer();
  const asked = [];
  server.on('connect', (request, socket) => {
    asked.push([request.url, request.headers.authorization]);
    const onward = net.connect(peer.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  const proxy = await serve(server, 'http', [answer(CUSTOMER)]);
  process.env.HTTPS_PROXY = proxy.url;
  const { customers } = connect('https://billing.invalid', { caCertificate: authority.certificate });
  expect(await customers.get('cus_1')).toEqual(CUSTOMER);
  expect(asked).toEqual([['billing.invalid:443', undefined]]);
  expect(peer.requests).toHaveLength(1);
});

test.each([
  [
    'a host that NO_PROXY names',
    { NO_PROXY: 'other.invalid, .billing.invalid' },
    'http://api.billing.invalid',
  ],
  ['every host with NO_PROXY=*', { NO_PROXY: '*' }, 'http://billing.invalid'],
  ['a header of a CGI request', { REQUEST_METHOD: 'GET' }, 'http://billing.invalid'],
])('not through a proxy: %s', async (_, env, address) => {
  const proxy = await startPeer(answer(CUSTOMER));
  Object.assign(process.env, { HTTP_PROXY: proxy.url }, env);
  const error = await failure(connect(address, { maxRetries: 0 }).customers.get('cus_1'));
  expect(error).toMatchObject({ code: 'connection_failed' });
  expect(proxy.requests).toEqual([]);
});

test('nor what listens on this machine', async () => {
  const [proxy, peer] = [await startPeer(answer({})), await startPeer(answer(CUSTOMER))];
  process.env.ALL_PROXY = proxy.url;
  expect(await connect(peer).customers.get('cus_1')).toEqual(CUSTOMER);
  expect(proxy.requests).toEqual([]);
});

test('a proxy that is none is an error that names the variable and not the password', async () => {
  process.env.HTTP_PROXY = 'gopher://user:secret-word@127.0.0.1:1';
  const error = await failure(connect('http://billing.invalid', { maxRetries: 0 }).customers.get('cus_1'));
  expect(error).toMatchObject({ code: 'configuration_invalid', param: 'HTTP_PROXY' });
  expect(error.message).not.toContain('secret-word');
});
