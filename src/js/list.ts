import type { Page } from '../../index.js';
import { invalid } from './errors';

/** Most rows that `toArray` collects. */
const ARRAY_MAX = 10_000;

/** Fetches one page: the first one, or the one that a cursor leads to. */
export type Fetch<T> = (cursor: string | null) => Promise<Page<T>>;

/**
 * What a list call gives: a promise of its first page and an async iterable of
 * all rows. Nothing is asked before one of the two is used.
 */
export class List<T> implements Promise<Page<T>>, AsyncIterable<T> {
  readonly #fetch: Fetch<T>;
  #first: Promise<Page<T>> | null = null;

  constructor(fetch: Fetch<T>) {
    this.#fetch = fetch;
  }

  // biome-ignore lint/suspicious/noThenProperty: a list can be awaited, which is its purpose
  then<A = Page<T>, B = never>(
    onFulfilled?: ((page: Page<T>) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#page().then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<Page<T> | B> {
    return this.#page().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<Page<T>> {
    return this.#page().finally(onFinally);
  }

  /** All rows, page after page. Calls of `next()` that overlap wait for each other. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    let page = await this.#page();
    for (;;) {
      // Not yield*, which would wrap the array in an iterator of promises first.
      for (const row of page.data) yield row;
      if (!page.hasMore || page.nextCursor === null) return;
      page = await this.#fetch(page.nextCursor);
    }
  }

  /** The first rows, at most `limit` of them. */
  async toArray(options: { limit: number }): Promise<T[]> {
    const limit: unknown = (options as { limit: number } | undefined)?.limit;
    if (!Number.isInteger(limit) || (limit as number) < 1 || (limit as number) > ARRAY_MAX) {
      throw invalid('limit', `must be a whole number from 1 to ${ARRAY_MAX}, as in toArray({ limit: 1000 })`);
    }
    const rows: T[] = [];
    for await (const row of this) {
      rows.push(row);
      if (rows.length === limit) break;
    }
    return rows;
  }

  get [Symbol.toStringTag](): string {
    return 'Promise';
  }

  #page(): Promise<Page<T>> {
    this.#first ??= this.#fetch(null);
    return this.#first;
  }
}

/** The parameters of the page that `cursor` leads to: the same but for the place to begin. */
export function withCursor(input: string, cursor: string): string {
  const params = JSON.parse(input) as Record<string, unknown>;
  delete params['startingAfter'];
  delete params['starting_after'];
  return JSON.stringify({ ...params, cursor });
}
