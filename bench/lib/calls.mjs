// The two ways in which a client is measured.
import { median, range, timeEachAwaited, timeTogether } from './stats.mjs';

/** `call` as the methods of a side: many at a time, and one after the other. */
export const calls = (call) => ({
  /** Seconds for `count` calls with `inFlight` unanswered, and the processor time of this process. */
  async together(count, inFlight) {
    const before = process.cpuUsage();
    const seconds = await timeTogether(range(0, count), inFlight, call);
    const { user, system } = process.cpuUsage(before);
    return { seconds, processor: (user + system) / 1e6 };
  },

  /** The median of `count` calls in milliseconds. */
  alone: async (count) => median(await timeEachAwaited(range(0, count), call)),
});
