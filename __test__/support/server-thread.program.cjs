// The thread of server-thread.js.
const { workerData } = require('node:worker_threads');
const { createServer } = require('./package.js').sdk;

const { bell, port } = workerData;
const servers = new Map();

const actions = {
  async start({ options }) {
    const server = await createServer(options);
    const id = servers.size + 1;
    servers.set(id, server);
    return { id, url: server.url };
  },
  close: ({ id }) => servers.get(id).close(),
};

port.on('message', async (message) => {
  let answer;
  try {
    answer = { value: await actions[message.action](message) };
  } catch ({ name, code, message: text }) {
    answer = { error: { name, code, message: text } };
  }
  port.postMessage(answer);
  Atomics.store(bell, 0, 1);
  Atomics.notify(bell, 0);
});
