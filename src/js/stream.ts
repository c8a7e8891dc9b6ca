import { checkPage, readAnswer } from './answer';
import { type Call, readCall } from './arguments';
import { asyncDispose } from './dispose';
import { aborted } from './errors';
import type { Method } from './methods';
import type { Operation } from './operation';
import type { Session } from './session';

type Result = IteratorResult<unknown, undefined>;

const DONE: Result = { done: true, value: undefined };

/** What is left in the addon of streams that nobody has any more. */
const dropped = new FinalizationRegistry<Source>((source) => source.end());

/** The method of an operation that gives objects as they come to be. */
export function streamMethod(session: Session, operation: Operation): Method {
  return (first, second, third) => {
    // What is wrong with the parameters is said by the first `next()`, as by a list.
    let call: Call | null = null;
    let problem: unknown = null;
    try {
      call = readCall(operation, first, second, third);
    } catch (error) {
      problem = error;
    }
    if (call === null) return new Stream(new Failed(problem), null);
    return new Stream(new Opened(session, operation, call), call.control?.signal ?? null);
  };
}

/** Where a stream's objects come from. */
interface Source {
  /** The next objects, one at least; null at the end. */
  next(): Promise<unknown[] | null>;
  /** Stops a `next` that is under way, and lets go of everything. */
  end(): void;
}

/**
 * What a stream call gives: an async iterator that asks for the next objects when it has handed out
 * those before, and so holds a page at most.
 */
class Stream implements AsyncIterableIterator<unknown> {
  readonly #source: Source;
  readonly #signal: AbortSignal | null;
  #rows: unknown[] = [];
  #at = 0;
  #over = false;
  /** Calls of `next()` that overlap wait for each other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(source: Source, signal: AbortSignal | null) {
    this.#source = source;
    this.#signal = signal;
    dropped.register(this, source, this);
  }

  next(): Promise<Result> {
    const result = this.#last.then(() => this.#next());
    this.#last = result.catch(() => undefined);
    return result;
  }

  async return(): Promise<Result> {
    this.#end();
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [asyncDispose](): Promise<void> {
    this.#end();
  }

  get [Symbol.toStringTag](): string {
    return 'EventStream';
  }

  async #next(): Promise<Result> {
    if (!this.#over && this.#signal?.aborted === true) {
      this.#end();
      throw aborted(this.#signal, 'the stream was aborted by its signal');
    }
    if (!this.#over && this.#at === this.#rows.length) await this.#fetch();
    if (this.#over) return DONE;
    const value = this.#rows[this.#at];
    this.#rows[this.#at] = undefined;
    this.#at += 1;
    return { done: false, value };
  }

  async #fetch(): Promise<void> {
    let rows: unknown[] | null;
    try {
      rows = await this.#source.next();
    } catch (error) {
      // Whoever ended it is told that it is over, and not what that broke off.
      if (this.#over) return;
      this.#end();
      throw error;
    }
    if (rows === null) this.#end();
    else if (!this.#over) {
      this.#rows = rows;
      this.#at = 0;
    }
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#rows = [];
    this.#at = 0;
    dropped.unregister(this);
    this.#source.end();
  }
}

/** A stream whose parameters do not fit. */
class Failed implements Source {
  constructor(readonly problem: unknown) {}

  next(): Promise<never> {
    return Promise.reject(this.problem);
  }

  end(): void {}
}

/** A stream of the engine. */
class Opened implements Source {
  readonly #session: Session;
  readonly #operation: Operation;
  readonly #call: Call;
  /** The stream's number, once it has its place. */
  #opened: Promise<number> | null = null;
  #stop: (() => void) | null = null;
  #ended = false;

  constructor(session: Session, operation: Operation, call: Call) {
    this.#session = session;
    this.#operation = operation;
    this.#call = call;
    // "From now on" is from this call on, not from the first time somebody reads.
    if (!/"after":[^n]/.test(call.input)) {
      this.#opened = this.#open();
      session.first(this.#opened);
    }
  }

  async next(): Promise<unknown[] | null> {
    const { control } = this.#call;
    this.#opened ??= this.#open();
    const stream = await this.#opened;
    if (this.#ended) return null;
    const stop = (stop: () => void) => {
      this.#stop = stop;
    };
    const answer = await this.#session.nextPage(this.#operation, stream, control, stop);
    this.#stop = null;
    return answer === null ? null : checkPage(readAnswer(answer, control)).data;
  }

  end(): void {
    this.#ended = true;
    this.#stop?.();
    this.#opened?.then((stream) => this.#session.endStream(stream)).catch(() => undefined);
  }

  async #open(): Promise<number> {
    const { input, control } = this.#call;
    const { stream, answer } = this.#session.openStream(this.#operation, input, control);
    try {
      readAnswer(await answer, control);
    } catch (error) {
      this.#session.endStream(stream);
      throw error;
    }
    return stream;
  }
}
