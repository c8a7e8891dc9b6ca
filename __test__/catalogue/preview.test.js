// `commerce.preview`: what a purchase would cost, now and later. docs/pricing.md says how.
const {
  closeStores,
  contents,
  expectError,
  expectInvalid,
  openStore,
  Proyecta,
} = require('../support/store.js');
const { byUsage, monthly, shirt } = require('../support/catalogue.js');

const { ConflictError, NotFoundError } = Proyecta;
let store;
beforeEach(() => {
  store = openStore({ timezone: 'Asia/Seoul' });
});
afterEach(closeStores);

/** A product with one price; gives what a line item of it needs. */
async function sell(price, product = {}) {
  const { variants } = await store.products.create({ name: 'Product', ...product, variants: [price] });
  return { variantId: variants[0].id };
}

const once = (unitAmount, rest = {}) => ({ name: 'Once', currency: 'KRW', unitAmount, ...rest });
const amounts = ({ lines }) => lines.map(({ type, amount }) => [type, amount]);
const preview = (item, rest = {}) => store.preview({ lineItems: [item].flat(), ...rest });

/** Holds for every preview there is. */
function addsUp({ lines, subtotal, discount, tax, total, currency, upcoming }) {
  const sum = (list) => list.reduce((so_far, { amount }) => so_far + amount, 0);
  expect(sum(lines)).toBe(total);
  expect(subtotal - discount + tax).toBe(total);
  expect(sum(lines.filter(({ type }) => type === 'discount')) + discount).toBe(0);
  for (const charge of upcoming) expect(sum(charge.lines)).toBe(charge.total);
  for (const line of [...lines, ...upcoming.flatMap((charge) => charge.lines)]) {
    expect(line).toMatchObject({ currency, itemId: null });
    expect(line.reason.text).not.toBe('');
  }
}

describe('a purchase', () => {
  test('is every line with its reason, and changes nothing', async () => {
    const item = await sell(monthly());
    const before = await contents(store);
    const seen = await preview({ ...item, quantity: 2 });
    const [period] = seen.lines.map(({ periodStart, periodEnd }) => ({ periodStart, periodEnd }));
    expect(seen).toEqual({
      object: 'preview',
      lines: [
        {
          type: 'price',
          priceId: item.variantId,
          itemId: null,
          quantity: 2,
          amount: 19800,
          currency: 'KRW',
          ...period,
          reason: {
            code: 'price',
            params: { name: 'Monthly', unitAmount: '9900' },
            text: expect.stringContaining('9,900'),
          },
        },
      ],
      subtotal: 19800,
      discount: 0,
      tax: 0,
      taxInclusive: false,
      total: 19800,
      currency: 'KRW',
      discounts: [],
      invalidDiscounts: [],
      upcoming: [
        {
          at: period.periodEnd,
          lines: [expect.objectContaining({ amount: 19800 })],
          total: 19800,
          currency: 'KRW',
        },
      ],
    });
    expect(await contents(store)).toEqual(before);
    addsUp(seen);
  });

  test('of things that repeat and things that do not', async () => {
    const [plan, piece] = [await sell(monthly()), await sell(once(3000))];
    const seen = await preview([plan, { ...piece, quantity: 3 }], { periods: 3 });
    expect(amounts(seen)).toEqual([
      ['price', 9900],
      ['price', 9000],
    ]);
    expect(seen.upcoming.map(({ total }) => total)).toEqual([9900, 9900, 9900]);
    expect((await preview(piece)).upcoming).toEqual([]);
    addsUp(seen);
  });

  test('says why, in English and in Korean', async () => {
    const item = await sell(monthly({ name: 'Pro' }));
    const reasonOf = async (locale) =>
      (await preview({ ...item, quantity: 3 }, { locale })).lines[0].reason.text;
    expect(await reasonOf('en')).toBe('Pro: 3 × 9,900');
    expect(await reasonOf('ko')).toBe('Pro 3개 × 9,900원');
    expect(await reasonOf(undefined)).toBe(await reasonOf('en'));
  });

  test('may name its price as priceId, and in snake_case', async () => {
    const { variantId } = await sell(monthly());
    const seen = await store.preview({ line_items: [{ price_id: variantId }], discount_codes: [] });
    expect(seen.total).toBe(9900);
  });

  test('as many coming payments as were asked for', async () => {
    const item = await sell(monthly({ expiry: { payments: 5 } }));
    for (const [periods, shown] of [
      [0, 0],
      [2, 2],
      [120, 4],
    ]) {
      expect((await preview(item, { periods })).upcoming).toHaveLength(shown);
    }
  });
});

describe('what a price says', () => {
  test('a first purchase, a fee, a trial', async () => {
    const item = await sell(
      monthly({
        introDiscount: { price: 900 },
        setupFee: { name: 'Setup', amount: 5000, when: 'initially' },
      }),
    );
    const seen = await preview(item);
    expect(amounts(seen)).toEqual([
      ['price', 9900],
      ['discount', -9000],
      ['setup_fee', 5000],
    ]);
    expect(seen.upcoming[0].total).toBe(9900);
    addsUp(seen);

    const tried = await sell(monthly(), { trial: { interval: 'day', count: 14 } });
    const free = await preview(tried);
    expect(amounts(free)).toEqual([['price', 0]]);
    expect(free.lines[0].reason.code).toBe('trial');
    expect(Date.parse(free.upcoming[0].at) - Date.parse(free.lines[0].periodStart)).toBe(14 * 86_400_000);
    expect(free.upcoming[0].total).toBe(9900);
  });

  test('usage and seats are lines of their own', async () => {
    const usage = await sell(byUsage({ unitAmount: 1000 }));
    const seen = await preview(usage);
    expect(amounts(seen)).toEqual([['price', 1000]]);
    expect(amounts(seen.upcoming[0])).toEqual([
      ['usage', 0],
      ['price', 1000],
    ]);
    const seats = await sell({
      name: 'Seats',
      type: 'seat',
      currency: 'KRW',
      recurring: { interval: 'month' },
      usageClaim: 'advance',
      unit: 'seats',
      tiers: [
        { upTo: 5, unitAmount: 1000 },
        { upTo: null, unitAmount: 800 },
      ],
    });
    const team = await preview({ ...seats, quantity: 12 });
    expect(amounts(team)).toEqual([['usage', 10_600]]);
    expect(team.lines[0].reason).toMatchObject({
      code: 'usage_graduated',
      text: '12 seats: 5 × 1,000 + 7 × 800',
    });
  });

  test('a bundle pays its own price, its extra once, and lists what is in it', async () => {
    const { variants } = await store.products.create({
      name: 'Parts',
      variants: [monthly({ id: 'var_a', name: 'A' }), byUsage({ id: 'var_b', name: 'B', unitAmount: 100 })],
    });
    expect(variants).toHaveLength(2);
    const item = await sell(
      monthly({
        name: 'Both',
        type: 'bundle',
        unitAmount: 15_000,
        bundle: { priceIds: ['var_a', 'var_b'], firstPaymentExtra: 2000 },
      }),
      { kind: 'bundle' },
    );
    const seen = await preview(item);
    expect(seen.lines.map(({ priceId, amount, reason }) => [priceId, amount, reason.code])).toEqual([
      [item.variantId, 15_000, 'price'],
      [item.variantId, 2000, 'first_payment_extra'],
      ['var_a', 0, 'in_bundle'],
      ['var_b', 100, 'price'],
    ]);
    expect(seen.upcoming[0].total).toBe(15_100);
    addsUp(seen);
  });

  test('options cost what their combination says', async () => {
    const { options, variants } = await store.products.create({
      name: 'Shirt',
      kind: 'box',
      options: shirt([
        { values: ['L', 'Blue'], price: 500, stock: 2 },
        { values: ['S', 'Red'], status: 'out_of_stock' },
      ]),
      variants: [once(10_000)],
    });
    const id = (name) =>
      options.groups.flatMap(({ values }) => values).find((value) => value.name === name).id;
    const [variantId, chosen] = [variants[0].id, (...names) => names.map(id)];
    expect((await preview({ variantId, options: chosen('L', 'Blue') })).total).toBe(10_500);
    expect((await preview({ variantId, options: chosen('Blue', 'L'), quantity: 2 })).total).toBe(21_000);
    expect((await preview({ variantId, options: chosen('L', 'Red') })).total).toBe(10_000);
    const tooMany = preview({ variantId, options: chosen('L', 'Blue'), quantity: 3 });
    await expectError(tooMany, ConflictError, 'out_of_stock', 'lineItems[0].quantity');
    await expectInvalid(preview({ variantId }), 'lineItems[0].options');
    await expectInvalid(preview({ variantId, options: chosen('L') }), 'lineItems[0].options');
    await expectInvalid(preview({ variantId, options: chosen('S', 'Red') }), 'lineItems[0].options');
  });

  test('a tax by country comes on top of what is left', async () => {
    const setting = { countryCode: 'KR', taxRate: 10, isDefault: false };
    const item = await sell(monthly({ unitAmount: 1005 }), { countrySetting: setting });
    const korean = await store.customers.create({ email: 'kr@example.com', countryCode: 'KR' });
    const other = await store.customers.create({ email: 'us@example.com', countryCode: 'US' });
    const seen = await preview(item, { customerId: korean.id });
    expect(seen).toMatchObject({ subtotal: 1005, tax: 101, total: 1106 });
    expect(seen.lines.at(-1)).toMatchObject({
      type: 'tax',
      amount: 101,
      reason: { params: { percent: '10' } },
    });
    addsUp(seen);
    expect((await preview(item, { customerId: other.id })).tax).toBe(0);
    expect((await preview(item)).tax).toBe(0);
  });
});

describe('discount codes', () => {
  beforeEach(async () => {
    await store.coupons.create({
      code: 'TWENTY',
      percentOff: 20,
      duration: 'forever',
      description: 'A fifth off',
    });
    await store.coupons.create({ code: 'Spring10', amountOff: 5000, currency: 'KRW', duration: 'once' });
  });

  test('apply in their order, each to what is left', async () => {
    const item = await sell(once(99_000));
    const seen = await preview({ ...item, quantity: 2 }, { discountCodes: ['twenty', ' SPRING10 '] });
    expect(seen.discounts).toEqual([
      {
        code: 'twenty',
        type: 'percentage',
        value: 20,
        description: 'A fifth off',
        amount: 39_600,
        before: 198_000,
      },
      {
        code: 'SPRING10',
        type: 'fixed_amount',
        value: 5000,
        description: null,
        amount: 5000,
        before: 158_400,
      },
    ]);
    expect(seen).toMatchObject({ subtotal: 198_000, discount: 44_600, total: 153_400 });
    addsUp(seen);
    const turned = await preview({ ...item, quantity: 2 }, { discountCodes: ['SPRING10', 'TWENTY'] });
    expect(turned.total).toBe(154_400);
  });

  test('go on for as long as the coupon says', async () => {
    await store.coupons.create({
      code: 'THREE',
      percentOff: '12.5',
      duration: 'repeating',
      durationInMonths: 3,
    });
    const item = await sell(monthly({ unitAmount: 10_000 }));
    const totals = async (code) => {
      const seen = await preview(item, { discountCodes: [code], periods: 4 });
      addsUp(seen);
      return [seen.total, ...seen.upcoming.map(({ total }) => total)];
    };
    expect(await totals('TWENTY')).toEqual([8000, 8000, 8000, 8000, 8000]);
    expect(await totals('SPRING10')).toEqual([5000, 10_000, 10_000, 10_000, 10_000]);
    expect(await totals('THREE')).toEqual([8750, 8750, 8750, 10_000, 10_000]);
  });

  test('for one payment wait until a trial is over', async () => {
    const item = await sell(monthly({ unitAmount: 10_000 }), { trial: { interval: 'month', count: 1 } });
    const seen = await preview(item, { discountCodes: ['SPRING10'], periods: 2 });
    expect(seen.discounts).toMatchObject([{ code: 'SPRING10', amount: 0 }]);
    expect(seen.upcoming.map(({ total }) => total)).toEqual([5000, 10_000]);
  });

  test('never take off more than there is', async () => {
    const item = await sell(once(3000));
    const seen = await preview(item, { discountCodes: ['SPRING10', 'TWENTY'] });
    expect(seen).toMatchObject({ discount: 3000, total: 0 });
    addsUp(seen);
  });

  test('that do not apply are listed with the reason, and the call succeeds', async () => {
    const { coupons, products } = store;
    await products.create({ id: 'prod_else', name: 'Else' });
    await coupons.create({ code: 'OFF', percentOff: 5, duration: 'once', active: false });
    await coupons.create({ code: 'DOLLARS', amountOff: 100, currency: 'USD', duration: 'once' });
    await coupons.create({ code: 'ELSE', percentOff: 5, duration: 'once', products: ['prod_else'] });
    await coupons.create({
      code: 'OVER',
      percentOff: 5,
      duration: 'once',
      redeemBy: '2020-01-01T00:00:00Z',
    });
    const codes = ['NOBODY', 'OFF', 'DOLLARS', 'ELSE', 'OVER', 'TWENTY', 'Twenty', ''];
    const seen = await preview(await sell(once(1000)), { discountCodes: codes });
    expect(seen.discounts.map(({ code }) => code)).toEqual(['TWENTY']);
    expect(seen.invalidDiscounts.map(({ code, reason }) => [code, reason])).toEqual([
      ['NOBODY', 'not_found'],
      ['OFF', 'inactive'],
      ['DOLLARS', 'other_currency'],
      ['ELSE', 'not_applicable'],
      ['OVER', 'expired'],
      ['Twenty', 'duplicate'],
      ['', 'not_found'],
    ]);
    for (const { message } of seen.invalidDiscounts) {
      expect(message.en).toMatch(/^This code /);
      expect(message.ko).toMatch(/\p{Script=Hangul}/u);
    }
    expect(seen.total).toBe(800);
  });
});

describe('what cannot be bought says so', () => {
  test('nothing, nothing known, too much', async () => {
    const item = await sell(monthly({ maximumQuantity: 3 }));
    await expectInvalid(preview([]), 'lineItems');
    await expectInvalid(preview({}), 'lineItems[0].variantId', 'parameter_missing');
    await expectInvalid(preview({ ...item, priceId: item.variantId }), 'lineItems[0].priceId');
    await expectInvalid(preview({ ...item, quantity: 0 }), 'lineItems[0].quantity');
    await expectInvalid(preview({ ...item, quantity: -1 }), 'lineItems[0].quantity');
    await expectInvalid(preview({ ...item, quantity: 1.5 }), 'lineItems[0].quantity');
    await expectInvalid(preview([item, { ...item, quantity: 4 }]), 'lineItems[1].quantity');
    await expectInvalid(preview({ ...item, quantiti: 4 }), 'lineItems[0].quantiti', 'parameter_unknown');
    await expectInvalid(preview(item, { periods: 121 }), 'periods');
    await expectInvalid(preview(item, { locale: 'fr' }), 'locale');
    await expectError(
      preview({ variantId: 'var_none' }),
      NotFoundError,
      'price_not_found',
      'lineItems[0].variantId',
    );
    await expectError(
      preview(item, { customerId: 'cus_none' }),
      NotFoundError,
      'customer_not_found',
      'customerId',
    );
  });

  test('two currencies at once', async () => {
    const [won, dollars] = [await sell(once(1000)), await sell(once(100, { currency: 'USD' }))];
    await expectInvalid(preview([won, dollars]), 'lineItems[1]');
    expect((await preview(dollars)).currency).toBe('USD');
  });

  test('more money than can be counted', async () => {
    const item = await sell(once(Number.MAX_SAFE_INTEGER));
    await expectInvalid(preview({ ...item, quantity: 1_000_000_000 }), 'lineItems[0]');
  });

  test('what is archived, not on sale, or not there in that number', async () => {
    const few = await sell(once(1000), { stock: 2 });
    expect((await preview({ ...few, quantity: 2 })).total).toBe(2000);
    const stock = ['out_of_stock', 'lineItems[0].quantity'];
    await expectError(preview({ ...few, quantity: 3 }), ConflictError, ...stock);
    const gone = await sell(once(1000), { status: 'out_of_stock' });
    await expectError(preview(gone), ConflictError, ...stock);
    const place = 'lineItems[0].variantId';
    const hidden = await sell(once(1000), { status: 'unsold' });
    await expectError(preview(hidden), ConflictError, 'product_unavailable', place);
    const old = await sell(once(1000));
    await store.prices.archive(old.variantId);
    await expectError(preview(old), ConflictError, 'price_archived', place);
    await store.products.create({ id: 'prod_old', name: 'Old', variants: [once(1, { id: 'var_old' })] });
    await store.products.archive('prod_old');
    await expectError(preview({ variantId: 'var_old' }), ConflictError, 'product_unavailable', place);
  });
});
