// Streams of another process' engine, when something happens to the connection.
const { once } = require('node:events');
const { connect, createServer: createProxy } = require('node:net');
const { failure } = require('../support/customers.js');
const { newDatabase } = require('../support/folder.js');
const { sdk: Proyecta } = require('../support/package.js');
const { until } = require('../support/until.js');
const { numbers, seqs, take } = require('../events/reading.js');
const peer = require('./peer.js');

const KEY = 'sk_test_streams_0123456789abcdef';
const { createServer } = Proyecta;

const open = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const opened = (one) => {
  open.push(one);
  return one;
};
const client = (baseUrl, options) => opened(new Proyecta({ apiKey: KEY, baseUrl, ...options }));
const create = ({ commerce }, number) => commerce.customers.create({ email: `u${number}@example.com` });

/** Something in between that passes bytes on, and breaks connections when it is told to. */
async function startBetween(target) {
  const sockets = new Set();
  const between = createProxy((socket) => {
    const { hostname, port } = new URL(between.target);
    const other = connect(port, hostname);
    for (const [one, two] of [
      [socket, other],
      [other, socket],
    ]) {
      sockets.add(one);
      one
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(one);
          two.destroy();
        })
        .pipe(two);
    }
  });
  between.target = target;
  between.listen(0, '127.0.0.1');
  await once(between, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const close = () => {
    cut();
    between.close();
  };
  const url = `http://127.0.0.1:${between.address().port}`;
  return opened({ url, cut, close, to: (url) => Object.assign(between, { target: url }) });
}

test('a server that is started anew is read on from, without gap or repetition', async () => {
  const database = newDatabase();
  const listen = async () => opened(await createServer({ database, apiKey: KEY, listen: '127.0.0.1:0' }));
  let server = await listen();
  const between = await startBetween(server.url);
  const writer = opened(new Proyecta({ database, apiKey: KEY }));
  const events = client(between.url).commerce.events.stream({ after: 0 });
  const reading = take(events, 90);
  for (const round of numbers(0, 2)) {
    for (const number of numbers(1, 30)) {
      await create(writer, round * 30 + number);
      if (number === 10) await server.close();
      if (number === 20) {
        server = await listen();
        between.to(server.url);
      }
    }
  }
  expect(seqs(await reading)).toEqual(numbers(1, 90));
  await events.return();
});

test('connections that break at any moment lose nothing', async () => {
  const server = opened(await createServer({ database: ':memory:', apiKey: KEY }));
  const between = await startBetween(server.url);
  const direct = client(server.url);
  const heard = [];
  const reader = client(between.url, { onRequest: (info) => heard.push(info) });
  const events = reader.commerce.events.stream();
  const seen = [];
  const reading = (async () => {
    for await (const { seq } of events) {
      seen.push(seq);
      if (seq % 37 === 0) between.cut();
      if (seq === 400) break;
    }
  })();
  await until('it listens', () => heard.length >= 2);
  await Promise.all(numbers(1, 400).map((number) => create(direct, number)));
  await reading;
  expect(seen).toEqual(numbers(1, 400));
  const again = heard.filter(({ headers }) => headers['last-event-id'] !== undefined);
  expect(again.length).toBeGreaterThan(1);
  for (const { url, headers } of heard) {
    expect(url).toBe(`${between.url}/v1/events/stream`);
    expect(headers).toMatchObject({ accept: 'text/event-stream', authorization: 'Bearer ***' });
  }
});

test('a server that is not there is an error at first, as for any call', async () => {
  const { url } = await peer.startPeer(peer.cut);
  const events = client(url, { maxRetries: 1 }).commerce.events.stream({ after: 0 });
  expect(await failure(events.next())).toMatchObject({ name: 'ConnectionError', code: 'connection_failed' });
  expect(await events.next()).toEqual({ done: true, value: undefined });
});

test.each([
  ['an answer of something else', peer.answer({ data: [] }), { code: 'answer_invalid' }],
  ['a wrong key', peer.refuse(401, 'authentication', 'api_key_unknown'), { code: 'api_key_unknown' }],
  ['an unknown event', peer.refuse(404, 'not_found', 'event_not_found'), { name: 'NotFoundError' }],
])('%s ends it', async (_, step, expected) => {
  const { url } = await peer.startPeer(step);
  const events = client(url).commerce.events.stream({ after: 'evt_1' });
  expect(await failure(events.next())).toMatchObject(expected);
});

test('a busy server is asked again', async () => {
  const ok = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.write('id: evt_2\nevent: a\ndata: {"seq":2}\n\n');
  };
  const busy = peer.refuse(503, 'unavailable', 'server_busy', { headers: { 'retry-after': '0' } });
  const { url, requests } = await peer.startPeer(busy, ok);
  const events = client(url).commerce.events.stream({ after: 'evt_1', type: 'a' });
  expect((await events.next()).value).toEqual({ seq: 2 });
  expect(requests).toHaveLength(2);
  expect(requests[1].url).toBe('/v1/events/stream?after=evt_1&type=a');
  await events.return();
});

test('leaving it closes its connection', async () => {
  const ok = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('id: evt_2\nevent: a\ndata: {"seq":2}\n\n');
  };
  const { url, requests } = await peer.startPeer(ok);
  for await (const { seq } of client(url).commerce.events.stream({ after: 1 })) {
    expect(seq).toBe(2);
    break;
  }
  await until('the connection is closed', () => requests[0].closed);
});
