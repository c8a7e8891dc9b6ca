import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './shell.mjs';

/** The manifest of the package as committed. */
export const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** Rust target → name of the platform, as the platform packages and their binaries carry it. */
const PLATFORMS = {
  'x86_64-unknown-linux-gnu': 'linux-x64-gnu',
  'x86_64-unknown-linux-musl': 'linux-x64-musl',
  'aarch64-unknown-linux-gnu': 'linux-arm64-gnu',
  'aarch64-unknown-linux-musl': 'linux-arm64-musl',
  'x86_64-apple-darwin': 'darwin-x64',
  'aarch64-apple-darwin': 'darwin-arm64',
  'x86_64-pc-windows-msvc': 'win32-x64-msvc',
};

/** Names of all platforms the package is published for. */
export const ALL_PLATFORMS = PACKAGE.napi.targets.map((target) => PLATFORMS[target]);

/** Name of the platform this process runs on. */
export function hostPlatform() {
  const { platform, arch } = process;
  if (platform === 'linux') {
    const glibc = process.report.getReport().header.glibcVersionRuntime;
    return `linux-${arch}-${glibc ? 'gnu' : 'musl'}`;
  }
  return platform === 'win32' ? `win32-${arch}-msvc` : `${platform}-${arch}`;
}

/** The Rust target of a platform. */
export const targetOf = (platform) => Object.keys(PLATFORMS).find((target) => PLATFORMS[target] === platform);

/** File name of a platform's binary. */
export const binaryOf = (platform) => `${PACKAGE.napi.binaryName}.${platform}.node`;

/** Name of a platform's package. */
export const packageOf = (platform) => `${PACKAGE.napi.packageName}-${platform}`;
