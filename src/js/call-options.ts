import { InvalidRequestError, invalid, misused } from './errors';
import { hint } from './near';
import { type Operation, usage } from './operation';
import { isPlainObject, readMember, writeText } from './serialize';

/** The options of one call after checking. */
export interface CallControl {
  readonly signal: AbortSignal | null;
  /** Milliseconds, or null for the client's default. */
  readonly timeout: number | null;
  readonly idempotencyKey: string | null;
  readonly maxRetries: number | null;
  /** Names and values. */
  readonly headers: readonly (readonly [string, string])[];
}

const NAMES = ['signal', 'timeout', 'maxRetries', 'idempotencyKey', 'headers'] as const;
/** Longest delay that a timer takes; a longer one would fire at once. */
export const TIMEOUT_MAX_MS = 2 ** 31 - 1;
/** Most tries after the first one; more than that is for a queue to do. */
export const RETRIES_MAX = 100;

/** Checks the options argument; null when there is none. */
export function readCallOptions(operation: Operation, options: unknown): CallControl | null {
  if (options === undefined) return null;
  if (!isPlainObject(options)) {
    throw misused(`the call options must be an object such as { timeout: 5000 }: ${usage(operation)}`);
  }
  for (const name of Object.keys(options)) {
    if (isOptionName(name)) continue;
    const shown = name.slice(0, 64);
    const message = `${shown} is not a known call option; ${hint(name, NAMES)} The form is ${usage(operation)}, then the options`;
    throw new InvalidRequestError({ code: 'parameter_unknown', message, param: shown });
  }
  return {
    signal: readSignal(readMember(options, 'signal')),
    timeout: readTimeout(readMember(options, 'timeout')),
    idempotencyKey: readKey(readMember(options, 'idempotencyKey')),
    maxRetries: readRetries(readMember(options, 'maxRetries')),
    headers: readHeaders(readMember(options, 'headers')),
  };
}

/**
 * Whether an argument after a positional id is meant as call options: it names
 * nothing else. No operation with a positional id has a parameter of such a name.
 */
export function looksLikeCallOptions(value: unknown): boolean {
  if (!isPlainObject(value)) return false;
  const names = Object.keys(value);
  return names.length > 0 && names.every(isOptionName);
}

/** Checks a timeout; null when it is undefined. */
function readTimeout(value: unknown): number | null {
  if (value === undefined) return null;
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= TIMEOUT_MAX_MS) {
    return value as number;
  }
  throw invalid('timeout', `must be a whole number of milliseconds from 1 to ${TIMEOUT_MAX_MS}`);
}

function isOptionName(name: string): boolean {
  return (NAMES as readonly string[]).includes(name);
}

function readSignal(value: unknown): AbortSignal | null {
  if (value === undefined) return null;
  const signal = value as Partial<AbortSignal> | null;
  // By what it can do, for a signal may come from another realm or a polyfill.
  const fits =
    typeof signal === 'object' &&
    typeof signal?.aborted === 'boolean' &&
    typeof signal.addEventListener === 'function' &&
    typeof signal.removeEventListener === 'function';
  if (!fits) throw invalid('signal', 'must be an AbortSignal, such as the signal of an AbortController');
  return value as AbortSignal;
}

function readKey(value: unknown): string | null {
  if (value === undefined) return null;
  if (typeof value !== 'string' || value === '') {
    throw invalid('idempotencyKey', 'must be a text that is not empty');
  }
  writeText(value, 'idempotencyKey');
  return value;
}

function readRetries(value: unknown): number | null {
  if (value === undefined) return null;
  if (Number.isInteger(value) && (value as number) >= 0) return Math.min(value as number, RETRIES_MAX);
  throw invalid('maxRetries', 'must be a whole number, 0 or more');
}

function readHeaders(value: unknown): [string, string][] {
  if (value === undefined) return [];
  if (!isPlainObject(value)) throw invalid('headers', 'must be an object of texts');
  const headers: [string, string][] = [];
  for (const name of Object.keys(value)) {
    const text = readMember(value, name);
    if (text === undefined) continue;
    if (typeof text !== 'string') throw invalid('headers', 'must be an object of texts');
    headers.push([name, text]);
  }
  return headers;
}
