// Every suite is either part of the contract, which holds over each front, or has a reason not to be.
const { readdirSync } = require('node:fs');
const { join, relative, sep } = require('node:path');
const { CONTRACT, FACADE, FRONTS, ONCE } = require('../support/fronts.js');

const ROOT = join(__dirname, '..');
const suites = readdirSync(ROOT, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.test\.c?js$/.test(entry.name))
  .map((entry) => relative(ROOT, join(entry.parentPath ?? entry.path, entry.name)).replaceAll(sep, '/'));

const covers = (path) => (suite) => suite === path || suite.startsWith(`${path}/`);

test('every suite is in exactly one of the lists', () => {
  const lists = [...CONTRACT, ...Object.keys(ONCE)];
  for (const suite of suites) {
    expect([suite, lists.filter((path) => covers(path)(suite))]).toEqual([suite, [expect.any(String)]]);
  }
});

test('every entry of the lists has suites', () => {
  for (const path of [...CONTRACT, ...Object.keys(ONCE), ...FACADE]) {
    expect([path, suites.some(covers(path))]).toEqual([path, true]);
  }
});

test('the contract runs over every front', () => {
  const before = process.env.PROYECTA_TEST_ON;
  process.env.PROYECTA_TEST_ON = 'all';
  jest.resetModules();
  const { projects } = require('../../jest.config.cjs');
  if (before === undefined) delete process.env.PROYECTA_TEST_ON;
  else process.env.PROYECTA_TEST_ON = before;
  expect(projects.map(({ displayName, globals }) => [displayName, globals.PROYECTA_FRONT])).toEqual(
    FRONTS.map((front) => [front, front]),
  );
});
