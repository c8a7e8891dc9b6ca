import { statfsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for the databases, gone at the end however the run ends. */
export async function withWorkspace(folder, run) {
  const path = await mkdtemp(join(folder ?? tmpdir(), 'proyecta-bench-'));
  const stop = async (signal) => {
    await rm(path, { recursive: true, force: true, maxRetries: 5 });
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    return await run(path);
  } finally {
    await rm(path, { recursive: true, force: true, maxRetries: 5 });
  }
}

const TYPES = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x01021994, 'tmpfs'],
  [0x794c7630, 'overlayfs'],
  [0x2fc12fc1, 'zfs'],
]);

/** What kind of file system a folder is on; a tmpfs has no disk to wait for. */
export function fileSystem(folder) {
  const { type } = statfsSync(folder);
  return TYPES.get(type >>> 0) ?? `type 0x${(type >>> 0).toString(16)}`;
}
