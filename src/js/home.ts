import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorCode } from '../../index.js';
import { UnavailableError } from './errors';

/**
 * Makes the folder of the default database, with a `.gitignore` of its own so
 * that no database is ever committed. A folder the user named is the user's to make.
 */
export function prepareHome(folder: string | null): void {
  if (folder === null) return;
  const ignore = join(folder, '.gitignore');
  try {
    mkdirSync(folder, { recursive: true });
    if (!existsSync(ignore)) writeFileSync(ignore, '*\n');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
    const message = `the folder ${folder} for the database cannot be made (${reason}); name another place with the option database`;
    throw new UnavailableError({ code: codeOf(reason), message }, { cause: error });
  }
}

function codeOf(reason: string): ErrorCode {
  if (reason === 'EACCES' || reason === 'EPERM' || reason === 'EROFS') return 'database_read_only';
  if (reason === 'ENOSPC' || reason === 'EDQUOT') return 'database_full';
  return 'database_not_found';
}
