// Bundles the facade: index.js holds the code, index.mjs re-exports it, so that a class exists once
// however a program mixes `import` and `require`.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { CLASSES } from './generate/error-page.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

await build({
  absWorkingDir: root,
  entryPoints: ['src/js/index.ts'],
  outfile: 'index.js',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['./native.cjs'],
  define: { PROYECTA_VERSION: JSON.stringify(version) },
  legalComments: 'none',
});

const errors = ['ProyectaError', ...CLASSES.map(([, name]) => name)];
await writeFile(
  join(root, 'index.mjs'),
  `import Proyecta from './index.js';

export default Proyecta;
export { Proyecta };
export const {
${errors.map((name) => `  ${name},\n`).join('')}} = Proyecta;
`,
);
