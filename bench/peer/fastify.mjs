// The baseline over HTTP: Fastify 5 and better-sqlite3, with schemas for what comes in and goes out, as
// Fastify's documentation advises for speed.
//
//   node fastify.mjs FILE SCHEMA KEY     SCHEMA is a JSON file with the statements that make the tables;
//                                        prints `listening on …`, ends with its standard input
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';
import { customerOf, openPeer, pageOf, STORE } from './customers.mjs';

const [file, schemaFile, apiKey] = process.argv.slice(2);
const { database, run, create } = openPeer(file, JSON.parse(readFileSync(schemaFile, 'utf8')));

const hashOf = (key) => createHash('sha256').update(key).digest();
const keyId = 'key_00000000000000000000000001';
database
  .prepare("insert or ignore into api_keys (hash, id, store, created_at, scope) values (?, ?, ?, 0, 'full')")
  .run(hashOf(apiKey), keyId, STORE);

// A key is looked up by its hash, remembered for a second, and then looked up again.
const REMEMBERED_MS = 1000;
const known = new Map();
const findKey = database.prepare(
  'select id, store, scope, expires_at from api_keys where hash = ? and revoked_at is null',
);

function authenticate(request, reply, done) {
  const [scheme, key] = request.headers.authorization?.split(' ') ?? [];
  if (scheme !== 'Bearer' || key === undefined) return refuse(reply);
  const hash = hashOf(key);
  const name = hash.toString('base64');
  let entry = known.get(name);
  const now = Date.now();
  if (entry === undefined || now - entry.since > REMEMBERED_MS) {
    const row = findKey.get(hash);
    if (row === undefined) return refuse(reply);
    entry = { row, since: now };
    known.set(name, entry);
  }
  request.key = entry.row;
  done();
}

const refuse = (reply) =>
  reply.code(401).send({ error: { type: 'authentication', message: 'unknown API key' } });

const text = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };
const open = { type: 'object', additionalProperties: true };
const openOrNull = { ...open, nullable: true };
const flag = { type: 'boolean' };
const customer = {
  type: 'object',
  properties: {
    id: text,
    object: text,
    email: textOrNull,
    name: textOrNull,
    phone: textOrNull,
    address: openOrNull,
    key: textOrNull,
    username: textOrNull,
    status: text,
    marketing: { type: 'object', properties: { sms: flag, email: flag, kakao: flag } },
    attributes: open,
    metadata: open,
    additionalRecipients: { type: 'array', items: text },
    countryCode: textOrNull,
    shipping: openOrNull,
    lastLoginAt: textOrNull,
    dormantAt: textOrNull,
    version: { type: 'integer' },
    createdAt: text,
    updatedAt: text,
  },
};
const page = {
  type: 'object',
  properties: { data: { type: 'array', items: customer }, hasMore: flag, nextCursor: textOrNull },
};
const created = {
  type: 'object',
  required: ['email', 'name'],
  additionalProperties: false,
  properties: { email: { type: 'string', format: 'email', maxLength: 254 }, name: text },
};
const query = {
  type: 'object',
  properties: { limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 }, cursor: text },
};

const app = Fastify({ logger: false });
app.decorateRequest('key', null);
app.addHook('onRequest', authenticate);

app.get('/v1/customers/:id', { schema: { response: { 200: customer } } }, (request, reply) => {
  const row = run.byId.get(request.key.store, request.params.id);
  if (row === undefined || row.deleted_at !== null) return reply.code(404).send({ error: {} });
  reply.send(customerOf(row));
});

app.get('/v1/customers', { schema: { querystring: query, response: { 200: page } } }, (request, reply) => {
  const { limit, cursor } = request.query;
  const { data, hasMore } = pageOf(run, limit, cursor === undefined ? null : readCursor(cursor));
  const nextCursor = hasMore ? cursorBehind(data.at(-1)) : null;
  reply.send({ data: data.map(customerOf), hasMore, nextCursor });
});

app.post('/v1/customers', { schema: { body: created, response: { 201: customer } } }, (request, reply) => {
  const actor = { kind: 'api_key', id: request.key.id, request: request.id };
  reply.code(201).send(create(request.body, undefined, actor));
});

const readCursor = (cursor) => JSON.parse(Buffer.from(cursor, 'base64url').toString());
const cursorBehind = (row) =>
  Buffer.from(JSON.stringify({ createdAt: row.created_at, id: row.id })).toString('base64url');

console.log(`listening on ${await app.listen({ host: '127.0.0.1', port: 0 })}`);
process.stdin.resume().on('end', async () => {
  await app.close();
  database.close();
});
