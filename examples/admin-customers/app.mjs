// The routes. Pages are made on the server and need no JavaScript in the browser.
import { fileURLToPath } from 'node:url';
import express from 'express';
import { detailPage } from './detail-page.mjs';
import { errorPage } from './error-page.mjs';
import { fetchPage, readQuery } from './list.mjs';
import { listPage } from './list-page.mjs';

const HEADERS = {
  // Nothing but our own stylesheet and icon: a script that got into a page would not run.
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
};

/** The Express app over a `Proyecta`. */
export function createApp(proyecta) {
  const { customers, customFields } = proyecta.commerce;
  const app = express();
  app.disable('x-powered-by');
  app.use((_, response, next) => {
    response.set(HEADERS);
    next();
  });
  app.use('/assets', express.static(fileURLToPath(new URL('public', import.meta.url))));
  app.use((_, response, next) => {
    // Personal data stays in no cache.
    response.set('Cache-Control', 'no-store');
    next();
  });

  app.get('/', (_, response) => response.redirect('/admin/customers'));

  app.get('/admin/customers', async (request, response) => {
    const query = readQuery(request.query);
    const [page, store] = await Promise.all([fetchPage(customers, query), proyecta.store]);
    response.send(listPage({ query, page, store }).toString());
  });

  app.get('/admin/customers/:id', async (request, response) => {
    const [customer, fields, store] = await Promise.all([
      customers.get(request.params.id),
      customFields.list({ limit: 100 }).toArray({ limit: 1000 }),
      proyecta.store,
    ]);
    response.send(detailPage({ customer, fields, store }).toString());
  });

  app.use((_, response) => sendError(response, 404, null, '/admin/customers'));
  // Express knows an error handler by its four parameters.
  app.use((error, request, response, _next) => {
    const status = error.statusCode ?? error.status ?? 500;
    if (status >= 500) console.error(error);
    sendError(response, status, error, readQuery(request.query).start());
  });
  return app;
}

function sendError(response, status, error, href) {
  response.status(status).send(errorPage({ status, error, href }).toString());
}
