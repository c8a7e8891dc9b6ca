import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidRequestError } from './errors';

const EXAMPLE = "such as 'file:./data/proyecta.db', a path, or ':memory:'";
const EXAMPLES = `${EXAMPLE}, or 'postgres://user@host/database'`;

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
  // The engine reads it, and says what does not fit.
  if (isServer(scheme)) return text;
  throw wrong(`${label} has a scheme that is not known; it must name a database, ${EXAMPLES}`);
}

const isServer = (scheme: string | undefined) => scheme === 'postgres' || scheme === 'postgresql';

/** Where a database lies, for people: of a server's URL neither the user nor the parameters. */
export function showDatabase(database: string): string {
  const scheme = /^[a-z]+(?=:)/i.exec(database)?.[0].toLowerCase();
  if (!isServer(scheme)) return database;
  const place = /^[a-z]+:\/\/(?:[^@]*@)?([^@?#]*)(?:[?#][^@]*)?$/i.exec(database)?.[1];
  return `${scheme}://${place ?? '…'}`;
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
