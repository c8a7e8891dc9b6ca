import { types } from 'node:util';
import { invalid, type ProyectaError } from './errors';

/**
 * Writes parameters as JSON for the engine, and refuses what JSON would change
 * or drop without a word. `JSON.stringify` turns NaN into null, a Map into {},
 * and calls `toJSON`; here each value is read once and is either written as it
 * is or refused with its path.
 */

/** Deepest nesting; far beyond what any parameter needs. */
const DEPTH_MAX = 64;
/** Most values in one call: shared sub-objects could otherwise multiply without end. */
const VALUES_MAX = 100_000;
/** What a text must not contain to be put between quotes as it is. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes exactly these
const UNSAFE = /["\\\u0000-\u001f\ud800-\udfff]/;

/** Where the walk is: the object being written and how it was reached. */
interface Frame {
  readonly value: object;
  readonly parent: Frame | null;
  /** The member or element of `parent` that holds `value`. */
  readonly key: string | number;
  readonly depth: number;
  readonly budget: { left: number };
}

/** One text as JSON; `param` is what to name when it is not well formed. */
export function writeText(text: string, param: string): string {
  if (!UNSAFE.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) {
    throw invalid(param, 'must be well-formed text: it contains half of a surrogate pair');
  }
  return JSON.stringify(text);
}

/**
 * The members of a parameter object as JSON without the braces. `omit` names
 * members that are passed in another way.
 */
export function writeParams(params: object, omit: readonly string[]): string {
  const budget = { left: VALUES_MAX };
  return writeMembers({ value: params, parent: null, key: '', depth: 0, budget }, omit);
}

/** Reads a member that may be a getter of the caller's. */
export function readMember(object: object, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key];
  } catch (error) {
    throw invalid(pathStep(key), 'cannot be read: its getter threw', { cause: error });
  }
}

/** Whether a value is an object made by `{}`, in this realm or another, or without prototype. */
export function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  try {
    if (Array.isArray(value)) return false;
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === null || Object.getPrototypeOf(prototype) === null;
  } catch {
    // A revoked proxy, or one whose traps throw.
    return false;
  }
}

function writeMembers(frame: Frame, omit: readonly string[] | null): string {
  let text = '';
  for (const key of keysOf(frame)) {
    if (omit?.includes(key) === true) continue;
    if (key === '__proto__') throw refuse(frame, key, 'is a reserved name');
    const written = writeValue(frame, key, readAt(frame, key));
    if (written === undefined) continue;
    if (text !== '') text += ',';
    text += `${UNSAFE.test(key) ? writeText(key, path(frame, key)) : `"${key}"`}:${written}`;
  }
  return text;
}

function writeElements(frame: Frame): string {
  const length = readAt(frame, 'length') as number;
  let text = '';
  for (let index = 0; index < length; index++) {
    const written = writeValue(frame, index, readAt(frame, index));
    if (written === undefined) throw refuse(frame, index, 'must not be undefined');
    text += index === 0 ? written : `,${written}`;
  }
  return text;
}

/** One value as JSON, or undefined when it is undefined. */
function writeValue(frame: Frame, key: string | number, value: unknown): string | undefined {
  if (--frame.budget.left < 0) {
    throw refuse(frame, key, `is too much: at most ${VALUES_MAX} values fit in a call`);
  }
  switch (typeof value) {
    case 'string':
      return UNSAFE.test(value) ? writeText(value, path(frame, key)) : `"${value}"`;
    case 'number':
      if (!Number.isFinite(value)) throw refuse(frame, key, `must be a finite number, not ${value}`);
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'undefined':
      return undefined;
    case 'object':
      return value === null ? 'null' : writeObject(frame, key, value);
    default:
      throw refuse(frame, key, `must be plain data, not a ${typeof value}`);
  }
}

function writeObject(parent: Frame, key: string | number, value: object): string {
  if (types.isDate(value)) return writeDate(parent, key, value);
  const depth = parent.depth + 1;
  if (depth > DEPTH_MAX) throw refuse(parent, key, `is nested deeper than ${DEPTH_MAX} levels`);
  for (let above: Frame | null = parent; above !== null; above = above.parent) {
    if (above.value === value) throw refuse(parent, key, 'contains itself');
  }
  const frame = { value, parent, key, depth, budget: parent.budget };
  if (isList(value)) return `[${writeElements(frame)}]`;
  if (isPlainObject(value)) return `{${writeMembers(frame, null)}}`;
  throw refuse(parent, key, `must be plain data, not ${describe(value)}`);
}

function writeDate(frame: Frame, key: string | number, date: Date): string {
  // Not date.toJSON(), which a caller may have replaced.
  if (Number.isNaN(Date.prototype.getTime.call(date))) throw refuse(frame, key, 'must be a valid date');
  return `"${Date.prototype.toISOString.call(date)}"`;
}

function isList(value: object): boolean {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

function keysOf(frame: Frame): string[] {
  try {
    return Object.keys(frame.value);
  } catch (error) {
    if (frame.parent !== null) {
      throw invalid(path(frame.parent, frame.key), 'cannot be read', { cause: error });
    }
    throw error;
  }
}

function readAt(frame: Frame, key: string | number): unknown {
  try {
    return (frame.value as Record<string | number, unknown>)[key];
  } catch (error) {
    throw invalid(path(frame, key), 'cannot be read: its getter threw', { cause: error });
  }
}

function refuse(frame: Frame, key: string | number, message: string): ProyectaError {
  return invalid(path(frame, key), message);
}

/** `address.postal_code`, `attributes.list[2]`. */
function path(frame: Frame, key: string | number): string {
  const steps = [key];
  for (let at = frame; at.parent !== null; at = at.parent) steps.unshift(at.key);
  return steps.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? pathStep(step) : `${text}.${pathStep(step)}`;
  }, '');
}

/** A key as messages show it: no page of text, and nothing that a terminal would act on. */
function pathStep(key: string): string {
  const shown = key.length > 64 ? `${key.slice(0, 64)}…` : key;
  return /^[\p{L}\p{N}_$-]+…?$/u.test(shown) ? shown : JSON.stringify(shown);
}

/** What kind of thing a refused value is; never what is in it. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (isPlainObject(value)) return 'an object';
  if (isList(value)) return 'a list';
  if (types.isPromise(value)) return 'a Promise (is an await missing?)';
  try {
    const { name } = (value as object).constructor;
    if (typeof name === 'string' && name !== '') return `an instance of ${name.slice(0, 64)}`;
  } catch {
    // A proxy that does not let itself be looked at.
  }
  return 'an object that cannot be read';
}
