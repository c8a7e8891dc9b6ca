const { CONTRACT, FRONTS, chosenFronts } = require('./__test__/support/fronts.js');

const EVERYTHING = ['**/*.test.js', '**/*.test.cjs'];
const contract = CONTRACT.map((path) =>
  path.endsWith('.js') ? `**/__test__/${path}` : `**/__test__/${path}/**/*.test.js`,
);

/** @type {import('jest').Config} */
module.exports = {
  // One run for each way to the engine: everything over the first, the contract over the others.
  projects: chosenFronts().map((front) => ({
    displayName: front,
    globals: { PROYECTA_FRONT: front },
    // Only the tests: the build folders hold thousands of files.
    roots: ['<rootDir>/__test__'],
    testMatch: front === FRONTS[0] ? EVERYTHING : contract,
    // The tests are plain JavaScript and the package is tested as it is shipped.
    transform: {},
    globalSetup: './__test__/support/global-setup.mjs',
    globalTeardown: './__test__/support/global-teardown.mjs',
  })),
  testTimeout: 60_000,
  maxWorkers: '100%',
};
