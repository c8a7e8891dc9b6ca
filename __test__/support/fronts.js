// The four ways in which one contract holds, and which suites are the contract. This is the one place
// that says so: jest.config.cjs makes a run of it for each way, and package/fronts.test.js sees to it
// that every suite is in one of the lists.

/** Where the engine runs, and on what. */
const FRONTS = ['embedded-sqlite', 'embedded-postgres', 'remote-sqlite', 'remote-postgres'];

/** Suites that have to pass unchanged in each way: what a store answers. */
const CONTRACT = [
  'bad-input',
  'catalogue',
  'check',
  'credits',
  'checkout',
  'customers',
  'events',
  'forms',
  'import',
  'lifetime/errors.test.js',
  'orders',
  'settings',
  'payment-methods',
  'subscriptions',
  'usages',
];

/** Suites that run once, and why. */
const ONCE = {
  adapters: 'they bring servers of their own, one for each adapter',
  cli: 'about commands, each with a database of its own',
  config: 'reads options and the environment, before any store',
  durability: 'about files on disk: damage, locks, full disks, permissions',
  examples: 'programs with databases of their own',
  http: 'about the description of the API, which no store changes',
  'lifetime/abort.test.js': 'promises what only an engine in the same process can: given up is not made',
  'lifetime/close.test.js': 'about the files that a closed database leaves',
  'lifetime/exit.test.js': 'about processes, each with a file',
  'lifetime/instances.test.js': 'about instances that share the engine of one file',
  'lifetime/threads.test.js': 'about worker threads that share the engine of one file',
  'lifetime/timeout.test.js': 'promises what only an engine in the same process can: too late is not made',
  package: 'about the tarballs',
  processes: 'goes over the stores itself, with processes of its own',
  readme: 'runs what the documentation shows',
  remote: 'about the client of a server, which a test plays',
  server: 'about servers, each with a database of its own',
  types: 'about declarations',
};

/**
 * Suites in which Node itself takes part: its streams, servers, timers, threads and types. What differs between its
 * versions shows here; what the engine decides is the same on all of them.
 */
const FACADE = [
  'adapters',
  'bad-input',
  'config',
  'customers/create.test.js',
  'customers/idempotency.test.js',
  'customers/list.test.js',
  'events',
  'import',
  'lifetime',
  'package',
  'processes',
  'readme',
  'remote',
  'server',
  'subscriptions/advance.test.js',
  'types',
];

/** The front of this run: chosen by Jest, or for a program that a test starts by the environment. */
const front = globalThis.PROYECTA_FRONT ?? process.env.PROYECTA_TEST_ON ?? FRONTS[0];

/** The fronts that a run is to cover: `PROYECTA_TEST_ON` names one, or is `all`. */
function chosenFronts() {
  const chosen = process.env.PROYECTA_TEST_ON || FRONTS[0];
  if (chosen === 'all') return FRONTS;
  if (!FRONTS.includes(chosen)) {
    throw new Error(`PROYECTA_TEST_ON is one of: ${FRONTS.join(', ')}, all`);
  }
  return [chosen];
}

/** The suites that a run is to cover: `PROYECTA_TEST_ONLY` is `facade`, or not there. */
function chosenSuites() {
  const chosen = process.env.PROYECTA_TEST_ONLY || null;
  if (chosen === null) return null;
  if (chosen !== 'facade') throw new Error('PROYECTA_TEST_ONLY is facade, or not there');
  return FACADE;
}

module.exports = { FRONTS, CONTRACT, ONCE, FACADE, front, chosenFronts, chosenSuites };
