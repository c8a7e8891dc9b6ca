// Stands in for Next.js, so that the example runs without it: hands each request to what the route file
// exports under the request's method. PORT chooses the port, 0 a free one.
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { DELETE, GET, HEAD, PATCH, POST } from './app/api/billing/[...path]/route.mjs';
import { proyecta } from './lib/proyecta.mjs';

const HANDLERS = { DELETE, GET, HEAD, PATCH, POST };
const BELOW = '/api/billing/';

/** The request as the fetch API has it. */
function toFetch(incoming) {
  const { method, url, headers } = incoming;
  const given = new Headers();
  for (const [name, value] of Object.entries(headers)) given.set(name, String(value));
  const body = ['GET', 'HEAD'].includes(method) ? null : Readable.toWeb(incoming);
  return new Request(new URL(url, 'http://127.0.0.1'), { method, headers: given, body, duplex: 'half' });
}

async function answer(incoming, outgoing) {
  if (!incoming.url.startsWith(BELOW)) {
    const { total } = await proyecta.commerce.customers.list({ limit: 1, expand: ['total'] });
    outgoing.end(`customers: ${total}`);
    return;
  }
  const handle = HANDLERS[incoming.method];
  if (handle === undefined) {
    outgoing.writeHead(405).end();
    return;
  }
  const response = await handle(toFetch(incoming));
  outgoing.writeHead(response.status, [...response.headers].flat());
  if (response.body === null) outgoing.end();
  else Readable.fromWeb(response.body).pipe(outgoing);
}

const server = createServer((incoming, outgoing) => {
  answer(incoming, outgoing).catch((error) => outgoing.destroy(error));
});
server.listen(Number(process.env.PORT || 3000), '127.0.0.1', () => {
  console.log(`The API is at http://127.0.0.1:${server.address().port}/api/billing`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(() => proyecta.close());
    server.closeIdleConnections();
  });
}
