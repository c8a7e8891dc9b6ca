import { basename, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, isPlainObject, writeParams } from './serialize';

/** Endings of TypeScript, which some versions of Node load as it is. */
const TYPESCRIPT = ['.ts', '.mts', '.cts'];

/**
 * The catalogue that a module exports by default, or that the function gives which it exports, as JSON.
 *
 * Rejects with an `Error` whose message says what to do.
 */
export async function readCatalogFile(path: string): Promise<string> {
  const exported = await load(path);
  const catalog: unknown = typeof exported === 'function' ? await exported() : exported;
  if (isPlainObject(catalog)) return `{${writeParams(catalog, [])}}`;
  const what = exported === undefined ? 'has no default export' : `gives ${describe(catalog)}`;
  throw new Error(
    `${basename(path)} ${what}: it must export by default an object such as { products: [] }, or a function that gives one`,
  );
}

async function load(path: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(resolve(path)).href)) as { default?: unknown };
    const { default: exported } = module;
    // What a compiler made of `export default` for `require` has it one step deeper.
    return isCompiled(exported) ? exported.default : exported;
  } catch (error) {
    throw new Error(`${basename(path)} cannot be loaded: ${reason(path, error)}`, { cause: error });
  }
}

function isCompiled(exported: unknown): exported is { default: unknown } {
  return (
    typeof exported === 'object' && exported !== null && '__esModule' in exported && 'default' in exported
  );
}

function reason(path: string, error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  if (TYPESCRIPT.includes(extname(path)) && code === 'ERR_UNKNOWN_FILE_EXTENSION') {
    return `Node ${process.versions.node} does not load TypeScript, Node 22.18 and 24 do; name a .mjs or .json file, or use one of these`;
  }
  return error instanceof Error ? error.message : String(error);
}
