// Servers of the package on a thread of their own, so that a test can open a store without waiting for
// a promise: the question waits on the thread instead.
const { join } = require('node:path');
const { MessageChannel, receiveMessageOnPort, Worker } = require('node:worker_threads');

const LIMIT_MS = 60_000;

class ServerThread {
  #bell = new Int32Array(new SharedArrayBuffer(4));
  #worker;
  #port;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#worker = new Worker(join(__dirname, 'server-thread.program.cjs'), {
      workerData: { bell: this.#bell, port: port2 },
      transferList: [port2],
    });
  }

  /** Starts a server and answers `{ id, url }`. */
  start(options) {
    return this.#ask({ action: 'start', options });
  }

  close({ id }) {
    this.#ask({ action: 'close', id });
  }

  end() {
    this.#port.close();
    return this.#worker.terminate();
  }

  #ask(message) {
    Atomics.store(this.#bell, 0, 0);
    this.#port.postMessage(message);
    Atomics.wait(this.#bell, 0, 0, LIMIT_MS);
    const answer = receiveMessageOnPort(this.#port)?.message;
    if (answer === undefined) throw new Error(`no answer from the thread of the servers: ${message.action}`);
    if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error);
    return answer.value;
  }
}

module.exports = { ServerThread };
