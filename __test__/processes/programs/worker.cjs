// Does what falls due on a database until it is told to end.
const { writeSync } = require('node:fs');
const { sdk: Proyecta } = require('../../support/package.js');

const [database] = process.argv.slice(2);
const proyecta = new Proyecta({ database, worker: true });
proyecta.commerce.settings.get().then(() => writeSync(1, '"ready"\n'));
process.stdin.once('data', async () => {
  await proyecta.close();
  process.exit(0);
});
