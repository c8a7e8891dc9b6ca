// Builds the package: `node scripts/build.mjs` the release addon and the facade, `--dev` the addon
// that the tests load. Imports no npm package before they are installed.
//
//   --dev             the dev-profile addon, into build/dev
//   --target <triple> the release addon for another Rust target
//   --generate        (with --dev) renews what follows from the operations declared in Rust
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureDependencies } from './lib/dependencies.mjs';
import { binaryOf, hostPlatform, PACKAGE, targetOf } from './lib/platform.mjs';
import { checkTools } from './lib/preflight.mjs';
import { main } from './lib/problem.mjs';
import { node, output, ROOT, run } from './lib/shell.mjs';
import { PORTABLE_TARGET, portableEnvironment } from './lib/toolchain.mjs';

/** Where the dev addon and its loader lie; the release addon lies at the root. */
export const DEV_FOLDER = join(ROOT, 'build/dev');

/** What tests may use beyond the defaults; one set for everything, so that cargo compiles once. */
export const TEST_FEATURES = ['--features', 'testing'];

/**
 * The release addon with its loader, at the root of the tree. Only for another platform by
 * `napi build`: it passes cargo an environment that is another at the second run, so that the whole
 * crate is optimised and linked a second time.
 */
export async function buildRelease(target) {
  const native = targetOf(hostPlatform());
  if (target !== undefined && target !== native) return crossBuild(target);
  // Under its target, the toolchain's flags stay away from what runs on this machine.
  const portable = native === PORTABLE_TARGET ? await portableEnvironment() : null;
  await run('cargo', ['build', '--locked', '--release', '--lib', ...(portable ? ['--target', native] : [])], {
    env: portable ?? {},
    what: 'Building the release addon',
  });
  await place(join(portable ? native : '', 'release'), ROOT);
}

// Another Linux is built with zig (cargo-zigbuild), which is told the oldest glibc to ask for.
async function crossBuild(target) {
  const linux = target.includes('linux');
  const triple = target.endsWith('linux-gnu') ? `${target}.2.28` : target;
  const cli = join(ROOT, 'node_modules/@napi-rs/cli/dist/cli.js');
  const args = [cli, 'build', '--platform', '--release', '--js', 'native.cjs', '--dts', 'native.d.cts'];
  await node([...args, '--target', triple, ...(linux ? ['--cross-compile'] : []), '--', '--locked'], {
    what: `Building the release addon for ${target}`,
  });
}

/**
 * The addon of the dev profile in build/dev, compiled just as `cargo test` does it, so that the two
 * share everything: `--examples` builds nothing, and makes cargo choose the dependencies' features as
 * for the tests.
 */
export async function buildDev() {
  await run('cargo', ['build', '--locked', '--lib', '--examples', ...TEST_FEATURES], {
    what: 'Building the dev addon',
  });
  await place('debug', DEV_FOLDER);
}

// Puts what cargo built beside its loader.
async function place(profile, folder) {
  const metadata = output('cargo', ['metadata', '--locked', '--no-deps', '--format-version', '1']);
  const library = join(JSON.parse(metadata).target_directory, profile, libraryName());
  const addon = join(folder, binaryOf(hostPlatform()));
  await mkdir(folder, { recursive: true });
  if (await renew(library, addon)) await writeLoader(addon);
}

function libraryName() {
  if (process.platform === 'win32') return 'proyecta.dll';
  return process.platform === 'darwin' ? 'libproyecta.dylib' : 'libproyecta.so';
}

// By rename: a process that has the old file loaded keeps it. False when nothing has changed.
async function renew(source, copy) {
  const { mtime, mtimeMs, size } = await stat(source);
  const present = await stat(copy).catch(() => null);
  const loader = join(dirname(copy), 'native.cjs');
  if (present?.mtimeMs === mtimeMs && present.size === size && existsSync(loader)) return false;
  const fresh = `${copy}.${process.pid}`;
  await copyFile(source, fresh);
  await utimes(fresh, mtime, mtime);
  await rename(fresh, copy);
  return true;
}

// In a process of its own, so that this one does not keep the addon loaded.
async function writeLoader(addon) {
  const list = 'console.log(JSON.stringify(Object.keys(require(process.argv[1]))))';
  const names = output(process.execPath, ['-e', list, addon]);
  if (names === null) throw new Error(`${addon} cannot be loaded`);
  const { writeJsBinding } = await import('@napi-rs/cli');
  await writeJsBinding({
    platform: true,
    idents: JSON.parse(names),
    jsBinding: 'native.cjs',
    commonjs: true,
    binaryName: PACKAGE.napi.binaryName,
    packageName: PACKAGE.napi.packageName,
    version: PACKAGE.version,
    outputDir: dirname(addon),
  });
}

/** The facade: index.js and index.mjs at the root. */
export const bundle = () => node(['scripts/bundle.mjs'], { what: 'Bundling the facade' });

/** Renews the files that follow from the operations, or fails when they are not up to date. */
export const generate = (check) =>
  node(['scripts/generate.mjs', ...(check ? ['--check'] : [])], {
    env: { PROYECTA_NATIVE: join(DEV_FOLDER, 'native.cjs') },
    what: check ? 'Comparing the generated files' : 'Generating',
  });

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async () => {
    const { values } = parseArgs({
      options: { dev: { type: 'boolean' }, generate: { type: 'boolean' }, target: { type: 'string' } },
    });
    checkTools();
    await ensureDependencies();
    if (values.dev) await buildDev();
    else await buildRelease(values.target);
    if (values.generate) await generate(false);
    await bundle();
  });
}
