// One page of customers, and the links to the pages around it.

const ROWS = 20;

/** How the list may be sorted, and what people call it. */
export const SORTS = {
  '-created': 'Newest first',
  created: 'Oldest first',
  email: 'E-mail, A to Z',
  '-email': 'E-mail, Z to A',
  name: 'Name, A to Z',
  '-name': 'Name, Z to A',
};

const reversed = (sort) => (sort.startsWith('-') ? sort.slice(1) : `-${sort}`);

/** What the address of a list page says. */
class ListQuery {
  constructor({ search, sort, place }) {
    this.search = search;
    this.sort = sort;
    /** Where the page starts, as one of `cursor`, `after` and `before`; empty for the first page. */
    this.place = place;
  }

  /** The address of the list with this search and sort, or others, at a place. */
  at(place, { search = this.search, sort = this.sort } = {}) {
    const values = { query: search, sort: sort === '-created' ? '' : sort, ...place };
    const parameters = new URLSearchParams(Object.entries(values).filter(([, value]) => value));
    return `/admin/customers${parameters.size > 0 ? `?${parameters}` : ''}`;
  }

  /** The address of the first page. */
  start(changes) {
    return this.at({}, changes);
  }
}

/** Reads the address' parameters. One that comes twice counts as absent. */
export function readQuery(parameters) {
  const text = (name) => (typeof parameters[name] === 'string' ? parameters[name] : '');
  const name = ['cursor', 'after', 'before'].find((place) => text(place));
  return new ListQuery({
    search: text('query').trim(),
    sort: text('sort') || '-created',
    place: name ? { [name]: text(name) } : {},
  });
}

/**
 * Fetches a page: `{ rows, total, previous, next }`, the last two addresses or null.
 *
 * Forward it follows `nextCursor`. Cursors lead one way only, so backward it asks for the reverse
 * order, starting behind the first row of the page that the reader comes from.
 */
export async function fetchPage(customers, query) {
  const { search, sort, place } = query;
  const params = { query: search, sort, limit: ROWS, expand: ['total'] };
  if (place.before) {
    const behind = { ...params, sort: reversed(sort), startingAfter: place.before };
    const { data, hasMore, total } = await customers.list(behind);
    // The first page is full, so it may be another one than the rows right before.
    if (!hasMore) return fetchPage(customers, readQuery({ query: search, sort }));
    const rows = data.reverse();
    return { rows, total, previous: before(query, rows), next: query.at({ after: rows.at(-1).id }) };
  }
  const { data, hasMore, nextCursor, total } = await customers.list({
    ...params,
    cursor: place.cursor,
    startingAfter: place.after,
  });
  const first = !place.cursor && !place.after;
  return {
    rows: data,
    total,
    previous: first ? null : before(query, data),
    next: hasMore ? query.at({ cursor: nextCursor }) : null,
  };
}

// All rows behind a place may be gone by now; then only the start is left.
const before = (query, rows) => (rows.length > 0 ? query.at({ before: rows[0].id }) : query.start());
