// Compiles each layer without those above it, so that no arrow between them points back
// (`node scripts/layers.mjs`). Imports no npm package: the gate runs it before they are installed.
import { pathToFileURL } from 'node:url';
import { main } from './lib/problem.mjs';
import { run } from './lib/shell.mjs';

const LAYERS = ['engine', 'sqlite', 'postgres', 'spreadsheet', 'remote', 'http', 'server', 'addon'];

export async function checkLayers() {
  for (const names of [[], ...LAYERS.map((layer) => [layer])]) {
    // As the tests choose them (`--examples` selects nothing here), so that fewer dependencies are
    // compiled in two variants.
    const args = ['check', '--locked', '--lib', '--examples', '--no-default-features'];
    await run('cargo', [...args, '--features', names.join(',')]);
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await main(checkLayers);
