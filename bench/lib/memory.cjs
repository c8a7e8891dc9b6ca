// CommonJS, so that programs which load nothing else can use it too.
const { readFileSync, writeFileSync } = require('node:fs');

/** Resident memory of this process in MB, now and at its peak. */
function memory() {
  if (process.platform !== 'linux') {
    return { resident: process.memoryUsage.rss() / 1e6, peak: (process.resourceUsage().maxRSS * 1024) / 1e6 };
  }
  const status = readFileSync('/proc/self/status', 'utf8');
  const field = (name) => (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)[1]) * 1024) / 1e6;
  return { resident: field('VmRSS'), peak: field('VmHWM') };
}

/** Lets the peak begin anew; elsewhere than on Linux it stays that of the whole process. */
function forgetPeak() {
  if (process.platform === 'linux') writeFileSync('/proc/self/clear_refs', '5');
}

module.exports = { memory, forgetPeak };
