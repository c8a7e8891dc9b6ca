// Looking after a database: migrate, backup, compact, doctor.
const { readFileSync, readdirSync, statSync, truncateSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { cli, done } = require('../support/cli.js');
const { everyCustomer, someone } = require('../support/customers.js');
const { newDatabase, newFolder } = require('../support/folder.js');
const { holdLock } = require('../support/lock.js');
const { sdk: Proyecta } = require('../support/package.js');
const { advanceSchema } = require('../support/sqlite-file.js');

async function filled(count) {
  const database = newDatabase();
  const proyecta = new Proyecta({ database });
  const { customers } = proyecta.commerce;
  await Promise.all(Array.from({ length: count }, (_, at) => customers.create(someone(`p${at}`))));
  return { database, proyecta };
}

const verdicts = async (options) => {
  const { code, stdout } = await cli(['doctor', '--json'], options);
  const checks = JSON.parse(stdout);
  return { code, checks, of: Object.fromEntries(checks.map(({ check, verdict }) => [check, verdict])) };
};

describe('backup', () => {
  test('is whole while writes go on, for its owner’s eyes only', async () => {
    const { database, proyecta } = await filled(500);
    const folder = newFolder();
    const target = join(folder, '백업.db');
    let writing = true;
    let written = 0;
    const writer = (async () => {
      while (writing) {
        await proyecta.commerce.customers.create(someone(`during-${written++}`));
      }
    })();
    try {
      await done(['backup', target, '--database', database]);
    } finally {
      writing = false;
      await writer;
    }
    expect(written).toBeGreaterThan(0);
    expect(readdirSync(folder)).toEqual(['백업.db']);
    if (process.platform !== 'win32') expect(statSync(target).mode & 0o777).toBe(0o600);
    const copy = new Proyecta({ database: target });
    const emails = new Set((await everyCustomer(copy)).map(({ email }) => email));
    for (let at = 0; at < 500; at++) expect(emails.has(someone(`p${at}`).email)).toBe(true);
    // One moment: of what came during the copy there is a beginning without gaps.
    const during = emails.size - 500;
    for (let at = 0; at < during; at++) expect(emails.has(someone(`during-${at}`).email)).toBe(true);
    // And it is a database like any other.
    await copy.commerce.customers.create(someone('afterwards'));
    await Promise.all([copy.close(), proyecta.close()]);
  });

  test('does not replace a file, and leaves nothing where it fails', async () => {
    const { database, proyecta } = await filled(1);
    await proyecta.close();
    const folder = newFolder();
    writeFileSync(join(folder, 'kept.db'), 'kept');
    const refused = await cli(['backup', 'kept.db', '--database', database], { cwd: folder });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('already') });
    expect(readFileSync(join(folder, 'kept.db'), 'utf8')).toBe('kept');
    const nowhere = await cli(['backup', 'none/b.db', '--database', database], { cwd: folder });
    expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('folder') });
    expect(readdirSync(folder)).toEqual(['kept.db']);
  });

  test('of a damaged database is refused, and leaves nothing', async () => {
    const { database, proyecta } = await filled(300);
    await proyecta.close();
    truncateSync(database, statSync(database).size - 8192);
    const folder = newFolder();
    const refused = await cli(['backup', 'b.db', '--database', database], { cwd: folder });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('compact', () => {
  test('leaves no trace of what was erased', async () => {
    const { database, proyecta } = await filled(50);
    const secret = 'Zerubbabel-Quillfeather';
    const { customers } = proyecta.commerce;
    const made = await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        customers.create({ ...someone(`x${at}`), name: `${secret} ${at}` }),
      ),
    );
    await Promise.all(made.map(({ id }) => customers.delete(id)));
    await proyecta.close();
    expect(await done(['compact', '--database', database])).toContain('before');
    for (const name of readdirSync(join(database, '..'))) {
      expect(readFileSync(join(database, '..', name), 'latin1')).not.toContain(secret);
    }
    const again = new Proyecta({ database });
    expect(await everyCustomer(again)).toHaveLength(50);
    await again.close();
  });

  test('makes a file small again', async () => {
    const { database, proyecta } = await filled(400);
    const everyone = await everyCustomer(proyecta);
    await Promise.all(everyone.map(({ id }) => proyecta.commerce.customers.delete(id)));
    await proyecta.close();
    const before = statSync(database).size;
    await done(['compact', '--database', database]);
    expect(statSync(database).size).toBeLessThan(before);
  });

  test('waits for nobody for ever', async () => {
    const { database, proyecta } = await filled(1);
    await proyecta.close();
    const release = await holdLock(database);
    const refused = await cli(['compact', '--database', database]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('lock') });
    await release();
  });
});

describe('databases that cannot be used', () => {
  test.each([
    ['newer', 1, 'update the package'],
    ['damaged', 1, 'restore a backup'],
    ['no database', 1, 'not a database'],
    ['in no folder', 1, 'folder'],
  ])('%s: every command says so', async (what, code, part) => {
    const { database, proyecta } = await filled(1);
    await proyecta.close();
    let name = database;
    if (what === 'newer') advanceSchema(database, 90);
    if (what === 'damaged')
      writeFileSync(
        database,
        Buffer.concat([readFileSync(database).subarray(0, 100), Buffer.alloc(9000, 7)]),
      );
    if (what === 'no database') writeFileSync(database, 'These are no tables at all. '.repeat(200));
    if (what === 'in no folder') name = join(newFolder(), 'none/a.db');
    for (const args of [['migrate'], ['stores', 'create']]) {
      const refused = await cli([...args, '--database', name]);
      expect({ args, ...refused }).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(part) });
      expect(refused.stderr).toMatch(/^proyecta: [^\n]+\n$/);
    }
    if (what === 'in no folder') return;
    const doctor = await verdicts({ env: { PROYECTA_DATABASE_URL: name } });
    expect(doctor).toMatchObject({ code: 1, of: { database: 'failure' } });
  });

  test('locked by another process: a key is not made, and one may try again', async () => {
    const { database, proyecta } = await filled(1);
    await proyecta.close();
    const release = await holdLock(database);
    const refused = await cli(['keys', 'create', '--database', database]);
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('lock') });
    expect(await done(['stores', 'list', '--database', database])).toContain('store_');
    await release();
    await done(['keys', 'create', '--database', database]);
  });
});

describe('migrate', () => {
  test('makes a database, and then has nothing to do', async () => {
    const database = newDatabase();
    expect(await done(['migrate', '--database', database])).toMatch(/^schema \d+ is current\n$/);
    expect(await done(['migrate', '--database', database])).toContain('nothing to do');
  });
});

describe('doctor', () => {
  test('finds nothing wrong with a store that has a key', async () => {
    const { database, proyecta } = await filled(1);
    await proyecta.close();
    await done(['keys', 'create', '--database', database]);
    const env = { PROYECTA_DATABASE_URL: database };
    const { code, of, checks } = await verdicts({ env });
    expect(code).toBe(0);
    expect(of).toEqual({
      configuration: 'ok',
      database: 'ok',
      keys: 'ok',
      clock: 'ok',
      gateway: 'warning',
      mail: 'warning',
    });
    const text = await done(['doctor'], { env });
    expect(text.trimEnd().split('\n')).toHaveLength(checks.length);
    expect(text).toMatch(/^(ok {7}|warning {2}|failure {2})\w+: .+$/m);
  });

  test('makes nothing, and says what would', async () => {
    const folder = newFolder();
    const { code, of, checks } = await verdicts({ cwd: folder, env: { PROYECTA_DATABASE_URL: 'a.db' } });
    expect({ code, database: of.database }).toEqual({ code: 0, database: 'warning' });
    expect(checks.find(({ check }) => check === 'database').message).toContain('proyecta serve');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('names a variable that does not fit', async () => {
    for (const env of [
      { PROYECTA_MODE: 'both' },
      { PROYECTA_API_KEY: 'short' },
      { NODE_ENV: 'production' },
    ]) {
      const { code, of, checks } = await verdicts({ cwd: newFolder(), env });
      expect({ code, configuration: of.configuration }).toEqual({ code: 1, configuration: 'failure' });
      expect(checks[0].message).toMatch(/PROYECTA_/);
    }
  });

  test('warns of a store that nobody has a key for', async () => {
    const { database, proyecta } = await filled(1);
    await proyecta.close();
    const { code, of } = await verdicts({ env: { PROYECTA_DATABASE_URL: database } });
    expect({ code, keys: of.keys }).toEqual({ code: 0, keys: 'warning' });
  });
});
