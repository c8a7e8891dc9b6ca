// The program of neighbour.js.
const { writeSync } = require('node:fs');
const { createInterface } = require('node:readline');
const { sdk: Proyecta } = require('./package.js');

let proyecta = null;
let busy = false;

const actions = {
  open(options) {
    proyecta = new Proyecta(options);
  },
  call(method, ...args) {
    let target = proyecta.commerce;
    for (const name of method.split('.')) target = target[name];
    return target(...args);
  },
  close: () => proyecta.close(),
  /** Goes on as another user, when it is the super-user, whom permissions do not bind. */
  become(user) {
    // The addon has to be loaded while its folder can still be read.
    new Proyecta({ database: ':memory:' });
    process.setgroups([user]);
    process.setgid(user);
    process.setuid(user);
  },
  chdir: (folder) => process.chdir(folder),
  /** Writes without pause until it is told to rest. */
  async flood(name) {
    busy = true;
    let count = 0;
    const lane = async () => {
      while (busy) await proyecta.commerce.customers.create({ email: `${name}${count++}@example.com`, name });
    };
    await Promise.all(Array.from({ length: 64 }, lane));
  },
  rest() {
    busy = false;
  },
  /** Creates customers, 64 at a time, until a call fails; answers what was acknowledged and what failed. */
  async createUntilFailure(name) {
    const made = [];
    const failed = [];
    let count = 0;
    const lane = async () => {
      while (failed.length === 0) {
        const email = `${name}${count++}@example.com`;
        const metadata = { note: 'x'.repeat(400) };
        try {
          made.push(await proyecta.commerce.customers.create({ email, name, metadata }));
        } catch ({ code, name: type, retryable, message }) {
          failed.push({ email, code, type, retryable, message });
        }
      }
    };
    await Promise.all(Array.from({ length: 64 }, lane));
    return { made, failed };
  },
};

// One call, so that a line is either there or not.
const say = (message) => writeSync(1, `${JSON.stringify(message)}\n`);

createInterface(process.stdin).on('line', async (line) => {
  const { id, action, args } = JSON.parse(line);
  try {
    say({ id, value: await actions[action](...args) });
  } catch (error) {
    const { name, message, code, type, retryable } = error;
    say({ id, error: { name, message, code, type, retryable } });
  }
});
