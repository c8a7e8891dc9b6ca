// The PostgreSQL server of this test run: a schema for each store, dropped afterwards.
const { randomBytes } = require('node:crypto');
const pg = require('pg');

const made = [];

/** The URL of a schema that is not there yet. */
function newSchema() {
  const name = `t_${randomBytes(8).toString('hex')}`;
  made.push(name);
  return `${process.env.PROYECTA_TEST_POSTGRES_URL}?schema=${name}`;
}

/** Does something with a client of the database that `url` names, which has its schema in front. */
async function withClient(url, use) {
  const [connectionString, parameters] = url.split('?');
  const schema = new URLSearchParams(parameters).get('schema');
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    if (schema !== null) await client.query(`set search_path to ${schema}`);
    return await use(client, schema);
  } finally {
    await client.end();
  }
}

/** Every row of every table of a schema, as one text. */
function everyRow(url) {
  return withClient(url, async (client, schema) => {
    const tables = await client.query('select tablename from pg_tables where schemaname = $1', [schema]);
    const texts = [];
    for (const { tablename } of tables.rows) {
      const { rows } = await client.query(`select t::text as row from "${tablename}" t`);
      texts.push(...rows.map(({ row }) => row));
    }
    return texts.join('\n');
  });
}

afterAll(async () => {
  if (made.length === 0) return;
  await withClient(process.env.PROYECTA_TEST_POSTGRES_URL, async (client) => {
    await client.query('set client_min_messages to warning');
    for (const name of made.splice(0)) await client.query(`drop schema if exists ${name} cascade`);
  });
});

module.exports = { newSchema, everyRow, withClient };
