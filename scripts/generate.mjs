// Writes what follows from the operations declared in Rust: the facade's operation table, the
// public types and the list of error codes. With --check it writes nothing and fails when a
// committed file differs.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { declarations, moduleDeclarations } from './generate/declarations.mjs';
import { errorPage } from './generate/error-page.mjs';
import { operationTable } from './generate/operation-table.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The addon's manifest, with the error codes that only the facade has. */
async function loadManifest() {
  // Another build than the one in the tree, for whoever tries things out.
  const path = process.env.PROYECTA_NATIVE ?? join(root, 'native.cjs');
  if (!existsSync(path)) throw new Error(`${path} is not there: build the addon first (npm run build:dev)`);
  const manifest = JSON.parse(createRequire(import.meta.url)(resolve(path)).manifest());
  const own = JSON.parse(await readFile(join(root, 'src/js/error-codes.json'), 'utf8'));
  const known = new Set(manifest.errors.map(({ code }) => code));
  return { ...manifest, errors: [...manifest.errors, ...own.filter(({ code }) => !known.has(code))] };
}

async function generate() {
  const manifest = await loadManifest();
  const surface = await readFile(join(root, 'src/js/surface.d.ts.in'), 'utf8');
  const types = declarations(manifest, surface);
  return {
    'src/js/operations.gen.ts': operationTable(manifest),
    'index.d.ts': types,
    'index.d.mts': moduleDeclarations(types),
    'docs/errors.md': errorPage(manifest),
  };
}

const check = process.argv.includes('--check');
const drifted = [];
for (const [name, text] of Object.entries(await generate())) {
  const path = join(root, name);
  const present = await readFile(path, 'utf8').catch(() => null);
  if (present === text) continue;
  drifted.push(name);
  if (check) continue;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

if (check && drifted.length > 0) {
  console.error(
    `These files differ from the operations in src/ops; run node scripts/generate.mjs:\n  ${drifted.join('\n  ')}`,
  );
  process.exitCode = 1;
} else {
  console.log(drifted.length > 0 ? `written: ${drifted.join(', ')}` : 'generated files are up to date');
}
