// `commerce.settings`: what a store decides for itself. docs/settings.md has the table.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const fc = require('fast-check');
const { failure } = require('../support/customers.js');
const { newDatabase } = require('../support/folder.js');
const { DEFAULTS, OTHERS } = require('../support/settings.js');
const { allEvents, closeStores, expectError, openStore, Proyecta } = require('../support/store.js');

const { ConflictError } = Proyecta;
let store;
let settings;
beforeEach(() => {
  store = openStore();
  settings = store.settings;
});
afterEach(closeStores);

/** The settings themselves, without what every object has. */
const plain = ({ id, object, version, createdAt, updatedAt, ...rest }) => rest;
const nulls = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, null]));

test('a new store has the documented defaults', async () => {
  const seen = await settings.get();
  expect(seen).toEqual({
    id: expect.stringMatching(/^set_[0-9a-z]{26}$/),
    object: 'settings',
    ...DEFAULTS,
    version: 1,
    createdAt: (await store.proyecta.store).createdAt,
    updatedAt: seen.createdAt,
  });
  expect(await settings.get()).toEqual(seen);
});

test('the table of docs/settings.md has every setting with its default', () => {
  const page = readFileSync(join(__dirname, '../../docs/settings.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` \| ([^|]*) \| ([^|]*) \|/gm)];
  const told = Object.fromEntries(rows.map(([, name, , value]) => [name, value]));
  const shown = (value) =>
    value === null || typeof value !== 'object' || Array.isArray(value)
      ? `\`${JSON.stringify(value).replaceAll('"', '').replaceAll(',', ', ')}\``
      : 'below';
  expect(told).toEqual(
    Object.fromEntries(Object.entries(DEFAULTS).map(([name, value]) => [name, shown(value)])),
  );
});

test('each setting can be changed, and read again', async () => {
  const before = await settings.get();
  const after = await settings.update(OTHERS);
  expect(plain(after)).toEqual(OTHERS);
  expect(after).toMatchObject({ id: before.id, version: 2, createdAt: before.createdAt });
  expect(await settings.get()).toEqual(after);
  expect(plain(await settings.update(nulls))).toEqual(DEFAULTS);
  expect((await settings.get()).version).toBe(3);
});

test.each(Object.keys(OTHERS).filter((name) => name !== 'firstPeriod' && name !== 'dormancyNoticeMonths'))(
  '%s alone changes nothing else, and null gives it its default',
  async (name) => {
    const changed = await settings.update({ [name]: OTHERS[name] });
    expect(plain(changed)).toEqual({ ...DEFAULTS, [name]: OTHERS[name] });
    expect(await settings.get()).toEqual(changed);
    expect(plain(await settings.update({ [name]: null }))).toEqual(DEFAULTS);
  },
);

test('objects and lists are replaced as a whole', async () => {
  await settings.update(OTHERS);
  const { recovery, business, branding, tax, origins } = await settings.update({
    recovery: { enabled: true, quietHours: null },
    business: { name: 'Shop' },
    branding: {},
    tax: { rates: [{ name: 'VAT', percent: '10.0' }] },
    origins: [],
  });
  expect(recovery).toEqual({ ...DEFAULTS.recovery, enabled: true });
  expect(business).toEqual({ ...DEFAULTS.business, name: 'Shop' });
  expect(branding).toEqual(DEFAULTS.branding);
  expect(tax).toEqual({
    inclusive: false,
    rates: [{ name: 'VAT', percent: 10, country: null, productId: null }],
  });
  expect(origins).toEqual([]);
});

test('what people write is taken in its usual spelling', async () => {
  const seen = await settings.update({
    interval_switch: 'KEEP_ANCHOR',
    currency: 'usd',
    origins: [' HTTPS://Shop.Example.com:443/ ', 'http://127.0.0.1:8080'],
    branding: { logo_url: ' https://Shop.example.com/Logo.svg ', color: '#1A73E8' },
    recovery: { quiet_hours: { from: '21:00', to: '00:00' } },
  });
  expect(seen).toMatchObject({
    intervalSwitch: 'keep_anchor',
    currency: 'USD',
    origins: ['https://shop.example.com', 'http://127.0.0.1:8080'],
    branding: { logoUrl: 'https://Shop.example.com/Logo.svg', color: '#1a73e8' },
    recovery: { quietHours: { from: '21:00', to: '00:00' } },
  });
});

test('whatever is accepted is read again as it was answered', async () => {
  const day = fc.integer({ min: 1, max: 60 });
  const days = fc.uniqueArray(day, { maxLength: 20 }).map((list) => list.sort((a, b) => a - b));
  const choice = (...words) => fc.constantFrom(...words, null);
  const change = fc.record(
    {
      timezone: choice('Asia/Seoul', 'America/New_York'),
      locale: choice('en', 'ko'),
      upgrade: choice('immediate', 'period_end'),
      firstPeriod: choice('anniversary', 'aligned'),
      billingDay: fc.option(fc.integer({ min: 1, max: 31 })),
      retryDays: fc.option(days),
      stockHoldMinutes: fc.option(fc.integer({ min: 1, max: 1440 })),
      incompleteHours: fc.option(fc.integer({ min: 1, max: 720 })),
      dormancyNoticeMonths: fc.option(fc.integer({ min: 0, max: 120 })),
      dormancyMonths: fc.option(fc.integer({ min: 0, max: 120 })),
      recovery: fc.record({ enabled: fc.boolean(), stages: days, endDay: day }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  );
  let before = await settings.get();
  const property = fc.asyncProperty(change, async (given) => {
    const outcome = await settings.update(given).catch((error) => error);
    const after = await settings.get();
    if (outcome instanceof Error) {
      expect(outcome).toMatchObject({ name: 'InvalidRequestError', code: 'parameter_invalid' });
      expect(after).toEqual(before);
    } else {
      expect(after).toEqual(outcome);
      for (const [name, value] of Object.entries(given))
        if (name !== 'recovery') expect([name, after[name]]).toEqual([name, value ?? DEFAULTS[name]]);
    }
    before = after;
  });
  await fc.assert(property, { numRuns: 100 });
});

describe('time zone and currency', () => {
  test('are the store’s own, and every client sees them at once', async () => {
    const database = newDatabase();
    const [other, same] = [openStore({ database }), openStore({ database })];
    const before = await same.proyecta.store;
    await other.settings.update({ timezone: 'Asia/Seoul', currency: 'USD' });
    const after = await same.proyecta.store;
    expect(after).toEqual({
      ...before,
      timezone: 'Asia/Seoul',
      currency: 'USD',
      version: 2,
      updatedAt: after.updatedAt,
    });
    expect(await same.settings.get()).toMatchObject({ timezone: 'Asia/Seoul', currency: 'USD', version: 2 });
    await other.settings.update({ upgrade: 'period_end' });
    expect((await same.proyecta.store).version).toBe(2);
  });

  test('are what the constructor said, and null makes them the defaults', async () => {
    const seoul = openStore({ timezone: 'Asia/Seoul', currency: 'USD' });
    expect(await seoul.settings.get()).toMatchObject({ timezone: 'Asia/Seoul', currency: 'USD', version: 1 });
    expect(await seoul.settings.update({ timezone: null, currency: null })).toMatchObject({
      timezone: 'UTC',
      currency: 'KRW',
    });
    expect(await seoul.proyecta.store).toMatchObject({ timezone: 'UTC', currency: 'KRW' });
  });
});

describe('a change', () => {
  test('has an event with what was before', async () => {
    const { id } = await settings.get();
    const after = await settings.update({ timezone: 'Asia/Seoul', retryDays: [2], upgrade: 'immediate' });
    expect(await allEvents(store)).toEqual([
      expect.objectContaining({
        type: 'settings.updated',
        subjectId: id,
        data: { object: after, before: { timezone: 'UTC', retryDays: [1, 3, 5, 10, 14] } },
      }),
    ]);
  });

  test('that changes nothing has none, and leaves the version', async () => {
    const before = await settings.get();
    expect(await settings.update({})).toEqual(before);
    expect(await settings.update(DEFAULTS)).toEqual(before);
    expect(await settings.update(nulls)).toEqual(before);
    expect(await allEvents(store)).toEqual([]);
  });

  test('goes through only on the version that was read', async () => {
    await settings.update({ upgrade: 'period_end', ifVersion: 1 });
    const late = settings.update({ upgrade: 'immediate', ifVersion: 1 });
    await expectError(late, ConflictError, 'version_conflict', 'ifVersion');
    expect((await settings.get()).upgrade).toBe('period_end');
  });

  test('beside others at once loses none of them, the very first ones too', async () => {
    const names = Object.keys(OTHERS).filter(
      (name) => !['firstPeriod', 'dormancyNoticeMonths'].includes(name),
    );
    await Promise.all(names.map((name) => settings.update({ [name]: OTHERS[name] })));
    const after = await settings.get();
    expect(after).toMatchObject(Object.fromEntries(names.map((name) => [name, OTHERS[name]])));
    expect(after.version).toBe(1 + names.length);
    const events = await allEvents(store);
    expect(events.map(({ data }) => data.object.version)).toEqual(names.map((_, index) => index + 2));
  });

  test('on one version at once goes through once', async () => {
    const days = Array.from({ length: 8 }, (_, index) => [index + 1]);
    const calls = days.map((retryDays) => settings.update({ retryDays, ifVersion: 1 }));
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const { reason } of outcomes) if (reason) expect(reason.code).toBe('version_conflict');
    expect((await settings.get()).version).toBe(2);
  });

  test('with an idempotency key is made once', async () => {
    const key = { idempotencyKey: 'settings-1' };
    const first = await settings.update({ retryDays: [2] }, key);
    await settings.update({ retryDays: [3] });
    expect(await settings.update({ retryDays: [2] }, key)).toEqual(first);
    expect((await settings.get()).retryDays).toEqual([3]);
  });

  test('is the store’s alone', async () => {
    const other = openStore();
    await settings.update({ timezone: 'Asia/Seoul', upgrade: 'period_end' });
    expect(plain(await other.settings.get())).toEqual(DEFAULTS);
    expect((await other.settings.get()).id).not.toBe((await settings.get()).id);
  });

  test('that is refused changes nothing', async () => {
    const before = await settings.get();
    await failure(settings.update({ upgrade: 'period_end', timezone: 'Asia/Seoul', retryDays: [3, 1] }));
    expect(await settings.get()).toEqual(before);
    expect(await store.proyecta.store).toMatchObject({ timezone: 'UTC', version: 1 });
    expect(await allEvents(store)).toEqual([]);
  });
});
