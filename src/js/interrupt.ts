import { clearTimeout, setTimeout } from 'node:timers';
import type { CallControl } from './call-options';

/** Why a call is asked to stop; the numbers are the native addon's. */
export const ABORTED = 0;
export const TIMED_OUT = 1;
export type Reason = typeof ABORTED | typeof TIMED_OUT;

/** Watches a call's signal and timeout for as long as the call is pending. */
export class Interrupt {
  /** What to do when the call is to stop. */
  handler: ((reason: Reason) => void) | null = null;
  /** Why the call was asked to stop, once it was. */
  reason: Reason | null = null;
  readonly #signal: AbortSignal | null;
  #timer: NodeJS.Timeout | null = null;

  constructor(signal: AbortSignal | null, timeout: number | null) {
    this.#signal = signal;
    if (signal !== null) watch(signal, this);
    if (timeout !== null) this.#timer = setTimeout(() => this.stop(TIMED_OUT), timeout);
  }

  /** The watch that a call needs, or null when it can be neither aborted nor late. */
  static of(control: CallControl | null, defaultTimeout: number | null): Interrupt | null {
    const signal = control?.signal ?? null;
    const timeout = control?.timeout ?? defaultTimeout;
    return signal === null && timeout === null ? null : new Interrupt(signal, timeout);
  }

  /** Asks the call to stop; only the first reason counts. */
  stop(reason: Reason): void {
    if (this.reason !== null) return;
    this.reason = reason;
    this.dispose();
    this.handler?.(reason);
  }

  /** Ends the watch; may be called more than once. */
  dispose(): void {
    if (this.#signal !== null) unwatch(this.#signal, this);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/**
 * One listener per signal however many calls share it: Node warns of a leak at
 * the eleventh, and 64 calls under one signal are nothing unusual.
 */
interface Watch {
  readonly calls: Set<Interrupt>;
  readonly listener: () => void;
}

const watches = new WeakMap<AbortSignal, Watch>();

function watch(signal: AbortSignal, call: Interrupt): void {
  let known = watches.get(signal);
  if (known === undefined) {
    const calls = new Set<Interrupt>();
    const listener = () => {
      for (const call of calls) call.stop(ABORTED);
    };
    known = { calls, listener };
    watches.set(signal, known);
    signal.addEventListener('abort', known.listener);
  }
  known.calls.add(call);
}

function unwatch(signal: AbortSignal, call: Interrupt): void {
  const known = watches.get(signal);
  if (known === undefined) return;
  known.calls.delete(call);
  if (known.calls.size > 0) return;
  signal.removeEventListener('abort', known.listener);
  watches.delete(signal);
}
