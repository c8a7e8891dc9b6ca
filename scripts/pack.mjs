// Packs the package into dist/*.tgz, as it would be published: the root package and the platform
// packages whose binaries are there.
//
//   --dev              the dev addon instead of the release one, into dist/dev
//   --artifacts <dir>  binaries of every platform, from that folder; a missing one is an error
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { DEV_FOLDER } from './build.mjs';
import { writeNotices } from './lib/notices.mjs';
import { ALL_PLATFORMS, binaryOf, hostPlatform, PACKAGE, packageOf } from './lib/platform.mjs';
import { main, Problem } from './lib/problem.mjs';
import { npm, output, ROOT } from './lib/shell.mjs';

const LICENCES = ['LICENSE-APACHE', 'LICENSE-MIT'];
const NOTICES = 'THIRD-PARTY-LICENSES.txt';

/** What only the repository needs of package.json. */
const PRIVATE_FIELDS = ['napi', 'scripts', 'devDependencies', 'overrides'];

/**
 * Packs the root package and platform packages; answers the tarballs' paths, the root's first.
 * `build` is `release` or `dev`, `artifacts` a folder with the binaries of every platform. What has
 * not changed since the last time is not packed again.
 */
export async function pack({ build = 'release', artifacts } = {}) {
  const dist = join(ROOT, build === 'dev' ? 'dist/dev' : 'dist');
  const binaries = artifacts ?? (build === 'dev' ? DEV_FOLDER : ROOT);
  const platforms = artifacts ? ALL_PLATFORMS : [hostPlatform()];
  await writeNotices(join(ROOT, 'build', NOTICES));
  const contents = [rootContent(build)];
  for (const platform of platforms) contents.push(platformContent(platform, binaries));
  const missing = contents.flatMap(({ files }) => Object.values(files)).filter((path) => !existsSync(path));
  if (missing.length > 0) {
    const list = missing.map((path) => relative(ROOT, path)).join(', ');
    throw new Problem(`Not packed, because these files are missing (is everything built?): ${list}`);
  }
  await mkdir(dist, { recursive: true });
  const tarballs = [];
  for (const content of contents)
    tarballs.push(await packOne(content, join(ROOT, 'build/stage', build), dist));
  return tarballs;
}

// A content is a manifest and the files that go with it, by their names in the package.

function rootContent(build) {
  const from = (file) => join(build === 'dev' && file === 'native.cjs' ? DEV_FOLDER : ROOT, file);
  const files = Object.fromEntries(PACKAGE.files.map((file) => [file, from(file)]));
  return { manifest: publishedManifest(), files };
}

/** package.json as users get it; only here do the platform packages become dependencies. */
export function publishedManifest() {
  const manifest = { ...PACKAGE };
  for (const field of PRIVATE_FIELDS) delete manifest[field];
  manifest.optionalDependencies = Object.fromEntries(
    ALL_PLATFORMS.map((platform) => [packageOf(platform), PACKAGE.version]),
  );
  return manifest;
}

function platformContent(platform, binaries) {
  const source = join(ROOT, 'npm', platform);
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  if (manifest.version !== PACKAGE.version) {
    throw new Problem(`npm/${platform} has version ${manifest.version}, the package ${PACKAGE.version}.`);
  }
  const files = {
    [manifest.main]: join(binaries, binaryOf(platform)),
    'README.md': join(source, 'README.md'),
    ...Object.fromEntries(LICENCES.map((file) => [file, join(ROOT, file)])),
    [NOTICES]: join(ROOT, 'build', NOTICES),
  };
  return { manifest: { ...manifest, files: [...manifest.files, ...LICENCES, NOTICES] }, files };
}

async function packOne({ manifest, files }, stage, dist) {
  const name = manifest.name.replace('@', '').replace('/', '-');
  const tarball = join(dist, `${name}-${manifest.version}.tgz`);
  const keyFile = join(stage, `${name}.key`);
  const key = await digest(manifest, files);
  if (existsSync(tarball) && key === (await readFile(keyFile, 'utf8').catch(() => null))) return tarball;

  // In a folder of its own and put in place by rename: several test runs may pack at once.
  await mkdir(stage, { recursive: true });
  const workshop = await mkdtemp(join(stage, `${name}-`));
  const folder = join(workshop, 'package');
  await mkdir(folder);
  for (const [file, path] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await copyFile(path, join(folder, file));
  }
  stripDebugInfo(folder, manifest.main);
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  npmPack(folder, workshop, Object.keys(files));
  await rename(join(workshop, basename(tarball)), tarball);
  await writeFile(keyFile, key);
  await rm(workshop, { recursive: true });
  return tarball;
}

// The dev addon's is four fifths of it, and would be compressed and unpacked at every run of the
// tests. The release one has none; where there is no `strip` it stays.
function stripDebugInfo(folder, main) {
  if (process.platform === 'linux' && main.endsWith('.node')) {
    output('strip', ['--strip-debug', join(folder, main)]);
  }
}

async function digest(manifest, files) {
  const hash = createHash('sha256').update(JSON.stringify(manifest));
  for (const [file, path] of Object.entries(files)) hash.update(file).update(await readFile(path));
  return hash.digest('hex');
}

// npm itself says nothing about a file that `files` lists and that it leaves out.
function npmPack(folder, dist, expected) {
  const [command, args, options] = npm(['pack', folder, '--json', '--pack-destination', dist]);
  const env = { ...process.env, npm_config_ignore_scripts: 'true' };
  const answer = output(command, args, { ...options, env });
  if (answer === null) throw new Problem(`\`npm pack\` failed in ${relative(ROOT, folder)}.`);
  const [{ files }] = Object.values(JSON.parse(answer));
  const present = new Set(files.map(({ path }) => path));
  const missing = expected.filter((file) => !present.has(file));
  if (missing.length > 0) throw new Problem(`npm left out of the tarball: ${missing.join(', ')}`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async () => {
    const { values } = parseArgs({
      options: { dev: { type: 'boolean' }, artifacts: { type: 'string' } },
    });
    const build = values.dev ? 'dev' : 'release';
    for (const path of await pack({ build, artifacts: values.artifacts })) console.log(path);
  });
}
