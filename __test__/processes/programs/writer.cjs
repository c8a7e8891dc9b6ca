// Creates customers, 16 at a time, and says each one that was acknowledged. What the database refuses
// while it is away is tried again: with the same e-mail, so that nothing is made twice.
const { writeSync } = require('node:fs');
const { setTimeout: pause } = require('node:timers/promises');
const { sdk: Proyecta } = require('../../support/package.js');

const [database, name] = process.argv.slice(2);
const { customers } = new Proyecta({ database }).commerce;
let next = 0;

async function create(params) {
  for (;;) {
    try {
      return await customers.create(params);
    } catch (error) {
      if (error.type !== 'unavailable') throw error;
      writeSync(1, `${JSON.stringify({ refused: error.code })}\n`);
      await pause(20);
    }
  }
}

async function lane() {
  for (;;) {
    const email = `${name}${next++}@example.com`;
    const { id } = await create({ email, name: `Customer of ${name}` });
    writeSync(1, `${JSON.stringify({ email, id })}\n`);
  }
}

const broken = (error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
};
for (let index = 0; index < 16; index++) lane().catch(broken);
