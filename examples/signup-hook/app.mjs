// The routes: a form, what happens when it is sent, and a page about the user.
import { fileURLToPath } from 'node:url';
import { InvalidRequestError, NotFoundError } from '@proyecta-ai/sdk';
import express from 'express';
import { onSignUp, proyecta } from './hook.mjs';
import { errorPage, signUpPage, userPage } from './pages.mjs';
import { users } from './users.mjs';

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
};

const text = (value) => (typeof value === 'string' ? value.trim() : '');

export function createApp() {
  const app = express();
  app.disable('x-powered-by');
  app.use((_, response, next) => {
    response.set(HEADERS);
    next();
  });
  app.use('/assets', express.static(fileURLToPath(new URL('public', import.meta.url))));
  app.use(express.urlencoded({ extended: false, limit: '16kb' }));

  app.get('/', (_, response) => send(response, 200, signUpPage({ users: users.all() })));

  app.post('/sign-up', async (request, response) => {
    const values = { email: text(request.body?.email), name: text(request.body?.name) };
    const isNew = users.findByEmail(values.email) === null;
    const user = users.insert(values);
    try {
      const { proyecta_customer_id: id } = await onSignUp(user);
      // A real app would ask somebody with a known address to log in instead.
      return response.redirect(303, pageOf(user, id));
    } catch (error) {
      if (!(error instanceof InvalidRequestError)) throw error;
      // The address or the name is no good, so nobody has signed up.
      if (isNew) users.delete(user.id);
      send(response, 422, signUpPage({ users: users.all(), values, error }));
    }
  });

  // Runs the hook once more, as an app may do at each login.
  app.post('/users/:id/hook', async (request, response, next) => {
    const user = users.get(request.params.id);
    if (user === null) return next();
    const { proyecta_customer_id: id } = await onSignUp(user);
    response.redirect(303, pageOf(user, id));
  });

  app.get('/users/:id', async (request, response, next) => {
    const user = users.get(request.params.id);
    if (user === null) return next();
    const customer = await customerOf(user);
    send(response, 200, userPage({ user, customer, again: 'again' in request.query }));
  });

  app.use((_, response) => send(response, 404, errorPage('There is nothing here', 'Check the address.')));
  // Express knows an error handler by its four parameters. Whatever went wrong after the user was
  // stored is mended by the next run of the hook.
  app.use((error, _request, response, _next) => {
    const status = error.statusCode ?? error.status ?? 500;
    if (status >= 500) console.error(error);
    send(response, status, errorPage('That did not work', 'Try once more: nothing is done twice.'));
  });
  return app;
}

/** The user's page; with `again` when the hook gave the customer that the user had before. */
const pageOf = (user, customerId) =>
  `/users/${user.id}${user.proyecta_customer_id === customerId ? '?again' : ''}`;

async function customerOf({ proyecta_customer_id: id }) {
  try {
    return id && (await proyecta.commerce.customers.get(id));
  } catch (error) {
    // It may have been deleted since; the hook would make another one.
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}

const send = (response, status, page) => response.status(status).send(page.toString());
