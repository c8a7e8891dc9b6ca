import { misused } from './errors';
import type { Answerer, BodySource, Incoming } from './exchange';

/** What is read of a `Request`; frameworks have classes of their own for it. */
export interface FetchRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: { forEach(visit: (value: string, name: string) => void): void };
  readonly body: ReadableStream<Uint8Array> | null;
  readonly bodyUsed: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Statuses whose answers have no body, not even an empty one. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);
/** A body that says it is this long, or shorter, is read before the engine is asked. */
const SMALL = 64 * 1024;

const nobody: AbortSignal = new AbortController().signal;

/** Answers requests in the form of the fetch API: route handlers of Next.js, Hono, Bun, Deno. */
export function fetchHandler(
  answer: Answerer,
  basePath: string,
): (request: FetchRequest) => Promise<Response> {
  return async (request) => {
    check(request);
    const { signal } = request;
    const { status, headers, body } = await answer(await incoming(request, basePath), signal ?? nobody);
    const given = headers.map(([name, value]) => [name, value] as [string, string]);
    const empty = BODILESS.has(status) || request.method === 'HEAD';
    return new Response(empty ? null : body, { status, headers: given });
  };
}

function check(request: unknown): asserts request is FetchRequest {
  const { method, url, headers } = (request ?? {}) as Partial<FetchRequest>;
  if (typeof method === 'string' && typeof url === 'string' && typeof headers?.forEach === 'function') return;
  throw misused('handler takes a Request of the fetch API, and gives a promise of a Response');
}

async function incoming(request: FetchRequest, basePath: string): Promise<Incoming> {
  const headers: string[] = [];
  request.headers.forEach((value, name) => {
    headers.push(name, value);
  });
  const { pathname, search } = new URL(request.url);
  const length = headers[headers.indexOf('content-length') + 1];
  return {
    method: request.method,
    url: pathname + search,
    basePath,
    headers,
    peer: null,
    body: await bodyOf(request, headers.includes('content-length') ? Number(length) : null),
  };
}

async function bodyOf(request: FetchRequest, length: number | null): Promise<Uint8Array | BodySource | null> {
  if (request.bodyUsed) {
    throw misused("the request's body was read before handler got it: pass handler the request first");
  }
  if (request.body === null || request.body === undefined) return null;
  const source = sourceOf(request.body);
  return length !== null && length <= SMALL ? readSmall(source) : source;
}

/** All of a body that is announced as small; the rest of one that is not follows as it comes. */
async function readSmall(source: BodySource): Promise<Uint8Array | BodySource> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (let piece = await source.next(); piece !== null; piece = await source.next()) {
    pieces.push(piece);
    size += piece.byteLength;
    if (size > SMALL) return followed(Buffer.concat(pieces), source);
  }
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
}

function followed(first: Uint8Array, source: BodySource): BodySource {
  let begun = false;
  return {
    next: async () => {
      if (begun) return source.next();
      begun = true;
      return first;
    },
    cancel: () => source.cancel(),
  };
}

function sourceOf(body: ReadableStream<Uint8Array>): BodySource {
  const reader = body.getReader();
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done ? null : value;
    },
    cancel: () => void reader.cancel().catch(() => undefined),
  };
}
