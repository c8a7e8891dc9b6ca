import { inspect } from 'node:util';
import type { Commerce, ProyectaOptions, Store } from '../../index.js';
import { readConfig } from './config';
import { showDatabase } from './database';
import { buildMethod, buildMethods, type Method } from './methods';
import { loadNative } from './native';
import { operations } from './operations.gen';
import { Session } from './session';

declare const PROYECTA_VERSION: string;

/** Nodes before 20.4 do not have the symbol; those who polyfill it use this one. */
const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose');

const STORE = 'store.get';

/** The client; its public face is documented in `index.d.ts`. */
export class Proyecta {
  static readonly VERSION: string = PROYECTA_VERSION;

  readonly commerce: Commerce;
  readonly #session: Session;
  readonly #store: Method;
  readonly #database: string;

  constructor(options?: ProyectaOptions) {
    const config = readConfig(options, { env: process.env, folder: process.cwd() });
    this.#session = new Session(loadNative(), config);
    this.#database = showDatabase(config.database);
    // The types of the methods are generated from the same table.
    this.commerce = buildMethods(
      this.#session,
      operations.filter(({ name }) => name !== STORE),
    ) as unknown as Commerce;
    this.#store = buildStore(this.#session);
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
  toJSON(): { version: string; database: string } {
    return { version: PROYECTA_VERSION, database: this.#database };
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
