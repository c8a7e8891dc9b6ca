// Starts the example: `npm start`, or `npm start -- path/to/proyecta.db` for another database than
// the default one. PORT chooses the port, 0 a free one.
import Proyecta from '@proyecta-ai/sdk';
import { createApp } from './app.mjs';

const [database] = process.argv.slice(2);
const proyecta = new Proyecta(database ? { database } : {});

// Whoever can reach this server can read every customer: put your own login in front of it before
// it listens on anything but this machine.
const server = createApp(proyecta).listen(Number(process.env.PORT || 3001), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`Customers are listed on http://127.0.0.1:${server.address().port}/admin/customers`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(() => proyecta.close());
    server.closeIdleConnections();
  });
}
