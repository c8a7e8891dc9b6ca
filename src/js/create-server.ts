import type { ServerOptions } from '../../index.js';
import { readAnswer } from './answer';
import { type Config, readConfig } from './config';
import { asyncDispose } from './dispose';
import { type ErrorRecord, InvalidRequestError, rethrow, toError } from './errors';
import { prepareHome } from './home';
import { hold, release } from './keep-alive';
import { loadNative, type NativeServer } from './native';
import { hint } from './near';
import { isPlainObject, readMember } from './serialize';

/** Options that are the constructor's as well, and read as it reads them. */
const SHARED = [
  'apiKey',
  'database',
  'timezone',
  'currency',
  'encryptionKey',
  'worker',
  'publicUrl',
  'basePath',
] as const;

/** Options of the server alone, and how each of them is checked. */
const OWN = {
  listen: text("an address and a port such as '127.0.0.1:8080'; port 0 takes a free one"),
  metricsListen: text("an address and a port such as '127.0.0.1:9090'"),
  bodyLimit: count('bytes'),
  uploadLimit: count('bytes'),
  requestTimeout: count('milliseconds'),
  maxConnections: count('connections'),
  cors: texts("origins such as 'https://app.example.com'"),
  trustedProxies: texts("addresses or networks such as '10.0.0.0/8'"),
} as const;

type Own = keyof typeof OWN;
const NAMES: readonly string[] = [...SHARED, ...Object.keys(OWN)];

/** Answers of the addon: the ticket of the start, and that of the end. */
const START = 1;
const CLOSE = 2;

interface Addresses {
  readonly address: string;
  readonly metricsAddress: string | null;
}

/** Starts a server; its public face is documented in `index.d.ts`. */
export async function createServer(options?: ServerOptions): Promise<Server> {
  const config = readOptions(options);
  prepareHome(config.shared.home);
  const addon = new Addon();
  return new Server(addon, await addon.start(config));
}

/** A server that listens. */
class Server {
  readonly url: string;
  readonly address: string;
  readonly metricsUrl: string | null;
  readonly #addon: Addon;
  #closed: Promise<void> | null = null;

  constructor(addon: Addon, { address, metricsAddress, basePath }: Addresses & { basePath: string }) {
    this.#addon = addon;
    this.address = address;
    this.url = `http://${address}${basePath}`;
    this.metricsUrl = metricsAddress === null ? null : `http://${metricsAddress}/metrics`;
  }

  close(): Promise<void> {
    this.#closed ??= this.#addon.close();
    return this.#closed;
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The native server, with promises for its tickets; keeps the process alive until it is closed. */
class Addon {
  readonly #native: NativeServer;
  readonly #waiting = new Map<number, (answer: string) => void>();

  constructor() {
    // The addon holds the callback for good.
    const weak = new WeakRef<Addon>(this);
    this.#native = new (loadNative().Server)(() => weak.deref()?.drain());
  }

  async start({ shared, own }: ServerConfig): Promise<Addresses & { basePath: string }> {
    hold(this);
    const { apiKey, database, timezone, currency, encryptionKey, worker, publicUrl, basePath } = shared;
    const given = {
      apiKey,
      database,
      timezone,
      currency,
      encryptionKey,
      worker,
      publicUrl,
      basePath,
      ...own,
    };
    const text = JSON.stringify(given, (_, value: unknown) => value ?? undefined);
    const answer = await this.#ask(START, () => this.#native.start(START, text));
    if (answer.startsWith('{"error":')) {
      release(this);
      rethrow(toError((JSON.parse(answer) as { error: ErrorRecord }).error), createServer);
    }
    return { basePath: basePath ?? '', ...(JSON.parse(answer) as Addresses) };
  }

  async close(): Promise<void> {
    const answer = await this.#ask(CLOSE, () => this.#native.close(CLOSE));
    release(this);
    readAnswer(answer, null);
  }

  drain(): void {
    for (;;) {
      const items = this.#native.drain();
      if (items.length === 0) return;
      for (let index = 0; index + 2 < items.length; index += 3) {
        this.#waiting.get(items[index] as number)?.(String(items[index + 2]));
      }
    }
  }

  #ask(ticket: number, send: () => void): Promise<string> {
    return new Promise((resolve) => {
      this.#waiting.set(ticket, resolve);
      send();
    });
  }
}

interface ServerConfig {
  readonly shared: Config;
  readonly own: { readonly [name in Own]?: unknown };
}

function readOptions(options: unknown): ServerConfig {
  try {
    return read(options);
  } catch (error) {
    return rethrow(error, createServer);
  }
}

function read(options: unknown): ServerConfig {
  if (options !== undefined && !isPlainObject(options)) {
    throw wrong(null, "the options must be an object, as in createServer({ listen: '127.0.0.1:8080' })");
  }
  const given = options ?? {};
  for (const name of Object.keys(given)) {
    if (NAMES.includes(name)) continue;
    const shown = name.slice(0, 64);
    throw wrong(shown, `${shown} is not a known option; ${hint(name, NAMES)}`);
  }
  const pick = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, readMember(given, name)]));
  // Where clients of this process find their engine is not where this server's is.
  const env = { ...process.env, PROYECTA_BASE_URL: undefined };
  const shared = readConfig(pick(SHARED), { env, folder: process.cwd() });
  const own = pick(Object.keys(OWN));
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined) OWN[name as Own](name, value);
  }
  return { shared, own: { listen: '127.0.0.1:0', ...definedOf(own) } };
}

const definedOf = (values: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

type Check = (name: string, value: unknown) => void;

function text(what: string): Check {
  return (name, value) => {
    if (typeof value !== 'string' || value === '') throw wrong(name, `${name} must be ${what}`);
  };
}

function texts(what: string): Check {
  return (name, value) => {
    const fits = Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '');
    if (!fits) throw wrong(name, `${name} must be a list of ${what}`);
  };
}

function count(unit: string): Check {
  return (name, value) => {
    if (!Number.isSafeInteger(value) || (value as number) < 1) {
      throw wrong(name, `${name} must be a whole number of ${unit}, 1 or more`);
    }
  };
}

function wrong(param: string | null, message: string): InvalidRequestError {
  return new InvalidRequestError({ code: 'configuration_invalid', message, param });
}
