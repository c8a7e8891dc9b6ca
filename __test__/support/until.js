const { setTimeout: pause } = require('node:timers/promises');

/** Waits until `condition` gives something truthy, and gives that; fails after `limit` milliseconds. */
async function until(what, condition, limit = 20_000) {
  const end = performance.now() + limit;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > end) throw new Error(`waited ${limit} ms for nothing: ${what}`);
    await pause(5);
  }
}

module.exports = { until };
