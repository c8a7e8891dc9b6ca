// The remote client beside stripe-node, both asking a server that always answers the same.
import { fileURLToPath } from 'node:url';
import { comparison, interleave } from '../lib/measure.mjs';
import { startFixed, withServers } from '../lib/serving.mjs';
import { startSide } from '../lib/side.mjs';
import { newCustomer } from '../peer/customer.mjs';

const SIDES = {
  ours: fileURLToPath(new URL('../sides/remote.mjs', import.meta.url)),
  stripe: fileURLToPath(new URL('../sides/stripe.mjs', import.meta.url)),
};
const IN_FLIGHT = 32;

const PERSON = { email: 'minseo.kim1@mail.example', name: '김민서' };
const ANSWER = JSON.stringify({
  ...newCustomer(PERSON, Date.UTC(2026, 0, 1) * 1000),
  id: 'cus_01jd0000000000000000000000',
});

/** `customers.get` over HTTP: 32 at a time, and one after the other. */
export function remoteCalls(cx) {
  return withServers({ fixed: () => startFixed(cx.workspace, ANSWER) }, async ({ fixed }) => {
    const sides = { ours: startSide(SIDES.ours), stripe: startSide(SIDES.stripe) };
    try {
      return await rowsOf(cx, sides, fixed);
    } finally {
      await Promise.all(Object.values(sides).map((side) => side.stop()));
    }
  });
}

async function rowsOf(cx, sides, fixed) {
  const many = cx.quick ? 8000 : 20_000;
  const few = cx.quick ? 1000 : 3000;
  const each = (run) => Object.fromEntries(Object.keys(sides).map((name) => [name, () => run(sides[name])]));
  for (const side of Object.values(sides)) await side.call('open', fixed.url);
  const together = each((side) => side.call('together', many, IN_FLIGHT));
  const alone = each((side) => side.call('alone', few));
  await interleave(1, together);
  const seen = await interleave(cx.rounds, together);
  await interleave(1, alone);
  const single = await interleave(cx.rounds, alone);
  const rate = (samples) => samples.map(({ seconds }) => many / seconds);
  const processor = (samples) => samples.map((sample) => (sample.processor / many) * 1e6);
  const beside = { beside: 'stripe-node' };
  return [
    comparison(
      {
        ...beside,
        name: 'remote-32',
        what: `remote get, ${IN_FLIGHT} in flight`,
        unit: '/s',
        better: 'higher',
        must: 3,
        aim: 5,
      },
      rate(seen.ours),
      rate(seen.stripe),
    ),
    comparison(
      {
        ...beside,
        name: 'remote-cpu',
        what: '… processor time per call',
        unit: 'µs',
        better: 'lower',
        must: 0.333,
        aim: 0.25,
      },
      processor(seen.ours),
      processor(seen.stripe),
    ),
    comparison(
      {
        ...beside,
        name: 'remote-1',
        what: 'remote get, one at a time, p50',
        unit: 'ms',
        better: 'lower',
        must: 0.7,
        aim: 0.6,
      },
      single.ours,
      single.stripe,
    ),
  ];
}
