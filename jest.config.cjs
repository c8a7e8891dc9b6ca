const { CONTRACT, FRONTS, chosenFronts, chosenSuites } = require('./__test__/support/fronts.js');

const patterns = (paths) =>
  paths.flatMap((path) => {
    const place = `**/__test__/${path}`;
    return path.endsWith('.js') ? [place] : [`${place}/**/*.test.js`, `${place}/**/*.test.cjs`];
  });
const chosen = chosenSuites();
const everything = chosen === null ? ['**/*.test.js', '**/*.test.cjs'] : patterns(chosen);
const contract = patterns(CONTRACT);

/** @type {import('jest').Config} */
module.exports = {
  // One run for each way to the engine: everything over the first, the contract over the others.
  projects: chosenFronts().map((front) => ({
    displayName: front,
    globals: { PROYECTA_FRONT: front },
    // Only the tests: the build folders hold thousands of files.
    roots: ['<rootDir>/__test__'],
    testMatch: front === FRONTS[0] ? everything : contract,
    // The tests are plain JavaScript and the package is tested as it is shipped.
    transform: {},
    globalSetup: './__test__/support/global-setup.mjs',
    globalTeardown: './__test__/support/global-teardown.mjs',
  })),
  testTimeout: 60_000,
  maxWorkers: '100%',
};
