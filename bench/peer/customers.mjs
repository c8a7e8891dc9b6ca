// Customers by hand with better-sqlite3: prepared statements, kept; one transaction per customer.
import Database from 'better-sqlite3';
import { newCustomer } from './customer.mjs';
import { newId } from './ids.mjs';
import { PRAGMAS, STATEMENTS } from './statements.mjs';
import { fold, tokens } from './tokens.mjs';

/** The only store of a file. */
export const STORE = 1;
const NUMBER_BITS = 40n;
const SYSTEM = { kind: 'system', id: null, request: null };

/** Opens a file; `schema` is what makes its tables and indexes. */
export function openPeer(path, schema = []) {
  const database = new Database(path);
  for (const pragma of PRAGMAS) database.pragma(pragma);
  for (const sql of schema) database.exec(sql);
  const run = Object.fromEntries(
    Object.entries(STATEMENTS).map(([name, sql]) => [name, database.prepare(sql)]),
  );
  const insert = inserter(run);
  return { database, run, insert, create: database.transaction(insert).immediate };
}

const json = (text) => (text === null ? null : JSON.parse(text));
const instantOf = (micros) => (micros === null ? null : new Date(micros / 1000).toISOString());

/** The customer that a row of the table is. */
export function customerOf(row) {
  return {
    id: row.id,
    object: 'customer',
    email: row.email,
    name: row.name,
    phone: json(row.phone),
    address: json(row.address),
    key: row.key,
    username: row.username,
    status: row.status,
    marketing: {
      sms: row.marketing_sms === 1,
      email: row.marketing_email === 1,
      kakao: row.marketing_kakao === 1,
    },
    attributes: json(row.attributes),
    metadata: json(row.metadata),
    additionalRecipients: json(row.recipients) ?? [],
    countryCode: row.country_code,
    shipping: json(row.shipping),
    lastLoginAt: instantOf(row.last_login_at),
    dormantAt: instantOf(row.dormant_at),
    version: row.version,
    createdAt: instantOf(row.created_at),
    updatedAt: instantOf(row.updated_at),
  };
}

let lastInstant = 0;

/** Microseconds, each later than the one before, so that pages have one order. */
export function instant() {
  lastInstant = Math.max(lastInstant + 1, Math.round((performance.timeOrigin + performance.now()) * 1000));
  return lastInstant;
}

/** The values of a customer's row, in the order of the statement's columns. */
export function rowOf(customer, number, now) {
  const email = fold(customer.email);
  return [
    ...[STORE, customer.id, number, 1, now, now, 'normal', null, null],
    ...[customer.email, email, email, customer.name, fold(customer.name)],
    ...[null, null, null, null, null, null, null, null],
  ];
}

/** The search tokens of a customer. */
export const tokensOf = (given) => tokens(STORE, [fold(given.email), fold(given.name)]);

// What is inside the transaction: the look-up by e-mail, the customer, its tokens, its event.
function inserter(run) {
  let number = 0;
  return (given, cutBefore, actor = SYSTEM) => {
    const held = run.byEmailKey.get(STORE, fold(given.email));
    if (held !== undefined) return customerOf(held);
    const now = instant();
    const customer = newCustomer(given, now);
    number += 1;
    run.insertCustomer.run(...rowOf(customer, number, now), 0, 0, 0, '{}', '{}');
    run.insertTokens.run(
      (BigInt(STORE) << NUMBER_BITS) | BigInt(number),
      cutBefore ?? tokensOf(given).join(' '),
    );
    run.insertEvent.run(
      ...[STORE, newId('evt_'), 'customer.created', customer.id, 1, JSON.stringify(customer), null],
      ...[actor.kind, actor.id, actor.request, now],
    );
    return customer;
  };
}

/** A page of rows, newest first, behind `cursor`. */
export function pageOf(run, limit, cursor) {
  const rows =
    cursor === null
      ? run.firstPage.all(STORE, limit + 1)
      : run.nextPage.all(STORE, cursor.createdAt, cursor.id, limit + 1);
  return { data: rows.slice(0, limit), hasMore: rows.length > limit };
}
