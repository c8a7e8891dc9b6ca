// The committed declarations, as each module resolution sees them: what should compile compiles, and
// every line below `@ts-expect-error` does not.
const { spawnSync } = require('node:child_process');
const { join, resolve } = require('node:path');

const TSC = resolve(__dirname, '../../node_modules/typescript/bin/tsc');

const CONFIGS = ['tsconfig.json', 'tsconfig.node16.json', 'tsconfig.bundler.json'];

test.each([...CONFIGS, ...CONFIGS.map((config) => `catalog/${config}`)])('%s', (config) => {
  const args = [TSC, '--project', join(__dirname, config), '--pretty', 'false'];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});
