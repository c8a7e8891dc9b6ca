// A store of its own for a test, and the questions that every suite asks of one.
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { sdk: Proyecta } = require('./package.js');

const opened = [];
const folders = [];

/** A store in memory (or where `options` say), with the resources beside it. */
function openStore(options = {}) {
  const proyecta = new Proyecta({ database: ':memory:', ...options });
  opened.push(proyecta);
  return { proyecta, ...proyecta.commerce };
}

/** A folder that goes away with the stores. */
function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'proyecta-store-'));
  folders.push(folder);
  return folder;
}

/** Closes what was opened and removes what was written; for `afterAll`. */
async function closeStores() {
  await Promise.all(opened.splice(0).map((proyecta) => proyecta.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** The error that a call gives; a call that is accepted fails the test. */
async function refused(call) {
  let answer;
  try {
    answer = await (typeof call === 'function' ? call() : call);
  } catch (error) {
    return error;
  }
  throw new Error(`was accepted and gave ${JSON.stringify(answer)}`);
}

/** Checks class, code and parameter of a refusal, and gives the error. */
async function expectError(call, Class, code, param = null) {
  const error = await refused(call);
  const seen = { class: error.name, real: error instanceof Class, code: error.code, param: error.param };
  expect(seen).toEqual({ class: Class.prototype.name, real: true, code, param });
  return error;
}

/** The call is refused because of `param`, as input that does not fit. */
function expectInvalid(call, param, code = 'parameter_invalid') {
  return expectError(call, Proyecta.InvalidRequestError, code, param);
}

/** Every event of a store, in its order. */
const allEvents = (store) => store.events.list({ limit: 100 }).toArray({ limit: 10_000 });

/** How many customers there are. */
async function countCustomers(store) {
  return (await store.customers.list({ limit: 1, expand: ['total'] })).total;
}

/** All that a store shows; equal before and after means that nothing was stored. */
async function contents(store) {
  return {
    customers: await store.customers.list({ limit: 100, sort: 'created' }).toArray({ limit: 10_000 }),
    customFields: await store.customFields.list({ limit: 100 }).toArray({ limit: 10_000 }),
    signupForm: await store.signupForm.get(),
    events: await allEvents(store),
  };
}

/** The form in which the SDK compares texts, written independently of it. */
const fold = (text) => text.trim().normalize('NFC').toLowerCase().normalize('NFC');

module.exports = {
  Proyecta,
  openStore,
  temporaryFolder,
  closeStores,
  refused,
  expectError,
  expectInvalid,
  allEvents,
  countCustomers,
  contents,
  fold,
};
