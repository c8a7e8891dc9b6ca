// Checks that a Linux binary may leave this machine: size, stripped, old glibc, no strange library.
// `node scripts/portable.mjs [binary]`; without one, the release addon of this platform.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readElf } from './lib/elf.mjs';
import { binaryOf, hostPlatform } from './lib/platform.mjs';
import { main, Problem } from './lib/problem.mjs';
import { ROOT } from './lib/shell.mjs';
import { report, runSuites } from './lib/suite.mjs';

/** The engine with its catalogue, billing, server, client and command line; 23.7 MB as it is built now. */
const BYTES_MAX = 25_000_000;
const GLIBC_MAX = [2, 28];

/** What every system with Node has: Node itself needs them. */
const LIBRARIES =
  /^(lib(c|m|dl|rt|pthread)\.so\.\d|libgcc_s\.so\.1|ld-linux-.*\.so\.\d|libc\.musl-.*\.so\.1)$/;

const newer = (version) => {
  const [major, minor = 0] = version.replace('GLIBC_', '').split('.').map(Number);
  return major > GLIBC_MAX[0] || (major === GLIBC_MAX[0] && minor > GLIBC_MAX[1]);
};

function demand(holds, message) {
  if (!holds) throw new Problem(message);
  console.log(message);
  return { passed: 1 };
}

await main(async () => {
  const path = process.argv[2] ?? join(ROOT, binaryOf(hostPlatform()));
  if (!existsSync(path))
    throw new Problem(`${path} is missing: build the release addon first (npm run build).`);
  const file = await readFile(path);
  const { sections, libraries, versions } = readElf(file);
  const glibc = [...new Set(versions)].filter((name) => /^GLIBC_\d/.test(name)).sort();
  const tooNew = glibc.filter(newer);
  const strange = libraries.filter((name) => !LIBRARIES.test(name));
  const left = sections.filter((name) => name === '.symtab' || name.startsWith('.debug'));
  report(
    await runSuites([
      {
        name: 'size',
        run: () => demand(file.length <= BYTES_MAX, `${file.length} bytes of at most ${BYTES_MAX}`),
      },
      {
        name: 'stripped',
        run: () => demand(left.length === 0, `sections left: ${left.join(', ') || 'none'}`),
      },
      {
        name: 'glibc',
        run: () =>
          demand(
            tooNew.length === 0,
            `asked for: ${glibc.join(', ')}; newer than ${GLIBC_MAX.join('.')}: ${tooNew.join(', ') || 'none'}`,
          ),
      },
      {
        name: 'libraries',
        run: () =>
          demand(
            libraries.length > 0 && strange.length === 0,
            `needs ${libraries.join(', ')}; not everywhere: ${strange.join(', ') || 'none'}`,
          ),
      },
    ]),
  );
});
