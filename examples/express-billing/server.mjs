// The API under /api/billing of an Express app: `npm start`. PORT chooses the port, 0 a free one.
import Proyecta from '@proyecta-ai/sdk';
import { proyectaRouter } from '@proyecta-ai/sdk/express';
import express from 'express';

const proyecta = new Proyecta();
const app = express();

app.use('/api/billing', proyectaRouter(proyecta));

// The app's own routes use the same engine, without HTTP in between.
app.get('/', async (_, response) => {
  const { total } = await proyecta.commerce.customers.list({ limit: 1, expand: ['total'] });
  response.send(`customers: ${total}`);
});

const server = app.listen(Number(process.env.PORT || 3000), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`The API is at http://127.0.0.1:${server.address().port}/api/billing`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(() => proyecta.close());
    server.closeIdleConnections();
  });
}
