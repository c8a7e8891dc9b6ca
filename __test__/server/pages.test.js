// Where hosted pages are: below `publicUrl`, where a server listens, or on a server of their own.
const { readdirSync, readFileSync, statSync } = require('node:fs');
const { join } = require('node:path');
const { sell } = require('../support/buying.js');
const { failure } = require('../support/customers.js');
const { newFolder } = require('../support/folder.js');
const { runProgram, sdk: Proyecta } = require('../support/package.js');
const { payment, post, visit } = require('../support/pages.js');
const { MOUNTS, BASE } = require('../adapters/mounts.js');

const KEY = 'sk_test_pages_0123456789abcdefgh';
const SHOP = 'https://shop.example.com';

const opened = [];
afterEach(() => Promise.all(opened.splice(0).map((one) => one.close())));
const keep = (one) => {
  opened.push(one);
  return one;
};
const open = (options) => keep(new Proyecta({ database: ':memory:', apiKey: KEY, ...options }));

/** A page to be paid, in a store. */
async function checkout({ commerce }) {
  const priceId = await sell(commerce);
  const customer = { email: 'a@example.com' };
  return commerce.checkout({ customer, lineItems: [{ priceId }], successUrl: `${SHOP}/thanks` });
}

const pays = async (proyecta, url, orderId) => {
  expect((await visit(url)).html).toContain('Pay ₩5,000');
  expect(await post(url, payment(5000))).toMatchObject({ status: 303, location: '?wait' });
  expect(await proyecta.commerce.orders.get(orderId)).toMatchObject({ status: 'paid' });
};

test('a test store has a server of its own on this machine, with pages and nothing else', async () => {
  const proyecta = open();
  const { url, orderId } = await checkout(proyecta);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/checkout\/[\w-]{32}$/);
  await pays(proyecta, url, orderId);
  const { origin } = new URL(url);
  for (const path of ['/v1/customers', '/docs', '/healthz', '/openapi.json', '/']) {
    const headers = { Authorization: `Bearer ${KEY}` };
    expect([path, (await visit(origin + path, { headers })).status]).toEqual([path, 404]);
  }
  const again = await checkout(proyecta);
  expect(new URL(again.url).origin).toBe(origin);
});

test('which ends with its database, and not before', async () => {
  const database = join(newFolder(), 'a.db');
  const [one, other] = [open({ database }), open({ database })];
  const { url } = await checkout(one);
  const { origin } = new URL(url);
  expect(new URL((await checkout(other)).url).origin).toBe(origin);
  await one.close();
  expect((await visit(url)).status).toBe(200);
  await other.close();
  expect(await failure(visit(url))).toMatchObject({ code: 'ECONNREFUSED' });
});

test('and does not keep the process alive', async () => {
  const source = `import Proyecta from '@proyecta-ai/sdk';
const { commerce } = new Proyecta({ database: ':memory:' });
const { variants } = await commerce.products.create({ name: 'A', variants: [{ name: 'A', currency: 'KRW', unitAmount: 100 }] });
const { url } = await commerce.checkout({ customer: { email: 'a@example.com' }, lineItems: [{ variantId: variants[0].id }], successUrl: '${SHOP}' });
console.log((await fetch(url)).status);`;
  const { code, signal, stdout, stderr } = await runProgram(source);
  expect({ code, signal, stdout, stderr }).toEqual({ code: 0, signal: null, stdout: '200\n', stderr: '' });
});

test('a server has them where it listens', async () => {
  const database = join(newFolder(), 'a.db');
  const server = keep(await Proyecta.createServer({ apiKey: KEY, database, basePath: '/billing' }));
  const proyecta = open({ database: undefined, baseUrl: server.url });
  const { url, orderId } = await checkout(proyecta);
  expect(url.startsWith(`${server.url}/checkout/`)).toBe(true);
  await pays(proyecta, url, orderId);
  // Another client of the file goes on without it.
  const beside = open({ database });
  expect((await checkout(beside)).url.startsWith(server.url)).toBe(true);
  await proyecta.close();
  await server.close();
  const { url: own } = await checkout(beside);
  expect(own.startsWith(server.url)).toBe(false);
  expect((await visit(own)).status).toBe(200);
});

test('the handler has them below its base path', async () => {
  const proyecta = open({ publicUrl: SHOP, basePath: '/api/billing' });
  const { url } = await checkout(proyecta);
  expect(url.startsWith(`${SHOP}/api/billing/checkout/`)).toBe(true);
  const page = await proyecta.handler(new Request(url));
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('Pay ₩5,000');
  const body = new URLSearchParams(payment(5000));
  const paid = await proyecta.handler(new Request(url, { method: 'POST', body }));
  expect([paid.status, paid.headers.get('location')]).toEqual([303, '?wait']);
  const style = await proyecta.handler(new Request(new URL('assets/checkout.css', url)));
  expect(style.headers.get('content-type')).toContain('text/css');
});

test('a checkout that comes through the handler gets a page too', async () => {
  const proyecta = open();
  const priceId = await sell(proyecta.commerce);
  const asked = new Request(`${SHOP}/v1/checkout`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({
      customer: { email: 'a@example.com' },
      lineItems: [{ priceId }],
      successUrl: SHOP,
    }),
  });
  const { url } = await (await proyecta.handler(asked)).json();
  expect((await visit(url)).status).toBe(200);
});

test.each(MOUNTS)('%s serves them', async (_, mount) => {
  const proyecta = open({ basePath: BASE });
  const { url: base } = keep(await mount(proyecta));
  const { url, orderId } = await checkout(proyecta);
  await pays(proyecta, `${base}/checkout/${url.split('/').at(-1)}`, orderId);
});

test('Express behind express.urlencoded() takes their forms', async () => {
  const express = require('express');
  const { listening } = require('../adapters/mounts.js');
  const { packageFolder } = require('../support/package.js');
  const { proyectaRouter } = require(join(packageFolder, 'express.js'));
  for (const extended of [true, false]) {
    const proyecta = open({ basePath: BASE });
    const app = express().use(express.urlencoded({ extended })).use(BASE, proyectaRouter(proyecta));
    const { url: base } = keep(await listening(app));
    const { url, orderId } = await checkout(proyecta);
    const page = `${base}/checkout/${url.split('/').at(-1)}`;
    await proyecta.commerce.coupons.create({ code: 'A', percentOff: 10, duration: 'once' });
    await proyecta.commerce.coupons.create({ code: 'B', percentOff: 10, duration: 'once' });
    await post(page, { step: 'update', codes: ['A', 'B'], code: '' });
    expect((await visit(page)).html).toContain('Pay ₩4,050');
    await post(page, payment(4050));
    expect(await proyecta.commerce.orders.get(orderId)).toMatchObject({ status: 'paid' });
  }
});

test('a live store has them only where somebody has said', async () => {
  const live = 'sk_live_pages_0123456789abcdefgh';
  const encryptionKey = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
  const proyecta = open({ apiKey: live, publicUrl: SHOP, basePath: '/billing', encryptionKey });
  const { url } = await checkout(proyecta);
  expect(url.startsWith(`${SHOP}/billing/checkout/`)).toBe(true);
  const page = await proyecta.handler(new Request(url));
  const html = await page.text();
  // There is no live gateway yet.
  expect(html).toContain('This cannot be paid at the moment');
  expect(html).not.toContain('Test mode');
});

test('nothing of a card is left anywhere after it was typed into a page', async () => {
  const folder = newFolder();
  const lines = [];
  const log = (line) => lines.push(String(line));
  const printed = ['stdout', 'stderr'].map((name) =>
    jest.spyOn(process[name], 'write').mockImplementation((text) => lines.push(String(text)) > 0),
  );
  const logger = { error: log, warn: log, info: log, debug: log };
  const proyecta = open({ database: join(folder, 'a.db'), logger, logLevel: 'debug' });
  const { url } = await checkout(proyecta);
  const card = { number: '9876543217654329', identity: '917203', password: '91', expiry: '12/30' };
  const answers = [];
  for (const fields of [
    { ...card, expiry: '13/30' },
    { ...card, number: `${card.number}1` },
    { ...card, step: card.number },
    { ...card, total: card.number },
    { ...card, code: '', [card.number]: card.number },
    { ...card, number: '4000000000009995' },
    card,
  ]) {
    answers.push(await post(url, { step: 'pay', total: '5000', ...fields }));
  }
  answers.push(await visit(`${url}?wait`));
  expect(answers.at(-1).html).toContain('Paid. Thank you!');
  const events = await proyecta.commerce.events.list({ limit: 100 });
  await proyecta.close();
  for (const spy of printed) spy.mockRestore();
  const files = readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'));
  const all = [JSON.stringify(answers), JSON.stringify(events), lines.join('\n'), ...files];
  for (const canary of [card.number, '987654321765', '4000000000009995', card.identity]) {
    expect([canary, all.filter((text) => text.includes(canary)).length]).toEqual([canary, 0]);
  }
});
