import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { readAnswer } from './answer';
import { checkParams } from './arguments';
import { type CallControl, readCallOptions } from './call-options';
import { AbortError, aborted, invalid, missing, ProyectaError, rethrow, TimeoutError } from './errors';
import { ABORTED, Interrupt } from './interrupt';
import type { Method } from './methods';
import { type Operation, usage } from './operation';
import { describe, readMember, writeParams, writeText } from './serialize';
import type { Answer, Session, Upload } from './session';
import { isSource, type Source, spool } from './spool';

const PROGRESS_NAMES = ['onProgress', 'on_progress'];

type Progress = (progress: unknown) => unknown;

/** A method whose first argument is a file: `customers.import(file, { … }, options)`. */
export function uploadMethod(session: Session, operation: Operation): Method {
  return async (file, params, options) => {
    const request = readRequest(operation, file, params, options);
    const job = new ImportJob(session, operation, request);
    try {
      return readAnswer(await job.run(), request.control);
    } finally {
      job.dispose();
    }
  };
}

/** A file that is there as it is, or a stream that is to be copied into one. */
type Given = { readonly upload: Upload } | { readonly source: Source };

interface Request {
  readonly file: Given;
  readonly input: string;
  readonly onProgress: Progress | null;
  readonly control: CallControl | null;
}

function readRequest(operation: Operation, file: unknown, params: unknown, options: unknown): Request {
  try {
    const control = readCallOptions(operation, options);
    const given = checkParams(operation, params === undefined ? {} : params);
    const input = `{${writeParams(given, PROGRESS_NAMES)}}`;
    const signal = control?.signal ?? null;
    if (signal?.aborted === true) throw aborted(signal);
    return { file: readFile(operation, file), input, onProgress: readProgress(given), control };
  } catch (error) {
    return rethrow(error, readRequest);
  }
}

/** One import on its way: what may stop it, and what the caller's callback threw. */
class ImportJob {
  readonly #session: Session;
  readonly #operation: Operation;
  readonly #request: Request;
  readonly #interrupt: Interrupt;
  #failure: { readonly error: unknown } | null = null;

  constructor(session: Session, operation: Operation, request: Request) {
    this.#session = session;
    this.#operation = operation;
    this.#request = request;
    // Made even without signal and timeout: a callback that throws stops the import too.
    this.#interrupt = Interrupt.of(request.control, session.timeout) ?? new Interrupt(null, null);
  }

  async run(): Promise<Answer> {
    const { file } = this.#request;
    const answer = await ('upload' in file ? this.#send(file.upload) : this.#spool(file.source));
    if (this.#failure !== null) throw this.#failure.error;
    return answer;
  }

  dispose(): void {
    this.#interrupt.dispose();
  }

  async #send(upload: Upload): Promise<Answer> {
    const { input, control, onProgress } = this.#request;
    const progress = onProgress === null ? null : (text: string) => this.#report(onProgress, text);
    return this.#session.sendFile(this.#operation, upload, input, control, this.#interrupt, progress);
  }

  #spool(source: Source): Promise<Answer> {
    const onStop = (stop: (error: unknown) => void) => {
      this.#interrupt.handler = () => stop(this.#stopped());
      if (this.#interrupt.reason !== null) stop(this.#stopped());
    };
    return spool(source, onStop, (path) => this.#send({ path, bytes: null, temporary: true }));
  }

  #report(onProgress: Progress, text: string): void {
    if (this.#failure !== null) return;
    try {
      const result = onProgress(JSON.parse(text));
      // An async callback fails later, and must not end as an unhandled rejection.
      if (types.isPromise(result)) result.catch((error: unknown) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#interrupt.stop(ABORTED);
  }

  /** The error of an import that was stopped while its file was still being read. */
  #stopped(): ProyectaError {
    const message = 'while the file was being read; nothing was imported';
    if (this.#interrupt.reason !== ABORTED) {
      return new TimeoutError({ code: 'timeout', message: `the timeout passed ${message}` });
    }
    return new AbortError(
      { code: 'aborted', message: `the signal was aborted ${message}` },
      { cause: this.#request.control?.signal?.reason },
    );
  }
}

function readProgress(params: object): Progress | null {
  for (const name of PROGRESS_NAMES) {
    const value = readMember(params, name);
    if (value === undefined) continue;
    if (typeof value !== 'function') throw invalid(name, 'must be a function');
    return value as Progress;
  }
  return null;
}

function readFile(operation: Operation, file: unknown): Given {
  if (file === undefined) throw missing('file', `file is required but undefined: ${usage(operation)}`);
  if (typeof file === 'string') return fromPath(file);
  if (typeof file !== 'object' || file === null) throw wrongFile(file);
  let known: Given | null;
  try {
    known = fromObject(file);
  } catch (error) {
    throw error instanceof ProyectaError ? error : invalid('file', 'cannot be read', { cause: error });
  }
  if (known === null) throw wrongFile(file);
  return known;
}

/** By what the object can do, for it may come from another realm or a polyfill. */
function fromObject(file: object): Given | null {
  if (ArrayBuffer.isView(file)) {
    return fromBytes(new Uint8Array(file.buffer, file.byteOffset, file.byteLength));
  }
  if (types.isAnyArrayBuffer(file)) return fromBytes(new Uint8Array(file));
  if ('href' in file && 'protocol' in file) return fromUrl(file as URL);
  if ('stream' in file && typeof file.stream === 'function' && 'arrayBuffer' in file) {
    return { source: file.stream() as Source };
  }
  return isSource(file) ? { source: file } : null;
}

function fromPath(path: string): Given {
  if (path === '') throw invalid('file', 'must not be an empty path');
  if (path.includes('\0')) throw invalid('file', 'must not contain the NUL character');
  writeText(path, 'file');
  return { upload: { path, bytes: null, temporary: false } };
}

function fromUrl(url: URL): Given {
  try {
    return fromPath(fileURLToPath(url));
  } catch (error) {
    throw invalid('file', 'must be a file: URL of this machine', { cause: error });
  }
}

function fromBytes(bytes: Uint8Array): Given {
  return { upload: { path: null, bytes, temporary: false } };
}

function wrongFile(given: unknown): ProyectaError {
  return invalid('file', `must be a path, a file: URL, a Buffer, a Blob or a stream, not ${describe(given)}`);
}
