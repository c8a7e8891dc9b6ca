// Runs a command beside PostgreSQL servers of our own, which it finds in PROYECTA_TEST_POSTGRES_URLS:
//
//   node scripts/postgres.mjs cargo nextest run --features testing
//   node scripts/postgres.mjs --version 15 psql   (one version instead of every one that is here)
import { startEveryPostgres, startPostgres } from './lib/postgres.mjs';
import { main, Problem } from './lib/problem.mjs';
import { status } from './lib/shell.mjs';

await main(async () => {
  const args = process.argv.slice(2);
  const version = args[0] === '--version' ? args.splice(0, 2)[1] : undefined;
  const [command, ...rest] = args;
  if (command === undefined) throw new Problem('Name a command: node scripts/postgres.mjs <command> …');
  const server = version === undefined ? await startEveryPostgres() : await startPostgres(version);
  try {
    const urls = server.urls ?? server.url;
    process.exitCode = await status(command, rest, {
      cwd: process.cwd(),
      stdio: 'inherit',
      env: { PROYECTA_TEST_POSTGRES_URLS: urls },
    });
  } finally {
    await server.stop();
  }
});
