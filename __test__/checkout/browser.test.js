// The page in a real browser: what a payer sees and does.
const { mkdirSync } = require('node:fs');
const { join } = require('node:path');
const { contrasts, launchBrowser } = require('../support/browser.js');
const { CARDS, paymentsOf, sell, sellMonthly } = require('../support/buying.js');
const { openShop } = require('../support/pages.js');
const { closeStores, openStore } = require('../support/store.js');
const { until } = require('../support/until.js');

const PHONE = { width: 390, height: 844 };
/** Where pictures of the page go, for somebody to look at; nowhere by default. */
const PICTURES = process.env.PROYECTA_TEST_PICTURES;

let browser;
let shop;
let store;
let customer;
let page;
/** What the browser complained of: what the policy blocked, what was missing. */
let complaints;

beforeAll(async () => {
  [browser, shop] = await Promise.all([launchBrowser(), openShop()]);
});
afterAll(async () => {
  await browser?.close();
  await shop?.close();
});
beforeEach(async () => {
  shop.visits.length = 0;
  store = openStore();
  customer = await store.customers.create({ email: 'gildong@example.com', name: '홍길동' });
  await store.settings.update({ business: { name: '길동 상점' } });
});
afterEach(async () => {
  await page?.context().close();
  page = undefined;
  expect(complaints).toEqual([]);
  await closeStores();
});

const checkout = (lineItems, rest = {}) =>
  store.checkout({
    customerId: customer.id,
    lineItems,
    successUrl: `${shop.url}/thanks?from=test`,
    cancelUrl: `${shop.url}/cart`,
    ...rest,
  });

async function open(url, options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', viewport: PHONE, ...options });
  page = await context.newPage();
  complaints = [];
  page.on('console', (message) => {
    // That a post is refused is what some tests are about.
    if (!message.text().includes('the server responded with a status of 400'))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
}

const number = () => page.getByLabel('Card number');
const payButton = () => page.locator('#pay');

async function fill(card = CARDS.good) {
  await number().fill(card.number.replaceAll(' ', ''));
  await page.getByLabel('Expiry date').fill(`${card.expirationMonth}/${card.expirationYear}`);
}

/** The address in the shop that the payer came to. */
async function arrived(path) {
  await page.waitForURL((url) => url.href.startsWith(`${shop.url}${path}`));
  return new URL(page.url());
}

async function picture(name) {
  if (!PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

test('a payer fills in a card, pays, and comes back to the shop', async () => {
  const { url, orderId } = await checkout([{ priceId: await sellMonthly(store, {}, { name: 'Pro' }) }]);
  await open(url);
  expect(await page.title()).toBe('Checkout · 길동 상점');
  await picture('phone');
  await number().pressSequentially('4242424242424242');
  expect(await number().inputValue()).toBe('4242 4242 4242 4242');
  await page.getByLabel('Expiry date').pressSequentially('1230');
  expect(await page.getByLabel('Expiry date').inputValue()).toBe('12/30');
  await page.getByLabel('Date of birth or business number').fill('900101');
  await page.getByLabel('First two digits').fill('12');
  await payButton().click();
  const { searchParams } = await arrived('/thanks');
  const order = await store.orders.get(orderId);
  expect(Object.fromEntries(searchParams)).toEqual({
    from: 'test',
    order_code: String(order.number),
    order_id: orderId,
    status: 'success',
  });
  expect(order.status).toBe('paid');
  await page.goto(url);
  expect(await page.getByRole('heading', { name: 'Paid. Thank you!' }).isVisible()).toBe(true);
  await picture('paid');
});

test('a declined card is told of, and another one pays', async () => {
  const { url, orderId } = await checkout([{ priceId: await sell(store) }]);
  await open(url);
  for (const card of [CARDS.refused, CARDS.declined]) {
    await fill(card);
    await payButton().click();
    await page.waitForURL(/notice=/);
    expect(await page.getByRole('alert').innerText()).toContain('The card was declined.');
    expect(await number().inputValue()).toBe('');
    expect(await number().evaluate((input) => input === document.activeElement)).toBe(true);
  }
  await picture('declined');
  await fill(CARDS.other);
  await payButton().click();
  await arrived('/thanks');
  expect((await paymentsOf(store, orderId)).map(({ status }) => status)).toEqual(['failed', 'succeeded']);
});

test('a discount code lowers the total without losing what was typed, and can be taken out', async () => {
  await store.coupons.create({ code: 'HALF', percentOff: 50, duration: 'once' });
  const { url, orderId } = await checkout([{ priceId: await sell(store) }]);
  await open(url);
  await fill();
  const code = page.getByLabel('Discount code');
  await code.fill('NONE');
  await code.press('Enter');
  await page.locator('#code-error').waitFor();
  expect(await code.inputValue()).toBe('NONE');
  expect(await code.getAttribute('aria-invalid')).toBe('true');
  await picture('code');
  await code.fill('half');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByRole('button', { name: 'Pay ₩2,500' }).waitFor();
  expect(await number().inputValue()).toContain('4242');
  await page.getByRole('button', { name: 'Remove half' }).click();
  await page.getByRole('button', { name: 'Pay ₩5,000' }).waitFor();
  await code.fill('HALF');
  await code.press('Enter');
  await page.getByRole('button', { name: 'Pay ₩2,500' }).click();
  await arrived('/thanks');
  expect(await store.orders.get(orderId)).toMatchObject({ status: 'paid', total: 2500 });
});

test('the total follows the quantity', async () => {
  const { url, orderId } = await checkout([{ priceId: await sell(store, { maximumQuantity: 5 }) }]);
  await open(url);
  await fill();
  await page.getByLabel('Quantity').fill('3');
  await number().focus();
  await page.getByRole('button', { name: 'Pay ₩15,000' }).waitFor();
  expect(await page.locator('#total').innerText()).toBe('₩15,000');
  await page.getByRole('button', { name: 'Pay ₩15,000' }).click();
  await arrived('/thanks');
  expect(await store.orders.get(orderId)).toMatchObject({ total: 15_000, status: 'paid' });
});

test('without JavaScript everything can be done too', async () => {
  await store.coupons.create({ code: 'HALF', percentOff: 50, duration: 'once' });
  const { url, orderId } = await checkout([{ priceId: await sell(store) }]);
  await open(url, { javaScriptEnabled: false });
  await page.getByLabel('Quantity').fill('2');
  await page.getByLabel('Discount code').fill('NONE');
  await page.getByLabel('Discount code').press('Enter');
  await page.locator('#code-error').waitFor();
  await page.getByLabel('Quantity').fill('2');
  await page.getByLabel('Discount code').fill('HALF');
  await page.getByLabel('Discount code').press('Enter');
  await page.getByRole('button', { name: 'Pay ₩5,000' }).waitFor();
  expect(await page.getByRole('button', { name: 'Remove HALF' }).isVisible()).toBe(true);
  await fill();
  await payButton().click();
  await arrived('/thanks');
  expect(await store.orders.get(orderId)).toMatchObject({ total: 5000, discount: 5000, status: 'paid' });
});

test.each([true, false])('a double click charges once (with JavaScript: %s)', async (javaScriptEnabled) => {
  const { url, orderId } = await checkout([{ priceId: await sell(store) }]);
  await open(url, { javaScriptEnabled });
  await fill();
  await payButton().dblclick();
  await arrived('/thanks');
  await until('it is paid', async () => (await store.orders.get(orderId)).status === 'paid');
  expect(await paymentsOf(store, orderId)).toMatchObject([{ status: 'succeeded' }]);
});

test('two tabs charge once', async () => {
  const { url, orderId } = await checkout([{ priceId: await sell(store) }]);
  await open(url);
  const first = page;
  const second = await page.context().newPage();
  await second.goto(url);
  for (const tab of [first, second]) {
    page = tab;
    await fill();
  }
  await Promise.all([first, second].map((tab) => tab.locator('#pay').click()));
  for (const tab of [first, second]) {
    page = tab;
    expect((await arrived('/thanks')).searchParams.get('status')).toBe('success');
  }
  expect(await paymentsOf(store, orderId)).toMatchObject([{ status: 'succeeded' }]);
});

test('whoever leaves comes out at the cart, and nothing is charged', async () => {
  const { url, orderId } = await checkout([{ priceId: await sell(store) }]);
  await open(url);
  await page.getByRole('link', { name: 'Cancel and go back' }).click();
  const { searchParams } = await arrived('/cart');
  expect(searchParams.get('status')).toBe('cancel');
  expect(searchParams.get('order_id')).toBe(orderId);
  expect(await store.orders.get(orderId)).toMatchObject({ status: 'open' });
});

test('a charge that takes its time is waited for', async () => {
  const { url, orderId } = await checkout([{ priceId: await sell(store) }]);
  await open(url);
  await fill({ ...CARDS.good, number: '4000000000030002' });
  await payButton().click();
  await page.getByRole('heading', { name: 'Your payment is being made' }).waitFor();
  await picture('charging');
  const [{ id }] = await paymentsOf(store, orderId);
  await store.sandbox.emit(id, { event: 'settled' });
  // The page finds out by itself.
  await arrived('/thanks');
});

describe('on every screen', () => {
  const everything = async () => {
    await store.settings.update({
      business: {
        name: '길동 상점',
        representative: '홍길동',
        businessNumber: '123-45-67890',
        mailOrderNumber: '2026-서울종로-0001',
        phone: '1588-1234',
        email: 'help@example.com',
        termsUrl: 'https://shop.example.com/terms',
        privacyUrl: 'https://shop.example.com/privacy',
      },
    });
    await store.coupons.create({ code: 'WELCOME', percentOff: 10, duration: 'once' });
    const monthly = await sellMonthly(
      store,
      { name: '월간 이용권' },
      { name: '아주 긴 이름을 가진 프로 요금제' },
    );
    const thing = await sell(store, { name: '머그컵', maximumQuantity: 9 }, { name: '머그컵' });
    return checkout([{ priceId: monthly }, { priceId: thing, quantity: 2 }], { promotionCode: 'WELCOME' });
  };

  test.each([320, 390, 820, 1440])('nothing is wider than %d pixels', async (width) => {
    const { url } = await everything();
    await open(url, { locale: 'ko-KR', viewport: { width, height: 900 } });
    await page.getByLabel('할인 코드').fill('없는코드');
    await page.getByLabel('할인 코드').press('Enter');
    await page.locator('#code-error').waitFor();
    await picture(`korean-${width}`);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wider).toBeLessThanOrEqual(0);
    const beside = await page.evaluate(() => {
      const [left, right] = ['cart', 'payment'].map((id) =>
        document.getElementById(id).getBoundingClientRect(),
      );
      return right.left >= left.right;
    });
    expect(beside).toBe(width >= 1440);
  });

  test.each(['light', 'dark'])('texts stand out in %s', async (colorScheme) => {
    const { url } = await everything();
    await open(`${url}?notice=generic`, { colorScheme });
    await picture(colorScheme);
    const { found } = await contrasts(page, '.unseen');
    expect(found.length).toBeGreaterThan(5);
    expect(found.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
    const [red] = await page.evaluate(() =>
      getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number),
    );
    expect(red > 128).toBe(colorScheme === 'light');
  });

  test('everything has a name, and the keyboard reaches it', async () => {
    const { url } = await everything();
    await open(url);
    const unnamed = await page.evaluate(() =>
      [...document.querySelectorAll('input:not([type=hidden]), a, button')]
        .filter((element) => !(element.labels?.length || element.textContent.trim()))
        .map((element) => element.outerHTML),
    );
    expect(unnamed).toEqual([]);
    const order = [];
    for (let index = 0; index < 12; index += 1) {
      await page.keyboard.press('Tab');
      order.push(await page.evaluate(() => document.activeElement.id || document.activeElement.textContent));
    }
    expect(order).toEqual([
      'quantity-0',
      'quantity-1',
      'Remove WELCOME',
      'code',
      'Apply',
      'number',
      'expiry',
      'password',
      'identity',
      'pay',
      'cancel',
      'Terms of service',
    ]);
  });
});
