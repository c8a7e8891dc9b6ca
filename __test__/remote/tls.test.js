// Servers that speak TLS.
const { writeFileSync } = require('node:fs');
const http2 = require('node:http2');
const https = require('node:https');
const { join } = require('node:path');
const { failure } = require('../support/customers.js');
const { newFolder } = require('../support/folder.js');
const { newAuthority } = require('./certificate.js');
const { CUSTOMER, KEY, answer, connect, serve } = require('./peer.js');

const authority = newAuthority();
const startTls = (identity = authority.server()) =>
  serve(https.createServer(identity), 'https', [answer(CUSTOMER)]);

afterEach(() => {
  delete process.env.PROYECTA_CA_CERTIFICATE;
});

test('an authority of your own is trusted when it is given: as text', async () => {
  const peer = await startTls();
  const { customers } = connect(peer, { caCertificate: authority.certificate });
  expect(await customers.get('cus_1')).toEqual(CUSTOMER);
  expect(peer.requests[0].headers.authorization).toBe(`Bearer ${KEY}`);
});

test('as the path of a file, and from the environment', async () => {
  const peer = await startTls();
  const path = join(newFolder(), 'ca.pem');
  writeFileSync(path, `# a bundle\n${newAuthority().certificate}${authority.certificate}`);
  expect(await connect(peer, { caCertificate: path }).customers.get('cus_1')).toEqual(CUSTOMER);
  process.env.PROYECTA_CA_CERTIFICATE = path;
  expect(await connect(peer).customers.get('cus_1')).toEqual(CUSTOMER);
});

test.each([
  ['nobody vouches for', () => authority.server(), {}],
  ['another authority vouches for', () => authority.server(), { caCertificate: newAuthority().certificate }],
  ['is for another host', () => authority.server('other.example'), { caCertificate: authority.certificate }],
])('a server whose certificate %s gets no request and is asked once', async (_, identity, options) => {
  const peer = await startTls(identity());
  let tries = 0;
  const onRequest = () => {
    tries += 1;
  };
  const error = await failure(
    connect(peer, { onRequest, ...options }).customers.create({ email: 'a@example.com' }),
  );
  expect(error).toMatchObject({ name: 'ConnectionError', code: 'connection_failed', statusCode: null });
  expect(error.message).toContain('caCertificate');
  expect(peer.requests).toEqual([]);
  expect(tries).toBe(1);
});

test('a certificate that is none is refused at the first call', async () => {
  const broken = '-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n';
  const error = await failure(
    connect('https://127.0.0.1:9', { caCertificate: broken }).customers.get('cus_1'),
  );
  expect(error).toMatchObject({ name: 'InvalidRequestError', code: 'configuration_invalid' });
});

test('HTTP/2 where it is offered, all calls on one connection', async () => {
  const server = http2.createSecureServer({ ...authority.server(), allowHTTP1: true });
  const peer = await serve(server, 'https', [answer(CUSTOMER)]);
  const { customers } = connect(peer, { caCertificate: authority.certificate });
  await customers.get('cus_1');
  const calls = Array.from({ length: 50 }, () => customers.create({ email: 'ada@example.com' }));
  for (const customer of await Promise.all(calls)) expect(customer).toEqual(CUSTOMER);
  expect(new Set(peer.requests.map(({ httpVersion }) => httpVersion))).toEqual(new Set(['2.0']));
  expect(peer.sockets.size).toBe(1);
});

test('a client of plain http does not speak TLS, and the other way round', async () => {
  const peer = await startTls();
  const plain = connect(peer.url.replace('https', 'http'), { maxRetries: 0 });
  expect(await failure(plain.customers.get('cus_1'))).toMatchObject({ name: 'ConnectionError' });
  expect(peer.requests).toEqual([]);
});
