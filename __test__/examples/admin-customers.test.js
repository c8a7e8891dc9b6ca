// examples/admin-customers over HTTP: what the server answers.
const { join } = require('node:path');
const { sdk: Proyecta } = require('../support/package.js');
const { cleanUp, copyExample, start } = require('./running.js');

let proyecta;
let customers;
let app;

beforeEach(async () => {
  const folder = copyExample('admin-customers');
  const database = join(folder, 'app.db');
  proyecta = new Proyecta({ database, timezone: 'Asia/Seoul' });
  customers = proyecta.commerce.customers;
  await proyecta.store;
  app = await start(folder, database);
});
afterEach(async () => {
  await cleanUp();
  await proyecta.close();
});

const get = (path = '') => fetch(new URL(path, `${app.url.replace('/admin/customers', '')}/`));
const list = async (query = '') => (await get(`/admin/customers${query}`)).text();

const ENTITIES = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
const plain = (text) => text.replace(/&(amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity]);
const emails = (page) =>
  [...page.matchAll(/<td class="email" role="cell">([^<]*)</g)].map(([, email]) => plain(email));
const link = (page, rel) => {
  const found = new RegExp(`href="([^"]*)" rel="${rel}"`).exec(page);
  return found && plain(found[1]);
};

/** Makes customers `user00`, `user01` …; gives all there are, oldest first. */
async function make(count, name = (index) => `User ${index}`) {
  const email = (index) => `user${String(index).padStart(2, '0')}@example.com`;
  await Promise.all(
    Array.from({ length: count }, (_, index) => customers.create({ email: email(index), name: name(index) })),
  );
  return customers.list({ sort: 'created' }).toArray({ limit: 100 });
}

/** The pages from an address on, following `rel`. */
async function walk(path, rel) {
  const pages = [];
  for (let next = path; next; next = link(pages.at(-1), rel)) pages.push(await (await get(next)).text());
  return pages;
}

test('an empty store says how to fill it', async () => {
  const response = await get('/');
  expect(response.url).toBe(app.url);
  const page = await response.text();
  expect(page).toContain('No customers yet');
  expect(page).not.toContain('<table');
  expect(page).not.toContain('type="search"');
});

test('each customer has a row with e-mail, name, created date and a link to its page', async () => {
  const { id, createdAt } = await customers.create({ email: 'gildong@example.com', name: '홍길동' });
  const page = await list();
  expect(page).toContain('<td class="email" role="cell">gildong@example.com</td>');
  expect(page).toContain('<bdi lang="ko">홍길동</bdi>');
  const local = new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'Asia/Seoul',
  }).format(new Date(createdAt));
  expect(page).toContain(`<time datetime="${createdAt}" title="${createdAt}">${local}</time>`);
  expect(page).toContain(
    `<a href="/admin/customers/${id}">Details<span class="hidden"> of 홍길동</span></a>`,
  );
  expect(page).toContain('1 customer<');
  expect((await get(`/admin/customers/${id}`)).status).toBe(200);
});

describe('paging', () => {
  test('forth and back shows every customer once, in each order', async () => {
    await make(45, (index) => ['김철수', '이영희', 'Jane'][index % 3]);
    for (const sort of ['-created', 'created', 'name', '-name', 'email', '-email']) {
      const wanted = (await customers.list({ sort }).toArray({ limit: 100 })).map(({ email }) => email);
      const forth = await walk(`/admin/customers?sort=${sort}&query=user`, 'next');
      expect(forth.map((page) => emails(page).length)).toEqual([20, 20, 5]);
      expect(forth.flatMap(emails)).toEqual(wanted);
      expect(link(forth[0], 'prev')).toBeNull();

      const back = await walk(link(forth[2], 'prev'), 'prev');
      expect(back.map(emails)).toEqual([emails(forth[1]), emails(forth[0])]);
      // And forth again, from a page that was reached backward.
      expect(emails(await (await get(link(back[0], 'next'))).text())).toEqual(emails(forth[2]));
    }
  });

  test('rows that come and go in between shift nothing', async () => {
    const made = await make(45);
    const first = await list();
    await customers.create({ email: 'new@example.com' });
    await customers.delete(made[44].id);
    const second = await (await get(link(first, 'next'))).text();
    expect(emails(second)).toEqual(
      made
        .slice(5, 25)
        .map(({ email }) => email)
        .reverse(),
    );
    expect(second).toContain('45 customers');
    // The first page is always a full one.
    const start = await (await get(link(second, 'prev'))).text();
    expect(emails(start)).toHaveLength(20);
    expect(emails(start)[0]).toBe('new@example.com');
    expect(link(start, 'prev')).toBeNull();
  });

  test('a page whose rows are gone leads back to the start', async () => {
    const made = await make(21);
    const next = link(await list(), 'next');
    await customers.delete(made[0].id);
    const page = await (await get(next)).text();
    expect(page).toContain('Nothing on this page any more');
    expect(page).toContain('href="/admin/customers">To the first page');
  });
});

test('search finds a part of a name or an address and keeps its words through the pages', async () => {
  await make(45, (index) => (index % 2 ? '홍길동' : `이영희 & <${index}>`));
  const found = await list(`?query=${encodeURIComponent('길동')}`);
  expect(found).toContain('22 matches for “길동”');
  expect(found).toContain('value="길동"');
  const [, second] = await walk(`/admin/customers?query=${encodeURIComponent('길동')}&sort=email`, 'next');
  expect(emails(second)).toEqual(['user41@example.com', 'user43@example.com']);
  expect(second).toContain('value="길동"');
  expect(second).toContain('<option value="email" selected>');
  expect(emails(await list('?query=USER07'))).toEqual(['user07@example.com']);

  const nothing = await list(`?query=${encodeURIComponent('"><script>')}`);
  expect(nothing).toContain('Nothing found');
  expect(nothing).toContain('value="&quot;&gt;&lt;script&gt;"');
  expect(nothing).not.toContain('<script');
});

test('the page of a customer shows every field', async () => {
  await proyecta.commerce.customFields.create({ key: 'size', type: 'text', label: '사이즈' });
  const customer = await customers.create({
    id: 'cus_gildong',
    email: 'gildong@example.com',
    name: '홍길동',
    phone: '010-1234-5678',
    key: 'user-17',
    username: 'gildong',
    countryCode: 'KR',
    address: {
      line1: '세종대로 110',
      line2: '3층',
      city: '서울',
      state: '서울특별시',
      postal_code: '04524',
      country: 'KR',
    },
    shipping: { name: '이영희', phone: '+12025550143', address: { line1: 'Main Street 1', country: 'US' } },
    marketing: { sms: true, kakao: true },
    additionalRecipients: ['billing@example.com'],
    attributes: { size: 'M', other: '<i>5</i>' },
    metadata: { plan: 'pro & more' },
  });
  const page = await (await get(`/admin/customers/${customer.id}`)).text();
  for (const text of [
    customer.id,
    'gildong@example.com',
    '<bdi lang="ko">홍길동</bdi>',
    '+821012345678',
    '<dd>user-17</dd>',
    '<dd>gildong</dd>',
    '세종대로 110<br>3층<br>04524 서울<br>서울특별시<br>KR',
    '<bdi lang="ko">이영희</bdi>',
    '+12025550143',
    'Main Street 1<br>US',
    'SMS, KakaoTalk',
    'billing@example.com',
    '<dt>사이즈</dt><dd>M</dd>',
    '<dt>other</dt><dd>&lt;i&gt;5&lt;/i&gt;</dd>',
    '<dt>plan</dt><dd>pro &amp; more</dd>',
    '<dt>Version</dt><dd>1</dd>',
    `datetime="${customer.createdAt}"`,
  ]) {
    expect(page).toContain(text);
  }
  // Whatever the object has, the page has it, under one label or another.
  expect(Object.keys(customer).sort()).toEqual([
    'additionalRecipients',
    'address',
    'attributes',
    'countryCode',
    'createdAt',
    'dormantAt',
    'email',
    'id',
    'key',
    'lastLoginAt',
    'marketing',
    'metadata',
    'name',
    'object',
    'phone',
    'shipping',
    'status',
    'testClock',
    'updatedAt',
    'username',
    'version',
  ]);
});

test('what people typed is text in the pages, not HTML', async () => {
  const name = `<script>alert("1")</script>'&<img src=x onerror=alert(1)>`;
  const { id } = await customers.create({
    email: 'a@example.com',
    name,
    attributes: { '<b>key': '<u>x' },
    metadata: { '<b>': '"><script>' },
  });
  for (const path of ['/admin/customers', `/admin/customers/${id}`]) {
    const response = await get(path);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('cache-control')).toBe('no-store');
    const page = await response.text();
    expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;&lt;img src=x');
    expect(page).not.toMatch(/<(script|b|u)\b|<img src=x/);
  }
});

describe('an address that leads nowhere is a page that leads back', () => {
  test('a place, an order or a search that cannot be', async () => {
    await make(1);
    for (const [query, title] of [
      ['cursor=broken', 'This page of the list is no longer there'],
      ['before=cus_nobody', 'This page of the list is no longer there'],
      ['after=nonsense', 'This page of the list is no longer there'],
      ['sort=shoe-size', 'This link does not work'],
      [`query=${'x'.repeat(201)}`, 'This link does not work'],
    ]) {
      const response = await get(`/admin/customers?${query}`);
      expect([400, 404]).toContain(response.status);
      const page = await response.text();
      expect(page).toContain(`<h1>${title}</h1>`);
      expect(page).toContain('<a class="button" href="/admin/customers');
    }
  });

  test('a cursor of another order keeps search and order in the way back', async () => {
    await make(21);
    const next = link(await list('?query=user&sort=name'), 'next');
    const response = await get(next.replace('sort=name', 'sort=email'));
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('href="/admin/customers?query=user&amp;sort=email"');
  });

  test('a customer who is not there, or no longer', async () => {
    const [{ id }] = await make(1);
    await customers.delete(id);
    const deleted = await get(`/admin/customers/${id}`);
    expect(deleted.status).toBe(404);
    expect(await deleted.text()).toContain('This customer was deleted');
    const unknown = await get('/admin/customers/cus_nobody');
    expect(unknown.status).toBe(404);
    expect(await unknown.text()).toContain('There is no such customer');
    for (const path of ['%00', '%E0%A4%A', 'x'.repeat(500), '%3Cscript%3E']) {
      const wrong = await get(`/admin/customers/${path}`);
      expect(wrong.status).toBe(400);
      expect(await wrong.text()).not.toContain('<script');
    }
    expect((await get('/somewhere')).status).toBe(404);
  });

  test('parameters that come twice count as absent', async () => {
    const made = await make(1);
    expect(emails(await list('?query=a&query=b&cursor=x&cursor=y'))).toEqual([made[0].email]);
  });
});

test('a database that cannot be read is a page, and a line in the log', async () => {
  const folder = copyExample('admin-customers');
  const other = await start(folder, join(folder, 'no-folder/app.db'));
  const response = await fetch(other.url);
  expect(response.status).toBe(503);
  expect(await response.text()).toContain('cannot be read at the moment');
  expect(other.log).toContain('database_not_found');
});

test('it ends when it is told to', async () => {
  await list();
  expect(await app.stop()).toEqual({ code: 0, signal: null });
});
