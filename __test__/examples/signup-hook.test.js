// examples/signup-hook over HTTP.
const { appendFileSync, mkdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { sdk: Proyecta } = require('../support/package.js');
const { cleanUp, copyExample, start } = require('./running.js');

let folder;
let app;

beforeEach(async () => {
  folder = copyExample('signup-hook');
  app = await start(folder);
});
afterEach(cleanUp);

const post = (path, values) =>
  fetch(new URL(path, app.url), { method: 'POST', body: new URLSearchParams(values), redirect: 'manual' });
const signUp = (email, name = '홍길동') => post('/sign-up', { email, name });
const get = (path) => fetch(new URL(path, app.url));
const pageAfter = async (response) => {
  expect(response.status).toBe(303);
  return (await get(response.headers.get('location'))).text();
};

/** The users table as the file has it. */
function users() {
  const lines = readFileSync(join(folder, 'data/users.jsonl'), 'utf8').trimEnd().split('\n');
  const rows = new Map();
  for (const line of lines) rows.set(JSON.parse(line).id, JSON.parse(line));
  return [...rows.values()].filter(({ deleted }) => !deleted);
}

/** What this process sees in the app's database, while the app runs. */
async function inDatabase(look) {
  const proyecta = new Proyecta({ database: join(folder, '.proyecta/proyecta.db') });
  try {
    return await look(proyecta.commerce.customers);
  } finally {
    await proyecta.close();
  }
}
const allCustomers = () => inDatabase((customers) => customers.list().toArray({ limit: 100 }));

test('a sign-up makes a customer, and its id is on the user', async () => {
  const form = await (await get('/')).text();
  expect(form).toContain('<form class="panel" method="post" action="/sign-up">');
  expect(form).toContain('<label for="email">E-mail</label>');

  const page = await pageAfter(await signUp('gildong@example.com'));
  const [customer] = await allCustomers();
  expect(customer).toMatchObject({ email: 'gildong@example.com', name: '홍길동', version: 1 });
  expect(users()).toEqual([
    {
      id: expect.any(String),
      email: 'gildong@example.com',
      name: '홍길동',
      proyecta_customer_id: customer.id,
    },
  ]);
  expect(page).toContain(`<code>${customer.id}</code>`);
  expect(page).not.toContain('still the same customer');
  expect(await (await get('/')).text()).toContain(customer.id);
});

test('the hook run again for the same user makes no second customer', async () => {
  await signUp('gildong@example.com');
  const [customer] = await allCustomers();
  const [user] = users();

  const again = await pageAfter(await post(`/users/${user.id}/hook`));
  expect(again).toContain('still the same customer');
  expect(again).toContain(customer.id);
  const other = await pageAfter(await signUp(' GilDong@Example.com ', 'Somebody Else'));
  expect(other).toContain('still the same customer');

  expect(await allCustomers()).toEqual([customer]);
  expect(users()).toEqual([user]);
});

test('sign-ups at the same time are one user and one customer', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      signUp(index % 2 ? 'jane@example.com' : 'JANE@example.com', 'Jane'),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(303));
  const [customer, ...others] = await allCustomers();
  expect(others).toEqual([]);
  expect(users()).toMatchObject([{ proyecta_customer_id: customer.id }]);
});

test('after a restart user and customer are the same', async () => {
  await signUp('gildong@example.com');
  const before = { users: users(), customers: await allCustomers() };
  expect(await app.stop()).toEqual({ code: 0, signal: null });
  app = await start(folder);
  expect(await pageAfter(await signUp('gildong@example.com'))).toContain('still the same customer');
  expect({ users: users(), customers: await allCustomers() }).toEqual(before);
});

test('a sign-up that was interrupted is completed by the next run of the hook', async () => {
  await app.stop();
  mkdirSync(join(folder, 'data'), { recursive: true });
  const row = { id: 'u1', email: 'kim@example.com', name: '김철수', proyecta_customer_id: null };
  // The second line lost its end to a power cut.
  appendFileSync(join(folder, 'data/users.jsonl'), `${JSON.stringify(row)}\n{"id":"u2","email":"이`);
  app = await start(folder);

  expect(await (await get('/users/u1')).text()).toContain(
    'There is none; the next run of the hook makes one.',
  );
  await pageAfter(await post('/users/u1/hook'));
  const [customer] = await allCustomers();
  expect(customer).toMatchObject({ email: 'kim@example.com', name: '김철수' });
  expect(users()).toEqual([{ ...row, proyecta_customer_id: customer.id }]);
});

test('for a customer that was deleted meanwhile the hook makes another one', async () => {
  await signUp('gildong@example.com');
  const [{ id, proyecta_customer_id: first }] = users();
  await inDatabase((customers) => customers.delete(first));
  expect(await (await get(`/users/${id}`)).text()).toContain('There is none');

  const page = await pageAfter(await post(`/users/${id}/hook`));
  expect(page).not.toContain('still the same customer');
  const [{ proyecta_customer_id: second }] = users();
  expect(second).not.toBe(first);
  expect(page).toContain(second);
});

test.each([
  ['an address that is none', { email: 'gildong@', name: '홍길동' }, 'email'],
  ['no address', { name: '홍길동' }, 'email'],
  ['no name', { email: 'gildong@example.com', name: ' ' }, 'name'],
  ['nothing', {}, 'email'],
])('%s: the form comes back with a message, and nobody signed up', async (_, values, field) => {
  const response = await post('/sign-up', values);
  expect(response.status).toBe(422);
  const page = await response.text();
  expect(page).toContain(`aria-describedby="${field}-error"`);
  expect(page).toContain(`<p class="error" id="${field}-error">${field} must`);
  if (values.name?.trim()) expect(page).toContain(`value="${values.name}"`);
  expect(users()).toEqual([]);
  expect(await allCustomers()).toEqual([]);
});

test('what people type is text in the page, not HTML', async () => {
  const name = `<script>alert("1")</script>'&`;
  const escaped = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;';
  const page = await pageAfter(await signUp('a@example.com', name));
  const table = await get('/');
  expect(table.headers.get('content-security-policy')).toContain("default-src 'none'");
  for (const text of [page, await table.text()]) {
    expect(text).toContain(escaped);
    expect(text).not.toContain('<script');
  }
});

test('what does not exist is a page of its own', async () => {
  for (const response of [await get('/nothing'), await get('/users/u0'), await post('/users/u0/hook')]) {
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('There is nothing here');
  }
  const tooMuch = await signUp('a@example.com', 'x'.repeat(100_000));
  expect(tooMuch.status).toBe(413);
  expect(await tooMuch.text()).toContain('That did not work');
});
