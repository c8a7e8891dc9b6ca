// Disks without room, by every means that the machine offers.
const { execFileSync, spawnSync } = require('node:child_process');
const { existsSync, mkdtempSync, readdirSync, rmSync, rmdirSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { newFolder } = require('./folder.js');

const MEGABYTE = 1 << 20;
const FILLER = 'filler';
const run = (command, ...args) => execFileSync(command, args, { stdio: 'pipe' });

/** A file system of 16 MB of its own; `full` leaves a little room, `exhaust` none. */
class SmallDisk {
  constructor({ mount, unmount }) {
    this.folder = mkdtempSync(join(tmpdir(), 'proyecta-disk-'));
    mount(this.folder);
    this.remove = () => {
      unmount(this.folder);
      rmdirSync(this.folder);
    };
  }

  full() {
    this.#fill(FILLER, 14 * MEGABYTE);
  }

  exhaust() {
    for (let size = 16 * MEGABYTE; size >= 4096; size >>= 1) this.#fill(`${FILLER}-${size}`, size);
  }

  free() {
    for (const name of readdirSync(this.folder)) {
      if (name.startsWith(FILLER)) rmSync(join(this.folder, name));
    }
  }

  // What does not fit is left out.
  #fill(name, size) {
    try {
      writeFileSync(join(this.folder, name), Buffer.alloc(size));
    } catch (error) {
      if (error.code !== 'ENOSPC') throw error;
      rmSync(join(this.folder, name), { force: true });
    }
  }
}

/** A process that may not make files longer than 1.5 MB, as with `ulimit -f`. */
class SmallFiles {
  folder = newFolder();

  full(pid) {
    this.#limit(pid, 1.5 * MEGABYTE);
  }

  exhaust(pid) {
    this.#limit(pid, 0);
  }

  free(pid) {
    this.#limit(pid, 'unlimited');
  }

  remove() {}

  #limit(pid, size) {
    run('prlimit', '--pid', String(pid), `--fsize=${size}:unlimited`);
  }
}

const memoryDisk = {
  mount: (folder) => run('mount', '-t', 'tmpfs', '-o', 'size=16m,mode=0777', 'tmpfs', folder),
  unmount: (folder) => run('umount', '--lazy', folder),
};

const diskImage = {
  mount: (folder) => {
    const image = join(newFolder(), 'disk.dmg');
    run('hdiutil', 'create', '-size', '16m', '-fs', 'HFS+', image);
    run('hdiutil', 'attach', '-nobrowse', '-mountpoint', folder, image);
  },
  unmount: (folder) => run('hdiutil', 'detach', '-force', folder),
};

/** Whether this process may mount: root may, but not in most containers. */
function mayMount() {
  if (process.getuid() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), 'proyecta-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]);
  if (status === 0) memoryDisk.unmount(folder);
  if (existsSync(folder)) rmdirSync(folder);
  return status === 0;
}

/** `[name, make]` of each means, for `test.each`; at least one. */
function smallDisks() {
  if (process.platform === 'darwin') return [['a full disk', () => new SmallDisk(diskImage)]];
  const limited = ['a limit on the size of files', () => new SmallFiles()];
  return mayMount() ? [['a full disk', () => new SmallDisk(memoryDisk)], limited] : [limited];
}

module.exports = { smallDisks };
