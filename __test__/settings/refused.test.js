// What `commerce.settings` refuses: each value, and all of them against each other.
const { contents, expectInvalid, openStore } = require('../support/store.js');

const store = openStore();
const { settings } = store;
let before;
beforeAll(async () => {
  before = await contents(store);
});
afterEach(async () => expect(await contents(store)).toEqual(before));

const rate = { name: 'VAT', percent: 10 };
const WORDS = [
  'locale',
  'proration',
  'upgrade',
  'downgrade',
  'intervalSwitch',
  'firstPeriod',
  'terminationDay',
  'cancelDefault',
  'cancelCredit',
  'downgradeCredit',
  'decreaseCredit',
  'recoveredPeriod',
  'trialEndWithoutMethod',
  'retryEnd',
  'pause',
];

test.each(WORDS)('%s is one of its words', async (name) => {
  for (const word of ['', 'sometimes', ' ', 'day,none', 'toString'])
    await expectInvalid(settings.update({ [name]: word }), name);
});

test.each([
  ['billingDay', 1, 31],
  ['stockHoldMinutes', 1, 1440],
  ['eventRetentionDays', 1, 3650],
  ['pastDueGraceDays', 0, 365],
  ['incompleteHours', 1, 720],
  ['noticeBeforePaymentDays', 0, 60],
  ['dormancyNoticeMonths', 0, 120],
  ['dormancyMonths', 0, 120],
])('%s is from %d to %d', async (name, min, max) => {
  for (const number of [min - 1, max + 1, min + 0.5, 2 ** 40, String(min)])
    await expectInvalid(settings.update({ [name]: number }), name);
});

test.each([
  ['timezone', { timezone: 'KST' }],
  ['currency', { currency: 'WON' }],
  ['retryDays[0]', { retryDays: [0] }],
  ['retryDays[1]', { retryDays: [1, 61] }],
  ['retryDays[1]', { retryDays: [3, 1] }],
  ['retryDays[2]', { retryDays: [1, 3, 3] }],
  ['retryDays[1]', { retryDays: [1, '3'] }],
  ['retryDays', { retryDays: Array.from({ length: 21 }, (_, index) => index + 1) }],
  ['recovery.stages[1]', { recovery: { stages: [3, 0] } }],
  ['recovery.stages[1]', { recovery: { stages: [0, 11] } }],
  ['recovery.stages[2]', { recovery: { endDay: 5 } }],
  ['recovery.stages[0]', { recovery: { stages: [-1] } }],
  ['recovery.endDay', { recovery: { endDay: 0 } }],
  ['recovery.endDay', { recovery: { endDay: 366 } }],
  ['recovery.end', { recovery: { end: 'expire' } }],
  ['recovery.pageUrl', { recovery: { pageUrl: 'http://shop.example.com' } }],
  ['recovery.pageUrl', { recovery: { pageUrl: 'javascript:alert(1)' } }],
  ['recovery.pageUrl', { recovery: { pageUrl: 'https://user:secret@shop.example.com' } }],
  ['recovery.pageUrl', { recovery: { pageUrl: `https://shop.example.com/${'x'.repeat(2048)}` } }],
  ['recovery.quietHours.from', { recovery: { quietHours: { from: '9:00', to: '10:00' } } }],
  ['recovery.quietHours.to', { recovery: { quietHours: { from: '09:00', to: '24:00' } } }],
  ['recovery.quietHours.to', { recovery: { quietHours: { from: '09:00', to: '09:00' } } }],
  ['tax.rates[0].percent', { tax: { rates: [{ ...rate, percent: 0 }] } }],
  ['tax.rates[1].percent', { tax: { rates: [rate, { ...rate, percent: '100.1' }] } }],
  ['tax.rates[0].percent', { tax: { rates: [{ ...rate, percent: '0.0000001' }] } }],
  ['tax.rates[0].name', { tax: { rates: [{ ...rate, name: ' ' }] } }],
  ['tax.rates[0].country', { tax: { rates: [{ ...rate, country: 'XX' }] } }],
  ['tax.rates[0].productId', { tax: { rates: [{ ...rate, productId: 'box' }] } }],
  ['tax.rates', { tax: { rates: Array(101).fill(rate) } }],
  ['business.name', { business: { name: 'x'.repeat(256) } }],
  ['business.businessNumber', { business: { businessNumber: '1'.repeat(41) } }],
  ['business.email', { business: { email: 'help' } }],
  ['business.address.country', { business: { address: { country: 'XX' } } }],
  ['business.termsUrl', { business: { termsUrl: '/terms' } }],
  ['origins[0]', { origins: ['*'] }],
  ['origins[0]', { origins: ['null'] }],
  ['origins[0]', { origins: ['http://shop.example.com'] }],
  ['origins[1]', { origins: ['https://a.example.com', 'https://a.example.com/page'] }],
  ['origins[1]', { origins: ['https://a.example.com', 'HTTPS://A.example.com:443'] }],
  ['origins', { origins: Array.from({ length: 51 }, (_, index) => `https://a${index}.example.com`) }],
  ['branding.logoUrl', { branding: { logoUrl: 'data:image/png;base64,AAAA' } }],
  ['branding.color', { branding: { color: 'blue' } }],
  ['branding.color', { branding: { color: '#12345g' } }],
])('%s cannot be as in %j', async (param, change) => {
  const error = await expectInvalid(settings.update(change), param);
  expect(error.message).not.toContain('secret');
});

test.each([
  ['tax.rates[0].percent', { tax: { rates: [{ name: 'VAT' }] } }],
  ['tax.rates[0].name', { tax: { rates: [{ percent: 10 }] } }],
  ['recovery.quietHours.to', { recovery: { quietHours: { from: '09:00' } } }],
])('%s must be there', async (param, change) => {
  await expectInvalid(settings.update(change), param, 'parameter_missing');
});

test.each([
  ['colour', { colour: 'blue' }],
  ['tax.rate', { tax: { rate: 10 } }],
  ['recovery.quietHours.days', { recovery: { quietHours: { from: '01:00', to: '02:00', days: [] } } }],
  ['business.fax', { business: { fax: '1' } }],
  ['version', { version: 2 }],
  ['id', { id: 'set_1' }],
])('%s is no setting', async (param, change) => {
  await expectInvalid(settings.update(change), param, 'parameter_unknown');
});

test.each([
  ['aligned first periods without their day', { firstPeriod: 'aligned' }, 'billingDay'],
  [
    'a notice that comes with the dormancy',
    { dormancyNoticeMonths: 12, dormancyMonths: 12 },
    'dormancyNoticeMonths',
  ],
  ['a dormancy before the notice that there is', { dormancyMonths: 11 }, 'dormancyNoticeMonths'],
  ['stock held longer than the checkout', { stockHoldMinutes: 61, incompleteHours: 1 }, 'stockHoldMinutes'],
])('%s: refused', async (_, change, param) => {
  await expectInvalid(settings.update(change), param);
});

test('settings are checked against what the store has', async () => {
  const own = openStore();
  await own.settings.update({ firstPeriod: 'aligned', billingDay: 5 });
  await expectInvalid(own.settings.update({ billingDay: null }), 'billingDay');
  await own.settings.update({ firstPeriod: null, billingDay: null });
  await own.settings.update({ dormancyMonths: 0 });
  await own.settings.update({ dormancyNoticeMonths: 60 });
  await expectInvalid(own.settings.update({ dormancyMonths: null }), 'dormancyNoticeMonths');
});
