// Small apps with the API in them, one for each way to mount it: `[name, open]`, where `open(proyecta)`
// answers `{ url, close }`; `url` is where the API is.
const { once } = require('node:events');
const { createServer } = require('node:http');
const { join } = require('node:path');
const { packageFolder, sdk: Proyecta } = require('../support/package.js');

const { proyectaRouter } = require(join(packageFolder, 'express.js'));
const { proyectaPlugin } = require(join(packageFolder, 'fastify.js'));

const BASE = '/api/billing';

async function listening(app) {
  const server = createServer(app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  };
  return { server, url: `http://127.0.0.1:${server.address().port}${BASE}`, close };
}

/** Express, with whatever stands before the API. */
function expressApp(name, ...before) {
  return (proyecta) => {
    const express = require(name);
    const app = express();
    for (const make of before) app.use(make(express));
    app.use(BASE, proyectaRouter(proyecta));
    app.use((error, _request, response, _next) => response.status(500).send(`app: ${error.code}`));
    return listening(app);
  };
}

async function fastifyApp(proyecta) {
  const app = require('fastify')();
  app.setErrorHandler((error, _request, reply) => reply.code(500).send(`app: ${error.code}`));
  await app.register(proyectaPlugin, { proyecta, prefix: BASE });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address();
  return {
    server: app.server,
    url: `http://127.0.0.1:${port}${BASE}`,
    close: () => {
      app.server.closeAllConnections();
      return app.close();
    },
  };
}

async function honoApp(proyecta) {
  const { Hono } = require('hono');
  const { getRequestListener } = require('@hono/node-server');
  const app = new Hono();
  app.all(`${BASE}/*`, ({ req }) => proyecta.handler(req.raw));
  app.onError((error, context) => context.text(`app: ${error.code}`, 500));
  return listening(getRequestListener(app.fetch));
}

const MOUNTS = [
  ['Express 5', expressApp('express')],
  ['Express 5 behind express.json()', expressApp('express', (express) => express.json())],
  ['Express 4', expressApp('express4')],
  ['Express 4 behind express.json()', expressApp('express4', (express) => express.json())],
  ['Fastify 5', fastifyApp],
  ['Hono', honoApp],
];

/** An instance for them, whose own key is the one that callers send. */
const newProyecta = (options) => new Proyecta({ database: ':memory:', basePath: BASE, ...options });

module.exports = { BASE, MOUNTS, listening, newProyecta };
