import { advanceMethod } from './advance';
import { checkPage, readAnswer } from './answer';
import { type Call, readCall } from './arguments';
import { uploadMethod } from './import';
import { List, withCursor } from './list';
import type { Operation } from './operation';
import type { Session } from './session';
import { streamMethod } from './stream';

/** A method as the user calls it; its types are in `index.d.ts`. */
export type Method = (first?: unknown, second?: unknown, third?: unknown) => unknown;

/**
 * The methods of `operations`, nested by the dots in their names; `aliases` are second names, by which
 * the very same object is found.
 */
export function buildMethods(
  session: Session,
  operations: readonly Operation[],
  aliases: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const operation of operations) {
    const steps = operation.name.split('.');
    const verb = steps.pop() ?? '';
    let noun = root;
    for (const step of steps) {
      noun[step] ??= {};
      noun = noun[step] as Record<string, unknown>;
    }
    noun[verb] = buildMethod(session, operation, operations);
  }
  for (const [alias, noun] of Object.entries(aliases)) root[alias] = root[noun];
  return root;
}

/** One method, named so that stack traces show `customers.create`. */
export function buildMethod(
  session: Session,
  operation: Operation,
  operations: readonly Operation[] = [],
): Method {
  const method = methodOf(session, operation, operations);
  return Object.defineProperty(method, 'name', { value: operation.name });
}

function methodOf(session: Session, operation: Operation, operations: readonly Operation[]): Method {
  if (operation.name === 'testClocks.advance') {
    const get = operations.find(({ name }) => name === 'testClocks.get');
    if (get !== undefined) return advanceMethod(session, operation, get);
  }
  if (operation.upload) return uploadMethod(session, operation);
  if (operation.kind === 'stream') return streamMethod(session, operation);
  return operation.kind === 'list' ? listMethod(session, operation) : objectMethod(session, operation);
}

/** The path of a point read: no closure, no promise of ours, nothing but the call. */
function objectMethod(session: Session, operation: Operation): Method {
  return async (first, second, third) => {
    const { input, control } = readCall(operation, first, second, third);
    let answer = session.send(operation, input, control);
    if (typeof answer === 'object' && 'then' in answer) answer = await answer;
    return readAnswer(answer, control);
  };
}

function listMethod(session: Session, operation: Operation): Method {
  return (first, second, third) => {
    // The parameters are read now, for they may change before the list is used;
    // what is wrong with them is said when it is.
    let call: Call | null = null;
    let problem: unknown = null;
    try {
      call = readCall(operation, first, second, third);
    } catch (error) {
      problem = error;
    }
    return new List(async (cursor) => {
      if (call === null) throw problem;
      const { input, control } = call;
      const answer = await session.send(
        operation,
        cursor === null ? input : withCursor(input, cursor),
        control,
      );
      return checkPage(readAnswer(answer, control));
    });
  };
}
