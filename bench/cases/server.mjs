// What a server needs while nobody asks it anything.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { requestFile, whileIdle } from '../lib/load.mjs';
import { figure, interleave } from '../lib/measure.mjs';
import { residentMemory, startOurs, withServers } from '../lib/serving.mjs';

const CONNECTIONS = 10_000;
/** Memory is looked at once a process has come to rest. */
const REST_MS = 300;

const rest = () => new Promise((resolve) => setTimeout(resolve, REST_MS));

async function resident(start) {
  return withServers({ one: start }, async ({ one }) => {
    await rest();
    return residentMemory(one.pid);
  });
}

// A Node that stays up and does nothing.
async function bareNode() {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume().on("end", () => process.exit())'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  await once(child, 'spawn');
  const stop = async () => {
    child.stdin.end();
    await once(child, 'exit');
  };
  return { pid: child.pid, stop };
}

/** Memory of an idle server, and of one with many connections. */
export async function idleServer(cx) {
  const folder = join(cx.workspace, 'idle');
  await mkdir(folder);
  let files = 0;
  const fresh = () => join(folder, `${files++}.db`);
  const seen = await interleave(cx.rounds, {
    bare: () => resident(bareNode),
    binary: () => resident(() => startOurs(fresh())),
    node: () => resident(() => startOurs(fresh(), 'node')),
  });
  const requests = await requestFile(cx.workspace, [['GET', '/v1/customers?limit=1']]);
  const { more } = await interleave(3, {
    more: () =>
      withServers({ ours: () => startOurs(fresh()) }, async ({ ours }) => {
        await rest();
        const before = residentMemory(ours.pid);
        return whileIdle(ours, requests, CONNECTIONS, async () => {
          await rest();
          return residentMemory(ours.pid) - before;
        });
      }),
  });
  const row = { unit: 'MB', better: 'lower' };
  return [
    figure(
      { ...row, name: 'idle-binary', what: 'memory of the idle server, plain binary', must: 20, aim: 20 },
      seen.binary,
    ),
    figure(
      {
        ...row,
        name: 'idle-node',
        what: '… of `npx proyecta serve`, above bare Node',
        must: 25,
        aim: 25,
      },
      seen.node.map((sample, round) => sample - seen.bare[round]),
    ),
    figure(
      {
        ...row,
        name: 'idle-connections',
        what: `… more with ${CONNECTIONS.toLocaleString('en')} idle connections`,
        must: 150,
        aim: 150,
      },
      more,
    ),
  ];
}
