import { UnavailableError } from './errors';

/** The addon's boundary; only `session.ts` calls it. */
export interface NativeModule {
  readonly Session: new (config: string, notify: () => void) => NativeSession;
  readonly Server: new (notify: () => void) => NativeServer;
}

/** One open store, here or in another process. */
export interface NativeSession {
  /** The answer as JSON when it is known at once, else null and it comes through `drain`. */
  call(operation: number, ticket: number, input: string, options: string | null): string | null;
  /** Like `call` for a file, given by path or as bytes. */
  importFile(
    ticket: number,
    path: string | null,
    bytes: Uint8Array | null,
    removeAfter: boolean,
    input: string,
    options: string | null,
  ): string | null;
  /** Answers an HTTP request; with `more`, its body is asked for through `drain`. */
  handle(ticket: number, head: string, body: Buffer | null, more: boolean): void;
  /** Asks for a further chunk of its answer. */
  pull(ticket: number): void;
  /** The next piece of such a body; null at its end. */
  feed(ticket: number, piece: Buffer | null): void;
  /** Makes a stream of events and finds its place. */
  openStream(ticket: number, stream: number, input: string, options: string | null): void;
  /** The next events of a stream; a message that is no answer says that they have to be waited for. */
  nextEvents(ticket: number, stream: number): void;
  /** Forgets a stream. */
  endStream(stream: number): void;
  /** Asks a pending call to stop; its answer still comes. */
  cancel(ticket: number, reason: number): void;
  /** What has come: ticket, kind, content, ticket, kind, content … */
  drain(): Array<number | string | Buffer>;
  /** Finishes what was accepted, then answers the ticket. */
  close(ticket: number): void;
}

/** A server; `start` and `close` are answered through `drain`. */
export interface NativeServer {
  start(ticket: number, config: string): void;
  close(ticket: number): void;
  drain(): Array<number | string | Buffer>;
}

const SUPPORTED = [
  'darwin-arm64',
  'darwin-x64',
  'linux-arm64 (glibc 2.28 or musl)',
  'linux-x64 (glibc 2.28 or musl)',
  'win32-x64',
];

let loaded: NativeModule | null = null;

/** The addon, loaded at its first use so that `require` of the package stays quick. */
export function loadNative(): NativeModule {
  loaded ??= load();
  return loaded;
}

function load(): NativeModule {
  try {
    return require('./native.cjs') as NativeModule;
  } catch (error) {
    const place = `${process.platform}-${process.arch}`;
    const message =
      `@proyecta-ai/sdk cannot load its binary for ${place}; it comes as an optional dependency ` +
      `for ${SUPPORTED.join(', ')}: install the package again on this machine, with optional dependencies`;
    throw new UnavailableError({ code: 'binary_missing', message }, { cause: error });
  }
}
