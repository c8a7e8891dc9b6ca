import type { CallControl } from './call-options';
import { type ErrorRecord, rethrow, toError } from './errors';
import type { Answer } from './session';

/** How an answer begins that is an error. */
const ERROR = '{"error":';

/**
 * The value of an answer; throws the error that it is. Called from the async
 * function the user called, so that the stack leads to the user's line.
 */
export function readAnswer(answer: Answer, control: CallControl | null): unknown {
  if (typeof answer !== 'string') return answer;
  const value: unknown = JSON.parse(answer);
  if (!answer.startsWith(ERROR)) return value;
  const { error } = value as { error: ErrorRecord };
  const gaveUp = error.type === 'aborted' && control !== null && control.signal !== null;
  rethrow(toError(error, gaveUp ? { cause: control.signal?.reason } : undefined), readAnswer);
}
