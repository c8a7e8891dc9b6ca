// Starts the example: `npm start`. PORT chooses the port, 0 a free one.
import { createApp } from './app.mjs';
import { proyecta } from './hook.mjs';
import { users } from './users.mjs';

const server = createApp().listen(Number(process.env.PORT || 3000), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`Sign up on http://127.0.0.1:${server.address().port}/`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(async () => {
      await proyecta.close();
      users.close();
    });
    server.closeIdleConnections();
  });
}
