// The statements of the baseline: those that the engine runs for the same job, by hand.

const COLUMNS =
  'id, number, version, created_at, updated_at, status, dormant_at, last_login_at, email, email_fold, ' +
  'email_key is not null, name, phone, phone_given, address, shipping, recipients, country_code, username, ' +
  'key, marketing_sms, marketing_email, marketing_kakao, attributes, metadata';

const STAMP = 'id, number, uuid, version, created_at, updated_at, archived_at, deleted_at';

const NUMBER_MASK = '1099511627775';

/** Every pragma the baseline sets; the engine's writer has the same ones. */
export const PRAGMAS = [
  'journal_mode = wal',
  'synchronous = full',
  'cache_size = -8000',
  'temp_store = memory',
];

// `+ 0` and `cross join` keep SQLite's planner, which knows nothing of the data, from walking all
// customers in the list's order where few of them match.
export const STATEMENTS = {
  byEmailKey: `select ${COLUMNS} from customers where store = ? and email_key = ?`,
  insertCustomer:
    'insert into customers (store, id, number, version, created_at, updated_at, status, dormant_at, last_login_at, ' +
    'email, email_fold, email_key, name, name_fold, phone, phone_given, address, shipping, recipients, ' +
    'country_code, username, key, marketing_sms, marketing_email, marketing_kakao, attributes, metadata) ' +
    `values (${Array(27).fill('?').join(', ')})`,
  insertTokens: 'insert into customer_search (rowid, tokens) values (?, ?)',
  insertEvent:
    'insert into events (store, id, type, subject, subject_version, snapshot, before, actor_kind, actor_id, ' +
    `request_id, created_at) values (${Array(11).fill('?').join(', ')})`,
  byId: `select ${COLUMNS}, deleted_at from customers where store = ? and id = ?`,
  byEmail:
    `select ${COLUMNS} from customers where store = ? and deleted_at is null and email_fold = ? ` +
    'order by created_at + 0 desc, id desc limit 21',
  firstPage: `select ${COLUMNS} from customers where store = ? and deleted_at is null order by created_at desc, id desc limit ?`,
  nextPage:
    `select ${COLUMNS} from customers where store = ? and deleted_at is null and (created_at, id) < (?, ?) ` +
    'order by created_at desc, id desc limit ?',
  search:
    `select ${COLUMNS} from (select rowid & ${NUMBER_MASK} as found from customer_search ` +
    'where customer_search match ?) cross join customers ' +
    'where store = ? and number = found and deleted_at is null ' +
    "and (name_fold like ? escape '\\' or email_fold like ? escape '\\') " +
    'order by created_at + 0 desc, id desc limit 21',
  price:
    `select ${STAMP}, product, name, description, unit, position, is_default, sold, replaces, terms, metadata ` +
    'from prices where store = ? and id = ?',
  product:
    `select ${STAMP}, name, kind, status, position, stock, details, metadata ` +
    'from products where store = ? and id = ?',
};

const numbered = (count) => Array.from({ length: count }, (_, index) => `$${index + 1}`).join(', ');

/** The same rows on PostgreSQL, in the fewest statements. */
export const POSTGRES = {
  insertCustomer:
    STATEMENTS.insertCustomer.replace(/values \(.*\)/, `values (${numbered(27)})`) +
    ' on conflict (store, email_key) where email_key is not null do nothing',
  insertTokens: `insert into customer_search (store, number, tokens) values (${numbered(3)})`,
  insertEvent: STATEMENTS.insertEvent.replace(/values \(.*\)/, `values (${numbered(11)})`),
  content:
    'select (select count(*) from customers) as customers, (select count(*) from events) as events, ' +
    "(select md5(string_agg(email_key, ' ' order by email_key)) from customers) as emails, " +
    '(select sum(length(snapshot)) from events) as snapshots, ' +
    '(select sum(cardinality(tokens)) from customer_search) as tokens',
};

/** What a row of the table runs, for the report. */
export const USED = {
  create: ['byEmailKey', 'insertCustomer', 'insertTokens', 'insertEvent'],
  get: ['byId'],
  email: ['byEmail'],
  list: ['firstPage', 'nextPage'],
  search: ['search'],
  purchase: ['price', 'product'],
};
