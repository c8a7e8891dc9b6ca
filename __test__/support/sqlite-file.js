// What a test changes inside a closed database file without a SQLite of its own
// (https://www.sqlite.org/fileformat2.html).
const { readFileSync, writeFileSync } = require('node:fs');

const LEAF = 13;
const INTERIOR = 5;

/** The bytes of a database file, page by page. */
class SqliteFile {
  constructor(path) {
    this.path = path;
    this.bytes = readFileSync(path);
    const size = this.bytes.readUInt16BE(16);
    this.pageSize = size === 1 ? 65_536 : size;
  }

  save() {
    writeFileSync(this.path, this.bytes);
  }

  /** The page that a table, or an index, starts on. */
  rootOf(name) {
    for (const { payload } of this.cells(1)) {
      const [, entry, , root] = readRecord(this.bytes, payload);
      if (entry === name) return root;
    }
    throw new Error(`${name} is not in the schema`);
  }

  /** The pages of a table's leaves, in order. */
  leaves(page) {
    const { type, pointers, header } = this.#page(page);
    if (type === LEAF) return [page];
    if (type !== INTERIOR) throw new Error(`page ${page} is not a table's`);
    const children = [...pointers, header + 8].map((at) => this.bytes.readUInt32BE(at));
    return children.flatMap((child) => this.leaves(child));
  }

  /** Where the row id and the payload of each row begin. */
  cells(root) {
    return this.leaves(root).flatMap((page) =>
      this.#page(page).pointers.map((at) => {
        const rowId = at + readVarint(this.bytes, at).length;
        return { rowId, payload: rowId + readVarint(this.bytes, rowId).length };
      }),
    );
  }

  /** Fills a page with nonsense. */
  damage(page) {
    const end = page * this.pageSize;
    for (let at = end - this.pageSize; at < end; at++) this.bytes[at] = (at * 31 + 7) % 251;
  }

  #page(page) {
    const start = (page - 1) * this.pageSize;
    const header = page === 1 ? 100 : start;
    const type = this.bytes[header];
    const first = header + (type === INTERIOR ? 12 : 8);
    const count = this.bytes.readUInt16BE(header + 3);
    const pointers = Array.from(
      { length: count },
      (_, index) => start + this.bytes.readUInt16BE(first + 2 * index),
    );
    return { type, header, pointers };
  }
}

function readVarint(bytes, at) {
  let value = 0;
  for (let length = 1; length <= 8; length++) {
    const byte = bytes[at + length - 1];
    value = value * 128 + (byte & 127);
    if (byte < 128) return { value, length };
  }
  throw new Error('a number of nine bytes');
}

/** The texts and integers at the start of a record. */
function readRecord(bytes, start) {
  const header = readVarint(bytes, start);
  const values = [];
  let body = start + header.value;
  for (let at = start + header.length; at < start + header.value; ) {
    const { value: type, length } = readVarint(bytes, at);
    at += length;
    if (type >= 1 && type <= 4) values.push(bytes.readIntBE(body, type));
    else if (type === 8 || type === 9) values.push(type - 8);
    else if (type >= 13) values.push(bytes.toString('utf8', body, body + (type - 13) / 2));
    else values.push(null);
    body += type >= 12 ? Math.floor((type - 12) / 2) : [0, 1, 2, 3, 4, 6, 8, 8, 0, 0][type];
  }
  return values;
}

/**
 * Makes a closed database look as if a version of the package had written it whose schema is `ahead`
 * numbers further than it is. A negative number takes that back.
 */
function advanceSchema(path, ahead) {
  const file = new SqliteFile(path);
  // The number is the table's key, and so the row's id: one byte as long as it is small.
  const { rowId } = file.cells(file.rootOf('schema_migrations')).at(-1);
  file.bytes[rowId] += ahead;
  file.save();
}

module.exports = { SqliteFile, advanceSchema };
