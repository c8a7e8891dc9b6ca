import type { Page } from '../../index.js';
import type { CallControl } from './call-options';
import { ConnectionError, type ErrorRecord, rethrow, toError } from './errors';
import type { Answer } from './session';

/** How an answer begins that is an error. */
const ERROR = '{"error":';

/** An answer of another process' server, with the request's id there. */
export class Named {
  constructor(
    readonly content: string | Buffer,
    readonly requestId: string,
  ) {}
}

/**
 * The value of an answer; throws the error that it is. Called from the async
 * function the user called, so that the stack leads to the user's line.
 */
export function readAnswer(answer: Answer, control: CallControl | null): unknown {
  if (answer instanceof Named) return name(readAnswer(answer.content, control), answer.requestId);
  if (typeof answer !== 'string') return answer;
  const value = parse(answer);
  if (!answer.startsWith(ERROR)) return value;
  const { error } = value as { error: ErrorRecord };
  const gaveUp = error.type === 'aborted' && control !== null && control.signal !== null;
  rethrow(toError(error, gaveUp ? { cause: control.signal?.reason } : undefined), readAnswer);
}

/** Makes sure of what iterating over a list relies on. */
export function checkPage(value: unknown): Page<unknown> {
  const page = value as Partial<Page<unknown>>;
  if (!Array.isArray(page.data)) rethrow(foreign('it is no page of a list'), checkPage);
  return page as Page<unknown>;
}

function parse(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch (error) {
    // Only another process can say such a thing, and it is looked at here first.
    return rethrow(foreign('it is no JSON', error), readAnswer);
  }
}

/** Not enumerable: the object stays what it is when it is compared, copied or written down. */
function name(value: unknown, requestId: string): unknown {
  if (typeof value !== 'object' || value === null || Object.hasOwn(value, 'requestId')) return value;
  return Object.defineProperty(value, 'requestId', { value: requestId });
}

function foreign(what: string, cause?: unknown): ConnectionError {
  const message = `what answered is no Proyecta server (${what}): check baseUrl, and what stands between`;
  return new ConnectionError({ code: 'answer_invalid', message }, { cause });
}
