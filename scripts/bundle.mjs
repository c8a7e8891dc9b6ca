// Bundles the facade: index.js holds the code, index.mjs re-exports it, so that a class exists once
// however a program mixes `import` and `require`.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { CLASSES } from './generate/error-page.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  legalComments: 'none',
};

await build({
  ...common,
  entryPoints: ['src/js/index.ts'],
  outfile: 'index.js',
  external: ['./native.cjs'],
  define: { PROYECTA_VERSION: JSON.stringify(version) },
});

// What the command line needs of the facade.
await build({ ...common, entryPoints: ['src/js/catalog-file.ts'], outfile: 'bin/catalog.js' });

/** The adapters, each an entry of its own with one name in it. */
const ADAPTERS = { express: 'proyectaRouter', fastify: 'proyectaPlugin' };

for (const [name, exported] of Object.entries(ADAPTERS)) {
  await build({ ...common, entryPoints: [`src/js/adapters/${name}.ts`], outfile: `${name}.js` });
  await writeFile(
    join(root, `${name}.mjs`),
    `import adapter from './${name}.js';\n\nexport const { ${exported} } = adapter;\n`,
  );
}

const errors = ['ProyectaError', ...CLASSES.map(([, name]) => name)];
await writeFile(
  join(root, 'index.mjs'),
  `import Proyecta from './index.js';

export default Proyecta;
export { Proyecta };
export const {
  createServer,
${errors.map((name) => `  ${name},\n`).join('')}} = Proyecta;
`,
);
