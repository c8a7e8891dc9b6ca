// Stores of their own for tests, and the questions that every suite asks of one.
const { everyCustomer, everyEvent, failure } = require('./customers.js');
const { sdk: Proyecta } = require('./package.js');
const { closeServers, contentsOf, openClient } = require('./places.js');

const opened = [];
afterAll(closeStores);

/**
 * A store of its own, with the resources beside it; stores with the same `database` share that one. It
 * lies wherever this run of the tests has its stores (fronts.js).
 */
function openStore(options = {}) {
  const proyecta = openClient(options);
  opened.push(proyecta);
  return { proyecta, ...proyecta.commerce };
}

/** Closes what was opened; done after the last test in any case. */
async function closeStores() {
  await Promise.all(opened.splice(0).map((proyecta) => proyecta.close()));
  closeServers();
}

/** Checks class, code and parameter of a refusal, and gives the error. */
async function expectError(call, Class, code, param = null) {
  const error = await failure(call);
  const seen = { class: error.name, real: error instanceof Class, code: error.code, param: error.param };
  expect(seen).toEqual({ class: Class.prototype.name, real: true, code, param });
  return error;
}

/** The call is refused because of `param`, as input that does not fit. */
function expectInvalid(call, param, code = 'parameter_invalid') {
  return expectError(call, Proyecta.InvalidRequestError, code, param);
}

/** Every event of a store, in its order. */
const allEvents = (store) => everyEvent(store.proyecta);

/** How many customers there are. */
async function countCustomers(store) {
  return (await store.customers.list({ limit: 1, expand: ['total'] })).total;
}

/** All that a store shows; equal before and after means that nothing was stored. */
async function contents(store) {
  const every = (list) => list.toArray({ limit: 10_000 });
  return {
    customers: await everyCustomer(store.proyecta),
    customFields: await every(store.customFields.list({ limit: 100 })),
    signupForm: await store.signupForm.get(),
    settings: await store.settings.get(),
    products: await every(store.products.list({ limit: 100 })),
    features: await every(store.features.list({ limit: 100 })),
    coupons: await every(store.coupons.list({ limit: 100 })),
    events: await allEvents(store),
  };
}

/** The form in which the SDK compares texts, written independently of it. */
const fold = (text) => text.trim().normalize('NFC').toLowerCase().normalize('NFC');

module.exports = {
  Proyecta,
  openStore,
  closeStores,
  expectError,
  expectInvalid,
  allEvents,
  countCustomers,
  contents,
  contentsOf,
  fold,
};
