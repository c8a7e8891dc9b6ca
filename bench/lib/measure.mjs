// Rounds and results.
import { median } from './stats.mjs';

/**
 * Runs every contender once per round, each round in another order, so that what else the machine is
 * doing falls on all of them. Answers the samples of each by name, round by round.
 */
export async function interleave(rounds, contenders) {
  const names = Object.keys(contenders);
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const order = names.map((_, index) => names[(index + round) % names.length]);
    for (const name of round % 2 === 0 ? order : order.reverse()) {
      samples[name].push(await contenders[name](round));
    }
  }
  return samples;
}

/**
 * A row of the table that compares: the ratio is the median of the rounds' own ratios, because two
 * samples of one round saw the same machine.
 */
export function comparison(row, sdk, peer) {
  const ratios = sdk.map((sample, round) => sample / peer[round]);
  return {
    ...row,
    sdk: median(sdk),
    peer: median(peer),
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    rounds: sdk.length,
    judged: 'ratio',
  };
}

/** A row with a figure of ours alone. */
export function figure(row, samples, peer = null) {
  return {
    ...row,
    sdk: median(samples),
    peer: peer === null ? null : median(peer),
    spread: [Math.min(...samples), Math.max(...samples)],
    rounds: samples.length,
    judged: 'value',
  };
}

/** `'aim'`, `'must'` or `'missed'`; null for a row that only informs. */
export function verdict(row) {
  if (row.must === undefined && row.aim === undefined) return null;
  const value = row.judged === 'ratio' ? row.ratio : row.sdk;
  const reaches = (bound) => (row.better === 'higher' ? value >= bound : value <= bound);
  if (reaches(row.aim)) return 'aim';
  // What is only aimed at misses nothing.
  if (row.must === undefined) return null;
  return reaches(row.must) ? 'must' : 'missed';
}
