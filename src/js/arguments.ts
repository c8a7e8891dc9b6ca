import { type CallControl, looksLikeCallOptions, readCallOptions } from './call-options';
import { aborted, invalid, missing, misused, rethrow } from './errors';
import { type Operation, usage } from './operation';
import { describe, isPlainObject, readMember, writeParams, writeText } from './serialize';

/** What else may be given as a plain string, behind the id: the name of the parameter. */
const BESIDE_ID: Readonly<Record<string, string>> = { 'sandbox.emit': 'event' };

/** A call ready for the engine. */
export interface Call {
  /** The parameters as JSON. */
  readonly input: string;
  readonly control: CallControl | null;
}

/**
 * Reads the arguments of a call in either style: `get('cus_1')`,
 * `update('cus_1', { … })` or one object; the call options come last.
 */
export function readCall(operation: Operation, first: unknown, second: unknown, third: unknown): Call {
  try {
    const call = read(operation, first, second, third);
    const signal = call.control?.signal ?? null;
    if (signal?.aborted === true) throw aborted(signal);
    return call;
  } catch (error) {
    return rethrow(error, readCall);
  }
}

function read(operation: Operation, first: unknown, second: unknown, third: unknown): Call {
  if (typeof first === 'string') return readPositional(operation, first, second, third);
  if (operation.params === 'none' && second === undefined && looksLikeCallOptions(first)) {
    return { input: '{}', control: readCallOptions(operation, first) };
  }
  if (third !== undefined) {
    throw misused(`${operation.name} takes one object and the call options: ${usage(operation)}`);
  }
  return { input: readObject(operation, first), control: readCallOptions(operation, second) };
}

function readPositional(operation: Operation, value: string, second: unknown, third: unknown): Call {
  const { id } = operation;
  if (id === null) throw misused(`${operation.name} takes its parameters as one object: ${usage(operation)}`);
  const written = `"${id.name}":${writeText(value, id.name)}`;
  if (second === undefined) return { input: `{${written}}`, control: readCallOptions(operation, third) };
  if (third === undefined && looksLikeCallOptions(second)) {
    return { input: `{${written}}`, control: readCallOptions(operation, second) };
  }
  const beside = BESIDE_ID[operation.name];
  if (beside !== undefined && typeof second === 'string') {
    const input = `{${written},"${beside}":${writeText(second, beside)}}`;
    return { input, control: readCallOptions(operation, third) };
  }
  const params = checkParams(operation, second);
  for (const name of [id.name, id.snake]) {
    const again = readMember(params, name);
    if (again !== undefined && again !== value) {
      throw invalid(
        id.name,
        'is given twice with different values: as first argument and among the parameters',
      );
    }
  }
  const members = writeParams(params, [id.name, id.snake]);
  const input = members === '' ? `{${written}}` : `{${written},${members}}`;
  return { input, control: readCallOptions(operation, third) };
}

function readObject(operation: Operation, params: unknown): string {
  if (params === undefined) {
    if (operation.params !== 'required') return '{}';
    // By far the most common cause: the field that should hold the id is not there.
    if (operation.id !== null) {
      throw missing(operation.id.name, `${operation.id.name} is required but undefined: ${usage(operation)}`);
    }
    throw missing(null, `${operation.name} needs parameters: ${usage(operation)}`);
  }
  return `{${writeParams(checkParams(operation, params), [])}}`;
}

/** The parameters as an object whose members can be read. */
export function checkParams(operation: Operation, params: unknown): object {
  if (isPlainObject(params)) return params;
  throw misused(
    `the parameters of ${operation.name} must be a plain object, not ${describe(params)}: ${usage(operation)}`,
  );
}
