import { types } from 'node:util';
import type { RequestInfo, ResponseInfo } from '../../index.js';

/** What a program wants to hear of requests to another process' server. */
export interface Hooks {
  readonly onRequest: ((info: RequestInfo) => unknown) | null;
  readonly onResponse: ((info: ResponseInfo) => unknown) | null;
}

/** Calls the hook that a message of the addon is for. */
export function tell(hooks: Hooks, text: string): void {
  const { request, response } = JSON.parse(text) as { request?: RequestInfo; response?: ResponseInfo };
  if (request !== undefined) call(hooks.onRequest, request);
  if (response !== undefined) call(hooks.onResponse, response);
}

/** A hook that fails must not take a call with it. */
function call<T>(hook: ((info: T) => unknown) | null, info: T): void {
  try {
    const result = hook?.(info);
    // An async hook fails later, and must not end as an unhandled rejection.
    if (types.isPromise(result)) result.catch(() => undefined);
  } catch {}
}
