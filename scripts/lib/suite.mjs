import { Problem } from './problem.mjs';

const NOTHING = { passed: 0, failed: 0 };

/**
 * Runs suites one after the other, each under a heading, and sums their tests up. A suite is
 * `{ name, needs?, run }`; `run` answers counts, or nothing for a mere check, and throws when it
 * fails. A suite whose `needs` failed counts as failed too: nothing is left out silently.
 */
export async function runSuites(suites) {
  const results = [];
  for (const suite of suites) {
    console.log(`\n━━ ${suite.name} ${'━'.repeat(Math.max(3, 76 - suite.name.length))}`);
    const started = performance.now();
    const counts = await outcome(suite, results);
    const seconds = (performance.now() - started) / 1000;
    results.push({ name: suite.name, ...counts, seconds });
    console.log(`── ${summary(results.at(-1))}`);
  }
  return results;
}

async function outcome({ needs, run }, results) {
  try {
    const missing = results.find(({ name, failed }) => needs?.includes(name) && failed > 0);
    if (missing) throw new Problem(`Not run, because \`${missing.name}\` failed.`);
    return { ...NOTHING, ...(await run()) };
  } catch (error) {
    console.error(error instanceof Problem ? `✖ ${error.message}` : error);
    return { passed: 0, failed: 1 };
  }
}

function summary({ name, passed, failed, seconds }) {
  const counted = passed + failed > 0 ? `, ${passed} passed, ${failed} failed` : '';
  return `${failed > 0 ? '✖' : '✔'} ${name}: ${seconds.toFixed(1)} s${counted}`;
}

/** Prints one line per suite and the closing line; a failure sets the exit code. */
export function report(results) {
  console.log('');
  for (const result of results) console.log(summary(result));
  const sum = (field) => results.reduce((total, result) => total + result[field], 0);
  const failed = sum('failed');
  if (failed > 0) process.exitCode = 1;
  console.log(`\n${sum('passed')} passed, ${failed} failed`);
}
