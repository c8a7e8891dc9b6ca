// Not from node:fs/promises, which takes a while to load; this one loads when it is used.
import { promises as files, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { types } from 'node:util';
import { InvalidRequestError, invalid, ProyectaError, UnavailableError } from './errors';

/** A stream of bytes in any of its forms. */
export type Source = AsyncIterable<unknown> | ReadableStream<unknown>;

/** Copies that exist now; a process that exits in the middle takes them along. */
const copies = new Set<string>();
function removeAll(): void {
  for (const folder of copies) rmSync(folder, { recursive: true, force: true });
}

/** Whether a value is something that `spool` can read. */
export function isSource(value: object): value is Source {
  return Symbol.asyncIterator in value || ('getReader' in value && typeof value.getReader === 'function');
}

/**
 * Copies a stream into a temporary file that only this user can read, hands its
 * path to `use`, and removes it whatever happens. `onStop` registers what makes
 * the reading end early, however long the stream would keep silent.
 */
export async function spool<T>(
  source: Source,
  onStop: (stop: (error: unknown) => void) => void,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const chunks = new Chunks(source);
  onStop((error) => chunks.stop(error));
  const folder = await makeFolder().catch((error: unknown) => {
    chunks.cancel();
    return noRoom(error);
  });
  try {
    const path = join(folder, 'import');
    await copy(chunks, path);
    return await use(path);
  } finally {
    chunks.cancel();
    await removeFolder(folder);
  }
}

async function makeFolder(): Promise<string> {
  const folder = await files.mkdtemp(join(tmpdir(), 'proyecta-'));
  if (copies.size === 0) process.on('exit', removeAll);
  copies.add(folder);
  return folder;
}

async function removeFolder(folder: string): Promise<void> {
  await files.rm(folder, { recursive: true, force: true });
  copies.delete(folder);
  if (copies.size === 0) process.off('exit', removeAll);
}

async function copy(chunks: Chunks, path: string): Promise<void> {
  const file = await files.open(path, 'wx', 0o600).catch(noRoom);
  try {
    for (let bytes = await chunks.next(); bytes !== null; bytes = await chunks.next()) {
      await file.appendFile(bytes).catch(noRoom);
    }
  } finally {
    await file.close();
  }
}

/** The chunks of a stream, until it ends or is told to stop. */
class Chunks {
  readonly #reader: Reader;
  /** Asked for at once: until somebody reads, a stream that fails brings the process down. */
  #ahead: Promise<IteratorResult<unknown>> | null;
  #stopped: { readonly error: unknown } | null = null;
  #wake: ((error: unknown) => void) | null = null;
  #finished = false;

  constructor(source: Source) {
    this.#reader = readerOf(source);
    this.#ahead = this.#reader.next();
    this.#ahead.catch(() => undefined);
  }

  /** The next bytes, or null at the end. */
  async next(): Promise<Uint8Array | string | null> {
    const chunk = await new Promise<IteratorResult<unknown>>((resolve, reject) => {
      this.#wake = reject;
      if (this.#stopped !== null) reject(this.#stopped.error);
      else (this.#ahead ?? this.#reader.next()).then(resolve, (error: unknown) => reject(broken(error)));
      this.#ahead = null;
    });
    this.#finished = chunk.done === true;
    return this.#finished ? null : bytesOf(chunk.value);
  }

  /** Makes the reading fail with `error`, also while it waits for the stream. */
  stop(error: unknown): void {
    this.#stopped ??= { error };
    this.#wake?.(error);
  }

  /** Tells the stream that nobody reads on, unless it came to its end. */
  cancel(): void {
    if (!this.#finished) this.#reader.cancel();
    this.#finished = true;
  }
}

interface Reader {
  next(): Promise<IteratorResult<unknown>>;
  /** Tells the stream that nobody will read on; must not wait for it. */
  cancel(): void;
}

function readerOf(source: Source): Reader {
  try {
    return openReader(source);
  } catch (error) {
    throw broken(error);
  }
}

function openReader(source: Source): Reader {
  if ('getReader' in source) {
    const reader = source.getReader();
    return {
      next: async () => {
        const { done, value } = await reader.read();
        return done ? { done, value: undefined } : { done, value };
      },
      cancel: () => void reader.cancel().catch(() => undefined),
    };
  }
  const iterator = source[Symbol.asyncIterator]();
  return {
    next: async () => iterator.next(),
    cancel: () => {
      // A Node stream that is silent can only be destroyed: its iterator's
      // return() would wait for the chunk that never comes.
      const { destroy } = source as { destroy?: unknown };
      if (typeof destroy === 'function') destroy.call(source);
      else void Promise.resolve(iterator.return?.()).catch(() => undefined);
    },
  };
}

function bytesOf(chunk: unknown): Uint8Array | string {
  if (typeof chunk === 'string' || types.isUint8Array(chunk)) return chunk;
  if (types.isAnyArrayBuffer(chunk)) return new Uint8Array(chunk);
  throw invalid('file', 'must be a stream of bytes or text');
}

function broken(error: unknown): ProyectaError {
  if (error instanceof ProyectaError) return error;
  const message = 'the stream of the file failed while it was read; nothing was imported';
  return new InvalidRequestError({ code: 'file_invalid', message, param: 'file' }, { cause: error });
}

function noRoom(error: unknown): never {
  const message = `the stream cannot be copied to a temporary file in ${tmpdir()}; nothing was imported`;
  throw new UnavailableError({ code: 'temporary_file_failed', message }, { cause: error });
}
