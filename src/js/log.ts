import type { Logger } from '../../index.js';

/**
 * One line per call at level `debug`: name, outcome, time. Never parameters or
 * answers, which are personal data. At other levels there is nothing to say,
 * for every error reaches the caller, and no `CallLog` is made.
 */
export class CallLog {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** The clock that `answered` counts from. */
  now(): number {
    return performance.now();
  }

  /** Writes down that the call begun at `begun` has its answer. */
  answered(operation: string, begun: number, answer: string | Buffer): void {
    const spent = (performance.now() - begun).toFixed(3);
    const line = `proyecta: ${operation} ${outcome(answer)} in ${spent} ms`;
    try {
      this.#logger.debug(line);
    } catch {
      // A broken logger must not lose the answer of a call that succeeded.
    }
  }
}

function outcome(answer: string | Buffer): string {
  if (typeof answer !== 'string' || !answer.startsWith('{"error":')) return 'ok';
  const { error } = JSON.parse(answer) as { error: { code: string } };
  return `failed (${error.code})`;
}
