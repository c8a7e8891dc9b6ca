// What settings do to what is there already: previews, and tables of customers.
const { newDatabase } = require('../support/folder.js');
const { closeStores, openStore } = require('../support/store.js');
const { monthly } = require('../support/catalogue.js');

let store;
let settings;
beforeEach(() => {
  store = openStore({ timezone: 'Asia/Seoul' });
  settings = store.settings;
});
afterEach(closeStores);

async function sell(price, product = {}) {
  const { id, variants } = await store.products.create({ name: 'Product', ...product, variants: [price] });
  return { productId: id, priceId: variants[0].id };
}

const preview = ({ priceId }, rest = {}) => store.preview({ lineItems: [{ priceId }], ...rest });
const taxes = ({ lines }) =>
  lines.filter(({ type }) => type === 'tax').map(({ amount, reason }) => [reason.params.name, amount]);

describe('a preview', () => {
  test('has the store’s taxes, on top or contained', async () => {
    const item = await sell(monthly({ unitAmount: 11_000 }));
    const rates = [{ name: 'VAT', percent: 10 }];
    await settings.update({ tax: { rates } });
    const onTop = await preview(item);
    expect(onTop).toMatchObject({ subtotal: 11_000, tax: 1100, total: 12_100, taxInclusive: false });
    expect(taxes(onTop)).toEqual([['VAT', 1100]]);
    expect(onTop.upcoming[0].total).toBe(12_100);
    await settings.update({ tax: { inclusive: true, rates } });
    expect(await preview(item)).toMatchObject({ tax: 1000, total: 11_000, taxInclusive: true });
    await settings.update({ tax: null });
    expect(await preview(item)).toMatchObject({ tax: 0, total: 11_000, taxInclusive: false });
  });

  test('taxes by country and by product, and a rate of the store for a product replaces the product’s own', async () => {
    const setting = { countryCode: 'KR', taxRate: 5, isDefault: true };
    const item = await sell(monthly({ unitAmount: 10_000 }), { countrySetting: setting });
    const other = await sell(monthly({ unitAmount: 10_000 }));
    const { id } = await store.customers.create({ email: 'a@example.com', address: { country: 'JP' } });
    await settings.update({ tax: { rates: [{ name: 'JCT', percent: 10, country: 'JP' }] } });
    expect(taxes(await preview(item))).toEqual([['KR tax', 500]]);
    expect(taxes(await preview(item, { customerId: id }))).toEqual([
      ['JCT', 1000],
      ['KR tax', 500],
    ]);
    await settings.update({ tax: { rates: [{ name: 'Own', percent: 7, productId: item.productId }] } });
    expect(taxes(await preview(item))).toEqual([['Own', 700]]);
    expect(taxes(await preview(other))).toEqual([]);
  });

  test('with as many rates as there may be still has a product’s own', async () => {
    const item = await sell(monthly({ unitAmount: 10_000 }), {
      countrySetting: { countryCode: 'KR', taxRate: 5, isDefault: true },
    });
    const rates = Array.from({ length: 100 }, () => ({ name: 'Far', percent: 1, country: 'FR' }));
    await settings.update({ tax: { rates } });
    expect(taxes(await preview(item))).toEqual([['KR tax', 500]]);
  });

  test('aligns first periods to the billing day of the store’s zone, and pays them in part', async () => {
    const item = await sell(monthly({ unitAmount: 30_000 }));
    const [line] = (await preview(item)).lines;
    expect(line.amount).toBe(30_000);
    // A day that neither today nor tomorrow is, in any zone, and every month has.
    const start = new Date(line.periodStart).getUTCDate();
    const billingDay = start >= 10 && start <= 20 ? 3 : 15;
    await settings.update({ firstPeriod: 'aligned', billingDay, timezone: 'America/New_York' });
    const aligned = await preview(item);
    expect(aligned.lines[0].amount).toBeLessThan(30_000);
    expect(aligned.lines[0].amount).toBeGreaterThan(0);
    const local = new Intl.DateTimeFormat('en-CA', {
      timeZone: 'America/New_York',
      dateStyle: 'short',
      timeStyle: 'short',
      hourCycle: 'h23',
    });
    const end = local.format(new Date(aligned.lines[0].periodEnd));
    expect(end).toMatch(new RegExp(`-${String(billingDay).padStart(2, '0')}, `));
    expect(aligned.upcoming[0]).toMatchObject({ at: aligned.lines[0].periodEnd, total: 30_000 });
    await settings.update({ proration: 'none' });
    expect((await preview(item)).lines[0].amount).toBe(0);
    await settings.update({ firstPeriod: 'anniversary', proration: null });
    expect((await preview(item)).lines[0].amount).toBe(30_000);
  });

  test('speaks the store’s language where nobody asks for another', async () => {
    const item = await sell(monthly({ name: 'Pro' }));
    const text = async (locale) => (await preview(item, { locale })).lines[0].reason.text;
    const english = await text('en');
    await settings.update({ locale: 'ko' });
    expect(await text(undefined)).toBe(await text('ko'));
    expect(await text('en')).toBe(english);
    expect(await text('ko')).not.toBe(english);
  });

  test('of another client follows at once', async () => {
    const database = newDatabase();
    const [mine, theirs] = [openStore({ database }), openStore({ database })];
    const { variants } = await mine.products.create({ name: 'P', variants: [monthly({ unitAmount: 1000 })] });
    const total = async () => (await theirs.preview({ lineItems: [{ priceId: variants[0].id }] })).total;
    expect(await total()).toBe(1000);
    await mine.settings.update({ tax: { rates: [{ name: 'VAT', percent: 10 }] } });
    expect(await total()).toBe(1100);
  });
});

test('the import’s template has headings in the store’s language', async () => {
  const utc = openStore();
  const size = async () => (await utc.customers.importTemplate()).length;
  const english = await size();
  await utc.settings.update({ timezone: 'Asia/Seoul' });
  const korean = await size();
  expect(korean).not.toBe(english);
  await utc.settings.update({ timezone: null });
  expect(await size()).toBe(english);
  await utc.settings.update({ locale: 'ko' });
  expect(await size()).toBe(korean);
});
