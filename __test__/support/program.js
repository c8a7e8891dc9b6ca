// Programs in processes of their own that a test speaks with while they run, one JSON text per line.
const { spawn } = require('node:child_process');
const { readdirSync, readFileSync } = require('node:fs');
const { createInterface } = require('node:readline');
const { execFileSync } = require('node:child_process');
const { until } = require('./until.js');

const running = new Set();

class Program {
  #said = [];
  #listener = null;
  #stderr = '';

  /** `command` starts it in the place of Node alone, such as a shell that sets a limit first. */
  constructor(file, { args = [], flags = [], command = [], ...options } = {}) {
    const [first, ...rest] = [...command, process.execPath, ...flags, file, ...args];
    this.child = spawn(first, rest, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
    this.child.stdin.on('error', () => undefined);
    this.child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#stderr += text;
    });
    createInterface(this.child.stdout).on('line', (line) => this.#hear(JSON.parse(line)));
    running.add(this);
    /** How it ended, once everything it said has been heard. */
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        running.delete(this);
        resolve({ code, signal, stderr: this.#stderr });
        this.#listener?.();
      });
    });
  }

  get pid() {
    return this.child.pid;
  }

  /** The next thing it says; undefined when it ended instead. */
  async next() {
    while (this.#said.length === 0 && running.has(this)) {
      await new Promise((resolve) => {
        this.#listener = resolve;
      });
    }
    return this.#said.shift();
  }

  tell(value) {
    this.child.stdin.write(`${JSON.stringify(value)}\n`);
  }

  /** Sends it a signal; a stopped one has stopped when this is over. */
  async signal(name) {
    this.child.kill(name);
    if (name === 'SIGSTOP') await until('the program to stop', () => isStopped(this.pid));
  }

  async kill() {
    this.child.kill('SIGKILL');
    return this.ended;
  }

  #hear(value) {
    this.#said.push(value);
    this.#listener?.();
  }
}

/** Whether every thread of a process is stopped. */
function isStopped(pid) {
  if (process.platform !== 'linux') {
    return execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('T');
  }
  const folder = `/proc/${pid}/task`;
  return readdirSync(folder).every((thread) => {
    const status = readFileSync(`${folder}/${thread}/stat`, 'utf8');
    return status.slice(status.lastIndexOf(')') + 2).startsWith('T');
  });
}

afterAll(() => Promise.all([...running].map((program) => program.kill())));

module.exports = { Program };
