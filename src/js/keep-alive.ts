import { setInterval } from 'node:timers';

/**
 * The native addon does not keep the process alive, so that a program ends by
 * itself when nothing is pending. While something is pending one timer does,
 * for all clients of this thread. It also holds the busy clients: nothing else
 * would, when a program waits for a client that it keeps no reference to.
 */
const busy = new Set<object>();
/** Clients that wait for what may never come; they are held, and the process is not. */
const listening = new Set<object>();
let timer: NodeJS.Timeout | null = null;

const LONGEST_MS = 2 ** 31 - 1;

/** Keeps the process alive for `client`. */
export function hold(client: object): void {
  timer ??= setInterval(() => undefined, LONGEST_MS);
  if (busy.size === 0) timer.ref();
  listening.delete(client);
  busy.add(client);
}

/** Keeps `client`, but not the process for it. */
export function listen(client: object): void {
  release(client);
  listening.add(client);
}

/** Lets the process go as far as `client` is concerned. */
export function release(client: object): void {
  listening.delete(client);
  busy.delete(client);
  if (busy.size === 0) timer?.unref();
}
