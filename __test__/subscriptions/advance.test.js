// A test clock says how far it has come, to whoever asks.
const { atClock, flat, subscribe } = require('../support/subscribed.js');
const { failure } = require('../support/customers.js');
const { closeStores, openStore } = require('../support/store.js');

let store;
beforeEach(() => {
  store = openStore({ timezone: 'Asia/Seoul' });
});
afterEach(closeStores);

const FROM = '2026-04-01T00:00:00Z';
const TO = '2042-04-01T00:00:00.000Z';
const SOON = '2027-04-01T00:00:00.000Z';

/** A clock with so much to do that it takes a while. */
async function busy() {
  const { clock, customer } = await atClock(store, FROM);
  await subscribe(store, customer, flat({ recurring: { interval: 'week' } }));
  return clock.id;
}

test('onProgress hears how the clock comes nearer, and at last that it is there', async () => {
  const heard = [];
  const onProgress = (progress) => heard.push(progress);
  const moved = await store.testClocks.advance(await busy(), { to: TO, onProgress });
  expect(moved).toMatchObject({ status: 'ready', now: TO });
  expect(heard.length).toBeGreaterThan(1);
  expect(heard.at(-1)).toEqual({ progress: 1, now: TO });
  const shares = heard.map(({ progress }) => progress);
  expect(shares).toEqual([...shares].sort((one, other) => one - other));
  for (const { progress, now } of heard) {
    expect(progress).toBeGreaterThanOrEqual(0);
    expect(progress).toBeLessThanOrEqual(1);
    expect(Date.parse(now)).toBeGreaterThanOrEqual(Date.parse(FROM));
  }
});

test('in every style, and with nothing on the way', async () => {
  const { id } = await store.testClocks.create({ now: FROM });
  const heard = [];
  const onProgress = async ({ progress }) => heard.push(progress);
  await store.testClocks.advance({ testClockId: id, to: '2027-01-01T00:00:00Z', onProgress });
  await store.testClocks.advance({ test_clock_id: id, to: '2028-01-01T00:00:00Z', on_progress: onProgress });
  expect(heard).toEqual([1, 1]);
});

test('what the callback throws is thrown once the clock has moved', async () => {
  const id = await busy();
  const mistake = new Error('a mistake of the callback');
  const onProgress = () => {
    throw mistake;
  };
  await expect(store.testClocks.advance(id, { to: SOON, onProgress })).rejects.toBe(mistake);
  expect(await store.testClocks.get(id)).toMatchObject({ status: 'ready', now: SOON });
});

test('what is no callback, and what does not work anyway', async () => {
  const { id } = await store.testClocks.create({ now: FROM });
  expect(await failure(store.testClocks.advance(id, { to: TO, onProgress: 5 }))).toMatchObject({
    code: 'parameter_invalid',
    param: 'onProgress',
  });
  const onProgress = () => {};
  const past = await failure(store.testClocks.advance(id, { to: '2020-01-01', onProgress }));
  expect(past.param).toBe('to');
  expect((await failure(store.testClocks.advance('clk_none', { to: TO, onProgress }))).code).toBe(
    'test_clock_not_found',
  );
});
