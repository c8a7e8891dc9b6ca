// The API under /api/billing of a Hono app: `npm start`. PORT chooses the port, 0 a free one.
import { serve } from '@hono/node-server';
import Proyecta from '@proyecta-ai/sdk';
import { Hono } from 'hono';

const proyecta = new Proyecta({ basePath: '/api/billing' });
const app = new Hono();

app.all('/api/billing/*', ({ req }) => proyecta.handler(req.raw));

// The app's own routes use the same engine, without HTTP in between.
app.get('/', async (context) => {
  const { total } = await proyecta.commerce.customers.list({ limit: 1, expand: ['total'] });
  return context.text(`customers: ${total}`);
});

const options = { fetch: app.fetch, port: Number(process.env.PORT || 3000), hostname: '127.0.0.1' };
const server = serve(options, ({ port }) => {
  console.log(`The API is at http://127.0.0.1:${port}/api/billing`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(() => proyecta.close());
    server.closeIdleConnections();
  });
}
