// A server as a user starts it: `npx proyecta serve` of the installed package, on a free port.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { join } = require('node:path');
const { createInterface } = require('node:readline');
const { packageFolder } = require('../support/package.js');

const running = new Set();

/** Starts a server over a database in memory; gives `{ url, key, stop }`. Further arguments are its own. */
async function serve(...args) {
  const key = 'sk_test_0123456789abcdefghijklmnop';
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PROYECTA_'));
  const env = { ...Object.fromEntries(inherited), PROYECTA_DATABASE_URL: ':memory:', PROYECTA_API_KEY: key };
  const program = [join(packageFolder, 'bin/proyecta.js'), 'serve', '--listen', '127.0.0.1:0', ...args];
  const child = spawn(process.execPath, program, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  const server = { url: null, key, stop };
  running.add(server);

  async function stop() {
    running.delete(server);
    child.kill('SIGTERM');
    const [code, signal] = await exited;
    return { code, signal };
  }

  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    log += text;
  });
  const first = createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  const { value = '' } = await first;
  child.stdout.resume();
  server.url = /^listening on (http:\S+)$/.exec(value)?.[1] ?? null;
  if (server.url === null) throw new Error(`the server said "${value}": ${log}`);
  return server;
}

/** Ends what still runs; for `afterAll`. */
const stopAll = () => Promise.all([...running].map((server) => server.stop()));

module.exports = { serve, stopAll };
