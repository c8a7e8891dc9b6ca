// The catalogue's ids as TypeScript, and what a project makes of them.
const { spawnSync } = require('node:child_process');
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { cli, done } = require('../support/cli.js');
const { CATALOG, newFile } = require('../support/catalog-files.js');
const { newDatabase } = require('../support/folder.js');
const { projectFolder } = require('../support/package.js');

const ROOT = resolve(__dirname, '../..');

const TYPES = `// Written by \`proyecta catalog types\`; do not edit.
export {};

declare global {
  interface ProyectaCatalog {
    feature:
      | 'feat_calls'
      | 'feat_export';
    product:
      | 'prod_all'
      | 'prod_pro';
    price:
      | 'var_all'
      | 'var_once'
      | 'var_pro_monthly'
      | 'var_pro_usage';
    coupon:
      | 'TEN'
      | '여름';
  }
}
`;

let folder;
let database;
beforeAll(async () => {
  folder = mkdtempSync(join(projectFolder, 'catalog-'));
  database = newDatabase();
  const file = newFile('catalog.json', CATALOG);
  const types = join(folder, 'pushed.d.ts');
  await done(['catalog', 'push', file, '--yes', '--types', types, '--database', database]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a push, a pull and a command of its own write the same', async () => {
  expect(readFileSync(join(folder, 'pushed.d.ts'), 'utf8')).toBe(TYPES);
  expect(await done(['catalog', 'types', '--database', database])).toBe(TYPES);
  const pulled = join(folder, 'pulled.d.ts');
  await done(['catalog', 'pull', '--types', pulled, '--database', database]);
  expect(readFileSync(pulled, 'utf8')).toBe(TYPES);
  const own = join(folder, 'proyecta-catalog.d.ts');
  await done(['catalog', 'types', own, '--database', database]);
  await done(['catalog', 'types', own, '--database', database]);
  expect(readFileSync(own, 'utf8')).toBe(TYPES);
});

test('a file of somebody’s own is not replaced', async () => {
  const file = join(folder, 'mine.d.ts');
  writeFileSync(file, 'export type Mine = 1;\n');
  const refused = await cli(['catalog', 'types', file, '--database', database]);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('mine.d.ts') });
  expect(readFileSync(file, 'utf8')).toBe('export type Mine = 1;\n');
});

test('a project with the file knows its ids', () => {
  const use = `import Proyecta from '@proyecta-ai/sdk';
const { features, products } = new Proyecta().commerce;
features.get('feat_calls');
// @ts-expect-error no such feature
features.get('feat_cals');
products.update('prod_pro', { features: ['feat_export'] });
// @ts-expect-error no such feature
products.update('prod_pro', { features: ['feat_exprot'] });
`;
  const options = {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
  };
  writeFileSync(join(folder, 'proyecta-catalog.d.ts'), TYPES);
  writeFileSync(join(folder, 'use.mts'), use);
  const config = { compilerOptions: options, files: ['use.mts', 'proyecta-catalog.d.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '--project', folder], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});
