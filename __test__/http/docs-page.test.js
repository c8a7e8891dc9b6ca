// The page at /docs in a browser: what a person sees and can do.
const { contrasts, launchBrowser } = require('../support/browser.js');
const { serve, stopAll } = require('./serving.js');

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 1000 };

let browser;
let server;
let page;
/** What the browser complained of: what the policy blocked, what was missing. */
let complaints;
/** Every address that was asked for. */
let asked;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), serve()]);
});
afterAll(async () => {
  await browser?.close();
  await stopAll();
});

async function open({ path = '/docs', ...options } = {}) {
  page = await browser.newPage({ colorScheme: 'light', viewport: DESK, ...options });
  complaints = [];
  asked = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(server.url + path);
}
afterEach(async () => {
  await page.close();
  expect(complaints).toEqual([]);
});

const operation = (name) => page.locator(`[id="${name}"]`);
const search = () => page.getByRole('searchbox', { name: 'Search the operations' });
const shownOperations = () =>
  page
    .locator('.operation:visible h3')
    .allInnerTexts()
    .then((names) => names.sort());

test('every operation is there, with what it takes, gives and how it is called', async () => {
  await open();
  expect(await page.title()).toBe('API reference · Proyecta');
  const document = await (await page.request.get(`${server.url}/openapi.json`)).json();
  const names = Object.values(document.paths).flatMap((item) =>
    Object.values(item).map(({ operationId }) => operationId),
  );
  expect(await shownOperations()).toEqual(names.sort());
  const create = operation('customers.create');
  expect(await create.getByRole('heading', { level: 4 }).allInnerTexts()).toEqual([
    'Body',
    'Headers',
    'Answer',
    'Errors',
  ]);
  expect(await create.locator('.route').innerText()).toMatch(/POST\s*\/v1\/customers/);
  expect(await create.locator('.members > li').first().innerText()).toMatch(
    /^email\s+e-mail address\s+required/,
  );
  expect(await create.locator('pre').first().innerText()).toContain('curl "$PROYECTA_BASE_URL/v1/customers"');
});

test('nothing comes from elsewhere, and nothing is inline', async () => {
  await open();
  expect(asked.every((address) => address.startsWith(`${server.url}/`))).toBe(true);
  expect(asked.length).toBeGreaterThanOrEqual(4);
  const policy = (await page.request.get(`${server.url}/docs`)).headers()['content-security-policy'];
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  expect(await page.locator('style, [style], script:not([src])').count()).toBe(0);
});

test('the same page with a slash behind it', async () => {
  await open({ path: '/docs/' });
  expect(await page.locator('.operation').count()).toBeGreaterThan(10);
  expect(await search().isVisible()).toBe(true);
  const link = page.getByRole('link', { name: 'OpenAPI', exact: true });
  const address = new URL(await link.getAttribute('href'), page.url());
  expect((await page.request.get(address.href)).status()).toBe(200);
});

test('it can be read without JavaScript', async () => {
  await open({ javaScriptEnabled: false });
  const create = operation('customers.create');
  expect(await create.locator('figure:visible figcaption').allInnerTexts()).toEqual([
    'curl',
    'Node.js',
    'Answer',
  ]);
  expect(await page.locator('button:visible, input:visible').count()).toBe(0);
  await page.getByRole('navigation').getByRole('link', { name: 'verifyPassword' }).click();
  expect(page.url()).toBe(`${server.url}/docs#customers.verifyPassword`);
  await create.locator('summary').first().click();
  expect(await create.getByText('Street and number.').first().isVisible()).toBe(true);
});

test('the search finds operations by name, path and parameter', async () => {
  await open();
  await page.keyboard.press('/');
  expect(await search().evaluate((input) => input === document.activeElement)).toBe(true);
  await search().fill('record-login');
  expect(await shownOperations()).toEqual(['customers.recordLogin']);
  expect(await page.getByRole('status').innerText()).toBe('1 operation for “record-login”');
  await search().fill('CUSTOM-fields ifversion');
  expect(await shownOperations()).toEqual(['customFields.delete', 'customFields.update']);
  expect(await page.getByRole('navigation').locator('[data-operation]:visible').count()).toBe(2);
  await search().press('Enter');
  expect(await page.evaluate(() => document.activeElement.textContent)).toBe('customFields.update');
  await search().fill('<b>nothing</b>');
  expect(await page.getByRole('status').innerText()).toBe('No operations for “<b>nothing</b>”');
  await search().press('Escape');
  expect((await shownOperations()).length).toBeGreaterThan(10);
  expect(await page.getByRole('heading', { level: 1 }).isVisible()).toBe(true);
});

test('one language is shown at a time, everywhere the one that was chosen', async () => {
  await open();
  const create = operation('customers.create');
  await create.getByRole('button', { name: 'Node.js' }).click();
  expect(await create.locator('pre:visible').first().innerText()).toContain(
    'proyecta.commerce.customers.create({',
  );
  const list = operation('customers.list');
  expect(await list.locator('pre:visible').first().innerText()).toContain('customers.list({');
  await page.reload();
  expect(await create.locator('pre:visible').first().innerText()).toContain(
    'proyecta.commerce.customers.create({',
  );
});

test('a sample can be copied', async () => {
  await open({ permissions: ['clipboard-read', 'clipboard-write'] });
  const get = operation('customers.get');
  await get.getByRole('button', { name: 'Copy' }).first().click();
  await get.getByRole('button', { name: 'Copied' }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^curl "\$PROYECTA_BASE_URL\/v1\/customers\/cus_\w+" \\\n {2}-H "Authorization/);
});

test('the samples for Node.js say what the server then does', async () => {
  await open();
  const samples = await page.locator('figure[data-title="Node.js"] code').allTextContents();
  expect(samples.length).toBeGreaterThan(10);
  for (const sample of samples) {
    const body = sample.replace("import Proyecta from '@proyecta-ai/sdk';", '');
    expect(() => new Function('Proyecta', `return (async () => {${body}})`)).not.toThrow();
  }
});

test('the contents show where one is', async () => {
  await open({ path: '/docs#events.list' });
  const current = page.locator('.contents [aria-current]');
  await page.waitForFunction(
    () => document.querySelector('.contents [aria-current]')?.hash === '#events.list',
  );
  expect(await current.count()).toBe(1);
  const top = await operation('events.list').evaluate((section) => section.getBoundingClientRect().top);
  expect(top).toBeGreaterThanOrEqual(0);
  expect(top).toBeLessThan(300);
});

test('an error status leads to its codes', async () => {
  await open();
  await operation('customers.update').getByRole('link', { name: '409' }).click();
  expect(page.url()).toContain('#errors-409');
  const codes = operation('errors-409');
  expect(await codes.getByText('email_taken', { exact: true }).isVisible()).toBe(true);
});

test('on a phone the contents fold away, and close when they were used', async () => {
  await open({ viewport: PHONE, hasTouch: true });
  const link = page.getByRole('navigation').getByRole('link', { name: 'recordLogin' });
  expect(await link.isVisible()).toBe(false);
  await page.getByText('Contents', { exact: true }).tap();
  await link.tap();
  expect(page.url()).toContain('#customers.recordLogin');
  expect(await link.isVisible()).toBe(false);
});

test.each([1920, 1440, 820, 390])('nothing is wider than a screen of %d pixels', async (width) => {
  await open({ viewport: { width, height: 900 } });
  const [one] = await page.locator('.more > summary:visible').all();
  await one.click();
  expect(await page.locator('.more[open]').count()).toBe(1);
  // The others at once, for there are hundreds.
  await page.locator('.more').evaluateAll((all) => {
    for (const details of all) details.open = true;
  });
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wider).toBeLessThanOrEqual(0);
  const columns = await operation('customers.create').evaluate((section) => {
    const [text, samples] = [...section.children].map((child) => child.getBoundingClientRect());
    return samples.left >= text.right;
  });
  expect(columns).toBe(width >= 1440);
});

test.each(['light', 'dark'])('texts stand out in %s', async (colorScheme) => {
  await open({ colorScheme });
  const { found } = await contrasts(page, '.skip');
  expect(found.length).toBeGreaterThan(10);
  expect(found.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const [red] = background.match(/\d+/g).map(Number);
  expect(red > 128).toBe(colorScheme === 'light');
});

test('everything that can be used has a name, and the keyboard reaches it', async () => {
  await open();
  const unnamed = await page.evaluate(() =>
    [...document.querySelectorAll('input, img:not([alt]), a, button, summary')]
      .filter((element) => !(element.labels?.length || element.textContent.trim()))
      .map((element) => element.outerHTML),
  );
  expect(unnamed).toEqual([]);
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  const order = [];
  for (let index = 0; index < 4; index += 1) {
    await page.keyboard.press('Tab');
    order.push(
      await page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim()),
    );
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineWidth);
    expect(Number.parseFloat(outline)).toBeGreaterThanOrEqual(2);
  }
  expect(order).toEqual(['Skip to the content', 'Proyecta', 'search', 'OpenAPI']);
});
