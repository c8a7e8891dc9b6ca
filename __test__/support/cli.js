// The command line as users start it: `node bin/proyecta.js …` of the installed package.
const { spawn } = require('node:child_process');
const { join } = require('node:path');
const { packageFolder } = require('./package.js');

const BIN = join(packageFolder, 'bin/proyecta.js');

/** An environment without what the one around the tests says about databases and keys. */
function environment(extra = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PROYECTA_|NODE_ENV$)/.test(name));
  return { ...Object.fromEntries(kept), ...extra };
}

/** Starts a command line; its outputs are pipes, so it sees no terminal. */
function start(args, { env, ...options } = {}) {
  return spawn(process.execPath, [BIN, ...args], { env: environment(env), ...options });
}

/** Runs a command line to its end and gives `{ code, signal, stdout, stderr }`. */
function cli(args, { input = '', ...options } = {}) {
  return new Promise((resolve) => {
    const child = start(args, options);
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', (text) => {
        said[name] += text;
      });
    }
    child.stdin.on('error', () => undefined).end(input);
    child.on('close', (code, signal) => resolve({ code, signal, ...said }));
  });
}

/** Runs one that must go well, and gives what it printed. */
async function done(args, options) {
  const { code, stdout, stderr } = await cli(args, options);
  if (code !== 0) throw new Error(`proyecta ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}

module.exports = { BIN, cli, done, environment, start };
