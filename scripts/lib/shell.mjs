import { spawn, spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Problem } from './problem.mjs';

/** The repository's folder, without a trailing separator. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** Runs a command with its output on the terminal; answers its exit code. */
export function status(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      ...options,
      env: { ...process.env, ...options.env },
    });
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ? 1 : code));
  });
}

/** Like `status`, and also collects what the command prints while it passes by. */
export function watched(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
      env: { ...process.env, ...options.env },
    });
    let output = '';
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      from.setEncoding('utf8');
      from.on('data', (text) => {
        output += text;
        to.write(text);
      });
    }
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: signal ? 1 : code, output }));
  });
}

/** Runs a command that has to succeed. */
export async function run(command, args, options = {}) {
  const code = await status(command, args, options);
  if (code === 0) return;
  const what = [basename(command), ...args.slice(0, 2).map((arg) => basename(arg))].join(' ');
  throw new Problem(`${options.what ?? `\`${what}\``} failed (exit code ${code}); its output is above.`);
}

/** Runs a command quietly; answers its output, or null when it is missing or fails. */
export function output(command, args, options = {}) {
  const { status: code, stdout } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
    ...options,
  });
  return code === 0 ? stdout : null;
}

/** How npm is started: the one that started us, else the one on the PATH. */
export function npm(args) {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js')) return [process.execPath, [script, ...args], {}];
  return process.platform === 'win32' ? ['npm.cmd', args, { shell: true }] : ['npm', args, {}];
}

/** Runs a script of this repository, or of one of its packages, with this Node. */
export const node = (args, options) => run(process.execPath, args, options);
