// examples/admin-customers in a browser: what a person sees and can do.
const { join } = require('node:path');
const { contrasts, launchBrowser } = require('../support/browser.js');
const { sdk: Proyecta } = require('../support/package.js');
const { cleanUp, copyExample, start } = require('./running.js');

const PHONE = { width: 390, height: 844 };

let browser;
let page;
let app;
let gildong;
/** What the browser complained of: scripts that were blocked, files that were missing. */
let complaints;

beforeAll(async () => {
  browser = await launchBrowser();

  const folder = copyExample('admin-customers');
  const database = join(folder, 'app.db');
  const proyecta = new Proyecta({ database });
  const { customers } = proyecta.commerce;
  // The first and the last are known by their times; between them the order does not matter.
  await customers.create({ email: 'user00@example.com', name: '김철수' });
  await Promise.all(
    Array.from({ length: 41 }, (_, index) => {
      const email = `user${String(index + 1).padStart(2, '0')}@example.com`;
      return customers.create({ email, name: ['김철수', '이영희', 'Jane Doe'][index % 3] });
    }),
  );
  await customers.create({
    email: 'script@example.com',
    name: '<script>document.title = "owned"</script><img src=x onerror="document.title = \'owned\'">',
  });
  const long = `${'a'.repeat(60)}@${'long.'.repeat(20)}example.com`;
  await customers.create({ email: long, name: 'W'.repeat(200) });
  gildong = await customers.create({ email: 'gildong@example.com', name: '홍길동', phone: '010-1234-5678' });
  await proyecta.close();
  app = await start(folder, database);
});
afterAll(async () => {
  await browser?.close();
  await cleanUp();
});

async function open({ path = '', ...options } = {}) {
  page = await browser.newPage({ colorScheme: 'light', ...options });
  complaints = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(app.url + path);
}
afterEach(async () => {
  await page.close();
  expect(complaints).toEqual([]);
});

const rows = () =>
  page
    .getByRole('table')
    .getByRole('row')
    .filter({ hasNot: page.getByRole('columnheader') });
const firstCells = async () => (await rows().first().getByRole('cell').allInnerTexts()).slice(0, 2);
const wide = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

test('the list has a title, headings and a row for each customer', async () => {
  await open();
  expect(await page.title()).toBe('Customers · Proyecta');
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Customers');
  expect(await page.getByRole('columnheader').allInnerTexts()).toEqual([
    'E-mail',
    'Name',
    'Created ↓',
    'Details',
  ]);
  expect(await rows().count()).toBe(20);
  expect(await firstCells()).toEqual(['gildong@example.com', expect.stringContaining('홍길동')]);
  expect(await page.getByRole('status').innerText()).toBe('45 customers');
});

test('it works without JavaScript: search, open, and back', async () => {
  await open({ javaScriptEnabled: false });
  await page.getByLabel('Search').fill('길동');
  await page.getByLabel('Search').press('Enter');
  expect(await page.getByRole('status').innerText()).toBe('1 match for “길동”');
  expect(await page.getByLabel('Search').inputValue()).toBe('길동');
  await page.getByRole('link', { name: 'Details of 홍길동' }).click();
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('홍길동');
  expect(await page.getByText(gildong.id).count()).toBe(1);
  expect(await page.getByText('+821012345678').count()).toBe(1);
  await page.getByRole('link', { name: 'All customers' }).click();
  expect(await rows().count()).toBe(20);
});

test('pages follow one another, forth and back', async () => {
  await open();
  const pages = page.getByRole('navigation', { name: 'Pages' });
  expect(await pages.getByRole('link').allInnerTexts()).toEqual(['Next →']);
  const [first] = await firstCells();
  await pages.getByRole('link', { name: 'Next' }).click();
  const [second] = await firstCells();
  await pages.getByRole('link', { name: 'Next' }).click();
  expect(await rows().count()).toBe(5);
  expect(await pages.getByRole('link').allInnerTexts()).toEqual(['← Previous']);
  await pages.getByRole('link', { name: 'Previous' }).click();
  expect((await firstCells())[0]).toBe(second);
  await pages.getByRole('link', { name: 'Previous' }).click();
  expect((await firstCells())[0]).toBe(first);
});

test('headings sort, and say so; the order can be chosen too', async () => {
  await open();
  const heading = page.getByRole('columnheader', { name: 'E-mail' });
  await heading.getByRole('link').click();
  expect(await heading.getAttribute('aria-sort')).toBe('ascending');
  expect((await firstCells())[0]).toMatch(/^aaaa/);
  await heading.getByRole('link').click();
  expect(await heading.getAttribute('aria-sort')).toBe('descending');
  expect((await firstCells())[0]).toBe('user41@example.com');
  await page.getByLabel('Order').selectOption('Oldest first');
  await page.getByRole('button', { name: 'Search' }).click();
  expect((await firstCells())[0]).toBe('user00@example.com');
});

test('a name that is a script is shown and does nothing', async () => {
  await open({ path: '?query=script%40' });
  expect((await firstCells())[1]).toContain('<script>document.title = "owned"</script><img src=x');
  await rows().first().getByRole('link').click();
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain('<script>');
  expect(await page.title()).toContain('<script>');
  expect(await page.locator('script').count()).toBe(0);
});

test('the keyboard reaches everything, and the focus is seen', async () => {
  await open();
  const focused = () =>
    page.evaluate(() => {
      const { textContent, id, tagName } = document.activeElement;
      return id || textContent.trim() || tagName;
    });
  const order = [];
  for (let index = 0; index < 9; index += 1) {
    await page.keyboard.press('Tab');
    order.push(await focused());
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineWidth);
    expect(Number.parseFloat(outline)).toBeGreaterThanOrEqual(2);
  }
  expect(order.slice(0, 3)).toEqual(['Skip to the content', 'Proyecta', 'query']);
  expect(order.slice(3)).toEqual(['sort', 'Search', 'E-mail', 'Name', 'Created ↓', 'Details of 홍길동']);
});

test.each(['light', 'dark'])('texts stand out in %s', async (colorScheme) => {
  for (const path of ['', `/${gildong.id}`]) {
    await open({ colorScheme, path });
    const { texts, found } = await contrasts(page, '[aria-disabled], .skip, option');
    expect(texts).toBeGreaterThan(15);
    expect(found.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const [red] = background.match(/\d+/g).map(Number);
    expect(red > 128).toBe(colorScheme === 'light');
    if (path === '') await page.close();
  }
});

test.each([1200, 390])('nothing is wider than a screen of %d pixels', async (width) => {
  await open({ viewport: { ...PHONE, width } });
  expect(await wide()).toBeLessThanOrEqual(0);
  await page.goto(`${app.url}/${gildong.id}`);
  expect(await wide()).toBeLessThanOrEqual(0);
});

test('on a phone a row is a card that can be touched anywhere', async () => {
  await open({ viewport: PHONE, hasTouch: true });
  expect(await page.getByRole('columnheader').count()).toBe(0);
  const card = rows().first();
  expect(await card.getByRole('cell').count()).toBe(4);
  const { x, y, height } = await card.getByText('gildong@example.com').boundingBox();
  await page.touchscreen.tap(x + 5, y + height / 2);
  await page.waitForURL(`**/${gildong.id}`);
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('홍길동');
});

test('every input has a label, every picture a text', async () => {
  for (const path of ['', '?query=nobody', `/${gildong.id}`]) {
    await open({ path });
    const unnamed = await page.evaluate(() =>
      [...document.querySelectorAll('input, select, img:not([alt]), a, button')]
        .filter((element) => !(element.labels?.length || element.textContent.trim()))
        .map((element) => element.outerHTML),
    );
    expect(unnamed).toEqual([]);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    if (path !== `/${gildong.id}`) await page.close();
  }
});
