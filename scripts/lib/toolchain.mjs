import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, run } from './shell.mjs';

/** The target whose binary has to run on every glibc since 2.28, wherever it was built. */
export const PORTABLE_TARGET = 'x86_64-unknown-linux-gnu';

const PACKED = join(
  ROOT,
  `.ci/node_modules/@napi-rs/cross-toolchain-x64-target-x86_64/${PORTABLE_TARGET}.tar.xz`,
);

/**
 * The environment that makes cargo build against an old glibc, or null when the toolchain is not
 * installed: it is a dependency of .ci only, for a binary that leaves this machine. Without it the
 * addon asks for the glibc it was built on.
 */
export async function portableEnvironment() {
  if (!existsSync(PACKED)) return null;
  const tool = (name) => join(ROOT, 'build/toolchain/bin', `${PORTABLE_TARGET}-${name}`);
  await unpack();
  return {
    CC_x86_64_unknown_linux_gnu: tool('gcc'),
    AR_x86_64_unknown_linux_gnu: tool('ar'),
    CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER: tool('gcc'),
    // The toolchain's gcc is too old to start the linker that rustc would choose.
    CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS: '-Clinker-features=-lld',
  };
}

async function unpack() {
  const folder = join(ROOT, 'build/toolchain');
  if (existsSync(folder)) return;
  const fresh = `${folder}.${process.pid}`;
  await mkdir(fresh, { recursive: true });
  await run('tar', ['-xJf', PACKED, '-C', fresh], { what: 'Unpacking the cross toolchain' });
  await rename(fresh, folder).catch(() => rm(fresh, { recursive: true }));
}
