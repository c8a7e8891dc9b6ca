// Servers that do what a script says, and remember what they were asked.
const http = require('node:http');
const { sdk: Proyecta } = require('../support/package.js');

const KEY = 'sk_test_remote_secret';
const CUSTOMER = { id: 'cus_1', object: 'customer', email: 'ada@example.com', name: 'Ada', version: 1 };

const open = [];
afterAll(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

/** Answers with JSON as a Proyecta server does. */
function answer(value, { status = 200, id = 'req_1', headers = {} } = {}) {
  return (_, response) => {
    const named = id === null ? {} : { 'request-id': id };
    response.writeHead(status, { 'content-type': 'application/json', ...named, ...headers });
    response.end(JSON.stringify(value));
  };
}

/** Answers with the error of a Proyecta server. */
function refuse(status, type, code, { headers, ...more } = {}) {
  const error = { type, code, message: `it is ${code}`, param: null, requestId: 'req_1', ...more };
  return answer({ error }, { status, headers });
}

/** Closes the connection without a word, when the whole request is there. */
const cut = (request) => request.socket.destroy();

/** Says nothing at all. */
const silence = () => undefined;

/**
 * A server on this machine that does the next of `steps` at each request, and the last one for ever.
 * `requests` are those that were read to their end.
 */
async function startPeer(...steps) {
  return serve(http.createServer(), 'http', steps);
}

/** The same on a server of the test's own, such as one with TLS. */
async function serve(server, scheme, steps) {
  const requests = [];
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.on('request', async (request, response) => {
    const step = steps.length > 1 ? steps.shift() : steps[0];
    const { method, url, headers, httpVersion } = request;
    const seen = { method, url, headers, httpVersion, body: '', closed: false };
    request.on('error', () => undefined);
    response
      .on('error', () => undefined)
      .on('close', () => {
        seen.closed = !response.writableEnded;
      });
    if (step.early !== true) {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      seen.body = Buffer.concat(chunks).toString();
    }
    requests.push(seen);
    step(request, response, seen);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  open.push(stop);
  const { port } = server.address();
  return { url: `${scheme}://127.0.0.1:${port}`, port, requests, sockets, stop };
}

/** A client of a peer, or of any address. */
function connect(peer, options = {}) {
  const proyecta = new Proyecta({ apiKey: KEY, baseUrl: peer.url ?? peer, ...options });
  open.push(() => proyecta.close());
  return { proyecta, ...proyecta.commerce };
}

module.exports = { KEY, CUSTOMER, Proyecta, answer, refuse, cut, silence, startPeer, serve, connect };
