// Creates customers, 64 at a time, from the number given on, and says each one that was acknowledged.
const { writeSync } = require('node:fs');
const { sdk: Proyecta } = require('../../support/package.js');

const [database, first] = process.argv.slice(2);
const { customers } = new Proyecta({ database }).commerce;
let next = Number(first);

async function lane() {
  for (;;) {
    const number = next++;
    const { id } = await customers.create({ email: `n${number}@example.com`, name: `Customer ${number}` });
    writeSync(1, `${JSON.stringify({ number, id })}\n`);
  }
}

for (let index = 0; index < 64; index++) lane();
