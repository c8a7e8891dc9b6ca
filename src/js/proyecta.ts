import { inspect } from 'node:util';
import type { Commerce, ProyectaOptions, Store } from '../../index.js';
import { readConfig } from './config';
import { createServer } from './create-server';
import { showDatabase } from './database';
import { asyncDispose } from './dispose';
import { type Answerer, EXCHANGE } from './exchange';
import { type FetchRequest, fetchHandler } from './fetch';
import { buildMethod, buildMethods, type Method } from './methods';
import { loadNative } from './native';
import { aliases, operations } from './operations.gen';
import { Session } from './session';

declare const PROYECTA_VERSION: string;

const STORE = 'store.get';

/** The client; its public face is documented in `index.d.ts`. */
export class Proyecta {
  static readonly VERSION: string = PROYECTA_VERSION;
  static readonly createServer: typeof createServer = createServer;

  readonly commerce: Commerce;
  /** A property and not a method, so that it can be handed on alone: `export const GET = proyecta.handler`. */
  readonly handler: (request: FetchRequest) => Promise<Response>;
  readonly #session: Session;
  readonly #store: Method;
  readonly #place: { database: string } | { baseUrl: string };

  constructor(options?: ProyectaOptions) {
    const config = readConfig(options, { env: process.env, folder: process.cwd() });
    this.#session = new Session(loadNative(), config);
    this.#place =
      config.remote === null
        ? { database: showDatabase(config.database ?? '') }
        : { baseUrl: config.remote.baseUrl };
    // The types of the methods are generated from the same table.
    this.commerce = buildMethods(
      this.#session,
      operations.filter(({ name }) => name !== STORE),
      aliases,
    ) as unknown as Commerce;
    this.#store = buildStore(this.#session);
    const answer: Answerer = (request, gone) => this.#session.exchange(request, gone);
    this.handler = fetchHandler(answer, config.basePath ?? '');
    Object.defineProperty(this, EXCHANGE, { value: answer });
  }

  get store(): Promise<Store> {
    return this.#store() as Promise<Store>;
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Shows where the data lies; the API key is kept out of logs. */
  toJSON(): { version: string; database: string } | { version: string; baseUrl: string } {
    return { version: PROYECTA_VERSION, ...this.#place };
  }

  [inspect.custom](): string {
    return `Proyecta ${inspect(this.toJSON())}`;
  }
}

function buildStore(session: Session): Method {
  const operation = operations.find(({ name }) => name === STORE);
  if (operation === undefined) throw new Error(`${STORE} is missing in the operation table`);
  return buildMethod(session, operation);
}
