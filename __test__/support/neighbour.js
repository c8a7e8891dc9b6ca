// Another process with a client of the package, asked to do things over its standard input.
const { join } = require('node:path');
const { Program } = require('./program.js');

const FILE = join(__dirname, 'neighbour.program.cjs');

class Neighbour extends Program {
  #asked = 0;
  #answers = new Map();
  #reading = false;

  constructor(options) {
    super(FILE, options);
  }

  /** Starts one and makes its client. */
  static async open(options, settings) {
    const neighbour = new Neighbour(settings);
    await neighbour.ask('open', options);
    return neighbour;
  }

  /** Calls a method of the client, such as `customers.create`. */
  call(method, ...args) {
    return this.ask('call', method, ...args);
  }

  /** Asks for an action of the program; rejects with the error that it ended with over there. */
  ask(action, ...args) {
    const id = ++this.#asked;
    const answer = new Promise((resolve, reject) => this.#answers.set(id, { resolve, reject }));
    this.tell({ id, action, args });
    if (!this.#reading) this.#read();
    return answer;
  }

  async #read() {
    this.#reading = true;
    for (;;) {
      const message = await this.next();
      if (message === undefined) break;
      const { resolve, reject } = this.#answers.get(message.id);
      this.#answers.delete(message.id);
      if (message.error) reject(Object.assign(new Error(message.error.message), message.error));
      else resolve(message.value);
    }
    const { stderr } = await this.ended;
    for (const { reject } of this.#answers.values()) reject(new Error(`the program ended: ${stderr}`));
    this.#answers.clear();
  }
}

module.exports = { Neighbour };
