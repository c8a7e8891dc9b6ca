// Where the database lies, and what the files there are like.
const {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  statSync,
  symlinkSync,
} = require('node:fs');
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { runProgram, sdk: Proyecta } = require('../support/package.js');
const { everyCustomer, failure, someone } = require('../support/customers.js');
const { newDatabase, newFolder } = require('../support/folder.js');

/** Creates a customer with the default database, in a program that is started in `cwd`. */
async function useDefault(cwd, before = '') {
  const source = `import Proyecta from '@proyecta-ai/sdk';
${before}
const proyecta = new Proyecta();
const { email } = await proyecta.commerce.customers.create({ email: 'ada@example.com', name: 'Ada' });
console.log(email);`;
  const { NODE_ENV: _, ...env } = process.env;
  const { code, stdout, stderr } = await runProgram(source, { cwd, env });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'ada@example.com\n', stderr: '' });
}

async function emailsIn(database) {
  const proyecta = new Proyecta({ database });
  const emails = (await everyCustomer(proyecta)).map(({ email }) => email);
  await proyecta.close();
  return emails;
}

const modeOf = (path) => (statSync(path).mode & 0o777).toString(8);

describe('the default database', () => {
  test('lies in .proyecta beside the nearest package.json, in a folder that git ignores', async () => {
    const project = newFolder();
    const inner = join(project, 'src/server');
    mkdirSync(inner, { recursive: true });
    writeFileSync(join(project, 'package.json'), '{}');
    await useDefault(inner);
    expect(await emailsIn(join(project, '.proyecta/proyecta.db'))).toEqual(['ada@example.com']);
    expect(readFileSync(join(project, '.proyecta/.gitignore'), 'utf8')).toMatch(/^\*$/m);
    expect(readdirSync(project).sort()).toEqual(['.proyecta', 'package.json', 'src']);
    expect(readdirSync(inner)).toEqual([]);
  });

  test('belongs to the package of a workspace, not to the whole', async () => {
    const root = newFolder();
    const member = join(root, 'packages/app');
    mkdirSync(member, { recursive: true });
    for (const folder of [root, member]) writeFileSync(join(folder, 'package.json'), '{}');
    await useDefault(member);
    expect(existsSync(join(member, '.proyecta/proyecta.db'))).toBe(true);
    expect(existsSync(join(root, '.proyecta'))).toBe(false);
  });

  test('lies in the working folder where there is no package.json at all', async () => {
    const folder = newFolder();
    await useDefault(folder);
    expect(existsSync(join(folder, '.proyecta/proyecta.db'))).toBe(true);
  });

  test('is the same one at the next start, with whatever .gitignore it has by then', async () => {
    const project = newFolder();
    writeFileSync(join(project, 'package.json'), '{}');
    await useDefault(project);
    const ignore = join(project, '.proyecta/.gitignore');
    writeFileSync(ignore, '# mine\n*\n');
    await useDefault(project);
    expect(await emailsIn(join(project, '.proyecta/proyecta.db'))).toEqual(['ada@example.com']);
    expect(readFileSync(ignore, 'utf8')).toBe('# mine\n*\n');
  });

  test('is a test store', async () => {
    const project = newFolder();
    await useDefault(
      project,
      `if ((await new Proyecta().store).mode !== 'test') throw new Error('not a test store');`,
    );
  });
});

test('nobody else may read the files, whatever the umask', async () => {
  const folder = newFolder();
  const source = `import Proyecta from '@proyecta-ai/sdk';
import { readdirSync, statSync } from 'node:fs';
process.umask(0);
for (const database of [undefined, 'named.db']) {
  const proyecta = new Proyecta({ database });
  await proyecta.commerce.customers.create({ email: 'ada@example.com', name: 'Ada' });
  const folder = database === undefined ? '.proyecta' : '.';
  for (const name of readdirSync(folder)) {
    if (name.includes('.db')) console.log(name, (statSync(folder + '/' + name).mode & 0o777).toString(8));
  }
}`;
  const { NODE_ENV: _, ...env } = process.env;
  const { stdout, stderr } = await runProgram(source, { cwd: folder, env });
  const files = [
    'proyecta.db',
    'proyecta.db-shm',
    'proyecta.db-wal',
    'named.db',
    'named.db-shm',
    'named.db-wal',
  ];
  expect({ stdout, stderr }).toEqual({ stdout: files.map((name) => `${name} 600\n`).join(''), stderr: '' });
});

test('a file that is there keeps the mode that its owner gave it', async () => {
  const database = newDatabase();
  writeFileSync(database, '', { mode: 0o640 });
  await emailsIn(database);
  expect(modeOf(database)).toBe('640');
});

describe('a place can be spelled as', () => {
  const folder = newFolder();
  const elsewhere = newFolder();
  let cwd;
  let count = 0;

  beforeAll(() => {
    cwd = process.cwd();
    process.chdir(folder);
  });
  afterAll(() => process.chdir(cwd));

  test.each([
    ['a plain name', 'plain.db', 'plain.db'],
    ['a relative path', './data/../relative.db', 'relative.db'],
    ['an absolute path', join(folder, 'absolute.db'), 'absolute.db'],
    ['a relative URL', 'file:url.db', 'url.db'],
    ['a relative URL with a dot', 'file:./dot.db', 'dot.db'],
    ['an absolute URL', pathToFileURL(join(folder, 'full.db')).href, 'full.db'],
    ['an absolute URL with a host of its own', `file://localhost${folder}/host.db`, 'host.db'],
    ['an absolute URL with one slash', `file:${folder}/slash.db`, 'slash.db'],
    ['a URL with blanks and Korean', pathToFileURL(join(folder, '고객 db.db')).href, '고객 db.db'],
    ['a relative URL with blanks and Korean', 'file:./%EA%B3%A0%20x.db', '고 x.db'],
    ['a path with blanks and Korean', './고객 data.db', '고객 data.db'],
    ['a path with a percent sign', './100%25.db', '100%25.db'],
    ['a name with a colon', './a:b.db', 'a:b.db'],
  ])('%s', async (_, given, name) => {
    const proyecta = new Proyecta({ database: given });
    const { email } = await proyecta.commerce.customers.create(someone(`place${count++}`));
    await proyecta.close();
    expect(readdirSync(folder)).toContain(name);
    expect(await emailsIn(join(folder, name))).toEqual([email]);
  });

  test('a relative path means the folder in which the client was made', async () => {
    const proyecta = new Proyecta({ database: 'made-here.db' });
    process.chdir(elsewhere);
    await proyecta.commerce.customers.create(someone('here'));
    await proyecta.close();
    process.chdir(folder);
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(await emailsIn('made-here.db')).toEqual(['here@example.com']);
  });

  test('several ways at once, and all clients work on one database', async () => {
    const file = join(folder, 'one.db');
    symlinkSync(folder, join(elsewhere, 'link'));
    const spellings = [
      'one.db',
      './one.db',
      'file:one.db',
      file,
      join(elsewhere, 'link/one.db'),
      pathToFileURL(file).href,
    ];
    const clients = spellings.map((database) => new Proyecta({ database }));
    const made = await Promise.all(clients.map(({ commerce }) => commerce.customers.create(someone('one'))));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    await Promise.all(clients.map((client) => client.close()));
    expect(realpathSync(join(elsewhere, 'link/one.db'))).toBe(file);
  });
});

describe(':memory:', () => {
  test.each([[':memory:'], ['file::memory:']])('%s leaves no file and shares nothing', async (database) => {
    const cwd = process.cwd();
    const folder = newFolder();
    process.chdir(folder);
    try {
      const [one, two] = [new Proyecta({ database }), new Proyecta({ database })];
      const made = await one.commerce.customers.create(someone('alone'));
      expect(await everyCustomer(one)).toEqual([made]);
      expect(await everyCustomer(two)).toEqual([]);
      await Promise.all([one.close(), two.close()]);
    } finally {
      process.chdir(cwd);
    }
    expect(readdirSync(folder)).toEqual([]);
  });
});

test.each([
  ['http://127.0.0.1/app', /scheme/],
  ['sqlite:app.db', /scheme/],
  ['file:app.db?mode=ro', /parameters/],
  ['file://elsewhere.example/app.db', /this machine/],
  ['file:', /file/],
  ['file:%zz.db', /file/],
])('%s is refused with what is taken instead', (database, message) => {
  expect(() => new Proyecta({ database })).toThrow(
    expect.objectContaining({
      code: 'configuration_invalid',
      param: 'database',
      message: expect.stringMatching(message),
    }),
  );
});

describe('a PostgreSQL server', () => {
  test.each(['postgres', 'postgresql', 'POSTGRES'])(
    'is named by %s:// and shown without its password',
    (scheme) => {
      const database = `${scheme}://app:hunter2@db.example.com:5433/shop?schema=billing&password=hunter3`;
      const shown = JSON.stringify(new Proyecta({ database }));
      expect(shown).toContain('postgres://db.example.com:5433/shop');
      expect(shown).not.toMatch(/hunter|app:/);
    },
  );

  test('that nobody listens for is said to be unreachable, without its URL', async () => {
    const proyecta = new Proyecta({ database: 'postgres://app:hunter2@127.0.0.1:1/shop' });
    const error = await failure(proyecta.store);
    expect(error).toMatchObject({ name: 'UnavailableError', code: 'database_unreachable' });
    expect(error.message + error.stack).not.toMatch(/hunter2/);
    await proyecta.close();
  });

  test.each(['postgres://', 'postgres://app@h:port/x', 'postgres://app@h/x?sslmode=off', 'postgres://h/x'])(
    'that %s cannot name is refused at the first call',
    async (database) => {
      const proyecta = new Proyecta({ database });
      expect(await failure(proyecta.store)).toMatchObject({
        code: 'configuration_invalid',
        param: 'database',
      });
      await proyecta.close();
    },
  );
});

test('no folder is made for a database that was named', async () => {
  const folder = newFolder();
  const proyecta = new Proyecta({ database: join(folder, 'data/app.db') });
  expect((await failure(proyecta.store)).code).toBe('database_not_found');
  expect(readdirSync(folder)).toEqual([]);
  await proyecta.close();
});
