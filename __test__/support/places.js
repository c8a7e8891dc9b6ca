// Where a test's stores lie: in this process or behind a server, on SQLite or on PostgreSQL
// (fronts.js). To a test they are all alike.
const { existsSync, readFileSync } = require('node:fs');
const { front } = require('./fronts.js');
const { sdk: Proyecta } = require('./package.js');
const { everyRow, newSchema } = require('./postgres.js');
const { ServerThread } = require('./server-thread.js');

const [where, engine] = front.split('-');

/** The key of clients that name none, as a server asks for one. */
const KEY = 'sk_test_contract_0123456789abcdef';
/** More than any parameter may have, so that it is the parameter that is refused, as in process. */
const BODY_LIMIT = 8 << 20;
/** Options that a server has, and not its clients. */
const OF_SERVERS = ['database', 'timezone', 'currency'];

/** What stands for the files that tests name: a schema, and a server. */
const schemas = new Map();
const servers = new Map();
let thread = null;

/** Where the database lies that a test calls `name`; without a name it is the test's own. */
function locate(name) {
  if (engine === 'sqlite') return name ?? ':memory:';
  if (name === undefined) return newSchema();
  if (!schemas.has(name)) schemas.set(name, newSchema());
  return schemas.get(name);
}

/** A client of the database that `options` name, else of a new one. */
function openClient({ database: name, ...options }) {
  if (where === 'embedded') return new Proyecta({ ...options, database: locate(name) });
  const apiKey = options.apiKey ?? KEY;
  const client = Object.entries(options).filter(([option]) => !OF_SERVERS.includes(option));
  const { timezone, currency } = options;
  const baseUrl = serverOf(name, { apiKey, timezone, currency });
  return new Proyecta({ ...Object.fromEntries(client), apiKey, baseUrl });
}

function serverOf(name, options) {
  // In a name's place, something that is equal to nothing.
  const key = name ?? Symbol('a database of its own');
  if (!servers.has(key)) {
    thread ??= new ServerThread();
    servers.set(key, thread.start({ bodyLimit: BODY_LIMIT, ...options, database: locate(name) }));
  }
  return servers.get(key).url;
}

/** Ends the servers; what they wrote stays. */
function closeServers() {
  for (const [key, server] of servers) {
    thread.close(server);
    servers.delete(key);
  }
}

/**
 * All that a database holds whose clients are closed, as text of one character for each byte: the bytes
 * of its files, or every row of its tables.
 */
async function contentsOf(name) {
  closeServers();
  if (engine === 'postgres') return Buffer.from(await everyRow(schemas.get(name))).toString('latin1');
  const files = ['', '-wal', '-journal'].map((end) => name + end).filter((path) => existsSync(path));
  return files.map((path) => readFileSync(path, 'latin1')).join('');
}

afterAll(async () => {
  closeServers();
  await thread?.end();
});

module.exports = { openClient, closeServers, contentsOf };
