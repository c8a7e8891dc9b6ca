// The workflows cannot run here; what can be read off them is held here.
const { readdirSync, readFileSync } = require('node:fs');
const { join, resolve } = require('node:path');

const ROOT = resolve(__dirname, '../..');
const FOLDER = join(ROOT, '.github/workflows');
const { napi } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const workflows = readdirSync(FOLDER).map((name) => ({
  name,
  text: readFileSync(join(FOLDER, name), 'utf8'),
}));
const release = workflows.find(({ name }) => name === 'release.yml').text;

test.each(workflows)('$name: every action is pinned by commit, with its version beside it', ({ text }) => {
  const uses = [...text.matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, action]) => action);
  expect(uses.length).toBeGreaterThan(0);
  for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test.each(workflows)('$name: tokens can only read, unless one job says otherwise', ({ text }) => {
  expect(text).toMatch(/^permissions:\n {2}contents: read\n(?! )/m);
  expect(text.match(/: write/g) ?? []).toHaveLength(text === release ? 1 : 0);
  expect(text).not.toMatch(/secrets\./);
  const checkouts = text.match(/actions\/checkout@/g);
  expect(text.match(/persist-credentials: false/g)).toHaveLength(checkouts.length);
});

test.each(workflows)('$name: the scripts and commands it runs exist', ({ text }) => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const paths = [...text.matchAll(/\bnode (scripts\/\S+)/g)].map(([, path]) => path);
  for (const path of paths) expect(readFileSync(join(ROOT, path), 'utf8')).not.toBe('');
  for (const [, name] of text.matchAll(/\bnpm run (\S+)/g)) expect(scripts).toHaveProperty(name);
});

test('the release builds and tries every platform of the package', () => {
  const [build, tries] = release.split(/^ {2}try:$/m);
  const targets = [...build.matchAll(/target: ([\w-]+)/g)].map(([, target]) => target);
  expect(targets.sort()).toEqual([...napi.targets].sort());
  const platforms = (text) => [...text.matchAll(/\{ platform: ([\w-]+)/g)].map(([, name]) => name).sort();
  expect(platforms(build)).toEqual(readdirSync(join(ROOT, 'npm')).sort());
  expect(platforms(tries)).toEqual(platforms(build));
});

test('nothing is published but for a version tag, from the protected environment, with provenance', () => {
  const [before, publish] = release.split(/^ {2}publish:$/m);
  expect(before).not.toMatch(/npm publish|id-token/);
  expect(publish).toMatch(/if: github\.event_name == 'push' && startsWith\(github\.ref, 'refs\/tags\/v'\)/);
  expect(publish).toMatch(/^ {4}environment: npm$/m);
  for (const [line] of publish.matchAll(/npm publish .*/g)) expect(line).toMatch(/--provenance/);
});
