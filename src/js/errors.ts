import type { ErrorCode, ErrorFields, ErrorType } from '../../index.js';

/** The HTTP status of each type; `connection` has none, for there was no answer. */
const STATUS: Readonly<Record<ErrorType, number | null>> = {
  invalid_request: 400,
  authentication: 401,
  card_declined: 402,
  permission: 403,
  not_found: 404,
  conflict: 409,
  idempotency_conflict: 409,
  rate_limited: 429,
  aborted: 499,
  internal: 500,
  gateway_unavailable: 502,
  unavailable: 503,
  timeout: 504,
  connection: null,
};

/** Types and codes whose cause passes by itself, so that the same call may succeed later. */
const PASSING: ReadonlySet<ErrorType | ErrorCode> = new Set<ErrorType | ErrorCode>([
  'rate_limited',
  'timeout',
  'connection',
  'gateway_unavailable',
  'idempotency_in_flight',
  'database_locked',
  'database_unreachable',
  'queue_full',
  'server_busy',
  'shutting_down',
]);

/** What every error of this package is. Its message never holds personal values. */
export class ProyectaError extends Error {
  readonly type: ErrorType;
  readonly code: ErrorCode;
  readonly param: string | null;
  readonly statusCode: number | null;
  readonly requestId: string | null;
  readonly details: Readonly<Record<string, unknown>> | null;
  readonly retryable: boolean;

  constructor(type: ErrorType, fields: ErrorFields, options?: ErrorOptions) {
    super(fields.message, options);
    this.type = type;
    this.code = fields.code;
    this.param = fields.param ?? null;
    this.statusCode = fields.statusCode ?? STATUS[type];
    this.requestId = fields.requestId ?? null;
    this.details = fields.details ?? null;
    this.retryable = fields.retryable ?? (PASSING.has(type) || PASSING.has(fields.code));
  }

  /** What `JSON.stringify` shows: no stack and no cause, which may hold what others must not see. */
  toJSON(): Record<string, unknown> {
    const { name, type, code, message, param, statusCode, requestId, details } = this;
    const shown: Record<string, unknown> = { name, type, code, message, param, statusCode };
    if (requestId !== null) shown['requestId'] = requestId;
    if (details !== null) shown['details'] = details;
    return shown;
  }
}

export class InvalidRequestError extends ProyectaError {
  declare readonly type: 'invalid_request';

  constructor(fields: ErrorFields, options?: ErrorOptions) {
    super('invalid_request', fields, options);
  }
}

export class AuthenticationError extends ProyectaError {
  declare readonly type: 'authentication';

  constructor(fields: ErrorFields, options?: ErrorOptions) {
    super('authentication', fields, options);
  }
}

export class PermissionError extends ProyectaError {
  declare readonly type: 'permission';

  constructor(fields: ErrorFields, options?: ErrorOptions) {
    super('permission', fields, options);
  }
}

export class NotFoundError extends ProyectaError {
  declare readonly type: 'not_found';

  constructor(fields: ErrorFields, options?: ErrorOptions) {
    super('not_found', fields, options);
  }
}

export class ConflictError extends ProyectaError {
  declare readonly type: 'conflict';

  constructor(fields: ErrorFields, options?: ErrorOptions) {
    super('conflict', fields, options);
  }
}

export class IdempotencyError extends ProyectaError {
  declare readonly type: 'idempotency_conflict';

  constructor(fields: ErrorFields, options?: ErrorOptions) {
    super('idempotency_conflict', fields, options);
  }
}

export class CardError extends ProyectaError {
  declare readonly type: 'card_declined';
  readonly declineCode: string | null;

  constructor(fields: ErrorFields, options?: ErrorOptions) {
    super('card_declined', fields, options);
    this.declineCode = fields.declineCode ?? null;
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), declineCode: this.declineCode, retryable: this.retryable };
  }
}

export class RateLimitError extends ProyectaError {
  declare readonly type: 'rate_limited';

  constructor(fields: ErrorFields, options?: ErrorOptions) {
    super('rate_limited', fields, options);
  }
}

export class GatewayError extends ProyectaError {
  declare readonly type: 'gateway_unavailable';

  constructor(fields: ErrorFields, options?: ErrorOptions) {
    super('gateway_unavailable', fields, options);
  }
}

export class UnavailableError extends ProyectaError {
  declare readonly type: 'unavailable';

  constructor(fields: ErrorFields, options?: ErrorOptions) {
    super('unavailable', fields, options);
  }
}

export class InternalError extends ProyectaError {
  declare readonly type: 'internal';

  constructor(fields: ErrorFields, options?: ErrorOptions) {
    super('internal', fields, options);
  }
}

export class ConnectionError extends ProyectaError {
  declare readonly type: 'connection';

  constructor(fields: ErrorFields, options?: ErrorOptions) {
    super('connection', fields, options);
  }
}

export class TimeoutError extends ProyectaError {
  declare readonly type: 'timeout';

  constructor(fields: ErrorFields, options?: ErrorOptions) {
    super('timeout', fields, options);
  }
}

export class AbortError extends ProyectaError {
  declare readonly type: 'aborted';

  constructor(fields: ErrorFields, options?: ErrorOptions) {
    super('aborted', fields, options);
  }
}

/** The classes as they hang on `Proyecta`. */
export const errorClasses = {
  ProyectaError,
  InvalidRequestError,
  AuthenticationError,
  PermissionError,
  NotFoundError,
  ConflictError,
  IdempotencyError,
  CardError,
  RateLimitError,
  GatewayError,
  UnavailableError,
  InternalError,
  ConnectionError,
  TimeoutError,
  AbortError,
} as const;

// The name belongs on the prototype, as with the language's own errors: V8 reads it
// while it writes the head of the stack, before any field is there.
for (const [name, type] of Object.entries(errorClasses)) {
  Object.defineProperty(type.prototype, 'name', {
    value: name,
    writable: true,
    configurable: true,
  });
}

type ErrorClass = new (fields: ErrorFields, options?: ErrorOptions) => ProyectaError;

const CLASS_OF: Readonly<Record<ErrorType, ErrorClass>> = {
  invalid_request: InvalidRequestError,
  authentication: AuthenticationError,
  permission: PermissionError,
  not_found: NotFoundError,
  conflict: ConflictError,
  idempotency_conflict: IdempotencyError,
  card_declined: CardError,
  rate_limited: RateLimitError,
  gateway_unavailable: GatewayError,
  unavailable: UnavailableError,
  internal: InternalError,
  connection: ConnectionError,
  timeout: TimeoutError,
  aborted: AbortError,
};

/** The error record of an answer, as over HTTP. */
export type ErrorRecord = ErrorFields & { readonly type: ErrorType };

/** Makes the error that a record describes. */
export function toError(record: ErrorRecord, options?: ErrorOptions): ProyectaError {
  const Class = CLASS_OF[record.type] ?? InternalError;
  return new Class(record, options);
}

/** The caller's input does not fit; the message starts with the parameter's path. */
export function invalid(param: string, message: string, options?: ErrorOptions): ProyectaError {
  const fields = { code: 'parameter_invalid', message: `${param} ${message}`, param } as const;
  return new InvalidRequestError(fields, options);
}

/** The call does not have the form that its operation takes. */
export function misused(message: string): InvalidRequestError {
  return new InvalidRequestError({ code: 'parameter_invalid', message });
}

/** What the call is about was left out; most often a variable that is undefined. */
export function missing(param: string | null, message: string): InvalidRequestError {
  return new InvalidRequestError({ code: 'parameter_missing', message, param });
}

/** The caller gave up; the signal's reason is the cause. */
export function aborted(
  signal: AbortSignal,
  message = 'the call was aborted by its signal before it began',
): AbortError {
  return new AbortError({ code: 'aborted', message }, { cause: signal.reason });
}

/** A bug of ours. */
export function internal(message: string, cause?: unknown): InternalError {
  return new InternalError({ code: 'internal', message }, { cause });
}

/**
 * Throws an error with a stack that begins below `above`, a function of ours
 * that is running: a deep walk through parameters would otherwise fill the few
 * frames that a stack has and leave out the caller's line. An error that is not
 * ours was thrown by an object of the caller's, such as a proxy.
 */
export function rethrow(error: unknown, above: (...given: never[]) => unknown): never {
  const message = 'the arguments cannot be read';
  const ours =
    error instanceof ProyectaError
      ? error
      : new InvalidRequestError({ code: 'parameter_invalid', message }, { cause: error });
  Error.captureStackTrace(ours, above);
  throw ours;
}
