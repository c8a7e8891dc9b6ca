// What `npm start` shows: the package's main job on the embedded default, step by step. It may be
// run again on the same database; then it finds the customers that the first run made.
import { statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import Proyecta, { ConflictError, ProyectaError } from '@proyecta-ai/sdk';

const COLUMNS = 84;
/** Every address of the tour, so that it leaves other customers of this database alone. */
const DOMAIN = 'tour.example.com';
const NAMES = ['홍길동', '김철수', '이영희', 'Jane Doe', 'John Smith'];

const coloured = process.stdout.isTTY && !process.env.NO_COLOR && process.stdout.hasColors();
const paint = (code) => (text) => (coloured ? `\x1b[${code}m${text}\x1b[0m` : text);
const [bold, dim, green, cyan] = [1, 2, 32, 36].map(paint);

// A sign of Korean, Chinese or Japanese takes two columns.
const wide = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const width = (text) =>
  [...stripVTControlCharacters(text)].reduce((sum, sign) => sum + (wide.test(sign) ? 2 : 1), 0);
const pad = (text, columns) => text + ' '.repeat(Math.max(1, columns - width(text)));

let steps = 0;

/** Runs a step and prints what it does, the code for it, how long it took, and what came of it. */
async function step(title, code, run, describe) {
  const began = performance.now();
  const value = await run();
  const spent = `${(performance.now() - began).toFixed(2)} ms`.padStart(12);
  steps += 1;
  console.log(`${dim(String(steps).padStart(2))}  ${pad(bold(title), COLUMNS - 16)}${cyan(spent)}`);
  console.log(`    ${dim(code)}`);
  for (const line of [describe(value)].flat()) console.log(`    ${green('→')} ${line}`);
  console.log('');
  return value;
}

const started = new Date();
const made = ({ createdAt }) => new Date(createdAt) >= started;
const count = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** The hook that an app calls when somebody has signed up. */
async function onSignUp(customers, user) {
  const customer = await customers.create({ email: user.email, name: user.name });
  user.proyecta_customer_id = customer.id;
  return customer;
}

/** Sign-ups: one, the same one again, and many at once. Gives the first customer. */
async function signUps(customers) {
  const user = { email: `gildong@${DOMAIN}`, name: '홍길동' };
  const first = await step(
    'Somebody signs up',
    `customers.create({ email: '${user.email}', name: '${user.name}' })`,
    () => onSignUp(customers, user),
    (customer) => [
      made(customer)
        ? `${customer.id}, a new customer`
        : `${customer.id}, made by an earlier tour at ${customer.createdAt.slice(0, 16).replace('T', ' ')} UTC`,
      'stored on the user as proyecta_customer_id',
    ],
  );
  const repeat = { email: `  ${user.email.toUpperCase()} `, name: 'Somebody Else' };
  await step(
    'The same e-mail once more, spelled differently',
    `customers.create({ email: '${repeat.email}', name: '${repeat.name}' })`,
    () => onSignUp(customers, repeat),
    ({ id, name }) => {
      if (id !== first.id) throw new Error(`${repeat.email} became another customer: ${id}`);
      return `${id}, the same customer, still ${name}`;
    },
  );
  const users = Array.from({ length: 30 }, (_, index) => {
    const number = String(index + 1).padStart(2, '0');
    return { email: `user${number}@${DOMAIN}`, name: `${NAMES[index % NAMES.length]} ${number}` };
  });
  await step(
    'Thirty sign-ups at once',
    'Promise.all(users.map(onSignUp))',
    () => Promise.all(users.map((other) => onSignUp(customers, other))),
    (all) => {
      const fresh = all.filter(made).length;
      if (fresh === 0) return `${count(all.length, 'customer')}, all here from an earlier tour`;
      return `${count(all.length, 'customer')}, ${fresh} of them new and safe on disk`;
    },
  );
  return first;
}

/** Get, update, and an update that is refused. */
async function changes(customers, first) {
  await step(
    'Get',
    `customers.get('${first.id}')`,
    () => customers.get(first.id),
    ({ name, email, version }) => `${name}, ${email}, version ${version}`,
  );
  const address = { line1: '세종대로 110', city: '서울', postal_code: '04524', country: 'KR' };
  await step(
    'Update (the first phone number loads all numbering plans)',
    "customers.update(id, { phone: '010-1234-5678', address, metadata })",
    () =>
      customers.update(first.id, {
        phone: '010-1234-5678',
        address,
        metadata: { toured: started.toISOString() },
      }),
    ({ phone, address: { line1, city }, version }) => `${phone}, ${city} ${line1}, now version ${version}`,
  );
  await step(
    'Update to an address that another customer holds',
    `customers.update(id, { email: 'user01@${DOMAIN}' })`,
    () => refusal(customers.update(first.id, { email: `user01@${DOMAIN}` })),
    ({ name, code, param }) => `refused: ${name}, ${code}, ${param}`,
  );
}

/** The conflict that a call is to end in. */
async function refusal(call) {
  try {
    await call;
  } catch (error) {
    if (error instanceof ConflictError) return error;
    throw error;
  }
  throw new Error('the update was not refused');
}

/** Search, and a walk over all pages. Gives how many customers the walk saw. */
async function lists(customers) {
  await step(
    'Search by two Korean syllables',
    "customers.list({ query: '길동', limit: 5, expand: ['total'] })",
    () => customers.list({ query: '길동', limit: 5, expand: ['total'] }),
    ({ data, total }) => `${total} found: ${data.map(({ name }) => name).join(', ')} …`,
  );
  let seen = 0;
  await step(
    'Page through all of the tour, ten a page',
    `for await (const customer of customers.list({ query: '${DOMAIN}', limit: 10 })) …`,
    async () => {
      for await (const _ of customers.list({ query: DOMAIN, limit: 10 })) seen += 1;
    },
    () => `${count(seen, 'customer')} on ${count(Math.ceil(seen / 10), 'page')}, each once`,
  );
}

/** Closes, and says where everything lies now and where to go from here. */
async function farewell(proyecta) {
  const { total } = await proyecta.commerce.customers.list({ limit: 1, expand: ['total'] });
  const { database } = JSON.parse(JSON.stringify(proyecta));
  await proyecta.close();
  console.log(bold('Where it lies'));
  const file = statSync(database, { throwIfNoEntry: false });
  if (file) {
    console.log(`    ${database}`);
    console.log(`    ${count(total, 'customer')} in ${Math.round(file.size / 1024)} KiB.`);
    console.log('    Run the tour again, and they are still there; delete the file to start anew.');
  } else {
    console.log(`    In memory: ${count(total, 'customer')}, gone now.`);
  }
  const examples = dirname(fileURLToPath(import.meta.url));
  const path = (name) => relative('', join(examples, name));
  const argument = file ? ` -- ${relative(join(examples, 'admin-customers'), database)}` : '';
  console.log(`\n${bold('What to try next')}`);
  for (const [what, ...lines] of [
    ['A sign-up form with the hook', `cd ${path('signup-hook')}`, 'npm install && npm start'],
    [
      'A page that lists these customers',
      `cd ${path('admin-customers')}`,
      `npm install && npm start${argument}`,
    ],
    ['To read', path('../README.md'), path('../docs/errors.md'), path('../index.d.ts')],
  ]) {
    console.log(`    ${what}`);
    for (const line of lines) console.log(`      ${cyan(line)}`);
  }
}

async function tour() {
  const proyecta = new Proyecta();
  console.log(`${bold(`Proyecta ${Proyecta.VERSION}`)}, billing that lives inside your app\n`);
  const store = await step(
    'Open the database',
    'new Proyecta()',
    () => proyecta.store,
    ({ mode, timezone, currency }) => `a ${mode} store, ${timezone}, ${currency}`,
  );
  if (store.mode === 'live') {
    throw new Error('This is a live store; the tour makes up customers, so it only visits test stores.');
  }
  const { customers } = proyecta.commerce;
  await changes(customers, await signUps(customers));
  await lists(customers);
  await farewell(proyecta);
}

// A pager that was quit early is no failure.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
try {
  await tour();
} catch (error) {
  // What the person at the keyboard can mend needs no stack trace.
  const known = error instanceof ProyectaError || error.message.startsWith('This is a live store');
  console.error(known ? `\n✖ ${error.message}` : error);
  process.exitCode = 1;
}
