const { chromium } = require('playwright-core');

/** Starts the Chromium that `npm test` found or installed; the caller closes it. */
function launchChromium(options) {
  const executablePath = process.env.PROYECTA_CHROMIUM;
  if (!executablePath) {
    throw new Error('this test needs Chromium: install `chromium` so that it is on the PATH');
  }
  // Chromium's own sandbox does not start for root, as whom tests often run in a container.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args, ...options });
}

module.exports = { launchChromium };
