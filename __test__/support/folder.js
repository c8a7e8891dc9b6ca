// Folders for databases, gone after the tests of the file.
const { mkdtempSync, realpathSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const made = [];

/** A new, empty folder outside the repository. */
function newFolder() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'proyecta-test-')));
  made.push(folder);
  return folder;
}

/** The path of a database that is not there yet, in a folder of its own. */
const newDatabase = () => join(newFolder(), 'proyecta.db');

afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

module.exports = { newFolder, newDatabase };
