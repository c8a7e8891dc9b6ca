// Durable creates: 64 calls unanswered at a time, and one after the other.

import { sameContent, withFreshFiles } from '../lib/files.mjs';
import { comparison, interleave } from '../lib/measure.mjs';
import { median } from '../lib/stats.mjs';

const IN_FLIGHT = 64;

/** `create`, 64 in flight. */
export function createTogether(cx) {
  return withFreshFiles(cx, async ({ sdk, peer, sides }) => {
    const count = cx.quick ? 3200 : 6400;
    const from = (round) => (round + 1) * count;
    await sdk.call('createTogether', 0, count, IN_FLIGHT);
    await peer.call('createTogether', 0, count);
    const rate = async (side, method, at) => count / (await side.call(method, at, count, IN_FLIGHT));
    const { ours, theirs } = await interleave(cx.rounds, {
      ours: (round) => rate(sdk, 'createTogether', from(round)),
      theirs: (round) => rate(peer, 'createTogether', from(round)),
    });
    await sameContent(sides, cx);
    const at = (cx.rounds + 1) * count;
    const { again, cutBefore } = await interleave(3, {
      again: (round) => rate(sdk, 'createTogether', at + round * count),
      cutBefore: (round) => rate(peer, 'createCutBefore', at + round * count),
    });
    const row = { unit: '/s', better: 'higher', baseline: 'create' };
    return [
      comparison(
        { ...row, name: 'create-64', what: 'create, 64 in flight, durable', must: 3, aim: 4 },
        ours,
        theirs,
      ),
      comparison(
        { ...row, name: 'create-64-cut', what: '… beside a baseline given its search tokens' },
        again,
        cutBefore,
      ),
    ];
  });
}

/** `create`, one at a time. */
export function createEach(cx) {
  return withFreshFiles(cx, async ({ sdk, peer, sides }) => {
    const count = cx.quick ? 300 : 1000;
    const p50 = async (side, at) => median(await side.call('createEach', at, count));
    await sdk.call('createEach', 0, count);
    await peer.call('createEach', 0, count);
    const { ours, theirs } = await interleave(cx.rounds, {
      ours: (round) => p50(sdk, (round + 1) * count),
      theirs: (round) => p50(peer, (round + 1) * count),
    });
    await sameContent(sides, cx);
    const row = { name: 'create-1', what: 'create, one at a time, p50', unit: 'ms', better: 'lower' };
    return [comparison({ ...row, baseline: 'create', must: 1.5, aim: 1.3 }, ours, theirs)];
  });
}
