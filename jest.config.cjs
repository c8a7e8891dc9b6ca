/** @type {import('jest').Config} */
module.exports = {
  // Only the tests: the build folders hold thousands of files.
  roots: ['<rootDir>/__test__'],
  testMatch: ['**/*.test.js', '**/*.test.cjs'],
  // The tests are plain JavaScript and the package is tested as it is shipped.
  transform: {},
  globalSetup: './__test__/support/global-setup.mjs',
  globalTeardown: './__test__/support/global-teardown.mjs',
  testTimeout: 60_000,
  maxWorkers: '100%',
};
