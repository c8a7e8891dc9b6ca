// PostgreSQL by hand through `pg`: its pool, prepared statements, one transaction per customer.
import pg from 'pg';
import { person } from '../lib/people.mjs';
import { serve } from '../lib/side.mjs';
import { range, timeTogether } from '../lib/stats.mjs';
import { newCustomer } from '../peer/customer.mjs';
import { instant, rowOf, STORE, tokensOf } from '../peer/customers.mjs';
import { newId } from '../peer/ids.mjs';
import { OUTCOME } from '../peer/outcome.mjs';
import { POSTGRES } from '../peer/statements.mjs';

let pool;
let number = 0;
let watcher;

/** Asks a database that somebody else works on. */
async function watching(url, sql) {
  if (watcher?.url !== url) {
    await watcher?.client.end();
    watcher = { url, client: new pg.Client({ connectionString: url }) };
    await watcher.client.connect();
  }
  return watcher.client.query(sql);
}

const named = (name, values) => ({ name, text: POSTGRES[name], values });

async function create(given) {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const customer = await insert(client, given);
    await client.query('commit');
    client.release();
    return customer;
  } catch (error) {
    client.release(error);
    throw error;
  }
}

async function insert(client, given) {
  const now = instant();
  const customer = newCustomer(given, now);
  number += 1;
  const values = [...rowOf(customer, number, now), false, false, false, '{}', '{}'];
  const { rowCount } = await client.query(named('insertCustomer', values));
  if (rowCount === 0) throw new Error('an address was given twice');
  await client.query(named('insertTokens', [STORE, values[2], tokensOf(given)]));
  const event = [STORE, newId('evt_'), 'customer.created', customer.id, 1, JSON.stringify(customer), null];
  await client.query(named('insertEvent', [...event, 'system', null, null, now]));
  return customer;
}

serve({
  open(url, connections) {
    pool = new pg.Pool({ connectionString: url, max: connections });
  },

  async close() {
    await watcher?.client.end();
    await pool?.end();
  },

  /** Seconds for `count` customers with `inFlight` of them unanswered. */
  createTogether: (from, count, inFlight) => timeTogether(range(from, count).map(person), inFlight, create),

  /** What was written to a database, without what differs by nature. */
  async contentOf(url) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      const { rows } = await client.query(POSTGRES.content);
      return rows[0];
    } finally {
      await client.end();
    }
  },

  /** Lets the server wait for its disk as it does by default; answers with its version. */
  async makeDurable(url) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      for (const name of ['fsync', 'full_page_writes']) await client.query(`alter system set ${name} = on`);
      await client.query('select pg_reload_conf()');
      // Told to all processes, this one among them, a moment later.
      for (let on = false; !on; ) {
        on = (await client.query('show fsync')).rows[0].fsync === 'on';
      }
      return (await client.query('show server_version')).rows[0].server_version;
    } finally {
      await client.end();
    }
  },

  /** When the next job of a database is due, in milliseconds; null when there is none. */
  async nextJob(url) {
    const { rows } = await watching(url, 'select min(due_at) as at from jobs where clock is null');
    return rows[0].at === null ? null : Number(rows[0].at) / 1000;
  },

  /** What renewals came to. */
  outcome: async (url) => (await watching(url, OUTCOME)).rows[0],

  /** A second database on the same server: empty, or a copy of one that nobody has open. */
  async createDatabase(url, name, like = 'template1') {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(`create database ${name} template ${like}`);
    } finally {
      await client.end();
    }
    const other = new URL(url);
    other.pathname = `/${name}`;
    return other.href;
  },
});
