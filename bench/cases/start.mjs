// What the package costs a program that has just begun: time to load it, memory after the first create.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { figure, interleave } from '../lib/measure.mjs';

const PROGRAM = fileURLToPath(new URL('../sides/start.cjs', import.meta.url));

/** `require()` of the package, and memory after the first create, above bare Node. */
export async function start(cx) {
  const rounds = Math.max(cx.rounds, 15);
  let files = 0;
  const withPackage = () => run('package', join(cx.workspace, `start-${files++}.db`));
  const { bare, ours } = await interleave(rounds, { bare: () => run('bare'), ours: withPackage });
  const above = (field) => ours.map((sample, round) => sample[field] - bare[round][field]);
  const row = { better: 'lower', baseline: 'start' };
  const own = (field) => ours.map((sample) => sample[field]);
  return [
    figure(
      { ...row, name: 'require', what: 'require() of the package', unit: 'ms', must: 25, aim: 10 },
      own('require'),
    ),
    figure({ ...row, name: 'open', what: '… new Proyecta() and the first create', unit: 'ms' }, own('first')),
    figure(
      {
        ...row,
        name: 'memory',
        what: 'memory after the first create, above bare Node',
        unit: 'MB',
        must: 25,
        aim: 12,
      },
      above('resident'),
    ),
    figure({ ...row, name: 'memory-peak', what: '… at its peak', unit: 'MB' }, above('peak')),
  ];
}

// Programs of their own, with nothing of ours in them before the clock starts.
function run(kind, database = '') {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, kind, database], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(text));
      else reject(new Error(`the program “${kind}” ended with exit code ${code}`));
    });
  });
}
