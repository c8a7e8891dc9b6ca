// A side of the comparison is a process of its own: what one leaves in memory, caches and threads
// does not touch the other.
import { fork } from 'node:child_process';

/**
 * Starts a side; its methods are called by name and awaited. `onProgress` gets what `seed` reports;
 * `env` is added to its environment.
 */
export function startSide(path, onProgress = () => {}, env = {}) {
  const child = fork(path, [], { execArgv: ['--expose-gc'], env: { ...process.env, ...env } });
  const waiting = new Map();
  let last = 0;
  child.on('message', ({ ticket, value, error, progress }) => {
    if (progress !== undefined) return onProgress(progress);
    const { resolve, reject } = waiting.get(ticket);
    waiting.delete(ticket);
    if (error === undefined) resolve(value);
    else reject(new Error(error));
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  ended.then((code) => {
    for (const { reject } of waiting.values()) reject(new Error(`a side ended with exit code ${code}`));
  });
  const call = (method, ...given) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      child.send({ ticket: last, method, given });
    });
  const stop = async () => {
    await call('close');
    child.disconnect();
    await ended;
  };
  return { call, stop };
}

/** In the side's process: answers calls with the methods of `side`, one after the other. */
export function serve(side) {
  let turn = Promise.resolve();
  process.on('message', ({ ticket, method, given }) => {
    turn = turn.then(async () => {
      try {
        globalThis.gc?.();
        process.send({ ticket, value: (await side[method](...given)) ?? null });
      } catch (error) {
        process.send({ ticket, error: error.stack ?? String(error) });
      }
    });
  });
}

/** In the side's process: says how far a long call is. */
export const report = (done, of) => process.send({ progress: { done, of } });
