// better-sqlite3 doing the same by hand: prepared statements, kept; one transaction per customer.
import { createRequire } from 'node:module';
import Database from 'better-sqlite3';
import { person } from '../lib/people.mjs';
import { report, serve } from '../lib/side.mjs';
import { range, timeEach, watchMemory } from '../lib/stats.mjs';
import { openPeer, pageOf as page, STORE, tokensOf } from '../peer/customers.mjs';
import { STATEMENTS } from '../peer/statements.mjs';
import { fold, tokens } from '../peer/tokens.mjs';

let database;
let run;
let insert;
let create;

const cut = (given) => tokensOf(given).join(' ');
const pageOf = (limit, cursor) => page(run, limit, cursor);

function timeCreates(people, cutBefore) {
  const inputs = people.map((given) => [given, cutBefore ? cut(given) : undefined]);
  return timeEach(inputs, ([given, tokens]) => create(given, tokens));
}

const seconds = (milliseconds) => milliseconds.reduce((sum, each) => sum + each, 0) / 1000;

const searchFor = ({ match, like }) => run.search.all(match, STORE, like, like);

serve({
  /** Opens a file; `schema` is what makes its tables and indexes. */
  open(path, schema = []) {
    ({ database, run, insert, create } = openPeer(path, schema));
  },

  close: () => database?.close(),

  createTogether: (from, count) => seconds(timeCreates(range(from, count).map(person), false)),

  createCutBefore: (from, count) => seconds(timeCreates(range(from, count).map(person), true)),

  createEach: (from, count) => timeCreates(range(from, count).map(person), false),

  seed(count, wanted) {
    const ids = new Map(wanted.map((index) => [index, null]));
    const bulk = database.transaction((from, until) => {
      for (let index = from; index < until; index++) {
        const { id } = insert(person(index));
        if (ids.has(index)) ids.set(index, id);
      }
    });
    for (let from = 0; from < count; from += 10_000) {
      bulk(from, Math.min(from + 10_000, count));
      report(Math.min(from + 10_000, count), count);
    }
    return wanted.map((index) => ids.get(index));
  },

  cursors(limit, middle, last) {
    const cursorBehind = (id) => {
      const { created_at } = run.byId.get(STORE, id);
      const row = pageOf(limit, { createdAt: created_at, id }).data.at(-1);
      return { createdAt: row.created_at, id: row.id };
    };
    return { first: null, middle: cursorBehind(middle), last: cursorBehind(last) };
  },

  get: (ids) => timeEach(ids, (id) => run.byId.get(STORE, id)),

  byEmail: (emails) => timeEach(emails, (email) => run.byEmail.all(STORE, fold(email))),

  page: (limit, cursor, times) => timeEach(Array(times).fill(cursor), (from) => pageOf(limit, from)),

  sizeOf(limit, cursor) {
    const { data, hasMore } = pageOf(limit, cursor);
    return { rows: data.length, hasMore };
  },

  /** Reads each price with its product from the file that the other side made. */
  readPurchases(path, ids) {
    const other = new Database(path, { readonly: true });
    try {
      const [price, product] = [other.prepare(STATEMENTS.price), other.prepare(STATEMENTS.product)];
      return timeEach(ids, (id) => product.get(STORE, price.get(STORE, id).product));
    } finally {
      other.close();
    }
  },

  search: (queries) => timeEach(queries, (query) => searchFor(parametersOf(query))),

  found(query) {
    const rows = searchFor(parametersOf(query));
    return { rows: Math.min(rows.length, 20), hasMore: rows.length > 20 };
  },

  /** The statements that made a file, so that another one can be made like it. */
  schemaOf(path) {
    const other = new Database(path, { readonly: true });
    try {
      const statements = other.prepare('select name, sql from sqlite_master where sql is not null').all();
      const shadows = /^customer_search_/;
      return statements.filter(({ name }) => !shadows.test(name)).map(({ sql }) => sql);
    } finally {
      other.close();
    }
  },

  /** What was written to a file, without what differs by nature: rows, and search terms with their rows. */
  contentOf(path) {
    const other = new Database(path, { readonly: true });
    try {
      other.exec("create virtual table temp.terms using fts5vocab('main', 'customer_search', 'row')");
      const one = (sql) => Object.values(other.prepare(sql).get())[0];
      return {
        customers: one('select count(*) from customers'),
        events: one('select count(*) from events'),
        emails: one(
          "select group_concat(email_key, ' ') from (select email_key from customers order by email_key)",
        ),
        terms: one("select group_concat(term || doc, ' ') from (select term, doc from terms order by term)"),
        snapshots: one('select sum(length(snapshot)) from events'),
      };
    } finally {
      other.close();
    }
  },

  /** Reads a file with SheetJS and puts a thousand rows at a time into one transaction. */
  importFile: (path, rows) =>
    watchMemory(() => {
      const { readFile, utils } = createRequire(import.meta.url)('xlsx');
      const { SheetNames, Sheets } = readFile(path, { dense: true });
      const people = utils.sheet_to_json(Sheets[SheetNames[0]]);
      const bulk = database.transaction((some) => {
        for (const { Email, Name } of some) insert({ email: Email, name: Name });
      });
      for (let from = 0; from < people.length; from += 1000) bulk(people.slice(from, from + 1000));
      const { number } = database.prepare('select count(*) as number from customers').get();
      if (number !== rows) throw new Error(`${number} of ${rows} rows were imported`);
    }),

  version: () => ({
    package: 'better-sqlite3 12.11.1',
    sqlite: new Database(':memory:').prepare('select sqlite_version() as version').get().version,
  }),
});

function parametersOf(query) {
  const folded = fold(query);
  const match = tokens(STORE, [folded])
    .map((token) => `"${token}"`)
    .join(' ');
  return { match, like: `%${folded}%` };
}
