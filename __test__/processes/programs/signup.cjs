// One of several processes that sign the same people up at the same time: 500 creates at once over 100
// e-mail addresses. Says the id that each call got.
const { writeSync } = require('node:fs');
const { sdk: Proyecta } = require('../../support/package.js');

const [database, name] = process.argv.slice(2);
const proyecta = new Proyecta({ database });

const calls = Array.from({ length: 500 }, async (_, index) => {
  const email = `shared${(index * 7) % 100}@example.com`;
  const { id, name: stored } = await proyecta.commerce.customers.create({
    email,
    name: `${email} of ${name}`,
  });
  return [email, id, stored];
});

Promise.all(calls).then((answers) => writeSync(1, `${JSON.stringify(answers)}\n`));
