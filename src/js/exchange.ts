import { type ErrorRecord, internal, toError } from './errors';
import type { NativeSession } from './native';

/** An HTTP request that somebody else's server received. */
export interface Incoming {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** The path under which the API is mounted, without a slash at its end; empty at the root. */
  readonly basePath: string;
  /** Name, value, name, value; one character for each byte. */
  readonly headers: readonly string[];
  /** The address that it came from, where that is known. */
  readonly peer: string | null;
  /** All of the body, a source for it, or null when there is none. */
  readonly body: Uint8Array | BodySource | null;
}

/** A body that is read piece by piece. */
export interface BodySource {
  /** The next piece; null at the end. */
  next(): Promise<Uint8Array | null>;
  /** Nobody reads on. */
  cancel(): void;
}

/** The answer to a request. */
export interface Outgoing {
  readonly status: number;
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
  readonly body: Uint8Array | ReadableStream<Uint8Array>;
}

/** What a server does for its requests: answers them, until their clients are gone. */
export type Answerer = (request: Incoming, gone: Gone) => Promise<Outgoing>;

/** Tells once that a client is gone. */
export interface Gone {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * Under this name an instance answers the requests of the adapters; beside the documented surface,
 * for it may change from one version to the next.
 */
export const EXCHANGE = Symbol.for('@proyecta-ai/sdk/exchange');

/** Kinds of what the addon says about a request; anything else ends it with an error. */
const RESPONSE = 5;
const CHUNK = 6;
const WANT = 7;

interface Head {
  readonly status: number;
  readonly headers: ReadonlyArray<readonly [string, string]>;
  /** Whether the body follows in chunks. */
  readonly more: boolean;
}

/** One request on its way through the addon. */
export class Exchange {
  /** The answer, once its head is there. */
  readonly answer: Promise<Outgoing>;
  readonly #native: NativeSession;
  readonly #ticket: number;
  readonly #source: BodySource | null;
  #resolve!: (answer: Outgoing) => void;
  #reject!: (error: unknown) => void;
  #chunks: ReadableStreamDefaultController<Uint8Array> | null = null;
  #read = false;
  #over = false;

  constructor(native: NativeSession, ticket: number, source: BodySource | null) {
    this.#native = native;
    this.#ticket = ticket;
    this.#source = source;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Takes what the addon says; whether more follows. */
  receive(kind: number, content: string | Buffer): boolean {
    if (kind === WANT) {
      void this.#feed();
      return true;
    }
    if (kind === RESPONSE && typeof content !== 'string') return this.#begin(content) || this.#end();
    if (kind === CHUNK && typeof content !== 'string') {
      if (content.length > 0) {
        this.#chunks?.enqueue(new Uint8Array(content));
        return true;
      }
      this.#chunks?.close();
      return this.#end();
    }
    this.#fail(errorOf(content));
    return this.#end();
  }

  #begin(framed: Buffer): boolean {
    const end = 4 + framed.readUInt32LE(0);
    const { status, headers, more } = JSON.parse(framed.toString('utf8', 4, end)) as Head;
    const body = more ? this.#stream() : framed.subarray(end);
    this.#resolve({ status, headers, body });
    return more;
  }

  #stream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#chunks = controller;
      },
      pull: () => {
        if (!this.#over) this.#native.pull(this.#ticket);
      },
      cancel: () => {
        this.#chunks = null;
        if (!this.#over) this.#native.cancel(this.#ticket, 0);
      },
    });
  }

  #fail(error: Error): void {
    if (this.#chunks === null) this.#reject(error);
    else this.#chunks.error(error);
  }

  #end(): false {
    this.#over = true;
    this.#chunks = null;
    if (!this.#read) this.#source?.cancel();
    return false;
  }

  async #feed(): Promise<void> {
    try {
      const piece = (await this.#source?.next()) ?? null;
      if (piece === null) this.#read = true;
      if (this.#over) return;
      this.#native.feed(this.#ticket, piece === null ? null : asBuffer(piece));
    } catch {
      // The client broke off in the middle of its body.
      this.#read = true;
      if (!this.#over) this.#native.cancel(this.#ticket, 0);
    }
  }
}

/** The same bytes as a Buffer, which the addon takes. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function errorOf(content: string | Buffer): Error {
  if (typeof content !== 'string') return internal('the engine gave an answer of another kind');
  return toError((JSON.parse(content) as { error: ErrorRecord }).error);
}
