// The package in use, for any runtime: run inside a project that has it installed.
import assert from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Proyecta, { createServer, Proyecta as Named, NotFoundError } from '@proyecta-ai/sdk';

assert.equal(Named, Proyecta);
assert.equal(createRequire(import.meta.url)('@proyecta-ai/sdk'), Proyecta);

const folder = mkdtempSync(join(tmpdir(), 'proyecta-smoke-'));
const database = `file:${join(folder, 'smoke.db')}`;

const proyecta = new Proyecta({ database });
const { customers } = proyecta.commerce;

const ada = await customers.create({ email: 'ada@example.com', name: 'Ada' });
assert.match(ada.id, /^cus_/);
assert.deepEqual(await customers.create({ email: 'Ada@Example.com', name: 'Another' }), ada);
assert.deepEqual(await customers.get(ada.id), ada);

const made = await Promise.all(
  Array.from({ length: 30 }, (_, index) =>
    customers.create({ email: `user${index}@example.com`, name: `User ${index}` }),
  ),
);
const page = await customers.list({ limit: 20 });
assert.equal(page.data.length, 20);
assert.equal(page.hasMore, true);
const seen = new Set();
for await (const customer of customers.list({ limit: 7 })) seen.add(customer.id);
assert.deepEqual(seen, new Set([ada, ...made].map(({ id }) => id)));

await assert.rejects(customers.get('cus_nobody'), NotFoundError);
await proyecta.close();

const again = new Proyecta({ database });
assert.deepEqual(await again.commerce.customers.get(ada.id), ada);
await again.close();

// The HTTP API inside this runtime's own server, where it has one, and in one of the package's.
const apiKey = 'sk_test_smoke_0123456789abcdef';
const mounted = new Proyecta({ database: ':memory:', apiKey, basePath: '/api/billing' });
const headers = { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' };
const post = { method: 'POST', headers, body: '{"email":"ada@example.com","name":"Ada"}' };
const answer = await mounted.handler(new Request('http://localhost/api/billing/v1/customers', post));
assert.equal(answer.status, 201);
const { id } = await answer.json();
for (const serve of [bunServer, denoServer]) {
  const own = serve(mounted.handler);
  if (own === null) continue;
  const got = await fetch(`${own.origin}/api/billing/v1/customers/${id}`, { headers });
  assert.equal((await got.json()).name, 'Ada');
  await own.close();
}
await mounted.close();

const server = await createServer({ database: ':memory:', apiKey });
const remote = new Proyecta({ baseUrl: server.url, apiKey });
const far = await remote.commerce.customers.create({ email: 'far@example.com', name: 'Far' });
assert.deepEqual(await remote.commerce.customers.get(far.id), far);
await remote.close();
await server.close();

function bunServer(fetch) {
  if (globalThis.Bun === undefined) return null;
  const own = globalThis.Bun.serve({ port: 0, hostname: '127.0.0.1', fetch });
  return { origin: `http://127.0.0.1:${own.port}`, close: () => own.stop(true) };
}

function denoServer(fetch) {
  if (globalThis.Deno === undefined) return null;
  const own = globalThis.Deno.serve({ port: 0, hostname: '127.0.0.1', onListen: () => undefined }, fetch);
  return { origin: `http://127.0.0.1:${own.addr.port}`, close: () => own.shutdown() };
}

rmSync(folder, { recursive: true });
console.log('smoke: ok');
