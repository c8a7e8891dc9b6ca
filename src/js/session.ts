import { Named, readAnswer } from './answer';
import type { CallControl } from './call-options';
import type { Config } from './config';
import { aborted, InvalidRequestError, internal } from './errors';
import { asBuffer, Exchange, type Gone, type Incoming, type Outgoing } from './exchange';
import { prepareHome } from './home';
import { type Hooks, tell } from './hooks';
import { Interrupt, type Reason } from './interrupt';
import { hold, listen, release } from './keep-alive';
import type { CallLog } from './log';
import type { NativeModule, NativeSession } from './native';
import type { Operation } from './operation';

/** What the addon answers: JSON, or the bytes of a file; from another process with the request's id. */
export type Answer = string | Buffer | Named;

/** A file to import. */
export interface Upload {
  readonly path: string | null;
  readonly bytes: Uint8Array | null;
  /** Whether the file is a copy of ours. */
  readonly temporary: boolean;
}

/** A call whose answer has not come yet. */
interface Waiting {
  readonly operation: string;
  readonly begun: number;
  readonly interrupt: Interrupt | null;
  /** Takes what comes before the last of it; whether that was not the last. */
  readonly receive: ((kind: number, content: string | Buffer) => boolean) | null;
  readonly resolve: (answer: Answer) => void;
  /** Comes before the answer, from another process. */
  requestId: string | null;
  /** Whether it is a stream's next page, which ends with the client. */
  readonly lasting: boolean;
  /** Whether it has to do with what is there, and not with what may never come. */
  busy: boolean;
}

/** Kinds of what `drain` gives; anything else is a final answer. */
const PROGRESS = 1;
const REQUEST_ID = 3;
const PASSING = 4;
/** Tickets stay small integers; by the time they come round the first ones are long answered. */
const TICKET_MAX = 0x3fff_ffff;

/** How requests over HTTP are called in the log. */
const HANDLER = 'handler';

const CLOSED = JSON.stringify({
  error: {
    type: 'invalid_request',
    code: 'closed',
    message: 'this Proyecta was closed; make a new one, or close it later',
  },
});

/** The way from the facade to the engine and back: one per client. */
export class Session {
  readonly #module: NativeModule;
  readonly #pending = new Map<number, Waiting>();
  readonly #timeout: number | null;
  readonly #log: CallLog | null;
  readonly #hooks: Hooks | null;
  /** Whether another process has the engine. */
  readonly #remote: boolean;
  /** Gone once the store is open, and the API key with it. */
  #config: Config | null;
  #native: NativeSession | null = null;
  #ticket = 0;
  /** How many of the pending calls are busy. */
  #busy = 0;
  #stream = 0;
  /** What a change has to wait for. */
  #first: Promise<unknown> | null = null;
  #closed: Promise<void> | null = null;

  constructor(module: NativeModule, config: Config) {
    this.#module = module;
    this.#config = config;
    this.#timeout = config.timeout;
    this.#log = config.log;
    this.#hooks = config.hooks;
    this.#remote = config.remote !== null;
  }

  /** Makes a call. What the engine knows at once comes back at once, without a promise. */
  send(operation: Operation, input: string, control: CallControl | null): Answer | Promise<Answer> {
    if (control?.signal?.aborted === true) throw aborted(control.signal);
    if (this.#first !== null && operation.effect === 'write') {
      return this.#first.then(() => this.send(operation, input, control));
    }
    const native = this.#native ?? this.#open();
    if (native === null) return CLOSED;
    const ticket = this.#nextTicket();
    const begun = this.#log === null ? 0 : this.#log.now();
    let answer: string | null;
    try {
      answer = native.call(operation.index, ticket, input, this.#options(operation, control));
    } catch (error) {
      throw internal(`the engine refused the call of ${operation.name}`, error);
    }
    if (answer === null) {
      return this.#wait(ticket, operation.name, begun, this.#interrupt(control), null);
    }
    this.#log?.answered(operation.name, begun, answer);
    return answer;
  }

  /** Makes a call with a file. `interrupt` is the caller's, for it also covers reading the file. */
  sendFile(
    operation: Operation,
    upload: Upload,
    input: string,
    control: CallControl | null,
    interrupt: Interrupt | null,
    progress: ((text: string) => void) | null,
  ): Answer | Promise<Answer> {
    if (this.#first !== null) {
      return this.#first.then(() => this.sendFile(operation, upload, input, control, interrupt, progress));
    }
    const native = this.#native ?? this.#open();
    if (native === null) return CLOSED;
    const ticket = this.#nextTicket();
    const begun = this.#log === null ? 0 : this.#log.now();
    let answer: string | null;
    try {
      const options = this.#options(operation, control);
      answer = native.importFile(ticket, upload.path, upload.bytes, upload.temporary, input, options);
    } catch (error) {
      throw internal(`the engine refused the call of ${operation.name}`, error);
    }
    const receive = (kind: number, content: string | Buffer) => {
      if (kind === PROGRESS) progress?.(String(content));
      return kind === PROGRESS;
    };
    if (answer === null) return this.#wait(ticket, operation.name, begun, interrupt, receive);
    this.#log?.answered(operation.name, begun, answer);
    return answer;
  }

  /** Answers an HTTP request as a server does; rejects when its client is gone first. */
  async exchange(request: Incoming, gone: Gone): Promise<Outgoing> {
    if (this.#remote) {
      const message =
        'handler answers from the engine of this process, and this Proyecta works with that of another one: point callers at its baseUrl instead';
      throw new InvalidRequestError({ code: 'configuration_invalid', message, param: 'baseUrl' });
    }
    const native = this.#native ?? this.#open();
    if (native === null || this.#closed !== null) {
      const message = 'this Proyecta was closed, and its handler with it';
      throw new InvalidRequestError({ code: 'closed', message });
    }
    const ticket = this.#nextTicket();
    const { body, ...head } = request;
    const source = body === null || body instanceof Uint8Array ? null : body;
    const exchange = new Exchange(native, ticket, source);
    const receive = (kind: number, content: string | Buffer) => exchange.receive(kind, content);
    const leave = () => native.cancel(ticket, 0);
    gone.addEventListener('abort', leave);
    void this.#wait(ticket, HANDLER, this.#log?.now() ?? 0, null, receive).then(() => {
      gone.removeEventListener('abort', leave);
    });
    native.handle(
      ticket,
      JSON.stringify(head),
      body instanceof Uint8Array ? asBuffer(body) : null,
      source !== null,
    );
    if (gone.aborted) leave();
    return exchange.answer;
  }

  /** Makes a stream and finds its place; `answer` is what came of that. */
  openStream(
    operation: Operation,
    input: string,
    control: CallControl | null,
  ): { stream: number; answer: Answer | Promise<Answer> } {
    const native = this.#native ?? this.#open();
    if (native === null || this.#closed !== null) return { stream: 0, answer: CLOSED };
    this.#stream += 1;
    const stream = this.#stream;
    const ticket = this.#nextTicket();
    const begun = this.#log?.now() ?? 0;
    const answer = this.#wait(ticket, operation.name, begun, this.#interruptBySignal(control), null);
    native.openStream(ticket, stream, input, this.#options(operation, control));
    return { stream, answer };
  }

  /** Changes that are made from here on wait for `opening`, so that a stream which begins now has them. */
  first(opening: Promise<unknown>): void {
    const settled = Promise.allSettled([this.#first, opening]).then(() => {
      if (this.#first === settled) this.#first = null;
    });
    this.#first = settled;
  }

  /** The next page of a stream; null once this client is closed. `stop` gets what ends the waiting. */
  async nextPage(
    operation: Operation,
    stream: number,
    control: CallControl | null,
    stop: (stop: () => void) => void,
  ): Promise<Answer | null> {
    const native = this.#native;
    if (native === null || this.#closed !== null) return null;
    const ticket = this.#nextTicket();
    stop(() => native.cancel(ticket, 0));
    const receive = (kind: number) => {
      if (kind === PROGRESS) this.#rest(ticket);
      return kind === PROGRESS;
    };
    const interrupt = this.#interruptBySignal(control);
    const answer = this.#wait(ticket, operation.name, this.#log?.now() ?? 0, interrupt, receive, true);
    native.nextEvents(ticket, stream);
    const page = await answer;
    // It was stopped by close(), or just as well may have been.
    return this.#closed !== null && control?.signal?.aborted !== true ? null : page;
  }

  /** Forgets a stream. */
  endStream(stream: number): void {
    this.#native?.endStream(stream);
  }

  /** The timeout of calls that name none, in milliseconds. */
  get timeout(): number | null {
    return this.#timeout;
  }

  /** Lets pending calls finish, then lets go of the store. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Hands out what has come; the addon calls it through a weak reference. */
  drain(): void {
    for (;;) {
      const items = this.#native?.drain() ?? [];
      if (items.length === 0) return;
      for (let index = 0; index + 2 < items.length; index += 3) {
        this.#deliver(
          items[index] as number,
          items[index + 1] as number,
          items[index + 2] as string | Buffer,
        );
      }
    }
  }

  /** Opens the store at the first call, so that a client nobody uses leaves no file behind. */
  #open(): NativeSession | null {
    const config = this.#config;
    if (config === null || this.#closed !== null) return null;
    prepareHome(config.home);
    const { apiKey, database, timezone, currency, encryptionKey, worker, publicUrl, basePath, remote } =
      config;
    // The addon holds the callback for good; held by it in turn, a client that
    // was dropped without close() would never be collected.
    const weak = new WeakRef<Session>(this);
    const given = {
      apiKey,
      database,
      timezone,
      currency,
      encryptionKey,
      worker,
      publicUrl,
      basePath,
      remote,
    };
    const text = JSON.stringify(given, (_, value: unknown) => value ?? undefined);
    this.#native = new this.#module.Session(text, () => weak.deref()?.drain());
    this.#config = null;
    return this.#native;
  }

  async #close(): Promise<void> {
    const native = this.#native;
    this.#config = null;
    if (native === null) return;
    if (this.#first !== null) await this.#first;
    for (const [ticket, { lasting }] of this.#pending) if (lasting) native.cancel(ticket, 0);
    const ticket = this.#nextTicket();
    const answer = this.#wait(ticket, 'close', this.#log?.now() ?? 0, null, null);
    native.close(ticket);
    readAnswer(await answer, null);
  }

  #nextTicket(): number {
    this.#ticket = this.#ticket === TICKET_MAX ? 1 : this.#ticket + 1;
    return this.#ticket;
  }

  #wait(
    ticket: number,
    operation: string,
    begun: number,
    interrupt: Interrupt | null,
    receive: ((kind: number, content: string | Buffer) => boolean) | null,
    lasting = false,
  ): Promise<Answer> {
    if (this.#busy === 0) hold(this);
    this.#busy += 1;
    if (interrupt !== null) {
      const cancel = (reason: Reason) => this.#native?.cancel(ticket, reason);
      interrupt.handler = cancel;
      // The signal may have been aborted from within the addon's call.
      if (interrupt.reason !== null) cancel(interrupt.reason);
    }
    return new Promise((resolve) => {
      const waiting = { operation, begun, interrupt, receive, resolve, lasting };
      this.#pending.set(ticket, { ...waiting, requestId: null, busy: true });
    });
  }

  #deliver(ticket: number, kind: number, content: string | Buffer): void {
    if (kind === PASSING) {
      // A stream's requests go on after the ticket that it was opened with.
      if (this.#hooks !== null) tell(this.#hooks, String(content));
      return;
    }
    const waiting = this.#pending.get(ticket);
    if (waiting === undefined) return;
    if (waiting.receive?.(kind, content) === true) return;
    if (kind === REQUEST_ID) {
      waiting.requestId = String(content);
      return;
    }
    this.#pending.delete(ticket);
    if (waiting.busy) this.#busy -= 1;
    if (this.#pending.size === 0) release(this);
    else if (this.#busy === 0) listen(this);
    waiting.interrupt?.dispose();
    this.#log?.answered(waiting.operation, waiting.begun, content);
    waiting.resolve(waiting.requestId === null ? content : new Named(content, waiting.requestId));
  }

  /** A call need not keep the process alive any longer: it waits for what may never come. */
  #rest(ticket: number): void {
    const waiting = this.#pending.get(ticket);
    if (waiting === undefined || !waiting.busy) return;
    waiting.busy = false;
    this.#busy -= 1;
    if (this.#busy === 0) listen(this);
  }

  /** What may stop a call. Calls to another process look at the clock themselves, for their tries depend on it. */
  #interrupt(control: CallControl | null): Interrupt | null {
    if (!this.#remote) return Interrupt.of(control, this.#timeout);
    return this.#interruptBySignal(control);
  }

  #interruptBySignal(control: CallControl | null): Interrupt | null {
    const signal = control?.signal ?? null;
    return signal === null ? null : new Interrupt(signal, null);
  }

  #options(operation: Operation, control: CallControl | null): string | null {
    if (control === null) return null;
    const idempotencyKey = operation.effect === 'read' ? null : control.idempotencyKey;
    if (!this.#remote) return idempotencyKey === null ? null : JSON.stringify({ idempotencyKey });
    const { timeout, maxRetries, headers } = control;
    return JSON.stringify({ idempotencyKey, timeout, maxRetries, headers });
  }
}
