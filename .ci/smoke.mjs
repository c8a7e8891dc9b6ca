// The package in use, for any runtime: run inside a project that has it installed.
import assert from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Proyecta, { Proyecta as Named, NotFoundError } from '@proyecta-ai/sdk';

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

rmSync(folder, { recursive: true });
console.log('smoke: ok');
