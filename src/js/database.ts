import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidRequestError } from './errors';

const EXAMPLE = "such as 'file:./data/proyecta.db', a path, ':memory:', or 'postgres://…'";
const POSTGRES = /^postgres(?:ql)?:/i;

/**
 * Where the database lies: an absolute path, `:memory:`, or the URL of a
 * PostgreSQL server. Takes `file:` URLs, absolute or relative to `folder`, and
 * plain paths. Messages never quote the value, for a URL may hold a password.
 */
export function readDatabase(text: string, label: string, folder: string): string {
  if (text === ':memory:' || text === 'file::memory:') return ':memory:';
  // Two letters at least: a single one is a drive.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return resolve(folder, text);
  if (scheme === 'file') return fromUrl(text, label, folder);
  // The engine reads the rest: it knows the parameters.
  if (POSTGRES.test(text)) return text.replace(POSTGRES, 'postgres:');
  throw wrong(
    `${label} has a scheme that is not known; it must be a SQLite file or a PostgreSQL server, ${EXAMPLE}`,
  );
}

/** How a database may be shown: the address of a server, never who logs in and how. */
export function showDatabase(database: string): string {
  if (!POSTGRES.test(database)) return database;
  // One @ at most: a second one may be part of a password, and so may what lies between them.
  const address = /^postgres:\/\/(?:[^@]*@)?([^/?#@]*)(\/[^?#@]*)?(?:[?#][^@]*)?$/.exec(database);
  return address === null ? 'postgres:' : `postgres://${address[1]}${address[2] ?? ''}`;
}

function fromUrl(text: string, label: string, folder: string): string {
  if (/[?#]/.test(text)) throw wrong(`${label} must not have parameters after the file name`);
  const rest = text.slice('file:'.length);
  try {
    const path = rest.startsWith('/') ? fileURLToPath(text) : decodeURIComponent(rest);
    if (path === '' || path.includes('\0')) throw new Error('no file name');
    return resolve(folder, path);
  } catch (error) {
    throw wrong(`${label} must be the URL of a file on this machine, ${EXAMPLE}`, error);
  }
}

function wrong(message: string, cause?: unknown): InvalidRequestError {
  const fields = { code: 'configuration_invalid', message, param: 'database' } as const;
  return new InvalidRequestError(fields, cause === undefined ? undefined : { cause });
}
