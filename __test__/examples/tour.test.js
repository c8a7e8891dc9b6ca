// examples/tour.mjs: what `npm start` shows.
const { execFile } = require('node:child_process');
const { existsSync, readdirSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { cleanUp, copyExample, environment } = require('./running.js');

let file;
beforeEach(() => {
  file = copyExample('tour.mjs');
});
afterEach(cleanUp);

function tour(env = {}) {
  return new Promise((resolve) => {
    const options = { cwd: dirname(file), env: { ...environment, ...env } };
    const child = execFile(process.execPath, [file], options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

const STEPS = [
  'Open the database',
  'Somebody signs up',
  'The same e-mail once more',
  'Thirty sign-ups at once',
  'Get',
  'Update (the first phone number',
  'Update to an address that another customer holds',
  'Search by two Korean syllables',
  'Page through all of the tour',
];

test('each step has its result and its time, then comes where the database lies', async () => {
  const { code, stdout, stderr } = await tour();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const headings = stdout.match(/^ *\d+ {2}.*$/gm);
  expect(headings).toHaveLength(STEPS.length);
  for (const [index, step] of STEPS.entries()) {
    expect(headings[index].startsWith(`${String(index + 1).padStart(2)}  ${step}`)).toBe(true);
    expect(headings[index]).toMatch(/ \d+\.\d\d ms$/);
  }
  // The times stand in one column.
  expect(new Set(headings.map(({ length }) => length)).size).toBe(1);

  const [, id] = /→ (cus_\w{26}), a new customer/.exec(stdout);
  expect(stdout).toContain(`→ ${id}, the same customer, still 홍길동`);
  expect(stdout).toContain('→ 30 customers, 30 of them new and safe on disk');
  expect(stdout).toContain('→ 홍길동, gildong@tour.example.com, version 1');
  expect(stdout).toContain('→ +821012345678, 서울 세종대로 110, now version 2');
  expect(stdout).toContain('→ refused: ConflictError, email_taken, email');
  expect(stdout).toContain('→ 7 found: 홍길동');
  expect(stdout).toContain('→ 31 customers on 4 pages, each once');

  const database = join(dirname(file), '.proyecta/proyecta.db');
  expect(stdout).toContain(`\n    ${database}\n    31 customers in `);
  expect(existsSync(database)).toBe(true);
  expect(readdirSync(dirname(database)).sort()).toEqual(['.gitignore', 'proyecta.db']);
  expect(stdout).toContain('npm install && npm start -- ../.proyecta/proyecta.db');
});

test('a second tour finds what the first one made', async () => {
  const first = await tour();
  const { code, stdout, stderr } = await tour();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [, id] = /→ (cus_\w{26})/.exec(first.stdout);
  expect(stdout).toContain(`→ ${id}, made by an earlier tour at `);
  expect(stdout).toContain('→ 30 customers, all here from an earlier tour');
  expect(stdout).toContain('now version 3');
  expect(stdout).toContain('→ 31 customers on 4 pages, each once');
});

test('without a terminal there are no colours', async () => {
  const { stdout } = await tour({ TERM: 'xterm-256color', COLORTERM: 'truecolor' });
  expect(stdout).not.toContain('\x1b');
});

test('in memory nothing is left', async () => {
  const { code, stdout } = await tour({ PROYECTA_DATABASE: ':memory:' });
  expect(code).toBe(0);
  expect(stdout).toContain('In memory: 31 customers, gone now.');
  expect(existsSync(join(dirname(file), '.proyecta'))).toBe(false);
});

test.each([
  ['production', { NODE_ENV: 'production' }, 'in production the database must be named'],
  [
    'a live store',
    { PROYECTA_API_KEY: 'sk_live_0123456789abcdefghijklmn', PROYECTA_DATABASE: ':memory:' },
    'This is a live store',
  ],
  [
    'a folder that is not there',
    { PROYECTA_DATABASE: 'no/such/folder/app.db' },
    'the database file cannot be opened',
  ],
])('%s: one sentence, and a failure', async (_, env, sentence) => {
  const { code, stderr } = await tour(env);
  expect(code).toBe(1);
  expect(stderr).toContain(`✖ `);
  expect(stderr).toContain(sentence);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});
