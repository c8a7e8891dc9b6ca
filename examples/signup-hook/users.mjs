// The app's own users table: stands for the database that your app has anyway.
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const keyOf = (email) => email.trim().toLowerCase();

/**
 * A table in a file, for one process. Each change appends a line with the whole row, synced to disk
 * before the call returns; the last line of an id counts.
 */
class Users {
  #file;
  #rows = new Map();
  #ids = new Map();

  constructor(path) {
    mkdirSync(dirname(path), { recursive: true });
    this.#file = openSync(path, 'a+', 0o600);
    const text = readFileSync(path, 'utf8');
    // A line without its end was being written when the power went.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
    for (const line of whole.split('\n').filter(Boolean)) this.#keep(JSON.parse(line));
  }

  /** The new row, or the one that has the address already. */
  insert({ email, name }) {
    const known = this.findByEmail(email);
    if (known) return known;
    return this.#write({ id: randomUUID(), email, name, proyecta_customer_id: null });
  }

  update(id, changes) {
    const row = this.get(id);
    if (row === null) throw new Error(`no user has id ${id}`);
    const same = Object.entries(changes).every(([name, value]) => row[name] === value);
    return same ? row : this.#write({ ...row, ...changes });
  }

  delete(id) {
    this.update(id, { deleted: true });
  }

  get(id) {
    return this.#rows.get(id) ?? null;
  }

  findByEmail(email) {
    return this.get(this.#ids.get(keyOf(email)));
  }

  all() {
    return [...this.#rows.values()];
  }

  close() {
    closeSync(this.#file);
  }

  #write(row) {
    writeSync(this.#file, `${JSON.stringify(row)}\n`);
    fsyncSync(this.#file);
    return this.#keep(row);
  }

  #keep(row) {
    if (row.deleted) {
      this.#rows.delete(row.id);
      this.#ids.delete(keyOf(row.email));
    } else {
      this.#rows.set(row.id, row);
      this.#ids.set(keyOf(row.email), row.id);
    }
    return row;
  }
}

export const users = new Users(fileURLToPath(new URL('data/users.jsonl', import.meta.url)));
