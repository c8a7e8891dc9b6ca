// The stores that several processes can share.
const { newDatabase } = require('../support/folder.js');
const { newSchema } = require('../support/postgres.js');

/** For `describe.each`: a name, and what makes a database that is not there yet. */
const STORES = [
  ['a SQLite file', newDatabase],
  ['a PostgreSQL server', newSchema],
];

module.exports = { STORES };
