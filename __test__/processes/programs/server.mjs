// A PostgreSQL server of a test's own: says its URL, and restarts in the mode that it is told.
import { createInterface } from 'node:readline';
import { startPostgres } from '../../../scripts/lib/postgres.mjs';

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const server = await startPostgres(process.env.PROYECTA_TEST_POSTGRES);
say({ url: server.url });
for await (const line of createInterface(process.stdin)) {
  const { restart } = JSON.parse(line);
  await server.restart(restart);
  say({ restarted: restart });
}
await server.stop();
