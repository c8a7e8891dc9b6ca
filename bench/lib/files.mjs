// The two database files of a comparison: same schema, same rows, one of each side.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { picks } from './people.mjs';
import { startSide } from './side.mjs';

const SDK = fileURLToPath(new URL('../sides/sdk.mjs', import.meta.url));
const PEER = fileURLToPath(new URL('../sides/peer.mjs', import.meta.url));

/** Runs a measurement between two new files, empty but for the schema. */
export async function withFreshFiles(cx, run) {
  return withSides(await freshPaths(cx), run);
}

/** Both sides as open processes. The baseline gets the schema that the package made in its own file. */
async function withSides(paths, run) {
  const sdk = startSide(SDK, paths.onProgress);
  const peer = startSide(PEER, paths.onPeerProgress);
  try {
    await sdk.call('open', paths.sdk);
    const schema = paths.filled ? [] : await peer.call('schemaOf', paths.sdk);
    await peer.call('open', paths.peer, schema);
    return await run({ sdk, peer, sides: { paths, peer } });
  } finally {
    await Promise.all([sdk.stop(), peer.stop()]);
  }
}

/** One side alone in a new process. */
export async function withOneSide(name, run) {
  const side = startSide(name === 'sdk' ? SDK : PEER);
  try {
    return await run(side);
  } finally {
    await side.stop();
  }
}

let files = 0;

async function freshPaths(cx) {
  files += 1;
  const folder = join(cx.workspace, String(files));
  await mkdir(folder);
  return { sdk: join(folder, 'sdk.db'), peer: join(folder, 'peer.db') };
}

/** Both sides have to have written the same; a baseline that does less would be no baseline. */
export async function sameContent({ paths, peer }) {
  const [ours, theirs] = [await peer.call('contentOf', paths.sdk), await peer.call('contentOf', paths.peer)];
  for (const part of Object.keys(ours)) {
    if (ours[part] === theirs[part]) continue;
    throw new Error(`the two sides have not done the same: their ${part} differ`);
  }
}

/** Two files with `cx.rows` customers each, made once and used by all cases that only read. */
export async function filledFiles(cx) {
  cx.filled ??= await fill(cx);
  return cx.filled;
}

async function fill(cx) {
  const paths = await freshPaths(cx);
  const sampled = sampledRows(cx.rows);
  const bar = cx.progress(`seeding ${cx.rows.toLocaleString('en')} customers on each side`);
  const done = { sdk: 0, peer: 0 };
  const onProgress = (side) => (given) => {
    done[side] = given.done;
    bar.update((done.sdk + done.peer) / (2 * given.of));
  };
  const watched = { ...paths, onProgress: onProgress('sdk'), onPeerProgress: onProgress('peer') };
  const ids = await withSides(watched, async ({ sdk, peer }) => {
    const [ours, theirs] = await Promise.all([
      sdk.call('seed', cx.rows, sampled.all),
      peer.call('seed', cx.rows, sampled.all),
    ]);
    return { sdk: ours, peer: theirs };
  });
  bar.end();
  return { paths: { ...paths, filled: true }, sampled, ids };
}

/** Rows whose ids the reading cases need: some at random, and those where pages begin. */
function sampledRows(rows) {
  const random = [...new Set(picks(4000, rows))];
  // Newest first: behind the middle row, and behind the row after which 20 + 20 are left.
  const middle = Math.floor(rows / 2);
  return { all: [...random, middle, 40], random };
}

/** Runs a measurement that only reads between the two filled files. */
export async function withFilledFiles(cx, run) {
  const filled = await filledFiles(cx);
  return withSides(filled.paths, ({ sdk, peer }) => run({ sdk, peer, filled }));
}

/** What is compared, with the version of SQLite in it. */
export async function sideVersions() {
  const versions = {};
  for (const name of ['sdk', 'peer'])
    versions[name] = await withOneSide(name, (side) => side.call('version'));
  return versions;
}
