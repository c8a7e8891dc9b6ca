import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answerer, BodySource, Incoming, Outgoing } from '../exchange';

/** A request as frameworks on `node:http` hand it on. */
export type NodeRequest = IncomingMessage & {
  /** What a parser of the app made of the body. */
  body?: unknown;
};

/** Headers that belong to one connection, and so not to the API. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** Headers that no longer fit once a parser of the app has read the body. */
const OF_THE_BYTES: ReadonlySet<string> = new Set(['content-length', 'content-encoding']);

/** What an adapter knows of a request beside the request itself. */
export interface Mounted {
  /** Path and query. */
  readonly url: string;
  /** The path under which the API is mounted. */
  readonly basePath: string;
  readonly peer: string | null;
}

/** Describes a request of `node:http` to the engine. */
export function describe(request: NodeRequest, { url, basePath, peer }: Mounted): Incoming {
  const parsed = request.readableDidRead && request.body !== undefined;
  const headers: string[] = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index] ?? '';
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || (parsed && OF_THE_BYTES.has(lower))) continue;
    headers.push(name, request.rawHeaders[index + 1] ?? '');
  }
  return {
    method: request.method ?? 'GET',
    url: absolute(url),
    basePath: basePath.replace(/\/+$/, ''),
    headers,
    peer,
    body: parsed ? bytesOf(request.body, request.headers['content-type']) : bodyOf(request),
  };
}

/** Answers a request of `node:http`; rejects when there is no answer, and nothing was written then. */
export async function serve(
  answer: Answerer,
  request: NodeRequest,
  response: ServerResponse,
  mounted: Mounted,
): Promise<void> {
  const client = new Client(response);
  let outgoing: Outgoing;
  try {
    outgoing = await answer(describe(request, mounted), client.signal);
  } catch (error) {
    if (client.signal.aborted) return;
    throw error;
  }
  if (client.signal.aborted) return;
  response.statusCode = outgoing.status;
  for (const [name, value] of outgoing.headers) {
    if (!HOP_BY_HOP.has(name)) response.appendHeader(name, value);
  }
  await write(response, outgoing.body);
}

async function write(response: ServerResponse, body: Outgoing['body']): Promise<void> {
  if (body instanceof Uint8Array) {
    response.end(body);
    return;
  }
  try {
    for await (const chunk of body) {
      if (response.destroyed) return;
      if (!response.write(chunk)) await flushed(response);
    }
    response.end();
  } catch {
    // Its head is out already: breaking it off is all that tells the client.
    response.destroy();
  }
}

function flushed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

/** Notices that the client hung up before it had its answer. */
class Client {
  readonly #controller = new AbortController();

  constructor(response: ServerResponse) {
    response.once('close', () => {
      if (!response.writableFinished) this.#controller.abort();
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }
}

/** Path and query only, every character one that a URL may have. */
function absolute(url: string): string {
  const { pathname, search } = new URL(`http://localhost${url.startsWith('/') ? url : `/${url}`}`);
  return pathname + search;
}

/** The bytes that a parser of the app has read: as they were, or JSON or a form written again. */
function bytesOf(body: unknown, type = ''): Uint8Array | null {
  if (body === undefined || body === null) return null;
  if (body instanceof Uint8Array) return body;
  if (typeof body === 'string') return Buffer.from(body);
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(type.trim());
  return Buffer.from(isForm ? formOf(body) : JSON.stringify(body));
}

/** A form as it was posted; a field that came several times is a list. */
function formOf(body: object): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(body)) {
    for (const one of [value].flat()) form.append(name, String(one));
  }
  return form.toString();
}

function bodyOf(request: NodeRequest): BodySource | null {
  const { headers } = request;
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) return null;
  return {
    next: () => nextPiece(request),
    // The rest is read and thrown away, so that the connection can go on.
    cancel: () => void request.resume(),
  };
}

/**
 * One chunk of the body; in between it is paused. Not by its iterator: that destroys the request, and the
 * answer goes out over the same socket.
 */
function nextPiece(request: NodeRequest): Promise<Uint8Array | null> {
  return new Promise((resolve, reject) => {
    const settle = (done: () => void) => {
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onError);
      done();
    };
    const onData = (chunk: Uint8Array) => {
      request.pause();
      settle(() => resolve(chunk));
    };
    const onEnd = () => settle(() => resolve(null));
    const onError = (error: unknown) => settle(() => reject(error));
    const onClose = () => onError(new Error('the client broke off its request'));
    if (request.readableEnded) resolve(null);
    else if (request.destroyed) onClose();
    else request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onError).resume();
  });
}
