// The pages of checkout sessions, as any browser asks for them.
const { CARDS, paymentsOf, sell, sellMonthly, stockOf } = require('../support/buying.js');
const { followed, payment, post, typed, visit } = require('../support/pages.js');
const { allEvents, closeStores, openStore } = require('../support/store.js');
const { until } = require('../support/until.js');

const KO = { 'Accept-Language': 'ko-KR,ko;q=0.9,en;q=0.8' };
const SHOP = 'https://shop.example.com';
const BACK = `${SHOP}/thanks?a=b`;

let store;
let customer;
beforeEach(async () => {
  store = openStore();
  customer = await store.customers.create({ email: 'gildong@example.com', name: '홍길동' });
});
afterEach(closeStores);

const checkout = (lineItems, rest = {}) =>
  store.checkout({ customerId: customer.id, lineItems, successUrl: BACK, ...rest });
const count = (text, part) => text.split(part).length - 1;

describe('a page', () => {
  test('shows what is bought and what it costs, in the language of the browser', async () => {
    await store.settings.update({ business: { name: '홍길동네 가게', termsUrl: `${SHOP}/terms` } });
    const priceId = await sellMonthly(store, {}, { name: 'Pro' });
    const { url } = await checkout([{ priceId, quantity: 2 }], { cancelUrl: `${SHOP}/cart` });
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/checkout\/[\w-]{32}$/);
    const english = await visit(url);
    expect(english.status).toBe(200);
    expect(english.headers['content-type']).toBe('text/html; charset=utf-8');
    for (const part of [
      '<html lang="en">',
      '홍길동네 가게',
      'Test mode',
      'gildong@example.com',
      '₩19,800',
      'Pay ₩19,800',
      'every month from',
      `${SHOP}/terms`,
      `${SHOP}/cart?order_code=`,
      'status=cancel',
      'autocomplete="cc-number"',
    ]) {
      expect(english.html).toContain(part);
    }
    const { html } = await visit(url, { headers: KO });
    for (const part of ['<html lang="ko">', '19,800원 결제하기', '매월', '할인 코드', '카드 번호']) {
      expect(html).toContain(part);
    }
    const asked = await checkout([{ priceId }], { locale: 'ko' });
    expect((await visit(asked.url)).html).toContain('<html lang="ko">');
    await store.settings.update({ locale: 'ko' });
    const french = await visit(url, { headers: { 'Accept-Language': 'fr' } });
    expect(french.html).toContain('<html lang="ko">');
  });

  test('makes no text of anybody into markup', async () => {
    const hostile = '"><script>alert(1)</script>';
    await store.settings.update({ business: { name: hostile, representative: hostile } });
    const priceId = await sell(store, { name: hostile }, { name: hostile });
    await store.coupons.create({ code: hostile, name: hostile, percentOff: 10, duration: 'once' });
    const { url } = await checkout([{ priceId }], { promotionCode: hostile });
    const wrong = await post(url, { step: 'update', codes: hostile, code: `${hostile}2` });
    expect(wrong.status).toBe(400);
    for (const { html } of [await visit(url), wrong, await visit(`${url}?notice=${hostile}`)]) {
      expect(html).toContain('&lt;script&gt;');
      expect(html).not.toContain('<script>');
      expect(count(html, '<script')).toBe(1);
    }
  });

  test('lets browsers do nothing else with it', async () => {
    const priceId = await sell(store, {}, { featuredImageUrl: 'https://cdn.example.com/a.png' });
    const { url } = await checkout([{ priceId }]);
    const { headers, html } = await visit(url);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    const policy = headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self'");
    expect(policy).toContain('https://cdn.example.com');
    expect(policy).not.toContain('unsafe');
    expect(html).not.toMatch(/ style=| on\w+=|<style/);
    await store.settings.update({ origins: [SHOP] });
    const embedded = (await visit(url)).headers;
    expect(embedded['content-security-policy']).toContain(`frame-ancestors ${SHOP}`);
    expect(embedded).not.toHaveProperty('x-frame-options');
  });

  test('loads what lies beside it', async () => {
    await store.settings.update({ branding: { color: '#ffee00' } });
    const { url } = await checkout([{ priceId: await sell(store) }]);
    const { html } = await visit(url);
    const names = [...html.matchAll(/(?:href|src)="(assets\/[^"]+)"/g)].map(([, name]) => name);
    expect(names.sort()).toEqual([
      'assets/accent-ffee00.css',
      'assets/checkout.css',
      'assets/checkout.js',
      'assets/icon.svg',
    ]);
    for (const name of names) expect((await visit(new URL(name, url))).status).toBe(200);
    expect((await visit(new URL('assets/checkout.map', url))).status).toBe(404);
  });

  test('that is none says so, with the right status', async () => {
    const { url } = await checkout([{ priceId: await sell(store) }]);
    const base = url.slice(0, url.lastIndexOf('/'));
    const sorry = async (status, answer) => {
      const { html, headers, ...rest } = await answer;
      expect([rest.status, html.startsWith('<!doctype html>')]).toEqual([status, true]);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      return { html, headers };
    };
    for (const token of ['nothing', 'x'.repeat(32), 'x'.repeat(5000), '%00', '%3Cscript%3E']) {
      const { html } = await sorry(404, visit(`${base}/${token}`, { headers: KO }));
      expect(html).toContain('페이지를 찾을 수 없습니다');
    }
    await sorry(404, post(`${base}/${'x'.repeat(32)}`, payment(5000)));
    const { headers } = await sorry(405, visit(url, { method: 'DELETE' }));
    expect(headers.allow).toBe('GET, HEAD, POST');
    await sorry(400, post(url, { step: 'nonsense' }));
    await sorry(400, post(url, {}));
    await sorry(413, post(url, { step: 'pay', number: '4'.repeat(100_000) }));
    await sorry(
      415,
      visit(url, { method: 'POST', body: '{"step":"pay"}', headers: { 'Content-Type': 'application/json' } }),
    );
    await sorry(403, post(url, payment(5000), { headers: { 'Sec-Fetch-Site': 'cross-site' } }));
    await sorry(403, post(url, payment(5000), { headers: { 'Sec-Fetch-Site': 'same-site' } }));
    expect((await visit(url, { method: 'HEAD' })).html).toBe('');
    expect(await paymentsOf(store, (await store.orders.list()).data[0].id)).toEqual([]);
  });
});

describe('paying', () => {
  test('charges, and leads back to the shop', async () => {
    const { id, url, orderId } = await checkout([{ priceId: await sellMonthly(store) }]);
    await visit(url);
    const paid = await post(url, payment(9900));
    expect([paid.status, paid.location]).toEqual([303, '?wait']);
    const { html } = await followed(url, paid);
    const order = await store.orders.get(orderId);
    const back = `${BACK}&order_code=${order.number}&order_id=${orderId}&status=success`;
    expect(html).toContain(`content="0;url=${back.replaceAll('&', '&amp;')}"`);
    expect(order).toMatchObject({ status: 'paid', total: 9900 });
    expect(order.subscriptionIds).toHaveLength(1);
    expect(await store.checkoutSessions.get(id)).toMatchObject({ status: 'complete' });
    const paidBy = (await allEvents(store)).find(({ type }) => type === 'order.paid');
    expect(paidBy).toMatchObject({ actorKind: 'payer', actorId: id });
    // Whoever comes back later is not sent away, and cannot pay again.
    const later = await visit(url);
    expect(later.html).toContain('Paid. Thank you!');
    expect(later.html).not.toContain('http-equiv');
    expect(later.html).not.toContain('pay-form');
  });

  test('twice, in two tabs or while the charge is in flight, charges once', async () => {
    const { url, orderId } = await checkout([{ priceId: await sell(store) }]);
    await Promise.all([visit(url), visit(url)]);
    const posts = await Promise.all(Array.from({ length: 8 }, () => post(url, payment(5000))));
    expect(posts.map(({ status, location }) => `${status} ${location}`)).toEqual(
      posts.map(() => '303 ?wait'),
    );
    await until('it is paid', async () => (await store.orders.get(orderId)).status === 'paid');
    expect((await post(url, payment(5000))).location).toBe('?wait');
    expect((await post(url, payment(5000, '5555555555554444'))).location).toBe('?wait');
    expect(await paymentsOf(store, orderId)).toMatchObject([{ status: 'succeeded', amount: 5000 }]);
  });

  test('waits while nobody knows what came of a charge', async () => {
    const { url, orderId } = await checkout([{ priceId: await sell(store) }]);
    const paid = await post(url, payment(5000, '4000000000030002'));
    expect(paid.location).toBe('?wait');
    const { html } = await followed(url, paid);
    expect(html).toContain('Your payment is being made');
    expect(html).toContain('content="2;url=?wait"');
    expect((await post(url, payment(5000))).location).toBe('?wait');
    expect(await paymentsOf(store, orderId)).toHaveLength(1);
  });

  test.each([
    ['4000000000000002', 'generic', 'The card was declined.'],
    ['4000000000000341', 'generic', 'The card was declined.'],
    ['4000000000009995', 'insufficient_funds', 'insufficient funds'],
    ['4000000000000069', 'expired_card', 'has expired'],
    ['4000000000000127', 'incorrect_password', 'password digits'],
    ['4000000000003220', 'authentication_required', 'confirm the payment'],
  ])('with card %s is declined, and with another one paid', async (number, word, text) => {
    const { url, orderId } = await checkout([{ priceId: await sell(store) }]);
    const declined = await post(url, payment(5000, number));
    expect([declined.status, declined.location]).toEqual([303, `?notice=${word}`]);
    const { html } = await followed(url, declined);
    expect(html).toContain(text);
    expect(html).toContain('aria-invalid="true"');
    expect(html).not.toContain(number);
    await followed(url, await post(url, payment(5000)));
    expect(await store.orders.get(orderId)).toMatchObject({ status: 'paid' });
  });

  test('that failed leads to where the merchant wants it', async () => {
    const { id } = await store.orders.create({
      customerId: customer.id,
      items: [{ priceId: await sell(store) }],
    });
    const { url } = await store.orders.payLink(id, { successUrl: BACK, errorUrl: `${SHOP}/oops` });
    const { html } = await followed(url, await post(url, payment(5000, CARDS.refused.number)));
    expect(html).toMatch(
      /content="0;url=https:\/\/shop\.example\.com\/oops\?order_code=\d+&amp;order_id=ord_\w+&amp;status=error"/,
    );
    expect((await visit(url)).html).toContain('pay-form');
  });

  test('with fields that are wrong does nothing, and shows none of them again', async () => {
    const { url, orderId } = await checkout([{ priceId: await sell(store) }]);
    for (const [fields, ids] of [
      [{ number: '987654321765432', expiry: '13/30' }, ['number', 'expiry']],
      [{ number: '9876543217654329', expiry: '' }, ['expiry']],
      [{ ...typed('9876543217654329'), password: '917', identity: '91720' }, ['password', 'identity']],
      [{}, ['number', 'expiry']],
    ]) {
      const { status, html } = await post(url, { step: 'pay', total: '5000', ...fields });
      expect(status).toBe(400);
      const wrong = [...html.matchAll(/id="(\w+)-error"/g)].map(([, id]) => id);
      expect(wrong.sort()).toEqual([...ids].sort());
      for (const secret of ['98765', '917', '13/30']) expect(html).not.toContain(secret);
    }
    expect(await paymentsOf(store, orderId)).toEqual([]);
  });

  test('another total than the one that was shown charges nothing', async () => {
    const { url, orderId } = await checkout([{ priceId: await sell(store) }]);
    for (const total of ['1', '', 'x', '-5000']) {
      const { location } = await post(url, { ...payment(5000), total });
      expect(location).toBe('?notice=total');
    }
    expect((await visit(`${url}?notice=total`)).html).toContain('total has changed');
    expect(await paymentsOf(store, orderId)).toEqual([]);
  });

  test('nothing takes no card, and a trial one for later', async () => {
    await store.coupons.create({ code: 'FREE', percentOff: 100, duration: 'once' });
    const free = await checkout([{ priceId: await sell(store) }], { promotionCode: 'FREE' });
    const { html } = await visit(free.url);
    expect(html).toContain('>Confirm</button>');
    expect(html).not.toContain('cc-number');
    expect((await post(free.url, { step: 'pay', total: '0' })).location).toBe('?wait');
    expect(await store.checkoutSessions.get(free.id)).toMatchObject({ status: 'complete' });

    const trial = await checkout([{ priceId: await sellMonthly(store) }], {
      trial: { interval: 'day', count: 7 },
    });
    const page = (await visit(trial.url)).html;
    expect(page).toContain('Free until');
    expect(page).toContain('cc-number');
    await post(trial.url, payment(0));
    const order = await store.orders.get(trial.orderId);
    expect(order.status).toBe('paid');
    const [subscriptionId] = order.subscriptionIds;
    const subscription = await store.subscriptions.get(subscriptionId);
    expect(subscription).toMatchObject({
      status: 'trialing',
      paymentMethodId: expect.stringMatching(/^pm_/),
    });
  });
});

describe('choosing', () => {
  test('quantities, as many as the line item allows', async () => {
    const priceId = await sell(store, { maximumQuantity: 3 });
    const { url, orderId } = await checkout([{ priceId }]);
    const field = `quantity.${priceId}`;
    expect((await post(url, { step: 'update', [field]: '3' })).location).toBe('?cart');
    expect((await visit(`${url}?cart`)).html).toContain('₩15,000');
    for (const bad of ['4', '0', '-1', 'x', '']) {
      const { status, html } = await post(url, { step: 'update', [field]: bad });
      expect([bad, status]).toEqual([bad, 400]);
      expect(html).toContain('id="quantity-0-error"');
    }
    await post(url, payment(15_000));
    expect(await store.orders.get(orderId)).toMatchObject({ status: 'paid', total: 15_000 });
  });

  test('a fixed quantity has no field', async () => {
    const order = await store.orders.create({
      customerId: customer.id,
      items: [{ priceId: await sell(store), quantity: 2, minQuantity: 2, maxQuantity: 2 }],
    });
    const { url } = await store.orders.payLink(order.id);
    const { html } = await visit(url);
    expect(html).not.toContain('name="quantity.');
    expect(html).toContain('₩10,000');
  });

  test('discount codes, which come and go', async () => {
    await store.coupons.create({ code: 'HALF', percentOff: 50, duration: 'once' });
    await store.coupons.create({ code: 'OLD', percentOff: 50, duration: 'once', redeemBy: Date.now() + 1 });
    const { url, orderId } = await checkout([{ priceId: await sell(store) }]);
    for (const [code, why] of [
      ['NONE', '존재하지 않'],
      ['OLD', '기간'],
    ]) {
      const { status, html } = await post(url, { step: 'update', code }, { headers: KO });
      expect(status).toBe(400);
      expect(html).toContain(`id="code-error">${code}: `);
      expect(html).toContain(why);
      expect(html).toContain(`value="${code}"`);
    }
    expect((await post(url, { step: 'update', code: 'half' })).location).toBe('?cart');
    const { html } = await visit(`${url}?cart`);
    expect(html).toContain('₩2,500');
    expect(html).toContain('name="codes" value="half"');
    await post(url, { step: 'update', codes: 'half', remove: 'half', code: '' });
    expect((await visit(`${url}?cart`)).html).toContain('Pay ₩5,000');
    await post(url, { step: 'update', code: 'HALF' });
    await post(url, payment(2500));
    expect(await store.orders.get(orderId)).toMatchObject({ status: 'paid', total: 2500, discount: 2500 });
  });

  test('a code that is used up meanwhile is told of, and left out once the payer agrees', async () => {
    const coupon = await store.coupons.create({ code: 'GONE', percentOff: 50, duration: 'once' });
    const { url, orderId } = await checkout([{ priceId: await sell(store) }], { promotionCode: 'GONE' });
    expect((await visit(url)).html).toContain('Pay ₩2,500');
    await store.coupons.update(coupon.id, { active: false });
    const refused = await post(url, { ...payment(2500), codes: 'GONE' });
    expect(refused.location).toBe('?notice=code');
    const { html } = await followed(url, refused);
    expect(html).toContain('Pay ₩5,000');
    expect(html).toContain('does not apply any more');
    expect(await paymentsOf(store, orderId)).toEqual([]);
    expect((await post(url, payment(5000))).location).toBe('?wait');
    expect(await store.orders.get(orderId)).toMatchObject({ status: 'paid', total: 5000 });
  });
});

describe('what there is little of', () => {
  test('is kept from the moment the page is opened, and not for programs that look at links', async () => {
    const priceId = await sell(store, {}, { stock: 1 });
    const [one, other] = [await checkout([{ priceId }]), await checkout([{ priceId }])];
    await fetch(one.url);
    await visit(one.url, { method: 'HEAD' });
    await visit(one.url, { headers: { 'Sec-Purpose': 'prefetch' } });
    expect(await stockOf(store, priceId)).toBe(1);
    const opened = await visit(one.url);
    expect(opened.html).not.toContain('data-open');
    expect(await stockOf(store, priceId)).toBe(0);
    const { html } = await visit(other.url, { headers: KO });
    expect(html).toContain('재고가 부족합니다');
    expect(html).not.toContain('pay-form');
    expect((await post(other.url, payment(5000))).location).toBe('?notice=stock');
    expect((await post(one.url, payment(5000))).location).toBe('?wait');
    expect(await store.orders.get(one.orderId)).toMatchObject({ status: 'paid' });
  });

  test('is kept for older browsers once their script says so', async () => {
    const priceId = await sell(store, {}, { stock: 1 });
    const { url } = await checkout([{ priceId }]);
    const silent = { 'Sec-Fetch-Mode': 'cors' };
    expect((await visit(url, { headers: silent })).html).toContain('data-open');
    expect((await post(url, { step: 'open' })).location).toBe('?cart');
    expect(await stockOf(store, priceId)).toBe(0);
  });
});

describe('a page that is over', () => {
  test('says that it was closed', async () => {
    const { id, url } = await checkout([{ priceId: await sell(store) }], { cancelUrl: `${SHOP}/cart` });
    await store.checkoutSessions.expire(id);
    const { status, html } = await visit(url);
    expect(status).toBe(200);
    expect(html).toContain('no longer open');
    expect(html).toContain(`${SHOP}/cart?order_code=`);
    expect(html).not.toContain('pay-form');
    expect((await post(url, payment(5000))).location).toBe('?wait');
    expect((await post(url, { step: 'update', code: 'X' })).location).toBe('?wait');
  });

  test('says that the order was cancelled', async () => {
    const { id } = await store.orders.create({
      customerId: customer.id,
      items: [{ priceId: await sell(store) }],
    });
    const { url } = await store.orders.payLink(id);
    await store.orders.cancel(id);
    expect((await visit(url)).html).toContain('This order was cancelled');
  });
});
