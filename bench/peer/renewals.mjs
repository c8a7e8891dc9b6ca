// Renewals by hand with better-sqlite3: the rows that the engine wrote for them, written again into a copy
// of the file as it was before, in the same three steps with a durable transaction each for `GROUP` of them:
// the charge is written down, the gateway keeps it in its books, what came of it is recorded.
import Database from 'better-sqlite3';
import { OUTCOME } from './outcome.mjs';
import { PRAGMAS } from './statements.mjs';

/** Renewals in one transaction, as the engine's worker claims them. */
const GROUP = 64;

const columnsOf = (database, table) => database.pragma(`table_info(${table})`).map(({ name }) => name);

const insertInto = (database, table) => {
  const columns = columnsOf(database, table);
  const places = columns.map(() => '?').join(', ');
  return database.prepare(`insert into ${table} (${columns.join(', ')}) values (${places})`);
};

/** Every statement of a renewal. Reads are what it cannot do without: nothing is decided here. */
function statements(database) {
  const byId = (table) => database.prepare(`select * from ${table} where store = ? and id = ?`).raw();
  return {
    subscription: byId('subscriptions'),
    customer: byId('customers'),
    order: byId('orders'),
    payment: byId('payments'),
    method: database
      .prepare('select * from payment_methods where store = ? and customer = ? and is_default')
      .raw(),
    card: byId('sandbox_cards'),
    insertOrder: insertInto(database, 'orders'),
    insertPayment: insertInto(database, 'payments'),
    insertEvent: insertInto(database, 'events'),
    insertCharge: insertInto(database, 'sandbox_charges'),
    insertJob: insertInto(database, 'jobs'),
    removeJob: database.prepare('delete from jobs where store = ? and subject = ?'),
    updateJob: database.prepare('update jobs set due_at = ? where store = ? and subject = ?'),
    updateCard: database.prepare('update sandbox_cards set charges = charges + 1 where store = ? and id = ?'),
    updateSubscription: database.prepare(
      'update subscriptions set version = ?, updated_at = ?, body = ? where store = ? and id = ?',
    ),
    updateOrder: database.prepare(
      'update orders set version = ?, updated_at = ?, status = ?, body = ? where store = ? and id = ?',
    ),
    updatePayment: database.prepare(
      'update payments set version = ?, updated_at = ?, status = ?, body = ? where store = ? and id = ?',
    ),
  };
}

/** What the engine wrote for some subscriptions, read before the clock starts. */
function reader(done) {
  const some = (sql) => done.prepare(sql);
  const subscription = some('select * from subscriptions where store = ? and id = ?');
  const order = some("select * from orders where store = ? and subscription = ? and type = 'renewal'");
  const payment = some('select * from payments where store = ? and order_id = ?');
  const events = some('select * from events where store = ? and subject = ? order by +id').raw();
  const charge = some('select * from sandbox_charges where store = ? and key = ?');
  const job = some('select due_at from jobs where store = ? and subject = ?');
  return ({ store, subject }) => {
    const paid = order.get(store, subject);
    const by = payment.get(store, paid.id);
    const charged = charge.get(store, by.key);
    return {
      store,
      subscription: subscription.get(store, subject),
      order: paid,
      payment: by,
      // The first of a subscription's events is that it was made.
      events: [
        ...events.all(store, paid.id),
        ...events.all(store, by.id),
        ...events.all(store, subject).slice(1),
      ],
      charge: charged,
      next: job.get(store, subject).due_at,
      clock: null,
    };
  };
}

const values = (row) => Object.values(row);

function steps(database, run) {
  const writeDown = (one) => {
    run.subscription.get(one.store, one.subscription.id);
    run.method.get(one.store, one.subscription.customer);
    run.insertOrder.run(values(one.order));
    run.insertPayment.run(values(one.payment));
    run.insertEvent.run(one.events[0]);
    run.insertJob.run(one.store, one.payment.id, 'payment', one.next, null, 0);
    run.removeJob.run(one.store, one.subscription.id);
    updateSubscription(one);
  };
  const charge = (one) => {
    run.card.get(one.store, one.charge.card);
    run.updateCard.run(one.store, one.charge.card);
    run.insertCharge.run(values(one.charge));
  };
  const record = (one) => {
    run.payment.get(one.store, one.payment.id);
    run.subscription.get(one.store, one.subscription.id);
    run.order.get(one.store, one.order.id);
    run.customer.get(one.store, one.order.customer);
    const { order, payment } = one;
    run.updatePayment.run(
      payment.version,
      payment.updated_at,
      payment.status,
      payment.body,
      one.store,
      payment.id,
    );
    run.updateOrder.run(order.version, order.updated_at, order.status, order.body, one.store, order.id);
    run.removeJob.run(one.store, payment.id);
    updateSubscription(one);
    run.insertJob.run(one.store, one.subscription.id, 'subscription', one.next, null, 0);
    for (const event of one.events.slice(1)) run.insertEvent.run(event);
  };
  const updateSubscription = ({ store, subscription: { id, version, updated_at, body } }) =>
    run.updateSubscription.run(version, updated_at, body, store, id);
  return [writeDown, charge, record].map(
    (step) => database.transaction((group) => group.forEach(step)).immediate,
  );
}

/** Renews by hand in `before` what was renewed in `after`; answers the seconds of the writing alone. */
export function renewByHand(before, after) {
  const database = new Database(before);
  for (const pragma of PRAGMAS) database.pragma(pragma);
  const done = new Database(after, { readonly: true });
  try {
    const due = database
      .prepare("select store, subject from jobs where kind = 'subscription' and due_at <= ? order by due_at")
      .all(Date.now() * 1000);
    const read = reader(done);
    const all = steps(database, statements(database));
    let milliseconds = 0;
    for (let from = 0; from < due.length; from += GROUP) {
      const group = due.slice(from, from + GROUP).map(read);
      const begun = performance.now();
      for (const step of all) step(group);
      milliseconds += performance.now() - begun;
    }
    return { renewals: due.length, seconds: milliseconds / 1000 };
  } finally {
    database.close();
    done.close();
  }
}

/** When the next job of a file is due, in milliseconds; null when there is none. */
export function nextJob(path) {
  return withFile(path, (database) => {
    const row = database.prepare('select min(due_at) as at from jobs where clock is null').get();
    return row.at === null ? null : row.at / 1000;
  });
}

/** How many payments of a file nobody knows the outcome of yet. */
export const underWay = (path) =>
  withFile(
    path,
    (database) => database.prepare("select count(*) as n from payments where status <> 'succeeded'").get().n,
  );

/** What renewals came to. */
export const outcome = (path) => withFile(path, (database) => database.prepare(OUTCOME).get());

const files = new Map();

function withFile(path, look) {
  if (!files.has(path)) files.set(path, new Database(path, { readonly: true }));
  return look(files.get(path));
}

/** Lets go of files that were looked into. */
export function closeFiles() {
  for (const file of files.values()) file.close();
  files.clear();
}
