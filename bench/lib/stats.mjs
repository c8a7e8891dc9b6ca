// Taking samples, and what a list of them comes to.
import { forgetPeak, memory } from './memory.cjs';

/** The value below which a share of the samples lies. */
export function quantile(samples, share) {
  const sorted = Float64Array.from(samples).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** The sample in the middle. */
export const median = (samples) => quantile(samples, 0.5);

/** Milliseconds that each call took, one after the other. For functions that answer at once. */
export function timeEach(inputs, call) {
  return inputs.map((input) => {
    const begun = performance.now();
    call(input);
    return performance.now() - begun;
  });
}

/** The same for functions whose answer is awaited. */
export async function timeEachAwaited(inputs, call) {
  const times = [];
  for (const input of inputs) {
    const begun = performance.now();
    await call(input);
    times.push(performance.now() - begun);
  }
  return times;
}

/** Calls with up to `inFlight` of them unanswered; answers the seconds it took. */
export async function timeTogether(inputs, inFlight, call) {
  let next = 0;
  const lane = async () => {
    while (next < inputs.length) await call(inputs[next++]);
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: inFlight }, lane));
  return (performance.now() - begun) / 1000;
}

/** Integers from `from`, `count` of them. */
export const range = (from, count) => Array.from({ length: count }, (_, index) => from + index);

/** Seconds that a piece of work took, and the MB that it needed at most above the process before it. */
export async function watchMemory(work) {
  globalThis.gc?.();
  const { resident } = memory();
  forgetPeak();
  const begun = performance.now();
  await work();
  const seconds = (performance.now() - begun) / 1000;
  return { seconds, memory: memory().peak - resident };
}
