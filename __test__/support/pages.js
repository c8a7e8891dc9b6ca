// Pages that payers see, asked for as a browser does it, and a shop that they come back to.
const { once } = require('node:events');
const { createServer, request } = require('node:http');

/** What a browser sends when a person opens a page. */
const NAVIGATION = { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document', 'Sec-Fetch-Site': 'none' };

/**
 * Asks for a page: `{ status, html, headers, location }`. Not with `fetch`, which says by itself that no
 * person opens anything.
 */
async function visit(url, { method = 'GET', headers, body } = {}) {
  const asking = request(url, { method, headers: { ...NAVIGATION, ...headers } });
  asking.end(body);
  const [answer] = await once(asking, 'response');
  const chunks = await answer.setEncoding('utf8').toArray();
  const { statusCode: status, headers: given } = answer;
  return { status, html: chunks.join(''), headers: given, location: given.location };
}

/** Posts a form as a page does it; a list is a field that comes several times. */
function post(url, fields, { headers } = {}) {
  const pairs = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  const form = { 'Content-Type': 'application/x-www-form-urlencoded', Origin: 'null' };
  const own = { ...form, 'Sec-Fetch-Site': 'same-origin', ...headers };
  return visit(url, { method: 'POST', body: new URLSearchParams(pairs).toString(), headers: own });
}

/** The place that an answer leads to. */
const followed = (url, { location }) => visit(new URL(location, url));

/** A card of the sandbox, as the form has it. */
const typed = (number = '4242424242424242') => ({ number, expiry: '12/30' });

/** What paying posts: the total that is shown, and a card. */
const payment = (total, number) => ({ step: 'pay', total: String(total), ...typed(number) });

/** A shop on this machine: `{ url, visits, close }`; `visits` are the addresses that were asked for. */
async function openShop() {
  const visits = [];
  const server = createServer((request, response) => {
    if (request.url !== '/favicon.ico') visits.push(request.url);
    response.setHeader('Content-Type', 'text/html').end('<title>Shop</title><h1>Shop</h1>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    visits,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

module.exports = { visit, post, followed, typed, payment, openShop };
