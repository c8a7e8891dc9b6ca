import { setTimeout as pause } from 'node:timers/promises';
import type { TestClock, TestClockAdvanceProgress } from '../../index.js';
import { readAnswer } from './answer';
import { checkParams, readCall } from './arguments';
import { invalid, rethrow } from './errors';
import type { Method } from './methods';
import type { Operation } from './operation';
import { readMember } from './serialize';
import type { Session } from './session';

/** How often a clock that moves is looked at, in milliseconds. */
const EVERY = 100;

const NAMES = ['onProgress', 'on_progress'];

type Report = (progress: TestClockAdvanceProgress) => unknown;

/** `testClocks.advance`, which looks at the clock while it moves and tells `onProgress`. */
export function advanceMethod(session: Session, advance: Operation, get: Operation): Method {
  const call = async (operation: Operation, given: readonly unknown[]): Promise<TestClock> => {
    const [first, second, third] = given;
    const { input, control } = readCall(operation, first, second, third);
    return readAnswer(await session.send(operation, input, control), control) as TestClock;
  };
  return async (...given) => {
    const place = typeof given[0] === 'string' ? 1 : 0;
    const taken = takeReport(advance, given[place]);
    if (taken === null) return call(advance, given);
    const moved = call(advance, given.with(place, taken.params));
    const id = place === 1 ? given[0] : idIn(advance, taken.params);
    await follow(moved, () => call(get, [id]), taken.report);
    const clock = await moved;
    await taken.report({ progress: 1, now: clock.now });
    return clock;
  };
}

/** The callback, and the parameters without it; nothing where there is none. */
function takeReport(operation: Operation, params: unknown): { report: Report; params: object } | null {
  if (typeof params !== 'object' || params === null) return null;
  try {
    const given = checkParams(operation, params);
    const name = NAMES.find((name) => readMember(given, name) !== undefined);
    if (name === undefined) return null;
    const report = readMember(given, name);
    if (typeof report !== 'function') throw invalid(name, 'must be a function');
    const rest = Object.entries(given).filter(([key]) => !NAMES.includes(key));
    return { report: report as Report, params: Object.fromEntries(rest) };
  } catch (error) {
    return rethrow(error, takeReport);
  }
}

function idIn({ id }: Operation, params: object): unknown {
  return id === null ? undefined : (readMember(params, id.name) ?? readMember(params, id.snake));
}

/** Looks at the clock until it has moved. What the callback throws is thrown once it has. */
async function follow(moved: Promise<TestClock>, look: () => Promise<TestClock>, report: Report) {
  let moving = true;
  const stopped = new AbortController();
  const stop = () => {
    moving = false;
    stopped.abort();
  };
  moved.then(stop, stop);
  let from: number | null = null;
  let failure: { readonly error: unknown } | null = null;
  while (moving) {
    await pause(EVERY, undefined, { signal: stopped.signal }).catch(() => undefined);
    // Whatever is wrong with looking is wrong with moving too, and is said there.
    const clock = moving ? await look().catch(() => null) : null;
    if (!moving || clock === null || clock.advancingTo === null || failure !== null) continue;
    const [now, to] = [Date.parse(clock.now), Date.parse(clock.advancingTo)];
    from ??= now;
    const progress = to > from ? (now - from) / (to - from) : 0;
    try {
      await report({ progress, now: clock.now });
    } catch (error) {
      failure = { error };
    }
  }
  if (failure === null) return;
  await moved;
  throw failure.error;
}
