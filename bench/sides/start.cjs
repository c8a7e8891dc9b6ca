// A program that has just begun. `bare` does nothing; `package` loads the package and creates one
// customer. Prints what it took. CommonJS, so that `require` is the only loader that is paid for.
const [kind, database] = process.argv.slice(2);

async function firstCreate() {
  const begun = performance.now();
  const Proyecta = require('../../index.js');
  const loaded = performance.now();
  const proyecta = new Proyecta({ database });
  await proyecta.commerce.customers.create({ email: 'first@mail.example', name: '김민준' });
  return { require: loaded - begun, first: performance.now() - loaded, held: proyecta };
}

async function main() {
  const spent = kind === 'package' ? await firstCreate() : { require: 0, first: 0 };
  // Loaded last, and in both kinds, so that it cancels out.
  const { memory } = require('../lib/memory.cjs');
  console.log(JSON.stringify({ require: spent.require, first: spent.first, ...memory() }));
}

main();
