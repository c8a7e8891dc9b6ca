// The API under /api/billing of a Fastify app: `npm start`. PORT chooses the port, 0 a free one.
import Proyecta from '@proyecta-ai/sdk';
import { proyectaPlugin } from '@proyecta-ai/sdk/fastify';
import Fastify from 'fastify';

const proyecta = new Proyecta();
const app = Fastify();

await app.register(proyectaPlugin, { proyecta, prefix: '/api/billing' });
app.addHook('onClose', () => proyecta.close());

// The app's own routes use the same engine, without HTTP in between.
app.get('/', async () => {
  const { total } = await proyecta.commerce.customers.list({ limit: 1, expand: ['total'] });
  return `customers: ${total}`;
});

const address = await app.listen({ port: Number(process.env.PORT || 3000), host: '127.0.0.1' });
console.log(`The API is at ${address}/api/billing`);

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close());
