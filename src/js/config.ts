import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Logger, LogLevel } from '../../index.js';
import { RETRIES_MAX, TIMEOUT_MAX_MS } from './call-options';
import { readDatabase } from './database';
import { AuthenticationError, InvalidRequestError, rethrow } from './errors';
import type { Hooks } from './hooks';
import { CallLog } from './log';
import { hint } from './near';
import { type RemoteConfig, readBaseUrl, readCertificate, readProxies } from './remote';
import { isPlainObject, readMember } from './serialize';

/** What the options and the environment come to. */
export interface Config {
  readonly apiKey: string | null;
  /** An absolute path, or `:memory:`; null when another process has the engine. */
  readonly database: string | null;
  /** The folder to make for the default database; null when the user named a place. */
  readonly home: string | null;
  readonly timezone: string | null;
  readonly currency: string | null;
  /** What stored payment credentials are encrypted under. */
  readonly encryptionKey: string | null;
  /** Whether subscriptions renew in this process; null for the default, which is that they do. */
  readonly worker: boolean | null;
  readonly timeout: number | null;
  readonly log: CallLog | null;
  /** Where hosted pages are reached from outside. */
  readonly publicUrl: string | null;
  /** The path under which `handler` answers, without a slash at its end. */
  readonly basePath: string | null;
  /** Set when another process has the engine. */
  readonly remote: RemoteConfig | null;
  readonly hooks: Hooks | null;
}

/** Where the program runs. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
}

/** Every option, with the environment variables that stand in for it. */
const VARIABLES = {
  apiKey: ['PROYECTA_API_KEY'],
  baseUrl: ['PROYECTA_BASE_URL'],
  database: ['PROYECTA_DATABASE_URL', 'PROYECTA_DATABASE'],
  timezone: ['PROYECTA_TIMEZONE'],
  currency: ['PROYECTA_CURRENCY'],
  timeout: ['PROYECTA_TIMEOUT'],
  maxRetries: ['PROYECTA_MAX_RETRIES'],
  caCertificate: ['PROYECTA_CA_CERTIFICATE'],
  onRequest: [],
  onResponse: [],
  encryptionKey: ['PROYECTA_ENCRYPTION_KEY'],
  publicUrl: ['PROYECTA_PUBLIC_URL'],
  basePath: ['PROYECTA_BASE_PATH'],
  worker: ['PROYECTA_WORKER'],
  logger: [],
  logLevel: ['PROYECTA_LOG_LEVEL'],
} as const satisfies Record<string, readonly string[]>;

type Name = keyof typeof VARIABLES;
const NAMES = Object.keys(VARIABLES) as Name[];
const LEVELS: readonly LogLevel[] = ['off', 'error', 'warn', 'info', 'debug'];

/** A value that was given, and how to speak of the place it came from. */
interface Given {
  readonly name: Name;
  readonly value: unknown;
  readonly label: string;
  readonly explicit: boolean;
}

/** Reads the options of the constructor; what they leave out comes from the environment. */
export function readConfig(options: unknown, surroundings: Surroundings): Config {
  try {
    return read(options, surroundings);
  } catch (error) {
    return rethrow(error, readConfig);
  }
}

function read(options: unknown, surroundings: Surroundings): Config {
  const given = collect(options, surroundings);
  const apiKey = readKey(given.get('apiKey'));
  const timeout = readCount(given.get('timeout'), 1, TIMEOUT_MAX_MS);
  const maxRetries = readCount(given.get('maxRetries'), 0, RETRIES_MAX);
  const ca = given.get('caCertificate');
  const certificate = readText(ca);
  const hooks = readHooks(given);
  const place = readPlace(given, apiKey, surroundings);
  return {
    apiKey,
    database: null,
    home: null,
    ...('baseUrl' in place ? null : place),
    timezone: readText(given.get('timezone')),
    currency: readText(given.get('currency')),
    encryptionKey: readEncryptionKey(given.get('encryptionKey')),
    worker: readFlag(given.get('worker')),
    timeout,
    publicUrl: readUrl(given.get('publicUrl')),
    log: readLog(given.get('logger'), given.get('logLevel')),
    basePath: readPath(given.get('basePath')),
    remote:
      'baseUrl' in place
        ? {
            baseUrl: place.baseUrl,
            timeout,
            maxRetries,
            caCertificate:
              ca === undefined || certificate === null ? null : readCertificate(certificate, ca.label),
            ...readProxies(place.baseUrl, surroundings.env),
            observed: hooks !== null,
          }
        : null,
    hooks,
  };
}

function collect(options: unknown, { env }: Surroundings): Map<Name, Given> {
  if (options !== undefined && !isPlainObject(options)) {
    throw wrong(
      null,
      'the options must be an object, as in new Proyecta({ apiKey: process.env.PROYECTA_API_KEY })',
    );
  }
  for (const name of Object.keys(options ?? {})) {
    if (Object.hasOwn(VARIABLES, name)) continue;
    throw wrong(name.slice(0, 64), `${name.slice(0, 64)} is not a known option; ${hint(name, NAMES)}`);
  }
  const given = new Map<Name, Given>();
  for (const name of NAMES) {
    const value = options === undefined ? undefined : readMember(options, name);
    if (value !== undefined) {
      given.set(name, { name, value, label: name, explicit: true });
      continue;
    }
    // An empty variable counts as unset, as shells and .env files leave them.
    const label = VARIABLES[name].find((variable) => env[variable]);
    if (label !== undefined) given.set(name, { name, value: env[label], label, explicit: false });
  }
  return given;
}

/** Which store is meant: one of the two ways to name it, else the default of development. */
function readPlace(
  given: ReadonlyMap<Name, Given>,
  apiKey: string | null,
  surroundings: Surroundings,
): { database: string; home: string | null } | { baseUrl: string } {
  const database = given.get('database');
  const baseUrl = given.get('baseUrl');
  if (database !== undefined && baseUrl !== undefined && database.explicit === baseUrl.explicit) {
    throw wrong(
      'database',
      `${database.label} and ${baseUrl.label} exclude each other: the first runs the engine in this process, the second uses another one`,
    );
  }
  // Explicit options beat the environment, also when they name the other way.
  if (baseUrl !== undefined && (database === undefined || baseUrl.explicit)) {
    return { baseUrl: readRemote(baseUrl, apiKey) };
  }
  if (database !== undefined) {
    return {
      database: readDatabase(readText(database) ?? '', database.label, surroundings.folder),
      home: null,
    };
  }
  if (surroundings.env['NODE_ENV'] === 'production') {
    throw wrong(
      'database',
      "in production the database must be named: pass database: 'file:/var/lib/app/proyecta.db' or set PROYECTA_DATABASE_URL; or name a server with baseUrl",
    );
  }
  const home = join(projectFolder(surroundings.folder), '.proyecta');
  return { database: join(home, 'proyecta.db'), home };
}

function readRemote(baseUrl: Given, apiKey: string | null): string {
  const url = readBaseUrl(readText(baseUrl) ?? '', baseUrl.label);
  if (apiKey === null) {
    const message = `${baseUrl.label} needs an API key: pass apiKey or set PROYECTA_API_KEY`;
    throw new AuthenticationError({ code: 'api_key_missing', message, param: 'apiKey' });
  }
  return url;
}

/** The folder of the nearest package.json upwards, else the folder itself. */
function projectFolder(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) return resolve(from);
  }
}

/** An empty key is no key: what is left of `process.env.X ?? ''`. */
function readKey(given: Given | undefined): string | null {
  return given?.value === '' ? null : readText(given);
}

function readText(given: Given | undefined): string | null {
  if (given === undefined) return null;
  const { value } = given;
  if (typeof value !== 'string' || value === '') {
    throw wrong(given.name, `${given.label} must be a text that is not empty`);
  }
  if (!value.isWellFormed() || value.includes('\0')) {
    throw wrong(given.name, `${given.label} must be plain text`);
  }
  return value;
}

/** Keys of 32 bytes as base64, separated by commas; the engine reads them again. */
function readEncryptionKey(given: Given | undefined): string | null {
  const text = readText(given);
  if (given === undefined || text === null) return null;
  const keys = text.split(',').map((key) => key.trim());
  if (keys.every((key) => /^[A-Za-z0-9+/_-]{43}=?$/.test(key))) return text;
  throw wrong(
    given.name,
    `${given.label} must be 32 bytes as base64, such as openssl rand -base64 32 prints; older keys may follow after commas`,
  );
}

function readUrl(given: Given | undefined): string | null {
  const text = readText(given);
  if (given === undefined || text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw wrong(given.name, `${given.label} must be an http or https URL`);
  }
  if (url.search !== '' || url.hash !== '' || url.username !== '') {
    throw wrong(given.name, `${given.label} must be an address and a path, and nothing else`);
  }
  return `${url.origin}${url.pathname}`;
}

function readPath(given: Given | undefined): string | null {
  const text = readText(given);
  if (given === undefined || text === null) return null;
  const path = text.replace(/\/+$/, '');
  if (/^(\/[\w.~-]+)*$/.test(path)) return path;
  throw wrong(given.name, `${given.label} must be a path such as /api/billing`);
}

function readCount(given: Given | undefined, min: number, max: number): number | null {
  if (given === undefined) return null;
  const { value, explicit } = given;
  const count = !explicit && /^\d{1,10}$/.test(String(value)) ? Number(value) : value;
  if (Number.isInteger(count) && (count as number) >= min && (count as number) <= max) return count as number;
  throw wrong(given.name, `${given.label} must be a whole number from ${min} to ${max}`);
}

function readFlag(given: Given | undefined): boolean | null {
  if (given === undefined) return null;
  if (typeof given.value === 'boolean') return given.value;
  const word = String(given.value);
  if (!given.explicit && ['true', 'false', '1', '0'].includes(word)) return word === 'true' || word === '1';
  throw wrong(given.name, `${given.label} must be true or false`);
}

function readHooks(given: ReadonlyMap<Name, Given>): Hooks | null {
  const [onRequest, onResponse] = (['onRequest', 'onResponse'] as const).map((name) => {
    const value = given.get(name)?.value ?? null;
    if (value !== null && typeof value !== 'function') throw wrong(name, `${name} must be a function`);
    return value;
  });
  return onRequest === null && onResponse === null ? null : ({ onRequest, onResponse } as Hooks);
}

function readLog(logger: Given | undefined, level: Given | undefined): CallLog | null {
  const chosen = logger === undefined ? console : logger.value;
  for (const name of LEVELS.slice(1)) {
    const fits =
      typeof chosen === 'object' && chosen !== null && typeof readMember(chosen, name) === 'function';
    if (!fits) {
      throw wrong('logger', 'logger must have the methods error, warn, info and debug, as console has');
    }
  }
  if (level === undefined) return null;
  if (!(LEVELS as readonly unknown[]).includes(level.value)) {
    throw wrong('logLevel', `${level.label} must be one of: ${LEVELS.join(', ')}`);
  }
  return level.value === 'debug' ? new CallLog(chosen as Logger) : null;
}

/** An option that does not fit; never quotes its value, which may be a secret. */
function wrong(param: string | null, message: string): InvalidRequestError {
  return new InvalidRequestError({ code: 'configuration_invalid', message, param });
}
