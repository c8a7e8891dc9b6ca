// Several processes work on one database: what falls due is done once.
const { join } = require('node:path');
const { sdk: Proyecta } = require('../support/package.js');
const { Program } = require('../support/program.js');
const { flat, withCard } = require('../support/subscribed.js');
const { until } = require('../support/until.js');
const { STORES } = require('./stores.js');

const WORKER = join(__dirname, 'programs/worker.cjs');
const COUNT = 60;

/** Everything of a list. */
const all = (list) => list.toArray({ limit: 10_000 });

describe.each(STORES)('on %s', (_, newStore) => {
  test('three workers charge every renewal once', async () => {
    const database = newStore();
    const proyecta = new Proyecta({ database, worker: false });
    const store = proyecta.commerce;
    const { id: productId } = await store.products.create({ name: 'Service' });
    const { id: priceId } = await store.prices.create({ productId, ...flat() });
    // All at one instant, so that everybody wants the same.
    const end = new Date(Date.now() + 1500);
    const made = await Promise.all(
      Array.from({ length: COUNT }, async () => {
        const { customer } = await withCard(store);
        const items = [{ priceId }];
        return store.subscriptions.create({ customerId: customer.id, items, currentPeriodEnd: end });
      }),
    );
    const env = { ...process.env, PROYECTA_SANDBOX_LATENCY: '20' };
    const workers = [1, 2, 3].map(() => new Program(WORKER, { args: [database], env }));
    for (const worker of workers) expect(await worker.next()).toBe('ready');
    const renewed = () => all(store.orders.list({ type: 'renewal', status: 'paid' }));
    await until('every renewal to be paid', async () => (await renewed()).length >= COUNT);
    for (const worker of workers) worker.tell('end');
    for (const worker of workers) expect(await worker.ended).toMatchObject({ code: 0, stderr: '' });

    const paid = await renewed();
    expect(paid.map(({ subscriptionId }) => subscriptionId).sort()).toEqual(made.map(({ id }) => id).sort());
    const payments = await all(store.payments.list());
    expect(payments.map(({ status, amount }) => [status, amount])).toEqual(
      Array.from({ length: COUNT }, () => ['succeeded', 9000]),
    );
    for (const { currentPeriodStart, status } of await all(store.subscriptions.list()))
      expect([status, currentPeriodStart]).toEqual(['active', end.toISOString()]);
    await proyecta.close();
  });
});
